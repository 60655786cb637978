from . import ghl_call_tool, ghl_call_cleanup_wizard, ghl_call_dedupe_wizard, ghl_call_generate_wizard
from . import ghl_call_place_wizard, ghl_campaign_wizard
