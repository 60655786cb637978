from . import ghl_api_key
from . import ir_http
from . import ir_rule
from . import res_config_settings
from . import res_users
