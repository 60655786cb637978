from . import ghl_connect_wizard
