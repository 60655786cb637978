from odoo import api, fields, models

SHOWN = 50


class GhlLocationStart(models.Model):
    """The way of a location from the connection to its first complete sync, for the page that guides through it."""

    _inherit = "ghl.location"

    @api.model
    def read_start(self):
        """The locations of the user, the newest first, each with where it stands.

        ``[{"id", "name", "step", "error", "sync_enabled", "percent", "entities", "counts"}]``.
        ``step``: "choose" (connected, never synchronised), "sync" (the first sync runs or has failed), "done".
        ``entities``: ``[{"name", "label", "state", "seen", "total", "percent"}]`` of the sync.
        """
        self.check_access("read")
        return [location._start() for location in self.search([], order="id desc", limit=SHOWN)]

    def _start(self):
        self.ensure_one()
        active = self.job_state in ("pending", "running")
        failed = self.job_state in ("failed", "parked")
        done = bool(self.last_synced_at)
        refused = self.connection_state == "error" and self.connection_error
        return {
            "id": self.id,
            "name": self.name,
            "step": "done" if done else "sync" if active or failed else "choose",
            "running": active,
            "error": refused or (self.job_error if failed else "") or "",
            "sync_enabled": self.sync_enabled,
            "percent": round(self.job_progress or 0),
            "entities": [self._start_row(cursor) for cursor in self._walks()] if active or failed else [],
            "counts": {
                name: self[f"{name}_count"] for name in ("contact", "task", "conversation", "opportunity", "issue")
            },
            "last_synced_at": fields.Datetime.to_string(self.last_synced_at) or "",
        }

    def _walks(self):
        """The cursors of the current job: a kind that is not synchronised any more keeps its last one."""
        return self.cursor_ids.filtered(lambda cursor: cursor.job_id == self.job_id)

    def _start_row(self, cursor):
        return {
            "name": cursor.entity,
            "label": self._kind_labels()[cursor.entity],
            "state": cursor.state,
            "seen": cursor.seen,
            "total": max(cursor.total, cursor.seen),
            "percent": round(cursor.progress),
        }
