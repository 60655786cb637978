from . import controllers, models, wizards
from .dialer import live  # listens to what moves
