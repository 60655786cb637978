from odoo import api, fields, models

from ..mirror.entities import ENTITIES


class GhlJob(models.Model):
    _inherit = "ghl.job"

    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="cascade")

    _location_latest = models.Index("(location_id, id DESC) WHERE location_id IS NOT NULL")

    def _bus_location(self):
        # SQL: the job may just have been written by SQL as well.
        self.env.cr.execute("SELECT location_id FROM ghl_job WHERE id = %s", [self.id])
        row = self.env.cr.fetchone()
        return row[0] if row else None

    @api.depends("result")
    def _compute_result_text(self):
        """The result of a pull as a line per kind of record."""
        result = super()._compute_result_text()
        labels = self.env["ghl.location"]._kind_labels()
        for job in self:
            entities = (job.result or {}).get("entities")
            if entities:
                job.result_text = "\n".join(
                    [
                        self.env._("%s requests to GoHighLevel", job.result.get("requests", 0)),
                        *(job._describe(labels[name], entities[name]) for name in ENTITIES if name in entities),
                    ]
                )
        return result

    def _describe(self, label, counts):
        words = {
            "created": self.env._("new"),
            "updated": self.env._("changed"),
            "unchanged": self.env._("unchanged"),
            "archived": self.env._("gone"),
            "failed": self.env._("refused"),
        }
        told = ", ".join(f"{counts[key]} {word}" for key, word in words.items() if counts.get(key))
        return f"{label}: {told or self.env._('nothing')}"
