from odoo import api, fields, models


class GhlContactTask(models.Model):
    """A task of a contact. A task that lost its contact stays, without one.

    Source: POST /locations/{locationId}/tasks/search.
    """

    _name = "ghl.contact.task"
    _description = "GoHighLevel Task"
    _inherit = ["ghl.mirror.mixin"]
    _order = "completed, due_date, id"
    _rec_name = "title"
    _mirror_entity = "tasks"
    _mirror_references = {
        "contact_id": "contact_external_id",
        "assigned_user_id": "assigned_external_id",
    }

    title = fields.Char(readonly=True)
    body = fields.Text(readonly=True)
    due_date = fields.Datetime(readonly=True)
    completed = fields.Boolean(readonly=True)
    status = fields.Char(readonly=True, help="Status group as GoHighLevel names it, for example to_do")
    contact_external_id = fields.Char("GHL contact ID", readonly=True)
    contact_id = fields.Many2one("ghl.contact", readonly=True, ondelete="set null")
    assigned_external_id = fields.Char("GHL user ID", readonly=True)
    assigned_user_id = fields.Many2one("ghl.user", "Assigned to", readonly=True, index="btree_not_null")
    is_overdue = fields.Boolean(compute="_compute_due", search="_search_is_overdue")
    days_until_due = fields.Integer(
        compute="_compute_due", help="Whole days from now to the due date; negative when late."
    )

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
    _contact_due = models.Index("(contact_id, due_date) WHERE contact_id IS NOT NULL")
    _due = models.Index("(company_id, due_date) WHERE completed IS NOT TRUE AND active IS TRUE")

    @api.depends("due_date", "completed")
    def _compute_due(self):
        now = fields.Datetime.now()
        for task in self:
            task.is_overdue = bool(task.due_date and not task.completed and task.due_date < now)
            task.days_until_due = (task.due_date - now).days if task.due_date else 0

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = [("completed", "=", False), ("due_date", "<", fields.Datetime.now())]
        if True in value and False in value:
            return []
        return overdue if True in value else ["!", *["&", *overdue]]
