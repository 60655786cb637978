from odoo import api, fields, models

from ..mapping import readable
from ..mirror import figures
from ..reading import channels

SHOWN = 60


class GhlContactMessage(models.Model):
    """A message of any channel with a contact; calls and voicemail drops are messages too.

    Source: GET /conversations/messages/export. E-mails come without their bodies, calls without their recordings.
    """

    _name = "ghl.contact.message"
    _description = "GoHighLevel Message"
    _inherit = ["ghl.mirror.mixin"]
    _order = "remote_created_at desc, id desc"
    _mirror_entity = "messages"
    _mirror_references = {
        "contact_id": "contact_external_id",
        "conversation_id": "conversation_external_id",
        "ghl_user_id": "user_external_id",
    }

    is_email = fields.Boolean("Email", readonly=True, help="The location-wide export lists emails apart.")
    message_type = fields.Char("Type", readonly=True, help="TYPE_SMS, TYPE_CALL, ... as GoHighLevel names it")
    channel = fields.Char(compute="_compute_channel")
    direction = fields.Char(readonly=True, help="inbound (from the contact) or outbound")
    status = fields.Char(readonly=True, help="As GoHighLevel names it, for example delivered or failed")
    subject = fields.Char(readonly=True)
    body = fields.Text("Text", readonly=True)
    content_type = fields.Char(readonly=True)
    attachments = fields.Json(readonly=True)
    attachments_text = fields.Text("Attached files", compute="_compute_attachments_text")
    source = fields.Char(readonly=True, help="workflow, campaign, api, app, ... as GoHighLevel names it")
    sender = fields.Char("From", readonly=True)
    recipient = fields.Char("To", readonly=True)
    error = fields.Text(readonly=True)
    alt_id = fields.Char("Provider ID", readonly=True, help="Of calls: the id the carrier gave them.")
    call_duration = fields.Integer("Duration", readonly=True, help="Seconds; empty for a call that was not answered.")
    call_status = fields.Char("Call result", readonly=True, help="completed, no-answer, busy, voicemail, ...")
    email_ids = fields.Json("GHL email IDs", readonly=True, help="Ids under which GoHighLevel keeps the emails.")
    contact_external_id = fields.Char("GHL contact ID", readonly=True)
    contact_id = fields.Many2one("ghl.contact", readonly=True, ondelete="set null")
    conversation_external_id = fields.Char("GHL conversation ID", readonly=True)
    conversation_id = fields.Many2one("ghl.contact.conversation", readonly=True, ondelete="set null")
    user_external_id = fields.Char("GHL user ID", readonly=True)
    ghl_user_id = fields.Many2one("ghl.user", "User", readonly=True, ondelete="set null", index="btree_not_null")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
    # With what engagement is counted by, so that the messages of a user's contacts are counted in the index.
    _contact_recent = models.Index(
        "(contact_id, remote_created_at DESC, id DESC) "
        "INCLUDE (company_id, location_id, active, message_type, direction) WHERE contact_id IS NOT NULL"
    )
    _conversation_recent = models.Index(
        "(conversation_id, remote_created_at DESC, id DESC) WHERE conversation_id IS NOT NULL"
    )
    # With what engagement is counted by, so that a period is counted in the index.
    _recent = models.Index(
        "(company_id, remote_created_at DESC, id DESC) INCLUDE (location_id, message_type, direction) "
        "WHERE active IS TRUE"
    )
    _calls = models.Index("(location_id, remote_created_at DESC, id DESC) WHERE message_type = 'TYPE_CALL'")
    # Links that wait for their other end: few among millions, looked for after each sync that changed something.
    _late_contact = models.Index(
        "(location_id, contact_external_id) WHERE contact_id IS NULL AND contact_external_id IS NOT NULL"
    )
    _late_conversation = models.Index(
        "(location_id, conversation_external_id) WHERE conversation_id IS NULL AND conversation_external_id IS NOT NULL"
    )
    _late_user = models.Index(
        "(location_id, user_external_id) WHERE ghl_user_id IS NULL AND user_external_id IS NOT NULL"
    )

    @api.depends("message_type")
    @api.depends_context("lang")
    def _compute_channel(self):
        for message in self:
            message.channel = channels.name(self.env, message.message_type)

    @api.depends("attachments")
    def _compute_attachments_text(self):
        for message in self:
            message.attachments_text = readable.lines(message.attachments)

    @api.depends("message_type", "subject", "body")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for message in self:
            text = " ".join((message.subject or message.body or "").split())
            text = f"{text[:SHOWN]}…" if len(text) > SHOWN else text
            message.display_name = ": ".join(filter(None, (message.channel, text))) or message.external_id

    # ---- the mirror's hooks --------------------------------------------------------------------------------

    @api.model
    def _follow(self, location, external_ids):
        """Called with the messages (remote ids, not e-mails) of each page that changed some, in its transaction."""

    @api.model
    def _derive(self, location, external_ids=None):
        """Keep up what is worked out of messages: after a page of changes for those, else for all of the location."""
        figures.refresh(self.env, location, external_ids)
