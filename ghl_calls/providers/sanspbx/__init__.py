"""SansPBX, a hosted exchange with a dial API."""

from .client import SansPbx
