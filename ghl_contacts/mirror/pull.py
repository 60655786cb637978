"""One pull of one location: read ahead, write page by page, keep the cursors, settle, report."""

from datetime import timezone

from odoo import fields

from ...ghl_base.jobs.run import JobPark
from ...ghl_base.net.errors import AuthenticationError, RemoteError
from . import settle
from .entities import ENTITIES, MASTER, MESSAGES, RECORDS
from .prefetch import End, Prefetch

# A walk that misses more records than this, and more than this share of those held, is not believed the first time.
MANY_GONE, MOST_GONE = 50, 0.3
# Records of one entity that may wait to be written: enough to read on while a large page is written, some megabytes.
ROWS_AHEAD = 2500


class Pull:
    """Reads a location into the mirror.

    :param run: the job's ``JobRun``: environment, progress, stop and time slice
    :param location: ``ghl.location``, in superuser mode (a sync acts for the company, not for one user)
    :param mode: ``full`` (everything, and what is gone is archived) or ``incremental`` (the cheapest way to be fresh)
    """

    def __init__(self, run, location, mode="incremental"):
        self.run = run
        self.env = location.env
        self.location = location
        self.full = mode == "full"
        self.labels = location._kind_labels()
        self.entities = {name: entity for name, entity in ENTITIES.items() if _is_on(entity, location)}
        self.cursors = {}
        self.failures = {}
        self.requests = []  # one entry each: appending is safe from several threads

    def execute(self):
        """Pull until every entity is complete.

        :return: ``{"mode", "requests", "entities": {name: {seen, created, updated, unchanged, archived, failed}}}``
        :raises JobPark: GoHighLevel refuses in a way only people can mend (credentials, permissions)
        :raises RemoteError: GoHighLevel could not be reached or answered badly to the end; trying again makes sense
        """
        todo = self._open_cursors()
        chains = {name: self._chain(name) for name in todo if ENTITIES[name].pages}
        prefetch = Prefetch(chains, depth=ROWS_AHEAD, weigh=lambda page: len(page.rows))
        try:
            self.client = self.location._client(should_stop=prefetch.stopped, on_request=self.requests.append)
        except AuthenticationError as error:
            raise JobPark(error.human()) from error
        with prefetch:
            for group in (MASTER, RECORDS, MESSAGES):
                names = [entity.name for entity in group if entity.name in chains]
                for name, item in prefetch.take(names, idle=self.run.check):
                    if isinstance(item, End):
                        self._end(name, item.error)
                    else:
                        self._write(name, item)
                    self.run.check()
        if self.failures:
            self._fail()
        return self._finish()

    # ---- cursors ---------------------------------------------------------------------------------------

    def _open_cursors(self):
        """One cursor per entity: those this job left half-way go on, the others start anew. Returns what is to do."""
        env, location, job_id = self.env, self.location, self.run.job_id
        held = {cursor.entity: cursor for cursor in env["ghl.sync.cursor"].search([("location_id", "=", location.id)])}
        todo = []
        for sequence, (name, entity) in enumerate(ENTITIES.items()):
            if name not in self.entities:
                continue
            cursor = held.get(name) or env["ghl.sync.cursor"].create(
                {"location_id": location.id, "entity": name, "sequence": sequence}
            )
            self.cursors[name] = cursor
            if cursor._belongs_to(job_id):
                if cursor.state == "complete":
                    continue
                cursor.write({"state": "walking", "error": False})
            else:
                complete = self.full or not entity.stamp or not cursor.watermark
                cursor._start(job_id, complete, 0 if complete else cursor.watermark - entity.overlap)
            todo.append(name)
        self.run.commit()
        return todo

    def _chain(self, name):
        """What a fetch thread runs: plain values only, no records."""
        entity, cursor = ENTITIES[name], self.cursors[name]
        since, after = cursor.since or None, cursor.position or None
        where = {"external_id": self.location.external_id, "company": self.location.account_id.external_id or None}
        return lambda: entity.pages(self.client, where, since, after)

    # ---- pages -----------------------------------------------------------------------------------------

    def _write(self, name, page):
        """Write a page, its cursor and what it refused in one transaction; with the last one the walk is complete."""
        self._merge(name, page.rows, page)
        for part, split in ENTITIES[name].parts.items():
            self._merge(part, split(page.rows))
        if page.last:
            self._complete_with_parts(name)
        self.run.commit()
        self._report(name)

    def _merge(self, name, rows, page=None):
        entity, cursor = ENTITIES[name], self.cursors[name]
        merged = entity.merge(self.env, self.location, rows)
        self.env["ghl.sync.issue"]._record_page(self.location, name, merged, self.run.job_id)
        cursor._advance(merged, page, _newest(entity, rows, page))
        if merged.created or merged.updated:
            if entity.follow:
                entity.follow(self.env, self.location, merged.seen)
            if entity.derive and not cursor.complete_walk:
                entity.derive(self.env, self.location, merged.seen)

    def _end(self, name, error):
        """A chain is over."""
        if error:
            if not isinstance(error, RemoteError):
                raise error
            self.failures[name] = error
            self.cursors[name].write({"state": "failed", "error": error.human()})
        elif self.cursors[name].state != "complete":
            self._complete_with_parts(name)
        self.run.commit()

    def _complete_with_parts(self, name):
        """What travelled with an entity ends with it."""
        for entity in (ENTITIES[name], *(ENTITIES[part] for part in ENTITIES[name].parts)):
            self._complete(entity)

    def _complete(self, entity):
        cursor = self.cursors[entity.name]
        if entity.model and cursor._covers_everything():
            gone, held = settle.count_gone(self.env, entity.model, cursor, entity.only)
            if gone > MANY_GONE and gone > held * MOST_GONE and not cursor.doubtful:
                # An empty or shrunken answer is rather a fault over there than a clean-up: believed when repeated.
                cursor.doubtful = True
                cursor.error = self.env._(
                    "%(gone)s of %(held)s records were not met. Nothing was archived: the next complete sync decides.",
                    gone=gone,
                    held=held,
                )
            else:
                cursor.doubtful = False
                cursor.archived = settle.archive_gone(self.env, entity.model, cursor, entity.only) if gone else 0
        cursor._complete()
        if cursor.complete_walk:
            if entity.derive:
                entity.derive(self.env, self.location)
            self.env["ghl.sync.issue"]._forget_older(self.location, entity.name, self.run.job_id)

    def _report(self, name):
        cursors = self.cursors.values()
        done, total = sum(cursor.seen for cursor in cursors), sum(max(cursor.total, cursor.seen) for cursor in cursors)
        cursor = self.cursors[name]
        self.run.progress(
            done=done,
            total=total,
            message=self.env._(
                "%(entity)s: %(seen)s of %(total)s",
                entity=self.labels[name],
                seen=cursor.seen,
                total=max(cursor.total, cursor.seen),
            ),
        )

    # ---- the end ---------------------------------------------------------------------------------------

    def _finish(self):
        if self.full:
            settle.drop_unused_tags(self.env, self.location)
            self.location.last_full_sync_at = fields.Datetime.now()
        self._settle()
        self.run.commit()
        return self._summary()

    def _settle(self):
        """What holds also when some kind of record could not be read: links, freshness of contacts, a connection."""
        if any(cursor.created or cursor.updated for cursor in self.cursors.values()):
            self._link_latecomers()
        self.location.last_synced_at = fields.Datetime.now()
        self.location.account_id._set_verdict()

    def _link_latecomers(self):
        deriving = {entity.model: entity.derive for entity in self.entities.values() if entity.model}
        for model_name, linked in settle.link_latecomers(self.env, deriving, self.location).items():
            if linked and deriving[model_name]:
                deriving[model_name](self.env, self.location)

    def _summary(self):
        counters = ("seen", "created", "updated", "unchanged", "archived", "failed")
        return {
            "mode": "full" if self.full else "incremental",
            "requests": len(self.requests),
            "entities": {
                name: {counter: cursor[counter] for counter in counters} for name, cursor in self.cursors.items()
            },
        }

    def _fail(self):
        """Some entities could not be read to the end; the others are complete and stay so when the job runs again."""
        reasons = self._reasons()
        passing = [error for error in self.failures.values() if error.retryable]
        if passing:
            raise max(passing, key=lambda error: error.retry_after or 0)
        if any(self.cursors[name].state == "complete" for name in self._proving()):
            # Something is forbidden, such as a scope that is missing: the others go on being mirrored at each sync.
            self._settle()
        else:
            self.location.account_id._set_verdict(reasons)
        self.run.commit()
        raise JobPark(reasons)

    def _proving(self):
        """The kinds whose complete walk proves that the location is readable: contacts, where they are wanted."""
        return ["contacts"] if "contacts" in self.cursors else list(self.cursors)

    def _reasons(self):
        """Each sentence once, with the entities it is about unless it is about all of them."""
        about = {}
        for name, error in self.failures.items():
            about.setdefault(error.human(), []).append(name)
        if len(about) == 1 and all(name in self.failures for name, entity in self.entities.items() if entity.pages):
            return next(iter(about))
        return " ".join(f"{', '.join(names).capitalize()}: {sentence}" for sentence, names in about.items())


def _is_on(entity, location):
    return not entity.switch or location[entity.switch]


def _newest(entity, rows, page):
    """The largest remote stamp of a page, never ahead of GoHighLevel's own clock (a stamp from the future would hide
    everything that changes until then), nor of what the walk can know."""
    if not entity.stamp:
        return None
    stamps = [stamp for stamp in (entity.stamp(row) for row in rows if isinstance(row, dict)) if stamp]
    if not stamps:
        return None
    clock = min(filter(None, (page.server_time, page.until)), default=None)
    limit = clock.replace(tzinfo=timezone.utc).timestamp() * 1000 + 1000 if clock else None
    return max((stamp for stamp in stamps if limit is None or stamp <= limit), default=None)
