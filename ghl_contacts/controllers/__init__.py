from . import contact_lists, contact_pages, contact_search, locations
