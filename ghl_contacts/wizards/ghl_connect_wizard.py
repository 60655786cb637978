import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...ghl_base.net.errors import RemoteError
from ..mapping import location as location_mapping
from ..mirror.connection import probe
from ..models.ghl_account import DEFAULT_BASE_URL, is_safe_address
from ..models.ghl_location import FULL

LOCATION_LIMIT = 20
LOCATION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class GhlConnectWizard(models.TransientModel):
    """Connects locations by a private integration token, or replaces the token of connected ones.

    Nothing is written before GoHighLevel has accepted the token for every location asked for.
    """

    _name = "ghl.connect.wizard"
    _description = "Connect a GoHighLevel Location"

    account_id = fields.Many2one("ghl.account", domain=[("auth_method", "=", "private")], help="Empty: a new account.")
    name = fields.Char("Account name", default="GoHighLevel")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        compute="_compute_from_account",
        store=True,
        readonly=False,
        precompute=True,
    )
    base_url = fields.Char(
        "API address", required=True, compute="_compute_from_account", store=True, readonly=False, precompute=True
    )
    token = fields.Char(
        "Private integration token", compute="_compute_token", inverse="_inverse_token", exportable=False, copy=False
    )
    # What was typed waits here for the button, which empties it. Nobody can read it, and the form never gets it back.
    pending_token = fields.Char(groups=fields.NO_ACCESS, exportable=False, copy=False)
    location_external_ids = fields.Char("Location IDs", required=True, help="One, or several separated by commas.")
    full_sync = fields.Boolean("Start a full sync now", default=True)
    error = fields.Text(readonly=True)

    @api.depends("account_id")
    def _compute_from_account(self):
        for wizard in self:
            wizard.company_id = wizard.account_id.company_id or wizard.company_id or self.env.company
            wizard.base_url = wizard.account_id.base_url or wizard.base_url or DEFAULT_BASE_URL

    def _compute_token(self):
        self.token = False

    def _inverse_token(self):
        for wizard in self:
            if wizard.token:
                # sudo: the column is closed to everybody, its writer included.
                wizard.sudo().pending_token = wizard.token.strip()

    @api.constrains("base_url")
    def _check_base_url(self):
        if not all(is_safe_address(wizard.base_url) for wizard in self):
            raise ValidationError(
                self.env._("The API address must start with https:// (plain http is accepted for this machine only).")
            )

    @api.constrains("location_external_ids")
    def _check_location_external_ids(self):
        for wizard in self:
            wanted = wizard._wanted()
            wrong = [external_id for external_id in wanted if not LOCATION_ID.fullmatch(external_id)]
            if wrong or not wanted:
                raise ValidationError(
                    self.env._(
                        "This is not a location ID: %s. It is the last part of the location's address in GoHighLevel."
                    )
                    % (", ".join(wrong) or "-")
                )
            if len(wanted) > LOCATION_LIMIT:
                raise ValidationError(self.env._("Connect at most %s locations at once.", LOCATION_LIMIT))

    def _wanted(self):
        return list(dict.fromkeys((self.location_external_ids or "").replace(",", " ").split()))

    def action_connect(self):
        """Read every location with the token; when that works, keep account, locations and token.

        :return: the action that opens what was connected, or this form again with the reason
        """
        self.ensure_one()
        self.check_access("write")
        self.env["ghl.account"].check_access("create")
        try:
            remotes = self._read_remotes()
            account, locations = self._match(remotes)
        except UserError as refusal:
            # sudo: see pending_token.
            self.sudo().write({"pending_token": False, "error": str(refusal)})
            return self._get_records_action(
                name=self.env._("Connect a Location"), target="new", context=self.env.context
            )
        locations = self._store(account, locations, remotes)
        if self.full_sync:
            # Jobs belong to the system; the right to connect includes the first sync.
            locations.sudo()._enqueue_pull(FULL, priority=5)
        if self.env.context.get("ghl_start"):
            # The page that guides through the first sync goes on, and shows first how much there is to read.
            locations.sudo()._enqueue_survey()
            return {"type": "ir.actions.act_window_close"}
        return locations._get_records_action(name=self.env._("Locations"))

    def _read_remotes(self):
        """The remote locations by ID. Only reads, here and in GoHighLevel.

        :raises UserError: one of them cannot be read, with the reason for the user
        """
        token = self.sudo().pending_token  # sudo: see its definition
        if not token:
            raise UserError(self.env._("Paste the private integration token."))
        remotes = {}
        for external_id in self._wanted():
            try:
                remotes[external_id] = probe(self.base_url, token, external_id)
            except RemoteError as failure:
                raise UserError(
                    self.env._("%(location)s: %(reason)s", location=external_id, reason=failure.human())
                ) from failure
        return remotes

    def _match(self, remotes):
        """The account and the locations that are known already. Only reads.

        :raises UserError: they belong elsewhere
        """
        agencies = {remote.get("companyId") for remote in remotes.values()} - {None, ""}
        if len(agencies) > 1:
            raise UserError(
                self.env._("These locations belong to different agencies: connect them one after the other.")
            )
        agency = next(iter(agencies), False)
        company = [("company_id", "=", self.company_id.id)]
        accounts = self.env["ghl.account"].with_context(active_test=False)
        locations = self.env["ghl.location"].with_context(active_test=False)
        locations = locations.search([*company, ("external_id", "in", list(remotes))])
        account = self.account_id
        if not account and agency:
            account = accounts.search([*company, ("external_id", "=", agency)])
        account = account or locations.account_id[:1]
        for location in locations:
            if location.account_id != account:
                raise UserError(
                    self.env._(
                        "%(location)s is connected already, by the account %(account)s: choose that account.",
                        location=location.name,
                        account=location.account_id.name,
                    )
                )
        if account.auth_method == "oauth":
            raise UserError(
                self.env._("The account %s is connected as a marketplace app and needs no token.", account.name)
            )
        if account and account.base_url != self.base_url:
            raise UserError(self.env._("The account %s uses another API address.", account.name))
        if account.external_id and agency and account.external_id != agency:
            raise UserError(self.env._("This location belongs to another agency than the account %s.", account.name))
        return account, locations

    def _store(self, account, known, remotes):
        """Keep what GoHighLevel has accepted; the ``ghl.location`` records."""
        self.ensure_one()
        agency = next((remote["companyId"] for remote in remotes.values() if remote.get("companyId")), False)
        if not account:
            account = account.create(
                {"name": self.name or "GoHighLevel", "company_id": self.company_id.id, "base_url": self.base_url}
            )
        account.write(
            {
                name: value
                for name, value in {"active": True, "external_id": account.external_id or agency}.items()
                if account[name] != value
            }
        )
        by_id, locations = {location.external_id: location for location in known}, known.browse()
        for external_id, remote in remotes.items():
            location = by_id.get(external_id)
            if location:
                location.active = True
            else:
                values = location_mapping.to_values({**remote, "id": external_id})
                location = locations.create({**values, "account_id": account.id, "external_id": external_id})
            # sudo: nobody may read or write the table of secrets; the right to connect was checked by the button.
            self.env["ghl.token"].sudo()._put(account, "private", location=location, access=self.sudo().pending_token)
            locations |= location
        account._set_verdict()
        # sudo: see pending_token.
        self.sudo().write({"pending_token": False, "error": False})
        return locations.with_context(active_test=True)
