"""Odoo runs what this package imports, so every test module of the folder is imported here, by name."""

from importlib import import_module
from pkgutil import iter_modules

for _module in sorted(m.name for m in iter_modules(__path__) if m.name.startswith("test_")):
    import_module(f"{__name__}.{_module}")
