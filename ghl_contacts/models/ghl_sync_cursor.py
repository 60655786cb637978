from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...ghl_base.net.codec import dumps

# A position older than this is not trusted any more: the walk starts anew.
POSITION_LIFETIME = timedelta(hours=6)


class GhlSyncCursor(models.Model):
    """How far the mirror of one entity of one location has been read.

    Saved in the transaction of the page it describes: after a crash the walk goes on behind the last page that
    was really written. ``watermark`` is the largest remote stamp (epoch milliseconds) up to which everything
    has been read; it never comes from the local clock.
    """

    _name = "ghl.sync.cursor"
    _description = "GoHighLevel Sync Cursor"
    _order = "location_id, sequence, id"
    _rec_name = "entity"

    location_id = fields.Many2one("ghl.location", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="location_id.company_id", store=True, index=True)
    entity = fields.Selection(
        lambda self: list(self.env["ghl.location"]._kind_labels().items()), required=True, readonly=True
    )
    sequence = fields.Integer(readonly=True)
    job_id = fields.Many2one("ghl.job", "Last job", readonly=True, ondelete="set null", index="btree_not_null")
    state = fields.Selection(
        [("walking", "Reading"), ("complete", "Complete"), ("failed", "Failed")], default="walking", readonly=True
    )
    complete_walk = fields.Boolean(readonly=True, help="The walk covers everything, so what it does not meet is gone.")
    position = fields.Json(readonly=True, help="Where GoHighLevel goes on behind the last page written.")
    since = fields.Float(
        readonly=True, digits=(16, 0), help="Epoch milliseconds this walk started from; 0: everything."
    )
    watermark = fields.Float(readonly=True, digits=(16, 0), help="Epoch milliseconds of the newest remote stamp read.")
    started_at = fields.Datetime(readonly=True)
    finished_at = fields.Datetime(readonly=True)
    total = fields.Integer(readonly=True, help="As GoHighLevel announced it.")
    seen = fields.Integer(readonly=True)
    created = fields.Integer(readonly=True)
    updated = fields.Integer(readonly=True)
    unchanged = fields.Integer(readonly=True)
    archived = fields.Integer("Gone", readonly=True)
    failed = fields.Integer("Refused", readonly=True)
    error = fields.Char(readonly=True)
    doubtful = fields.Boolean(readonly=True, help="The last complete walk missed too many records to be believed.")
    progress = fields.Float(compute="_compute_progress", help="Percent of what GoHighLevel announced.")

    _location_entity_uniq = models.UniqueIndex("(location_id, entity)")

    @api.depends("state", "seen", "failed", "total")
    def _compute_progress(self):
        for cursor in self:
            met = cursor.seen + cursor.failed
            if cursor.state == "complete":
                cursor.progress = 100.0
            else:
                cursor.progress = min(100.0, 100.0 * met / cursor.total) if cursor.total else 0.0

    def _belongs_to(self, job_id):
        """Whether this job left the walk here, recently enough to go on from the position."""
        self.ensure_one()
        fresh = self.started_at and self.started_at > fields.Datetime.now() - POSITION_LIFETIME
        return bool(fresh and self.job_id.id == job_id)

    def _start(self, job_id, complete_walk, since):
        """Begin a new walk."""
        self._forget_seen()
        self.write(
            {
                "job_id": job_id,
                "state": "walking",
                "complete_walk": complete_walk,
                "position": False,
                "since": since,
                "started_at": fields.Datetime.now(),
                "finished_at": False,
                "error": False,
                **dict.fromkeys(("total", "seen", "created", "updated", "unchanged", "archived", "failed"), 0),
            }
        )

    def _advance(self, merged, page=None, newest=None):
        """Count a written page and move behind it. ``newest``: largest remote stamp of the page, epoch ms."""
        self.ensure_one()
        values = {
            "seen": self.seen + len(merged.seen),
            "created": self.created + merged.created,
            "updated": self.updated + merged.updated,
            "unchanged": self.unchanged + merged.unchanged,
            "failed": self.failed + len(merged.refused),
        }
        if page is not None:
            values["position"] = page.cursor or False
            values["total"] = page.total or self.total
        if newest and newest > self.watermark:
            values["watermark"] = newest
        self.write(values)
        # Refused records without an id were met as well; what stands for them is nobody's id.
        met = set(merged.seen)
        nameless = [f"#{values['failed']}.{n}" for n, row in enumerate(merged.refused) if row[0] not in met]
        if self.complete_walk and (met or nameless):
            # Scratch that nobody sees, once per page: past the ORM, which takes longer than reading the page.
            self.env.cr.execute(
                SQL(
                    "INSERT INTO ghl_sync_seen (cursor_id, company_id, external_ids) VALUES (%s, %s, %s::jsonb)",
                    self.id,
                    self.company_id.id,
                    dumps([*merged.seen, *nameless]).decode(),
                )
            )

    def _covers_everything(self):
        """Whether what the walk did not meet is surely gone: a short walk proves nothing, nor does one that met the
        same record twice instead of another."""
        self.ensure_one()
        return self.complete_walk and self._met() >= self.total

    def _met(self):
        """Number of different records the walk met."""
        self.env.cr.execute(
            """SELECT count(DISTINCT external_id) FROM ghl_sync_seen seen,
                      jsonb_array_elements_text(seen.external_ids) AS external_id WHERE seen.cursor_id = %s""",
            [self.id],
        )
        return self.env.cr.fetchone()[0]

    def _complete(self):
        values = {"state": "complete", "finished_at": fields.Datetime.now(), "position": False}
        # The service announces the whole list even where only changes are read, and some lists not at all.
        values["total"] = max(self.seen, self.total) if self.complete_walk else self.seen
        self.write(values)
        self._forget_seen()

    def _forget_seen(self):
        self.env.cr.execute(SQL("DELETE FROM ghl_sync_seen WHERE cursor_id = ANY(%s)", self.ids))
