from . import controllers, http, models, wizards
