"""Telephone providers behind one interface. Plain Python: see ``base``."""
