from . import (
    ghl_activity_log,
    ghl_activity_log_mixin,
    ghl_call_status,
    ghl_call,
    ghl_call_total,
    res_config_settings,
)
