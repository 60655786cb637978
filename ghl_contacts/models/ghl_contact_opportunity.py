from odoo import api, fields, models

from ..mapping.contact import custom_values


class GhlContactOpportunity(models.Model):
    """An opportunity. A contact may own several, in one pipeline too: it is known by its own id only.

    Source: POST /opportunities/search.
    """

    _name = "ghl.contact.opportunity"
    _description = "GoHighLevel Opportunity"
    _inherit = ["ghl.mirror.mixin", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "remote_updated_at desc, id desc"
    _mirror_entity = "opportunities"
    _mirror_references = {
        "contact_id": "contact_external_id",
        "pipeline_id": "pipeline_external_id",
        "stage_id": "stage_external_id",
        "assigned_user_id": "assigned_external_id",
    }

    name = fields.Char(readonly=True)
    status = fields.Selection(
        [("open", "Open"), ("won", "Won"), ("lost", "Lost"), ("abandoned", "Abandoned"), ("other", "Other")],
        readonly=True,
        help="Other: a status this version does not know; the remote word is kept among the other remote fields.",
    )
    monetary_value = fields.Float("Value", readonly=True, digits=(16, 2))
    source = fields.Char(readonly=True)
    lost_reason_external_id = fields.Char("GHL lost reason ID", readonly=True)
    last_status_change_at = fields.Datetime("Status since", readonly=True)
    last_stage_change_at = fields.Datetime("Stage since", readonly=True)
    expected_close_date = fields.Date(readonly=True)
    custom_fields = fields.Json(readonly=True)
    custom_fields_text = fields.Text("Custom field values", compute="_compute_custom_fields_text")
    followers = fields.Json("GHL followers", readonly=True)
    contact_external_id = fields.Char("GHL contact ID", readonly=True)
    contact_id = fields.Many2one("ghl.contact", readonly=True, ondelete="set null")
    pipeline_external_id = fields.Char("GHL pipeline ID", readonly=True)
    pipeline_id = fields.Many2one("ghl.pipeline", readonly=True, index="btree_not_null")
    stage_external_id = fields.Char("GHL stage ID", readonly=True)
    stage_id = fields.Many2one(
        "ghl.pipeline.stage", readonly=True, index="btree_not_null", group_expand="_read_group_stages"
    )
    assigned_external_id = fields.Char("GHL user ID", readonly=True)
    assigned_user_id = fields.Many2one("ghl.user", "Assigned to", readonly=True, index="btree_not_null")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
    _contact = models.Index("(contact_id) WHERE contact_id IS NOT NULL")
    # With what the pipeline is counted by, so that it is counted in the index.
    _pipeline = models.Index(
        "(company_id, status) INCLUDE (location_id, stage_id, pipeline_id, assigned_user_id, monetary_value, "
        "last_status_change_at, remote_updated_at) WHERE active IS TRUE"
    )
    _board = models.Index("(company_id, stage_id, remote_updated_at DESC, id DESC) WHERE active IS TRUE")

    @api.depends("custom_fields")
    def _compute_custom_fields_text(self):
        names = dict(
            self.env["ghl.custom.field"]._read_group(
                [("location_id", "in", self.location_id.ids), ("model", "=", "opportunity")],
                ["external_id"],
                ["name:max"],
            )
        )
        for opportunity in self:
            values = opportunity.custom_fields if isinstance(opportunity.custom_fields, list) else []
            rows = custom_values(values)
            opportunity.custom_fields_text = "\n".join(
                f"{names.get(row['field_external_id'], row['field_external_id'])}: {row['value_text'] or ''}"
                for row in rows
            )

    def _read_group_stages(self, stages, domain):
        """Show the empty columns of the pipelines at hand too."""
        return stages.search([("pipeline_id", "in", stages.pipeline_id.ids)])
