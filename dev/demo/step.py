"""What every step uses to say that something is not as it should be."""


class CheckFailed(AssertionError):
    """A step did not give what it should."""


def expect(condition, message: str) -> None:
    if not condition:
        raise CheckFailed(message)
