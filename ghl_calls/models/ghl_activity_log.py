from odoo import api, fields, models
from odoo.exceptions import UserError


class GhlActivityLog(models.Model):
    """What happened to a record, one line each. Lines are only ever added.

    They are written by ``ghl.activity.log.mixin`` in the transaction of the change.
    """

    _name = "ghl.activity.log"
    _description = "GoHighLevel Activity Log"
    _order = "id desc"
    _rec_name = "title"

    activity_type = fields.Char(required=True, readonly=True, help="For programs, for example call_created.")
    entity_model = fields.Char("Model", required=True, readonly=True)
    entity_id = fields.Many2oneReference("Record", model_field="entity_model", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Who", readonly=True, ondelete="set null")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    location_id = fields.Many2one("ghl.location", readonly=True, ondelete="set null")
    title = fields.Char("What", required=True, readonly=True)
    description = fields.Char(readonly=True)
    metadata = fields.Json(readonly=True)

    _entity = models.Index("(entity_model, entity_id, id DESC)")
    _company_newest = models.Index("(company_id, id DESC)")

    def write(self, vals):
        if vals:
            raise UserError(self.env._("Lines of the activity log cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Lines of the activity log cannot be removed."))
