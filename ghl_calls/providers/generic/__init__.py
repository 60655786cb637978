"""Any service with an HTTP door to dial and reports to an address of ours, described by settings."""

from .client import Generic
