from odoo import api, fields, models

from ..reading import channels


class GhlContactConversation(models.Model):
    """The conversation of a contact, with its last message.

    Source: GET /conversations/search.
    """

    _name = "ghl.contact.conversation"
    _description = "GoHighLevel Conversation"
    _inherit = ["ghl.mirror.mixin"]
    _order = "last_message_date desc, id desc"
    _mirror_entity = "conversations"
    _mirror_references = {
        "contact_id": "contact_external_id",
        "assigned_user_id": "assigned_external_id",
    }

    type = fields.Char(readonly=True, help="TYPE_PHONE, TYPE_EMAIL, ... as GoHighLevel names it")
    full_name = fields.Char(readonly=True)
    contact_name = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    unread_count = fields.Integer("Unread", readonly=True)
    starred = fields.Boolean(readonly=True)
    last_message_body = fields.Text("Last message", readonly=True)
    last_message_type = fields.Char("Last type", readonly=True)
    channel = fields.Char(compute="_compute_channel", help="Of the last message, or of the conversation.")
    last_message_direction = fields.Char("Direction", readonly=True)
    last_message_date = fields.Datetime("Last message at", readonly=True)
    contact_external_id = fields.Char("GHL contact ID", readonly=True)
    contact_id = fields.Many2one("ghl.contact", readonly=True, ondelete="set null")
    assigned_external_id = fields.Char("GHL user ID", readonly=True)
    assigned_user_id = fields.Many2one("ghl.user", "Assigned to", readonly=True, index="btree_not_null")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
    _contact_recent = models.Index("(contact_id, last_message_date DESC) WHERE contact_id IS NOT NULL")
    _recent = models.Index("(company_id, last_message_date DESC, id DESC) WHERE active IS TRUE")

    @api.depends("last_message_type", "type")
    @api.depends_context("lang")
    def _compute_channel(self):
        for conversation in self:
            conversation.channel = channels.name(self.env, conversation.last_message_type or conversation.type)

    @api.depends("full_name", "contact_name", "contact_id")
    def _compute_display_name(self):
        for conversation in self:
            conversation.display_name = (
                conversation.full_name
                or conversation.contact_name
                or conversation.contact_id.name
                or conversation.external_id
            )
