from . import contact_lists, contact_search, locations
