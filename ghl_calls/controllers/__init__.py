from . import crm_board
