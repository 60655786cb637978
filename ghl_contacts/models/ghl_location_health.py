from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ghl_base.jobs.run import JobPark
from ...ghl_base.net.errors import AuthenticationError
from ..mapping import readable
from ..mirror import survey


class GhlLocationHealth(models.Model):
    """How well a location is mirrored: its age, its share of the request budget, its jobs, and how it compares."""

    _inherit = "ghl.location"

    job_ids = fields.One2many("ghl.job", "location_id", "Jobs", readonly=True)
    survey = fields.Json("Comparison with GoHighLevel", readonly=True, copy=False)
    survey_at = fields.Datetime("Compared", readonly=True, copy=False)
    lag = fields.Char("Age", compute="_compute_lag", help="How long ago the latest complete sync was.")
    daily_limit = fields.Integer("Requests allowed today", compute="_compute_budget")
    daily_used = fields.Integer("Requests used today", compute="_compute_budget")
    recent_used = fields.Char("Requests now", compute="_compute_budget", help="In the interval GoHighLevel counts by.")
    blocked_until = fields.Datetime("Paused until", compute="_compute_budget", help="GoHighLevel asked us to wait.")

    @api.depends("last_synced_at")
    def _compute_lag(self):
        now = fields.Datetime.now()
        for location in self:
            location.lag = self._age(now - location.last_synced_at) if location.last_synced_at else self.env._("never")

    def _age(self, passed):
        minutes = max(0, int(passed.total_seconds() // 60))
        if minutes < 2:
            return self.env._("just now")
        if minutes < 120:
            return self.env._("%s minutes ago", minutes)
        hours = minutes // 60
        return self.env._("%s hours ago", hours) if hours < 48 else self.env._("%s days ago", hours // 24)

    @api.depends("external_id", "account_id.client_id")
    def _compute_budget(self):
        scopes = {location: location._budget_scope() for location in self}
        budgets = self.env["ghl.rate.budget"].search([("scope", "in", list(scopes.values()))])
        found = {budget.scope: budget for budget in budgets}
        for location in self:
            budget = found.get(scopes[location], budgets.browse())
            location.daily_limit = budget.daily_limit
            location.daily_used = max(0, budget.daily_limit - budget.daily_remaining)
            location.blocked_until = budget.blocked_until
            location.recent_used = budget and self.env._(
                "%(used)s of %(limit)s in %(seconds)s seconds",
                used=budget.used,
                limit=budget.request_limit,
                seconds=round(budget.interval_seconds),
            )

    # ---- comparing with GoHighLevel ----------------------------------------------------------------------

    def action_compare(self):
        """Ask in the background how many records GoHighLevel has; the form shows the answer when it is there."""
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_agent"):
            raise UserError(self.env._("Only GoHighLevel agents and above may ask GoHighLevel."))
        self.sudo()._enqueue_survey()  # as for a sync: an agent may ask for a job, not write the table
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": self.env._("GoHighLevel is asked how many records it has.")},
        }

    def _enqueue_survey(self):
        jobs = self.env["ghl.job"]
        for location in self:
            jobs |= jobs.enqueue(
                "_job_survey",
                {"location_id": location.id},
                model="ghl.location",
                name=self.env._("Comparison of %s", location.name),
                company=location.company_id,
                location_id=location.id,
                identity_key=f"ghl.survey:{location.id}",
                priority=5,
                max_attempts=2,
            )
        return jobs

    @api.model
    def _job_survey(self, run):
        """Job: ask GoHighLevel for its totals and keep them beside ours. See ``mirror.survey``."""
        location = self.browse(run.payload["location_id"]).exists()
        if not location:
            return {"skipped": "the location was removed"}
        here = survey.held(self.env, location)
        try:
            client = location._client(should_stop=run.should_stop)
            run.commit()  # no transaction is open while GoHighLevel thinks
            found = survey.ask(client, location, here)
        except AuthenticationError as error:
            raise JobPark(error.human()) from error
        location.write({"survey": found, "survey_at": fields.Datetime.now()})
        differing = [row["name"] for row in found["entities"] if row["new"] or row["gone"]]
        return {"requests": found["requests"], "differing": differing}

    def read_survey(self):
        """``{"at", "waiting", "error", "entities", "requests", "seconds"}`` for the form; ``at`` is "" at first."""
        self.ensure_one()
        self.check_access("read")
        # sudo: that and how a job of a location one may read stands is no secret.
        job = (
            self.env["ghl.job"].sudo().search([("location_id", "=", self.id), ("method", "=", "_job_survey")], limit=1)
        )
        entities = [{**row, "label": readable.label(row["name"])} for row in (self.survey or {}).get("entities", ())]
        return {
            "at": fields.Datetime.to_string(self.survey_at) or "",
            "waiting": job.state in ("pending", "running"),
            "error": (job.error or "") if job.state != "done" else "",
            "entities": entities,
            "requests": (self.survey or {}).get("requests", 0),
            "seconds": (self.survey or {}).get("seconds", 0),
        }
