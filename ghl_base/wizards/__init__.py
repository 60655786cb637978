from . import ghl_api_key_show
from . import ghl_api_key_wizard
