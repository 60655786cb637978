from functools import partial

from odoo import api, fields, models

from ..mapping import readable
from ..reading import channels, custom_values, thread, touches
from ..reading import contacts as reading
from ..reading.shape import FULL

REMOTE_APP = "https://app.gohighlevel.com/v2"


class GhlContact(models.Model):
    """A contact of a GoHighLevel location.

    Source: POST /contacts/search. Contacts are written by the mirror; the talk about them (chatter,
    activities) is Odoo's own.
    """

    _name = "ghl.contact"
    _description = "GoHighLevel Contact"
    _inherit = ["ghl.mirror.mixin", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "remote_created_at desc, id desc"
    _mirror_entity = "contacts"
    _mirror_references = {"assigned_user_id": "assigned_external_id"}

    company_id = fields.Many2one(index=False)  # indexed below, with what is asked for beside it
    name = fields.Char(readonly=True)
    first_name = fields.Char(readonly=True)
    last_name = fields.Char(readonly=True)
    email = fields.Char(readonly=True)
    email_valid = fields.Boolean("Email verified", readonly=True)
    additional_emails = fields.Json(readonly=True)
    phone = fields.Char(readonly=True)
    phone_label = fields.Char(readonly=True)
    additional_phones = fields.Json(readonly=True)
    company_name = fields.Char("Business", readonly=True)
    business_external_id = fields.Char("GHL business ID", readonly=True)
    address = fields.Char("Street", readonly=True)
    city = fields.Char(readonly=True)
    state = fields.Char(readonly=True)
    country = fields.Char(readonly=True, help="ISO 3166 two-letter code")
    postal_code = fields.Char(readonly=True)
    website = fields.Char(readonly=True)
    timezone = fields.Char("Time zone", readonly=True, help="IANA name, for example America/Chicago")
    gender = fields.Char(readonly=True)
    date_of_birth = fields.Date(readonly=True)
    source = fields.Char(readonly=True)
    type = fields.Char(readonly=True, help="lead or customer as GoHighLevel names it")
    dnd = fields.Boolean("Do not disturb", readonly=True)
    dnd_settings = fields.Json("Do not disturb by channel", readonly=True)
    inbound_dnd_settings = fields.Json(readonly=True)
    followers = fields.Json("GHL followers", readonly=True)
    last_activity_at = fields.Datetime(readonly=True)
    assigned_external_id = fields.Char("GHL user ID", readonly=True)
    assigned_user_id = fields.Many2one("ghl.user", "Assigned to", readonly=True, ondelete="set null")
    last_message_external_id = fields.Char("GHL ID of the last message", readonly=True)
    last_message_body = fields.Text("Last message", readonly=True)
    last_message_type = fields.Char("Type of the last message", readonly=True)
    last_message_direction = fields.Char("Direction of the last message", readonly=True)
    last_message_source = fields.Char("Source of the last message", readonly=True)
    last_message_date = fields.Datetime("Last message at", readonly=True)
    touches = fields.Json(readonly=True, help="How many messages were sent to the contact, by type.")
    engagements = fields.Json(readonly=True, help="How many messages came from the contact, by type.")
    first_touch_date = fields.Datetime("First touch", readonly=True, help="The first message sent to the contact.")
    last_touch_date = fields.Datetime("Last touch", readonly=True, help="The latest message sent to the contact.")
    touch_summary = fields.Char("Sent", compute="_compute_touches")
    engagement_summary = fields.Char("Received", compute="_compute_touches")
    speed_to_lead = fields.Char(compute="_compute_touches", help="From the contact's being added to the first touch.")
    search_text = fields.Char(readonly=True, index="trigram", help="Name, emails, phones and business in lower case.")
    tag_ids = fields.Many2many("ghl.tag", "ghl_contact_tag_rel", "contact_id", "tag_id", "Tags", readonly=True)
    custom_value_ids = fields.One2many("ghl.contact.custom.value", "contact_id", "Custom fields", readonly=True)
    attribution_ids = fields.One2many("ghl.contact.attribution", "contact_id", readonly=True)
    task_ids = fields.One2many("ghl.contact.task", "contact_id", "Tasks", readonly=True)
    conversation_ids = fields.One2many("ghl.contact.conversation", "contact_id", "Conversations", readonly=True)
    # Not message_ids: that is the chatter.
    message_history_ids = fields.One2many("ghl.contact.message", "contact_id", "Message history", readonly=True)
    opportunity_ids = fields.One2many("ghl.contact.opportunity", "contact_id", "Opportunities", readonly=True)
    task_count = fields.Integer(compute="_compute_counts", string="Number of tasks")
    conversation_count = fields.Integer(compute="_compute_counts", string="Number of conversations")
    opportunity_count = fields.Integer(compute="_compute_counts", string="Number of opportunities")
    overdue_task_count = fields.Integer(compute="_compute_counts", string="Overdue tasks")
    unread_count = fields.Integer(compute="_compute_counts", string="Unread messages")
    dnd_summary = fields.Text("Do not disturb settings", compute="_compute_readable")
    other_addresses = fields.Text("Other emails and phones", compute="_compute_readable")
    pipeline_value = fields.Float(compute="_compute_counts", help="Sum of the values of all opportunities.")

    _location_external_uniq = models.UniqueIndex("(location_id, external_id)")
    # IS TRUE as Odoo writes it: PostgreSQL would not prove a plain "active" from it and leave the index unused.
    _newest = models.Index("(location_id, remote_created_at DESC, id DESC) WHERE active IS TRUE")
    # For totals: with what record rules look at, so that contacts are counted without being read.
    _company_location = models.Index("(company_id, location_id) WHERE active IS TRUE")
    _company_newest = models.Index("(company_id, remote_created_at DESC, id DESC) WHERE active IS TRUE")
    _assigned = models.Index(
        "(assigned_user_id, remote_created_at DESC, id DESC) "
        "INCLUDE (company_id, location_id, active, first_touch_date) WHERE assigned_user_id IS NOT NULL"
    )
    # For the median time to the first touch, counted in the index.
    _touched = models.Index(
        "(company_id, remote_created_at) INCLUDE (location_id, first_touch_date) "
        "WHERE active IS TRUE AND first_touch_date IS NOT NULL"
    )
    _email = models.Index("(location_id, lower(email)) WHERE email IS NOT NULL")
    _phone = models.Index("(location_id, phone) WHERE phone IS NOT NULL")

    def _compute_counts(self):
        mine, overdue = ("contact_id", "in", self.ids), ("is_overdue", "=", True)
        for model, aggregate, name, domain in (
            ("ghl.contact.task", "__count", "task_count", [mine]),
            ("ghl.contact.task", "__count", "overdue_task_count", [mine, overdue]),
            ("ghl.contact.conversation", "__count", "conversation_count", [mine]),
            ("ghl.contact.conversation", "unread_count:sum", "unread_count", [mine]),
        ):
            counts = dict(self.env[model]._read_group(domain, ["contact_id"], [aggregate]))
            for contact in self:
                contact[name] = counts.get(contact, 0)
        groups = self.env["ghl.contact.opportunity"]._read_group(
            [("contact_id", "in", self.ids)], ["contact_id"], ["__count", "monetary_value:sum"]
        )
        deals = {contact: (count, value) for contact, count, value in groups}
        for contact in self:
            contact.opportunity_count, contact.pipeline_value = deals.get(contact, (0, 0.0))

    @api.depends("dnd_settings", "inbound_dnd_settings", "additional_emails", "additional_phones")
    def _compute_readable(self):
        for contact in self:
            inbound = readable.channels(contact.inbound_dnd_settings)
            contact.dnd_summary = "\n".join(
                part for part in (readable.channels(contact.dnd_settings), inbound and f"Inbound\n{inbound}") if part
            )
            contact.other_addresses = "\n".join(
                filter(None, (readable.listed(contact.additional_emails), readable.listed(contact.additional_phones)))
            )

    @api.depends("touches", "engagements", "first_touch_date", "remote_created_at")
    @api.depends_context("lang")
    def _compute_touches(self):
        named = partial(channels.name, self.env)
        for contact in self:
            contact.touch_summary = touches.summary(contact.touches, named)
            contact.engagement_summary = touches.summary(contact.engagements, named)
            contact.speed_to_lead = touches.speed(contact.remote_created_at, contact.first_touch_date)

    @api.depends("name", "email", "phone")
    def _compute_display_name(self):
        for contact in self:
            contact.display_name = contact.name or contact.email or contact.phone or contact.external_id

    @api.model
    def _search_display_name(self, operator, value):
        if operator in ("ilike", "like", "=", "=ilike", "=like") and isinstance(value, str):
            return [("search_text", "ilike", value.lower())]
        return super()._search_display_name(operator, value)

    def action_open_location(self):
        self.ensure_one()
        return self.location_id.get_formview_action()

    def action_open_remote(self):
        self.ensure_one()
        place = f"location/{self.location_id.external_id}/contacts/detail/{self.external_id}"
        return {"type": "ir.actions.act_url", "url": f"{REMOTE_APP}/{place}", "target": "new"}

    def action_refresh(self):
        return self.location_id.action_sync_now()

    # ---- the form ----------------------------------------------------------------------------------------

    def read_thread(self, before=None, limit=30):
        """A page of the conversation with the contact, newest first: see ``reading.thread``."""
        self.ensure_one()
        self.check_access("read")
        return thread.page(self, self._thread_sources(), before, limit)

    def _thread_sources(self):
        """Where the entries of the conversation come from, by name: see ``reading.thread.page``."""
        return {"message": thread.messages}

    def read_custom_values(self):
        """The custom fields in groups: see ``reading.custom_values``."""
        self.ensure_one()
        self.check_access("read")
        return custom_values.grouped(self)

    # ---- API (see ghl_contacts/reading) ------------------------------------------------------------------

    @api.model
    def _read_for_api(self, location_id, chosen=reading.EVERYTHING, *, limit, offset=0, after=None, shape=FULL):
        """One page of a location's contacts with all that hangs on them, newest first: ``reading.ContactPage``."""
        return reading.page(self, location_id, chosen, limit=limit, offset=offset, after=after, shape=shape)

    @api.model
    def _stream_for_api(self, location_id, chosen=reading.EVERYTHING, *, shape=FULL):
        """The documents of all contacts of a location, one after the other, in flat memory."""
        return reading.stream(self, location_id, chosen, shape=shape)

    @api.model
    def _count_for_api(self, location_id, chosen=reading.EVERYTHING, *, most=None):
        """How many contacts of a location there are (at most ``most``)."""
        return reading.count(self, location_id, chosen, most)
