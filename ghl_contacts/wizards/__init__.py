from . import ghl_api_key_wizard, ghl_connect_wizard
