"""Tools for the data of calls: make demonstration calls, clean up after, merge duplicates.

Each tool shows first what it would do. The commands of ``cli/`` and the wizards are two faces of the same functions.
"""
