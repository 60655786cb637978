from . import (
    ghl_activity_log,
    ghl_activity_log_mixin,
    ghl_call_status,
    ghl_call,
    ghl_call_total,
    ghl_voip_account,
    ghl_voip_secret,
    ghl_voip_number,
    ghl_voice_agent,
    ghl_call_placing,
    ghl_call_event,
    res_config_settings,
)
