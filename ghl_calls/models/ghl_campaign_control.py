from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from .. import lifecycle
from ..dialer import dispatcher, transactions
from ..dialer.tick import claim, tick
from .ghl_campaign_lead import ENDED

STARTABLE = ("draft", "scheduled")
RESUMABLE = ("paused", "failed")
# Results with which people may be called once more in a new pass, by somebody's decision.
NOT_REACHED = ("no_answer", "missed", "busy", "machine", "failed", "unknown", "cancelled", "not_sent")


class GhlCampaign(models.Model):
    """Start, pause, resume, stop.

    Pausing: nobody new is called from that moment on, calls under way go on to their end, calls not yet handed to the
    provider are taken back. Resuming: those who are left are called, nobody twice. Stopping: as pausing, for good;
    calls under way may be hung up.
    """

    _inherit = "ghl.campaign"

    # ---- what people do ----------------------------------------------------------------------------------

    def action_start(self):
        """Begin calling. Who must or can not be called is taken off the list now (see ``action_preflight``)."""
        for campaign in self:
            campaign._expect(STARTABLE, self.env._("%s was started already."))
            campaign._check_ready()
            campaign._begin()
        return True

    def action_schedule(self):
        """Have it start by itself at `start_at`."""
        for campaign in self:
            campaign._expect(STARTABLE, self.env._("%s was started already."))
            if not campaign.start_at or campaign.start_at <= fields.Datetime.now():
                raise UserError(self.env._("Choose a time in the future to start at."))
            campaign._check_ready()
            campaign.state = "scheduled"
        return True

    def action_unschedule(self):
        for campaign in self:
            campaign._expect(("scheduled",), self.env._("%s is not scheduled."))
            campaign.state = "draft"
        return True

    def action_pause(self):
        for campaign in self:
            campaign._expect(("running",), self.env._("%s is not running."))
            campaign._pause(self.env._("Paused by %s.", self.env.user.name))
        return True

    def action_resume(self):
        """Go on with those who are left. What failed before is forgiven; the limits are not."""
        for campaign in self:
            campaign._expect(RESUMABLE, self.env._("%s is not paused."))
            campaign._check_ready()
            if campaign.started_at:
                campaign._go_on()
            else:
                campaign._begin()  # it could not at the time it was to start by itself
        return True

    def action_stop(self):
        """End it; calls under way go on to their end."""
        for campaign in self:
            if campaign.state in ENDED:
                raise UserError(self.env._("%s is over.", campaign.name))
            campaign.check_access("write")
            campaign.write({"state": "stopped", "completed_at": fields.Datetime.now(), "pause_reason": False})
            campaign._wake()
        return True

    def action_stop_and_hang_up(self):
        """End it, and the calls under way as well."""
        self.action_stop()
        for campaign in self:
            self.env["ghl.job"].enqueue(
                "_job_hang_up",
                {"campaign_id": campaign.id},
                model="ghl.campaign",
                name=self.env._("Hang up the calls of %s", campaign.name),
                company=campaign.company_id,
                identity_key=f"ghl.campaign.hang_up:{campaign.id}",
            )
        return True

    def _job_hang_up(self, run):
        """Job: end all calls of a campaign that are under way."""
        calls = self.env["ghl.call"].search(
            [
                ("campaign_id", "=", run.payload["campaign_id"]),
                ("state", "in", ("pending", "initiated", "connecting", "in_progress")),
            ]
        )
        run.commit()
        for company in calls.company_id:
            claim(transactions.of(self.env), company.id, most=0)  # what was not sent is taken back
        calls.invalidate_recordset()
        errors = calls.filtered(lambda call: call.state not in lifecycle.FINAL)._stop()
        return {"calls": len(calls), "errors": errors}

    def action_clone(self):
        """A new draft with the same rules and the same recipients."""
        return self._again(lambda lead: lead.skip_reason != "duplicate")

    def action_retry_failed(self):
        """A new draft for those who were called and not reached."""
        return self._again(lambda lead: lead.state == "done" and lead.outcome in NOT_REACHED)

    def _again(self, chosen):
        self.ensure_one()
        self.check_access("read")
        copy = self.copy()
        # sudo: recipients change by what is done to the campaign, which the user has just made
        rows = self.lead_ids.filtered(chosen).sudo().copy_data({"campaign_id": copy.id})
        if not rows:
            raise UserError(self.env._("There is nobody to call in %s.", self.name))
        self.env["ghl.campaign.lead"].sudo().create(rows)
        return copy._get_records_action()

    @api.model
    def _launch(self, values, add, client_key=None):
        """A new campaign, running: ``add(campaign)`` puts the recipients in.

        The same ``client_key`` of the same user gives the campaign that was launched with it, however often and at
        once it is asked for. UserError when nobody is to be called.
        """
        known = [("client_key", "=", client_key), ("user_id", "=", self.env.uid)]
        if client_key:
            # Who asks at the same moment waits here, and is sent to look again by the other's commit.
            self.env.cr.execute(
                "SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"ghl.campaign:{self.env.uid}:{client_key}"]
            )
            if not self.env.cr.fetchone()[0]:
                raise ConcurrencyError("The same campaign is just being started.")
            if campaign := self.search([*known, ("company_id", "=", self.env.company.id)], limit=1):
                return campaign
        campaign = self.create({**values, "client_key": client_key})
        add(campaign)
        campaign.action_start()
        return campaign

    # ---- moves -------------------------------------------------------------------------------------------

    def write(self, vals):
        if vals.get("active", True):
            return super().write(vals)
        # Nobody looks at what is archived: it must not go on calling, nor begin when it is brought back.
        self._pause(self.env._("Archived by %s.", self.env.user.name))
        self.filtered(lambda campaign: campaign.state == "scheduled").write({"state": "draft"})
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_uncalled(self):
        """Who was called how often lately, and which numbers do not work, is known by the recipients of campaigns."""
        called = [("campaign_id", "in", self.ids), "|", ("attempts", ">", 0), ("state", "=", "calling")]
        # sudo: those of locations that the user may not see count as well
        if self.env["ghl.campaign.lead"].sudo().search_count(called, limit=1):
            raise UserError(self.env._("Somebody was called by this campaign already: archive it instead."))

    def _expect(self, states, message):
        """Refuse unless the campaign is in one of ``states`` and the user may change it."""
        self.ensure_one()
        self.check_access("write")
        if self.state not in states:
            raise UserError(message % self.name)

    def _check_ready(self):
        """UserError with all that is missing for calls to be made."""
        self.ensure_one()
        missing = []
        account = self._account()
        if not account:
            missing.append(self.env._("Connect a telephone account first."))
        elif account.state == "stopped":
            missing.append(
                self.env._("The account %(name)s is stopped. %(why)s", name=account.name, why=account.state_reason)
            )
        if not self.window_ids:
            missing.append(self.env._("There is no calling window: nobody would ever be called."))
        if not any(lead.state in ("pending", "waiting") for lead in self.lead_ids):
            missing.append(self.env._("There is nobody to call."))
        if missing:
            raise UserError("\n".join(missing))

    def _begin(self):
        now = fields.Datetime.now()
        found = self._apply_preflight(now)
        if not found["will_call"]:
            raise UserError(self.env._("Nobody on the list may be called:\n%s", self._preflight_text(found)))
        values = {"state": "running", "started_at": now, "preflight": found}
        self.write({**values, "pause_reason": False, "paused_at": False})
        self._wake()

    def _go_on(self):
        now = fields.Datetime.now()
        values = {"state": "running", "pause_reason": False, "paused_at": False, "completed_at": False}
        self.write({**values, "resumed_at": now})
        self._wake()

    def _reopen(self):
        """There is somebody to call again: what was completed goes on."""
        for campaign in self:
            if campaign.state == "completed":
                campaign._check_ready()
                campaign._go_on()
        self._wake()

    def _pause(self, reason):
        """Call nobody new; ``reason`` is for people."""
        for campaign in self.filtered(lambda campaign: campaign.state == "running"):
            campaign.write({"state": "paused", "pause_reason": reason, "paused_at": fields.Datetime.now()})
            if self.env.context.get("tracking_disable"):
                campaign.message_post(body=self.env._("Paused: %s", reason))
            campaign._wake()

    def _complete(self):
        self.write({"state": "completed", "completed_at": fields.Datetime.now()})
        for campaign in self:
            campaign.message_post(body=self.env._("Completed."))

    def _fail(self, reason):
        """It cannot go on because of a fault of ours; a person may resume it."""
        self.write({"state": "failed", "pause_reason": reason, "paused_at": fields.Datetime.now()})

    def _wake(self):
        dispatcher.wake_after_commit(self.env)

    @api.model
    def _cron_dial(self):
        """Every minute: start what is scheduled, and look after everything that runs."""
        self.search([("state", "=", "scheduled"), ("start_at", "<=", fields.Datetime.now())])._start_scheduled()
        self.env["ghl.call"]._commit()
        tick(self.env)
        self._wake()

    def _start_scheduled(self):
        """Start those; what is in the way is the reason of a pause, from which a person may resume."""
        for campaign in self:
            try:
                with self.env.cr.savepoint():
                    campaign._check_ready()
                    campaign._begin()
            except UserError as refusal:
                campaign.write({"state": "paused", "pause_reason": str(refusal), "paused_at": fields.Datetime.now()})
