"""The kinds of records that people choose for a location: what each needs, and what is read for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """``entities`` (see ``entities.ENTITIES``) are read when the kind is chosen, the first one first of all; ``needs``
    are the kinds it cannot do without. Calls are read with the messages they are."""

    name: str
    entities: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def switch(self) -> str:
        """The field of ``ghl.location`` that chooses it."""
        return f"sync_{self.name}"


KINDS = {
    kind.name: kind
    for kind in (
        Kind("users", ("users",)),
        Kind("contacts", ("contacts", "custom fields", "tags")),
        Kind("tasks", ("tasks",), ("contacts",)),
        Kind("conversations", ("conversations",), ("contacts",)),
        Kind("messages", ("messages", "e-mails"), ("contacts",)),
        Kind("calls", (), ("messages",)),
        Kind("pipelines", ("pipelines", "stages")),
        Kind("opportunities", ("opportunities",), ("contacts", "pipelines")),
    )
}
SWITCHES = {kind.switch: kind for kind in KINDS.values()}


def needed(name: str) -> list[str]:
    """The kinds that must be chosen with this one, directly or not."""
    return _closure(name, lambda one: KINDS[one].needs)


def dependent(name: str) -> list[str]:
    """The kinds that cannot be chosen without this one, directly or not."""
    return _closure(name, lambda one: [kind.name for kind in KINDS.values() if one in kind.needs])


def _closure(name, neighbours):
    found: list[str] = []
    waiting = list(neighbours(name))
    while waiting:
        one = waiting.pop(0)
        if one not in found:
            found.append(one)
            waiting += neighbours(one)
    return found
