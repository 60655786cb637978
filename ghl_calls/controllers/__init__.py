from . import call_log, crm_board, crm_calls, crm_save, crm_statistics, dashboard, voip_door
from . import call_log, crm_board, crm_calls, crm_save, crm_statistics, voip_door
from . import call_log, campaigns, crm_board, crm_calls, crm_save, crm_statistics, dialler_calls, voip_door
