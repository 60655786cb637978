from . import crm_board, crm_calls
