from . import ghl_api_key_show, ghl_api_key_wizard
