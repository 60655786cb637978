from . import api, api_page
