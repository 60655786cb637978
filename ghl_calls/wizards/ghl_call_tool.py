from odoo import api, fields, models
from odoo.exceptions import UserError


class GhlCallTool(models.AbstractModel):
    """A wizard around one of ``ghl_calls/tools``: says what it would do while the form is filled in, then does it.

    Each wizard has ``_work()``, the tool with what the form says (UserError when that cannot be done), and
    ``_describe(work)``, what the tool would do as text of several lines.
    """

    _name = "ghl.call.tool"
    _description = "GoHighLevel Call Tool"
    _inputs = ("company_id",)  # the fields on which the preview depends

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain=lambda self: [("id", "in", self.env.companies.ids)],
    )
    preview = fields.Text("What will happen", compute="_compute_preview")
    problem = fields.Char(compute="_compute_preview")

    @api.depends(lambda self: self._inputs)
    def _compute_preview(self):
        for wizard in self:
            try:
                wizard.preview, wizard.problem = wizard._describe(wizard._work()), False
            except UserError as refusal:
                wizard.preview, wizard.problem = False, str(refusal)

    def _done(self, message):
        """Close the form and say what was done."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": {"type": "ir.actions.act_window_close"}},
        }
