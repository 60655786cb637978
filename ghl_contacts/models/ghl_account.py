import re
from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...ghl_base.net.errors import RemoteError
from ..gateway.endpoints import ENDPOINTS

DEFAULT_BASE_URL = "https://services.leadconnectorhq.com"
VERSION_FORM = re.compile(r"v\d+|\d{4}-\d{2}-\d{2}")


def is_safe_address(url):
    """Whether a token may be sent there: encrypted, or this very machine."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost")


class GhlAccount(models.Model):
    """A GoHighLevel agency (company) and the credentials by which its locations are read."""

    _name = "ghl.account"
    _description = "GoHighLevel Account"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    auth_method = fields.Selection(
        [("private", "Private integration token"), ("oauth", "Marketplace app (OAuth)")],
        required=True,
        default="private",
        tracking=True,
    )
    base_url = fields.Char("API address", required=True, default=DEFAULT_BASE_URL)
    external_id = fields.Char("GHL company ID", readonly=True, copy=False)
    client_id = fields.Char("Client ID", copy=False)
    api_versions_text = fields.Text(
        "API version overrides",
        compute="_compute_api_versions_text",
        inverse="_inverse_api_versions_text",
        help="One per line: endpoint = version, for example contacts_search = 2021-07-28, or * = 2021-07-28 for all. "
        "Only needed when GoHighLevel has trouble with a newer version.",
    )
    api_versions = fields.Json(
        "API versions", help="Endpoint name to the Version header to send instead of the built-in one."
    )
    location_ids = fields.One2many("ghl.location", "account_id", "Locations")
    location_count = fields.Integer(compute="_compute_location_count")
    state = fields.Selection(
        [("draft", "Not tested"), ("connected", "Connected"), ("error", "Needs attention")],
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    last_error = fields.Char(readonly=True, copy=False)
    last_check_at = fields.Datetime("Last tested", readonly=True, copy=False)

    _company_external_uniq = models.UniqueIndex(
        "(company_id, external_id) WHERE external_id IS NOT NULL",
        "This GoHighLevel agency is already connected in this company.",
    )

    @api.depends("location_ids")
    def _compute_location_count(self):
        counts = dict(
            self.env["ghl.location"]._read_group([("account_id", "in", self.ids)], ["account_id"], ["__count"])
        )
        for account in self:
            account.location_count = counts.get(account, 0)

    @api.depends("api_versions")
    def _compute_api_versions_text(self):
        for account in self:
            account.api_versions_text = "\n".join(f"{name} = {v}" for name, v in (account.api_versions or {}).items())

    def _inverse_api_versions_text(self):
        for account in self:
            versions = {}
            for line in filter(None, map(str.strip, (account.api_versions_text or "").splitlines())):
                name, _equals, version = (part.strip() for part in line.partition("="))
                if (name != "*" and name not in ENDPOINTS) or not VERSION_FORM.fullmatch(version):
                    raise ValidationError(
                        self.env._(
                            "%(line)s: expected an endpoint, an equals sign and a version. Endpoints: %(endpoints)s",
                            line=line,
                            endpoints=", ".join(sorted(ENDPOINTS)),
                        )
                    )
                versions[name] = version
            account.api_versions = versions

    @api.constrains("base_url")
    def _check_base_url(self):
        for account in self:
            if not is_safe_address(account.base_url):
                raise ValidationError(
                    self.env._(
                        "The API address must start with https:// (plain http is accepted for this machine only)."
                    )
                )

    def write(self, vals):
        # Archived locations count: their records would stay behind in the old company.
        if "company_id" in vals and self.with_context(active_test=False).location_ids:
            raise UserError(
                self.env._("An account with locations cannot move to another company: connect it there instead.")
            )
        return super().write(vals)

    def action_test_connection(self):
        """Ask GoHighLevel for every active location and keep the verdict on the account.

        :return: a notification action that names what was reached, or what GoHighLevel answered.
        """
        self.ensure_one()
        self.check_access("write")
        reached, error = [], ""
        for location in self.location_ids:
            try:
                # The connection needs the stored token, which no user may read: sudo for the secret only.
                remote = location.sudo()._client().location(location.external_id)
            except RemoteError as failure:
                error = failure.human()
                break
            reached.append(remote.get("name") or location.external_id)
        if not self.location_ids:
            error = self.env._("No location yet: add one with the connect wizard.")
        self._set_verdict(error)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if error else "success",
                "title": self.env._("Connection failed") if error else self.env._("Connection works"),
                "message": error or ", ".join(reached),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _set_verdict(self, error=""):
        """Keep the outcome of the last contact with GoHighLevel, writing only what changed."""
        for account in self:
            values = {"state": "error" if error else "connected", "last_error": error or False}
            values = {name: value for name, value in values.items() if account[name] != value}
            account.write({**values, "last_check_at": fields.Datetime.now()})

    def action_open_locations(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("ghl.action_ghl_location")
        return {**action, "domain": [("account_id", "=", self.id)], "context": {"default_account_id": self.id}}
