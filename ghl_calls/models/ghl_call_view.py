from odoo import api, fields, models

from ...ghl_contacts.mapping import readable
from .. import codes

QUERY_TYPES = [("1", "All"), ("2", "Owned by the reader"), ("3", "Made today")]


class GhlCallView(models.Model):
    """A saved list of calls of the CRM clients: its filters, and whatever else they keep with it.

    Shared views are seen by everybody of the company and changed by who made them. Which one is the default is each
    reader's own choice.
    """

    _name = "ghl.call.view"
    _description = "Call View"
    _order = "sequence, id"

    name = fields.Char(required=True)
    ukey = fields.Char("Key", compute="_compute_ukey", store=True, index=True, help="Company, 000 and id.")
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Made by", required=True, readonly=True, default=lambda self: self.env.user, ondelete="cascade"
    )
    shared = fields.Boolean(default=True)
    module = fields.Integer(default=1, help="The number by which clients know what is listed.")
    query_type = fields.Selection(QUERY_TYPES, "Shows", required=True, default="1")
    filters = fields.Json(help="As the call list takes them.")
    data = fields.Json(help="What clients keep with the view, as they sent it.")
    filters_text = fields.Text("Filters by", compute="_compute_texts")
    data_text = fields.Text("Kept with it", compute="_compute_texts")
    sequence = fields.Integer("Manual order")
    default_user_ids = fields.Many2many("res.users", "ghl_call_view_default_rel", string="Default of", copy=False)
    active = fields.Boolean(default=True)

    @api.depends("company_id")
    def _compute_ukey(self):
        for view in self:
            view.ukey = codes.ukey(view.company_id.id, view.id) if view.id else False

    @api.depends("filters", "data")
    def _compute_texts(self):
        for view in self:
            view.filters_text, view.data_text = readable.lines(view.filters), readable.lines(view.data)

    def _make_default(self):
        """This view, and no other of its module, is the default of the user."""
        self.ensure_one()
        # sudo: whoever may see a view may choose it, without being allowed to change it
        view, user = self.sudo(), self.env.user
        others = view.search([("module", "=", view.module), ("default_user_ids", "in", user.id)])
        (others - view).default_user_ids = [fields.Command.unlink(user.id)]
        view.default_user_ids = [fields.Command.link(user.id)]
