from urllib.parse import urlsplit

from odoo import api, fields, models


class GhlContactAttribution(models.Model):
    """Where a contact came from: the first and the last touch, with UTM and click ids.

    Source: ``attributionSource`` and ``lastAttributionSource`` of POST /contacts/search.
    """

    _name = "ghl.contact.attribution"
    _description = "GoHighLevel Contact Attribution"
    _order = "contact_id, touch"

    contact_id = fields.Many2one("ghl.contact", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    location_id = fields.Many2one("ghl.location", required=True, readonly=True, index=True, ondelete="cascade")
    touch = fields.Selection([("first", "First touch"), ("last", "Last touch")], required=True, readonly=True)
    url = fields.Char("URL", readonly=True)
    campaign = fields.Char(readonly=True)
    campaign_id = fields.Char("Campaign ID", readonly=True)
    utm_source = fields.Char("UTM source", readonly=True)
    utm_medium = fields.Char("UTM medium", readonly=True)
    utm_campaign = fields.Char("UTM campaign", readonly=True)
    utm_content = fields.Char("UTM content", readonly=True)
    utm_term = fields.Char("UTM term", readonly=True)
    referrer = fields.Char(readonly=True)
    fbclid = fields.Char("FBCLID", readonly=True)
    gclid = fields.Char("GCLID", readonly=True)
    msclkid = fields.Char("MSCLKID", readonly=True)
    dclid = fields.Char("DCLID", readonly=True)
    fbc = fields.Char("FBC", readonly=True)
    fbp = fields.Char("FBP", readonly=True)
    fb_event_id = fields.Char("Facebook event ID", readonly=True)
    user_agent = fields.Char(readonly=True)
    ip = fields.Char("IP", readonly=True)
    medium = fields.Char(readonly=True)
    medium_id = fields.Char("Medium ID", readonly=True)
    session_source = fields.Char(readonly=True)
    extra = fields.Json(readonly=True)
    story = fields.Char(compute="_compute_story", help="Where the contact came from, in one line.")

    _contact_touch_uniq = models.UniqueIndex("(contact_id, touch)")

    @api.depends("touch", "contact_id.display_name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        touches = dict(self._fields["touch"]._description_selection(self.env))
        for touch in self:
            touch.display_name = f"{touch.contact_id.display_name}: {touches.get(touch.touch, '')}"

    @api.depends("session_source", "medium", "campaign", "utm_source", "utm_medium", "utm_campaign", "url", "referrer")
    def _compute_story(self):
        for touch in self:
            campaign = touch.campaign or touch.utm_campaign
            marks = " / ".join(filter(None, (touch.utm_source, touch.utm_medium or touch.medium)))
            parts = [
                touch.session_source,
                campaign and self.env._("campaign %s", campaign),
                marks and self.env._("through %s", marks),
                touch.url and self.env._("landed on %s", _page(touch.url)),
                touch.referrer and self.env._("coming from %s", _page(touch.referrer)),
            ]
            touch.story = ", ".join(filter(None, parts)) or self.env._("directly, without a trace")


def _page(url):
    """The address as people read it: without scheme and query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return f"{parts.netloc}{parts.path}".rstrip("/") or url
