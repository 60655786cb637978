from . import (
    call_log,
    campaigns,
    crm_board,
    crm_calls,
    crm_save,
    crm_statistics,
    dashboard,
    dialler_calls,
    voip_door,
)
