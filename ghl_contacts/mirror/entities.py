"""What is mirrored of a location, and by which requests.

The plan follows the cheapest one known for this API: location-wide searches at the largest page size, never a
request per contact. Contacts and conversations can be asked for changes only; tasks and opportunities cannot, so
each sync sweeps them, which also tells what was deleted. Messages come by two exports: e-mails, and all the others.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import partial
from typing import Any

from ..gateway.messages import EMAIL
from ..gateway.paging import Page
from ..mapping import contact, conversation, custom_field, email, message, opportunity, pipeline, stage, task, user
from ..mapping.values import epoch_ms
from . import masterdata
from .judge import judge_page, judge_tags
from .merge import merge_page

# The search index of GoHighLevel lags behind by seconds: what changed shortly before the newest stamp is read again.
OVERLAP_MS = 5 * 60 * 1000
# A call is listed before its duration, numbers and recording are known: young ones are read again.
YOUNG_MS = 2 * 60 * 60 * 1000


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    ``pages(client, location, since, after)`` reads it; ``merge(env, location, rows)`` writes a page; ``stamp(row)``
    is the remote stamp (epoch ms) that the walk ascends by, for entities that can be asked for changes only.
    ``part(rows)`` gives the records of an entity that travels inside another's answer. ``overlap`` is how far (ms) a
    walk for changes starts before the newest stamp, ``only`` the column values of its rows where two entities share a
    model, ``switch`` the location's field that turns it off (see ``kinds``). ``mapper`` is the module of ``mapping`` it
    is read by, ``judge(env, location, rows)`` tells what ``merge`` would do (see ``forecast``). ``derive(env, location,
    external_ids)`` keeps what is worked out of the records: for those of a page, and for all (None) at the end of a
    complete walk. ``follow`` (the same) is told of each page that changed something, in a complete walk too.
    """

    name: str
    merge: Callable
    pages: Callable[..., Iterable[Page]] | None = None
    stamp: Callable[[dict], int | None] | None = None
    model: str = ""
    mapper: Any = None
    judge: Callable | None = None
    parts: dict[str, Callable[[list], list]] = field(default_factory=dict)
    overlap: int = OVERLAP_MS
    only: dict[str, Any] = field(default_factory=dict)
    switch: str = ""
    derive: Callable | None = None
    follow: Callable | None = None


def moment(milliseconds: float | None) -> datetime | None:
    """Naive UTC datetime of epoch milliseconds."""
    if not milliseconds:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).replace(tzinfo=None)


def _listed(read: Callable[[Any, str], list]) -> Callable[..., Iterable[Page]]:
    """Pages of an endpoint that answers everything at once."""

    def pages(client, location, since, after):
        rows = read(client, location["external_id"])
        yield Page(rows=rows, cursor=None, total=len(rows), server_time=None, last=True)

    return pages


def _users(client, location, since, after):
    company = location["company"] or (client.location(location["external_id"]) or {}).get("companyId")
    return client.user_pages(company, location["external_id"])


def _mirror(name: str, model: str, mapper: Any, **options: Any) -> Entity:
    how = {"model_name": model, "mapper": mapper}
    return Entity(
        name, partial(merge_page, **how), model=model, mapper=mapper, judge=partial(judge_page, **how), **options
    )


def _messages(name: str, mapper: Any, channel: str | None, **options: Any) -> Entity:
    def pages(client, location, since, after):
        return client.message_pages(location["external_id"], channel, since=moment(since), after=after)

    return _mirror(
        name,
        "ghl.contact.message",
        mapper,
        pages=pages,
        stamp=lambda row: epoch_ms(row.get("dateUpdated") or row.get("dateAdded")),
        switch="sync_messages",
        derive=lambda env, location, external_ids=None: env["ghl.contact.message"]._derive(location, external_ids),
        **options,
    )


# Master data first: contacts, tasks and opportunities refer to it.
MASTER = (
    Entity("location", masterdata.merge_location, _listed(lambda client, location: [client.location(location)])),
    _mirror("users", "ghl.user", user, pages=_users, switch="sync_users"),
    _mirror(
        "custom fields",
        "ghl.custom.field",
        custom_field,
        pages=_listed(lambda client, location: client.custom_fields(location)),
        switch="sync_contacts",
    ),
    Entity(
        "tags",
        masterdata.merge_tags,
        _listed(lambda client, location: client.tags(location)),
        judge=judge_tags,
        switch="sync_contacts",
    ),
    _mirror(
        "pipelines",
        "ghl.pipeline",
        pipeline,
        pages=_listed(lambda client, location: client.pipelines(location)),
        parts={"stages": pipeline.stages},
        switch="sync_pipelines",
    ),
    _mirror("stages", "ghl.pipeline.stage", stage, switch="sync_pipelines"),
)
RECORDS = (
    _mirror(
        "contacts",
        "ghl.contact",
        contact,
        pages=lambda client, location, since, after: client.contact_pages(
            location["external_id"], since=moment(since), after=after
        ),
        stamp=lambda row: epoch_ms(row.get("dateUpdated")),
        switch="sync_contacts",
    ),
    _mirror(
        "tasks",
        "ghl.contact.task",
        task,
        pages=lambda client, location, since, after: client.task_pages(location["external_id"], after=after),
        switch="sync_tasks",
    ),
    _mirror(
        "conversations",
        "ghl.contact.conversation",
        conversation,
        pages=lambda client, location, since, after: client.conversation_pages(
            location["external_id"], since=moment(since), after=after
        ),
        stamp=lambda row: epoch_ms(row.get("lastMessageDate")),
        switch="sync_conversations",
    ),
    _mirror(
        "opportunities",
        "ghl.contact.opportunity",
        opportunity,
        pages=lambda client, location, since, after: client.opportunity_pages(location["external_id"], after=after),
        switch="sync_opportunities",
    ),
)
# Last, because they refer to contacts and conversations and are many: a link made later rewrites the row.
MESSAGES = (
    _messages(
        "messages",
        message,
        None,
        only={"is_email": False},
        overlap=YOUNG_MS,
        follow=lambda env, location, external_ids: env["ghl.contact.message"]._follow(location, external_ids),
    ),
    _messages("e-mails", email, EMAIL, only={"is_email": True}),
)
ENTITIES = {entity.name: entity for entity in (*MASTER, *RECORDS, *MESSAGES)}
