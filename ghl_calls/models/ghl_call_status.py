from odoo import fields, models


class GhlCallStatus(models.Model):
    """A column of the call board.

    The number API callers know a status by is its record id: small, and 1 to 5 for the statuses every database starts
    with. A status without company is for all companies. Statuses that are not used can be removed, others not.
    """

    _name = "ghl.call.status"
    _description = "GoHighLevel Call Status"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)
    color = fields.Char(default="#7C7BAD", help="As in #F0A000.")
    kind = fields.Selection(
        [
            ("scheduled", "Scheduled"),
            ("connected", "Connected"),
            ("missed", "Missed"),
            ("overdue", "Overdue"),
            ("completed", "Completed"),
            ("other", "Other"),
        ],
        "Counts as",
        required=True,
        default="other",
        help="How lists and statistics see the calls of this column.",
    )
    sequence = fields.Integer(default=10)
    fold = fields.Boolean("Folded in Kanban")
    company_id = fields.Many2one("res.company", help="Empty: for all companies.", ondelete="cascade")

    _company = models.Index("(company_id) WHERE company_id IS NOT NULL")
    _color_is_hex = models.Constraint("CHECK(color ~ '^#[0-9A-Fa-f]{6}$')", "Write the color like #F0A000.")
