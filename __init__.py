from . import ghl_base, ghl_contacts, ghl_calls
from .hooks import uninstall_hook
