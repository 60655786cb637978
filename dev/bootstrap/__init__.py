"""Sets up and describes the private development environment of a checkout.

`ensure()` is all that other tools need: it returns an `Env` whose virtual environment, Odoo and PostgreSQL are ready.
Standard library only, because it runs before anything is installed.
"""

from .env import Env, Server
from .errors import SetupError
from .setup import ensure
from .testdb import addon_template

__all__ = ["Env", "Server", "SetupError", "addon_template", "ensure"]
