from math import ceil

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ghl_base.jobs.run import JobPark
from ...ghl_base.net.errors import AuthenticationError
from ..mirror import forecast, survey
from ..mirror.kinds import KINDS, SWITCHES

# What GoHighLevel allows an app and location before its answers have said otherwise.
REQUEST_LIMIT, INTERVAL_SECONDS = 100, 10
DIFFERENCES = ("create", "update", "gone")


class GhlLocationHealth(models.Model):
    """How well a location is mirrored: its age, its share of the request budget, its jobs, and how it compares."""

    _inherit = "ghl.location"

    job_ids = fields.One2many("ghl.job", "location_id", "Jobs", readonly=True)
    survey = fields.Json("Comparison with GoHighLevel", readonly=True, copy=False)
    survey_at = fields.Datetime("Compared", readonly=True, copy=False)
    lag = fields.Char("Age", compute="_compute_lag", help="How long ago the latest complete sync was.")
    is_stuck = fields.Boolean("Sync stuck", compute="_compute_is_stuck")
    behind = fields.Char(
        "Not up to date", compute="_compute_behind", help="Kinds the last sync did not read to the end."
    )
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

    def _compute_is_stuck(self):
        for location in self:
            location.is_stuck = location.job_id.is_stuck

    @api.depends("cursor_ids.state", *SWITCHES)
    @api.depends_context("lang")
    def _compute_behind(self):
        """A sync begins with all kinds at once, so those it read to the end are as old as the location says."""
        words = {"walking": self.env._("not finished"), "failed": self.env._("failed"), None: self.env._("never")}
        labels = self._kind_labels()
        for location in self:
            states = {cursor.entity: cursor.state for cursor in location.cursor_ids}
            read = [name for kind in KINDS.values() if location[kind.switch] for name in kind.entities]
            known = states and location.job_state not in ("pending", "running")
            behind = [name for name in read if known and states.get(name) != "complete"]
            location.behind = ", ".join(f"{labels[name]} ({words[states.get(name)]})" for name in behind)

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
            location.recent_used = False
            if budget:
                location.recent_used = self.env._(
                    "%(used)s of %(limit)s in %(seconds)s seconds",
                    used=budget.used,
                    limit=budget.request_limit,
                    seconds=round(budget.interval_seconds),
                )

    def action_release_sync(self):
        """Let the next free worker take over a sync whose process is gone.

        :raises UserError: for all but agents and above
        """
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_agent"):
            raise UserError(self.env._("Only GoHighLevel agents and above may release a sync."))
        # sudo, as for stopping: the job of one's own location needs no right on the job table.
        return self.sudo().job_id.filtered("is_stuck").action_release()

    # ---- comparing with GoHighLevel ----------------------------------------------------------------------

    def action_compare(self):
        """Ask in the background what a sync would do; the form shows the answer when it is there."""
        self.check_access("read")
        if not self.env.user.has_group("ghl.group_ghl_agent"):
            raise UserError(self.env._("Only GoHighLevel agents and above may ask GoHighLevel."))
        self.sudo()._enqueue_survey()  # as for a sync: an agent may ask for a job, not write the table
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {"type": "info", "message": self.env._("GoHighLevel is asked what it has. Nothing is written.")},
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
        """Job: ask GoHighLevel what a sync would do, and keep the answer. See ``mirror.forecast``."""
        location = self.browse(run.payload["location_id"]).exists()
        if not location:
            return {"skipped": "the location was removed"}
        plans = survey.plans(self.env, location)
        where = {"external_id": location.external_id, "company": location.account_id.external_id or None}
        times = []
        try:
            client = location._client(should_stop=run.should_stop, on_request=lambda info: times.append(info.ms))
            run.commit()  # no transaction is open while GoHighLevel thinks
            looks = survey.ask(client, where, plans)
        except AuthenticationError as error:
            raise JobPark(error.human()) from error
        rows = forecast.rows(self.env, location, plans, looks)
        # The median: the first exchange pays for the connection.
        found = {"rows": rows, "ms": sorted(times)[len(times) // 2]}
        location.write({"survey": found, "survey_at": fields.Datetime.now()})
        differing = [name for name, row in rows.items() if any((row[key] or {}).get("n") for key in DIFFERENCES)]
        return {"asked": len(times), "differing": differing}

    def read_survey(self):
        """What may be chosen, and what a sync of what is chosen would do; nothing of it is written before a sync.

        ``{"at", "waiting", "error", "mirrored", "kinds", "full", "refresh"}``. ``at`` is "" before GoHighLevel was
        asked; ``mirrored``: it was synchronised before. ``kinds``: those of ``_read_kinds``, each with its ``rows``
        (see ``mirror.forecast``), which have a ``label``. ``full`` and ``refresh``: ``{"requests", "seconds",
        "left"}`` of reading everything and of an ordinary sync; ``left``: the requests left today, if too few.
        """
        self.ensure_one()
        self.check_access("read")
        # sudo: that and how a job of a location one may read stands is no secret.
        job = (
            self.env["ghl.job"].sudo().search([("location_id", "=", self.id), ("method", "=", "_job_survey")], limit=1)
        )
        found, labels, kinds = (self.survey or {}).get("rows") or {}, self._kind_labels(), self._read_kinds()
        for kind in kinds:
            names = [name for name in (KINDS[kind["name"]].entities or (kind["name"],)) if name in found]
            kind["rows"] = [{**found[name], "name": name, "label": labels[name]} for name in names]
        return {
            "at": fields.Datetime.to_string(self.survey_at) if found else "",
            "waiting": job.state in ("pending", "running"),
            "error": (job.error or "") if job.state != "done" else "",
            "mirrored": bool(self.last_synced_at),
            "kinds": kinds,
            "full": self._cost(kinds, "requests"),
            "refresh": self._cost(kinds, "refresh"),
        }

    def _cost(self, kinds, what):
        """Requests of the kinds chosen, and the seconds they take: by the shared budget, and by the longest list."""
        rows = [row for kind in kinds if kind["on"] for row in kind["rows"] if not row["error"]]
        # The location itself, and once more for whose users they are, while that is not known.
        beside = 1 + bool(self.sync_users and not self.account_id.external_id)
        requests = forecast.total([forecast.figure(beside), *(row[what] for row in rows)])
        budget = self.env["ghl.rate.budget"].search([("scope", "=", self._budget_scope())], limit=1)
        limit, interval = budget.request_limit or REQUEST_LIMIT, budget.interval_seconds or INTERVAL_SECONDS
        intervals = ceil((requests["n"] + budget.used) / limit) - 1
        longest = max((row[what]["n"] for row in rows if row[what]), default=1)
        by_answers = longest * ((self.survey or {}).get("ms") or 0) / 1000
        short = budget.daily_limit and requests["n"] > budget.daily_remaining
        return {
            "requests": requests,
            "seconds": ceil(max(intervals * interval * (1 + budget.margin), by_answers, 1)),
            "left": budget.daily_remaining if short else None,
        }
