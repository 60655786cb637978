import json
import secrets
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...ghl_base.net.errors import RemoteError
from ...ghl_contacts.models.ghl_account import is_safe_address
from ..dialer import accounts
from ..providers import sound

PROVIDERS = [("bland", "Bland AI"), ("twilio", "Twilio"), ("sanspbx", "SansPBX"), ("generic", "Other (HTTP)")]
# The provider's settings: those a form shows, and those it only ever takes. Named as the provider names them.
SETTINGS = (
    "account_sid",
    "api_key_sid",
    "basic_user",
    "appid",
    "number_format",
    "caller_format",
    "timezone",
    "ip_allow_list",
    "adapter",
)
SECRETS = (
    "api_key",
    "webhook_secret",
    "auth_token",
    "previous_auth_token",
    "api_key_secret",
    "access_token",
    "access_key",
    "basic_password",
    "secrets",
)
DOOR_KINDS = ("status", "answer", "amd", "recording")
# Reports on calls that are under way when the address changes still come to the old one.
OLD_ADDRESS_LIVES = timedelta(hours=4)


def _new_token():
    return secrets.token_urlsafe(32)


def _write_only(name, label, **options):
    """A field that takes a secret and never gives it back; it is kept in ``ghl.voip.secret``."""

    def compute(self):
        for account in self:
            account[name] = False

    def inverse(self):
        for account in self:
            if account[name]:
                # sudo: nobody may read or write the table of secrets; who may write the account may replace them.
                account.sudo()._put_secret(name, account[name])
        # Not even to who has just typed it.
        self.invalidate_recordset([name], flush=False)

    return fields.Char(label, compute=compute, inverse=inverse, copy=False, exportable=False, **options)


class GhlVoipAccount(models.Model):
    """An account at a telephone provider, through which calls are placed and which reports on them.

    `state` is what may be done with it: no call is placed through a stopped account until somebody has looked.
    """

    _name = "ghl.voip.account"
    _description = "Telephone Account"
    _inherit = ["mail.thread"]
    _order = "is_default desc, name, id"

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    provider = fields.Selection(PROVIDERS, required=True, default="bland", tracking=True)
    is_default = fields.Boolean("Default", help="Used where no account is chosen.")
    base_url = fields.Char("API address", help="Empty: the provider's own.")
    state = fields.Selection(
        [("draft", "Not tested"), ("connected", "Connected"), ("stopped", "Stopped")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    state_reason = fields.Char("Reason", readonly=True, copy=False)
    last_check_at = fields.Datetime("Last tested", readonly=True, copy=False)
    calls_per_second = fields.Float(default=1.0, required=True, help="New calls per second, over all campaigns.")
    max_concurrent = fields.Integer("Calls at a time", default=5, required=True)
    number_ids = fields.One2many("ghl.voip.number", "account_id", "Caller numbers")
    recording_policy = fields.Selection(
        [("agent", "As the agent says"), ("never", "Never"), ("always", "Always")], required=True, default="agent"
    )
    door_token = fields.Char(
        readonly=True, copy=False, exportable=False, groups="ghl.group_ghl_admin", default=lambda self: _new_token()
    )
    previous_door_token = fields.Char(readonly=True, copy=False, exportable=False, groups="ghl.group_ghl_admin")
    previous_door_until = fields.Datetime("Old address works until", readonly=True, copy=False)
    door_address = fields.Char(
        "Address for reports", compute="_compute_door_address", groups="ghl.group_ghl_admin", exportable=False
    )
    # Plain settings
    account_sid = fields.Char("Account SID")
    api_key_sid = fields.Char("API key SID")
    basic_user = fields.Char("User name")
    appid = fields.Char("App ID")
    number_format = fields.Char("Form of numbers called")
    caller_format = fields.Char("Form of caller numbers")
    timezone = fields.Char("Time zone of reports")
    ip_allow_list = fields.Char("Addresses that may report", help="Separated by commas. Empty: every address.")
    adapter = fields.Text(help="How the service is spoken to, as a JSON object.")
    # Secrets: written here, kept in ghl.voip.secret, never read back
    api_key = _write_only("api_key", "API key")
    webhook_secret = _write_only("webhook_secret", "Webhook secret")
    auth_token = _write_only("auth_token", "Auth token")
    previous_auth_token = _write_only("previous_auth_token", "Previous auth token")
    api_key_secret = _write_only("api_key_secret", "API key secret")
    access_token = _write_only("access_token", "Access token")
    access_key = _write_only("access_key", "Access key")
    basic_password = _write_only("basic_password", "Password")
    secrets = _write_only("secrets", "Secrets", help="A JSON object: name to secret.")
    secrets_set = fields.Char("Secrets kept", compute="_compute_secrets_set")

    _pace_positive = models.Constraint("CHECK(calls_per_second > 0)", "Place more than 0 calls per second.")
    _room_positive = models.Constraint("CHECK(max_concurrent > 0)", "Allow at least one call at a time.")
    _door_uniq = models.UniqueIndex("(door_token)")

    # ---- what people set ---------------------------------------------------------------------------------

    @api.depends_context("uid")
    def _compute_secrets_set(self):
        for account in self:
            # sudo: the table is closed to everybody; which names are set is no secret.
            kept = self.env["ghl.voip.secret"].sudo().search([("account_id", "in", account.ids)]).mapped("name")
            labels = [
                self._fields[name].get_description(self.env, ["string"])["string"] for name in SECRETS if name in kept
            ]
            account.secrets_set = ", ".join(labels)

    @api.depends("door_token")
    def _compute_door_address(self):
        for account in self:
            account.door_address = account._door_url("status", "") if account.door_token else False

    @api.constrains("base_url")
    def _check_base_url(self):
        for account in self:
            if account.base_url and not is_safe_address(account.base_url):
                raise ValidationError(
                    self.env._(
                        "The API address must start with https:// (plain http is accepted for this machine only)."
                    )
                )

    @api.constrains("adapter")
    def _check_adapter(self):
        for account in self:
            _json_object(account.adapter, account._fields["adapter"].string, self.env)

    def _put_secret(self, name, value):
        if name == "secrets":
            value = _json_object(value, self._fields[name].string, self.env)
        self.env["ghl.voip.secret"]._put(self, name, value)

    def write(self, vals):
        result = super().write(vals)
        if not vals.keys() <= {"state", "state_reason", "last_check_at", "calls_per_second", "max_concurrent"}:
            self._changed()
        return result

    def unlink(self):
        self._changed()
        return super().unlink()

    def _changed(self):
        """Forget what all processes remember of accounts: doors must not open to what was just revoked."""
        self.env.registry.clear_cache()

    # ---- what the engine asks ----------------------------------------------------------------------------

    @api.model
    def _default_for(self, company, provider=None):
        """The account (of ``provider``) calls of ``company`` go through when none was chosen; may be empty."""
        where = [("company_id", "=", company.id), ("state", "!=", "stopped")]
        where += [("provider", "=", provider)] if provider else []
        return self.search(where, order="is_default desc, id", limit=1)

    def _settings(self):
        """The provider's settings, secrets included, as a JSON object.

        Caller's duty: superuser mode, and to keep them to itself.
        """
        self.ensure_one()
        settings = {name: self[name] for name in SETTINGS if self[name]}
        if "adapter" in settings:
            settings["adapter"] = json.loads(settings["adapter"])
        if self.base_url:
            settings["base_url"] = self.base_url
        return json.dumps({**settings, **self.env["ghl.voip.secret"]._of(self)}, sort_keys=True)

    def _provider(self):
        """The ``providers.base.Provider`` of this account; ValueError when its settings cannot work.

        Caller's duty: superuser mode.
        """
        self.ensure_one()
        return accounts.provider(self.env.cr.dbname, self.id, *self._provider_settings(self.id))

    @api.model
    @tools.ormcache("account_id")
    def _provider_settings(self, account_id):
        """(provider, settings as JSON). Kept in memory until an account changes, as each call asks for it."""
        account = self.browse(account_id)
        return account.provider, account._settings()

    def _door_url(self, kind, reference):
        """The public address at which the provider reports ``kind`` (status, answer, amd, recording) of a call."""
        self.ensure_one()
        # sudo: the token and system parameters are closed to those who place calls; the provider has to know it.
        base = self._public_base_url()
        return f"{base}/ghl/voip/{self.sudo().door_token}/{kind}/{reference}".rstrip("/")

    @api.model
    def _public_base_url(self):
        """Where the world reaches this Odoo, without a slash at the end."""
        # sudo: system parameters are closed to everybody else, and this is no secret.
        parameters = self.env["ir.config_parameter"].sudo()
        return (parameters.get_param("ghl.public_base_url") or parameters.get_param("web.base.url") or "").rstrip("/")

    @api.model
    @tools.ormcache("token")
    def _door(self, token):
        """(account id, company id, provider, settings as JSON, opens until or None) for the token of a door, or None.

        Kept in memory until an account changes, so that a delivery costs no look-up. Caller's duty: superuser mode.
        """
        if not token:
            return None  # would be found: accounts without an old address have an empty one
        account = self.search([("door_token", "=", token)])
        until = None
        if not account:
            account = self.search([("previous_door_token", "=", token)], limit=1)
            until = account.previous_door_until
        if not account:
            return None
        return account.id, account.company_id.id, account.provider, account._settings(), until

    @api.model
    def _recording_hosts(self):
        """Hosts that recordings are read from, besides the provider's own: the setting, else the usual ones."""
        # sudo: system parameters are closed to everybody else, and this is no secret.
        text = self.env["ir.config_parameter"].sudo().get_param("ghl.recording_hosts")
        return tuple(filter(None, (text or "").replace(",", " ").split())) or sound.USUAL_HOSTS

    def _stop(self, reason):
        """Place no more calls through these accounts until somebody has looked; ``reason`` is a sentence for them."""
        for account in self:
            if account.state != "stopped" or account.state_reason != reason:
                account.write({"state": "stopped", "state_reason": reason})

    # ---- buttons -----------------------------------------------------------------------------------------

    def action_test_connection(self):
        """Ask the provider whether it knows us, and keep the verdict: connected, or stopped with the reason."""
        self.ensure_one()
        self.check_access("write")
        try:
            # The provider needs the stored secrets, which no user may read: sudo for these only.
            message, works = self.sudo()._provider().check(), True
        except RemoteError as failure:
            message, works = failure.human(), False
        except ValueError as failure:
            message, works = str(failure), False
        self.write(
            {
                "state": "connected" if works else "stopped",
                "state_reason": False if works else message,
                "last_check_at": fields.Datetime.now(),
            }
        )
        return _notification(
            self.env._("Connection works") if works else self.env._("Connection failed"),
            message,
            "success" if works else "danger",
        )

    def action_stop(self):
        """Place no more calls through this account; calls under way go on."""
        self.check_access("write")
        self._stop(self.env._("Stopped by %s.", self.env.user.name))

    def action_rotate_door_token(self):
        """Use a new address for reports. The old one goes on working for the calls under way."""
        self.check_access("write")
        for account in self:
            account.write(
                {
                    "previous_door_token": account.door_token,
                    "previous_door_until": fields.Datetime.now() + OLD_ADDRESS_LIVES,
                    "door_token": _new_token(),
                }
            )

    def action_revoke_old_address(self):
        """Have the old address for reports refuse at once."""
        self.check_access("write")
        self.write({"previous_door_token": False, "previous_door_until": False})

    def action_forget_secrets(self):
        """Remove all secrets of this account and stop it."""
        self.check_access("write")
        # sudo: see `_write_only`
        self.env["ghl.voip.secret"].sudo().search([("account_id", "in", self.ids)]).unlink()
        self._changed()
        self._stop(self.env._("Its secrets were removed by %s.", self.env.user.name))


def _json_object(text, label, env):
    """The dict that ``text`` holds as JSON, {} for nothing; ValidationError naming ``label``."""
    try:
        content = json.loads(text or "{}")
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ValidationError(env._("%s: expected a JSON object.", label))
    return content


def _notification(title, message, kind):
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "type": kind,
            "title": title,
            "message": message,
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        },
    }
