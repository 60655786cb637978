from odoo import api, fields, models
from odoo.tools import SQL

from ...ghl_base.net.codec import dumps
from ..mapping import readable
from ..mapping.values import tidy


class GhlSyncIssue(models.Model):
    """A remote record that could not be mirrored, and why. It disappears when the record arrives well."""

    _name = "ghl.sync.issue"
    _description = "GoHighLevel Sync Issue"
    _order = "id desc"
    _rec_name = "reason"

    location_id = fields.Many2one("ghl.location", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    entity = fields.Selection(
        lambda self: list(self.env["ghl.location"]._kind_labels().items()), required=True, readonly=True
    )
    external_id = fields.Char("GHL ID", required=True, readonly=True, help="Or a digest when the record has no id.")
    reason = fields.Char(required=True, readonly=True)
    payload = fields.Json("Record as sent", readonly=True)
    payload_text = fields.Text("Content", compute="_compute_payload_text")
    job_id = fields.Many2one("ghl.job", readonly=True, ondelete="set null", index="btree_not_null")

    _record_uniq = models.UniqueIndex("(location_id, entity, external_id)")

    @api.depends("payload")
    def _compute_payload_text(self):
        for issue in self:
            issue.payload_text = readable.lines((issue.payload or {}).get("record"))

    def action_retry(self):
        """Read the locations of these records anew, all of it: GoHighLevel does not tell again what it told before.

        :raises UserError: for all but agents and above
        """
        return self.location_id.action_full_sync()

    def _record_page(self, location, entity, merged, job_id):
        """Keep what a page refused, and forget the issues of records that arrived well this time."""
        if merged.refused:
            rows = [
                {"external_id": external_id, "reason": reason[:500], "payload": {"record": tidy(payload)}}
                for external_id, reason, payload in {row[0]: row for row in merged.refused}.values()
            ]
            self.env.cr.execute(
                SQL(
                    """INSERT INTO ghl_sync_issue (company_id, location_id, entity, job_id, create_uid, write_uid,
                                                   create_date, write_date, external_id, reason, payload)
                       SELECT %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC',
                              r.external_id, r.reason, r.payload
                         FROM json_to_recordset(%s::json) AS r(external_id varchar, reason varchar, payload jsonb)
                       ON CONFLICT (location_id, entity, external_id) DO UPDATE
                          SET reason = EXCLUDED.reason, payload = EXCLUDED.payload, job_id = EXCLUDED.job_id,
                              write_date = EXCLUDED.write_date""",
                    location.company_id.id,
                    location.id,
                    entity,
                    job_id or None,
                    self.env.uid,
                    self.env.uid,
                    dumps(rows).decode(),
                )
            )
            self.invalidate_model(flush=False)
        refused = {external_id for external_id, _reason, _payload in merged.refused}
        # Each page comes by here and hardly any has an issue to forget: one statement, no search.
        self.env.cr.execute(
            SQL(
                "DELETE FROM ghl_sync_issue WHERE location_id = %s AND entity = %s AND external_id = ANY(%s)",
                location.id,
                entity,
                [seen for seen in merged.seen if seen not in refused],
            )
        )
        if self.env.cr.rowcount:
            self.invalidate_model(flush=False)

    def _forget_older(self, location, entity, job_id):
        """After a complete walk, issues of earlier jobs are history: their records are gone or fine."""
        self.search([("location_id", "=", location.id), ("entity", "=", entity), ("job_id", "!=", job_id)]).unlink()
