from . import http, models, controllers, wizards
