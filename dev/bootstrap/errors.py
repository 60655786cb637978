class SetupError(Exception):
    """The environment cannot be set up; the message says why and what to do."""
