from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ghl_base.models.ghl_job import STATES
from ..mapping import readable
from ..mirror.connection import client_for
from ..mirror.pull import Pull
from ..reading import locations as reading

FULL, INCREMENTAL = "full", "incremental"


class GhlLocation(models.Model):
    """A GoHighLevel sub-account (location): what is synchronised, and since when it is fresh.

    Source: GET /locations/{locationId}.
    """

    _name = "ghl.location"
    _description = "GoHighLevel Location"
    _inherit = ["mail.thread"]
    _order = "name, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    account_id = fields.Many2one("ghl.account", required=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True, precompute=True)
    external_id = fields.Char("GHL location ID", required=True, copy=False)
    address = fields.Char(readonly=True)
    city = fields.Char(readonly=True)
    state = fields.Char(readonly=True)
    country = fields.Char(readonly=True)
    postal_code = fields.Char(readonly=True)
    website = fields.Char(readonly=True)
    timezone = fields.Char("Time zone", readonly=True, help="IANA name, for example America/Chicago")
    email = fields.Char(readonly=True)
    phone = fields.Char(readonly=True)
    settings = fields.Json(readonly=True)
    extra = fields.Json("Other remote fields", readonly=True)
    content_hash = fields.Char(readonly=True, copy=False)
    sync_enabled = fields.Boolean(
        "Synchronise", default=True, help="Unset to leave the location out of scheduled syncs."
    )
    last_synced_at = fields.Datetime("Last synchronised", readonly=True, copy=False)
    last_full_sync_at = fields.Datetime("Last full sync", readonly=True, copy=False)
    cursor_ids = fields.One2many("ghl.sync.cursor", "location_id", "Progress by entity")
    job_id = fields.Many2one("ghl.job", "Current job", compute="_compute_job")
    job_state = fields.Selection(STATES, "Sync", compute="_compute_job", help="State of the current job")
    job_progress = fields.Float("Sync progress", compute="_compute_job", help="Percent")
    job_message = fields.Char("Sync status", compute="_compute_job")
    job_error = fields.Text("Sync error", compute="_compute_job")
    connection_state = fields.Selection(related="account_id.state", string="Connection", tracking=False)
    connection_error = fields.Char(related="account_id.last_error")
    auth_method = fields.Selection(related="account_id.auth_method", tracking=False)
    extra_text = fields.Text("Other fields", compute="_compute_extra_text")
    contact_count = fields.Integer(compute="_compute_counts", string="Contacts")
    task_count = fields.Integer(compute="_compute_counts", string="Tasks")
    conversation_count = fields.Integer(compute="_compute_counts", string="Conversations")
    opportunity_count = fields.Integer(compute="_compute_counts", string="Opportunities")
    issue_count = fields.Integer(compute="_compute_counts", string="Refused records")

    _company_external_uniq = models.UniqueIndex(
        "(company_id, external_id)", "This GoHighLevel location is already connected in this company."
    )

    @api.depends("extra")
    def _compute_extra_text(self):
        for location in self:
            location.extra_text = readable.lines(location.extra)

    def _compute_counts(self):
        for model, name in (
            ("ghl.contact", "contact_count"),
            ("ghl.contact.task", "task_count"),
            ("ghl.contact.conversation", "conversation_count"),
            ("ghl.contact.opportunity", "opportunity_count"),
            ("ghl.sync.issue", "issue_count"),
        ):
            counts = dict(self.env[model]._read_group([("location_id", "in", self.ids)], ["location_id"], ["__count"]))
            for location in self:
                location[name] = counts.get(location, 0)

    def _compute_job(self):
        """The pending or running sync, else the latest one."""
        # sudo: by which method jobs run is for administrators; here it only tells syncs from the rest.
        groups = (
            self.env["ghl.job"]
            .sudo()
            ._read_group([("location_id", "in", self.ids), ("method", "=", "_job_pull")], ["location_id"], ["id:max"])
        )
        latest = {location.id: job_id for location, job_id in groups}
        for location in self:
            location.job_id = latest.get(location.id, False)
            job = location.job_id
            location.job_state, location.job_progress = job.state, job.progress_percent
            location.job_message, location.job_error = job.progress_message, job.error

    def write(self, vals):
        if "account_id" in vals:
            company = self.env["ghl.account"].browse(vals["account_id"]).company_id
            if self.company_id - company:
                raise UserError(
                    self.env._("A location cannot move to an account of another company: connect it there instead.")
                )
        return super().write(vals)

    def unlink(self):
        self.check_access("unlink")
        self._check_nobody_is_limited_to()
        # The database removes the mirrored records with their location, but not what people said about them.
        for model in ("ghl.contact", "ghl.contact.opportunity"):
            # sudo: followers and activities of others go as well, with the record they are about.
            self.env[model].sudo().with_context(active_test=False).search(
                [
                    ("location_id", "in", self.ids),
                    "|",
                    "|",
                    ("message_ids", "!=", False),
                    ("message_follower_ids", "!=", False),
                    ("activity_ids", "!=", False),
                ]
            ).unlink()
        return super().unlink()

    def _check_nobody_is_limited_to(self):
        """A limit that lost its last location would be none."""
        for model, text in (
            ("res.users", self.env._("These users are limited to it: %s. Change what they may see first.")),
            ("ghl.api.key", self.env._("These API keys are limited to it: %s. Delete them first.")),
        ):
            # sudo: who deletes a location may be told of the users and keys in its way, in other companies too.
            found = self.env[model].sudo().with_context(active_test=False)
            found = found.search([("ghl_location_ids", "in", self.ids)], limit=10)
            if found:
                names = ", ".join(found.mapped("display_name"))
                raise UserError(self.env._("The location cannot be deleted.") + " " + text % names)

    # ---- synchronisation -------------------------------------------------------------------------------

    def _sync_identity(self):
        self.ensure_one()
        return f"ghl.pull:{self.id}"

    def _enqueue_pull(self, mode=INCREMENTAL, priority=10):
        """Ask for a pull of each location; one that already waits or runs is returned instead.

        :return: the ``ghl.job`` records, in the order of ``self``.
        """
        jobs = self.env["ghl.job"]
        for location in self:
            jobs |= jobs.enqueue(
                "_job_pull",
                {"location_id": location.id, "mode": mode},
                model="ghl.location",
                name=self.env._("Full sync of %s", location.name)
                if mode == FULL
                else self.env._("Sync of %s", location.name),
                company=location.company_id,
                location_id=location.id,
                identity_key=location._sync_identity(),
                priority=priority,
            )
        return jobs

    @api.model
    def _job_pull(self, run):
        """Job: read a location from GoHighLevel into the mirror. See ``mirror.pull.Pull``."""
        location = self.browse(run.payload["location_id"]).exists()
        if not location:
            return {"skipped": "the location was removed"}
        return Pull(run, location, mode=run.payload.get("mode") or INCREMENTAL).execute()

    @api.model
    def _cron_pull(self, mode):
        """Scheduled action: one pull for each synchronised location that has credentials; none, nothing happens.

        A location whose first sync nobody has asked for is left alone: somebody is still choosing what to read.
        """
        locations = self.search([("sync_enabled", "=", True), ("account_id.active", "=", True)])
        locations = locations.filtered(lambda location: location.last_synced_at or location.job_id)
        connected = self.env["ghl.token"].search([("account_id", "in", locations.account_id.ids)]).account_id
        if mode == INCREMENTAL:
            # Refused credentials need a human; the nightly run notices when GoHighLevel has changed its mind.
            connected = connected.filtered(lambda account: account.state != "error")
        locations.filtered(lambda location: location.account_id in connected)._enqueue_pull(mode, priority=20)

    def _budget_scope(self):
        """Whose requests GoHighLevel counts together: those of an app and location; private tokens share one count."""
        return f"{self.account_id.client_id or 'private'}:{self.external_id}"

    def _client(self, **options):
        """A gateway client of this location. Caller's duty: superuser mode, because it reads the secrets."""
        self.ensure_one()
        return client_for(self, **options)

    # ---- API (see ghl_contacts/reading) ------------------------------------------------------------------

    @api.model
    def _find_for_api(self, external_id, user=None):
        """The reader's location with this GHL id and how fresh it is: ``reading.LocationState``, None if there is none.

        :param user: GHL id or Odoo id (text) of a user of the location, looked up with it
        """
        return reading.find(self, external_id, user)

    @api.model
    def _read_for_api(self):
        """A dict for each location of the reader, as the location overview wants it."""
        return reading.overview(self)

    # ---- buttons ---------------------------------------------------------------------------------------

    def action_sync_now(self):
        return self._action_enqueue(INCREMENTAL)

    def action_full_sync(self):
        return self._action_enqueue(FULL)

    def _action_enqueue(self, mode):
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_agent"):
            raise UserError(self.env._("Only GoHighLevel agents and above may start a sync."))
        # Jobs belong to the system: an agent may ask for one, not write the job table.
        jobs = self.sudo()._enqueue_pull(mode, priority=5)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._("The sync runs in the background: %s", ", ".join(jobs.mapped("name"))),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_stop_sync(self):
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_agent"):
            raise UserError(self.env._("Only GoHighLevel agents and above may stop a sync."))
        # As above: stopping one's own location's job needs no right on the job table.
        self.sudo().job_id.filtered(lambda job: job.state in ("pending", "running")).action_stop()
        return True

    def action_test_connection(self):
        return self.account_id.action_test_connection()

    def _action_open(self, action_xmlid, **context):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(action_xmlid)
        return {**action, "domain": [("location_id", "=", self.id)], "context": context}

    def action_open_contacts(self):
        return self._action_open("ghl.action_ghl_contact")

    def action_open_tasks(self):
        return self._action_open("ghl.action_ghl_contact_task")

    def action_open_conversations(self):
        return self._action_open("ghl.action_ghl_contact_conversation")

    def action_open_opportunities(self):
        return self._action_open("ghl.action_ghl_contact_opportunity")

    def action_open_issues(self):
        return self._action_open("ghl.action_ghl_sync_issue")
