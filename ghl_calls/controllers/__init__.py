from . import call_log, crm_board, crm_calls, crm_save, crm_statistics, dashboard, voip_door
