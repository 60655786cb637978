from . import (
    call_log,
    campaigns,
    crm_board,
    crm_bulk,
    crm_calls,
    crm_save,
    crm_statistics,
    crm_views,
    dashboard,
    dialler_calls,
    voip_door,
)
