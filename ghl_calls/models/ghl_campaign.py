import re
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, groupby

from ..campaigns import pacing, retries, windows, zones
from ..campaigns.breaker import Breaker
from .ghl_campaign_lead import OPEN

STATES = [
    ("draft", "Draft"),
    ("scheduled", "Scheduled"),
    ("running", "Running"),
    ("paused", "Paused"),
    ("completed", "Completed"),
    ("stopped", "Stopped"),
    ("failed", "Failed"),
]
# What a result means in the figures: every recipient who is through counts in exactly one of the three.
SUCCESSFUL = ("answered", "short")
MISSED = ("no_answer", "missed", "busy", "machine")
DEFAULT_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat")
# A call is over in the recipient's window: ringing and the way to the telephone are kept free at its end.
RING_MARGIN = timedelta(seconds=30)
FIGURES = (
    "total_leads",
    "remaining_leads",
    "in_flight",
    "waiting_leads",
    "skipped_leads",
    "suppressed_leads",
    "completed_leads",
    "successful_calls",
    "failed_calls",
    "missed_calls",
    "no_answer_calls",
    "busy_calls",
    "machine_calls",
    "total_duration",
    "average_duration",
    "success_rate",
)


class GhlCampaign(models.Model):
    """Outbound calls to a list of recipients, some at a time, within the rules.

    `ghl.campaign.lead` has one row for each recipient; all figures are counted from these rows. The dialler (see
    ``dialer.tick``) calls while the state is running.
    """

    _name = "ghl.campaign"
    _description = "Call Campaign"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True, default=lambda self: self._default_name())
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        "res.users", "Owner", required=True, default=lambda self: self.env.user, tracking=True, check_company=True
    )
    notes = fields.Text()
    client_key = fields.Char(
        readonly=True, copy=False, help="Given by whoever started it, so that asking twice starts one campaign."
    )

    # Who talks, through what
    voice_agent_id = fields.Many2one(
        "ghl.voice.agent", "Voice agent", check_company=True, ondelete="restrict", tracking=True
    )
    voip_account_id = fields.Many2one(
        "ghl.voip.account",
        "Telephone account",
        check_company=True,
        ondelete="restrict",
        help="Empty: that of the agent, or the company's default.",
    )
    voip_number_ids = fields.Many2many(
        "ghl.voip.number", string="Caller numbers", check_company=True, help="Empty: all numbers of the account."
    )
    machine_policy = fields.Selection(
        [("done", "Counts as called"), ("retry", "Call again another day")],
        "Answering machines",
        required=True,
        default="done",
    )

    # How fast, when, how often
    max_concurrent_calls = fields.Integer("Calls at a time", required=True, default=5)
    timezone = fields.Selection(
        lambda self: self.env["res.partner"]._fields["tz"]._description_selection(self.env),
        "Time zone",
        help="For recipients whose own time zone cannot be told. Empty: they are not called.",
    )
    window_ids = fields.One2many(
        "ghl.campaign.window", "campaign_id", "Calling windows", copy=True, default=lambda self: self._default_windows()
    )
    respect_holidays = fields.Boolean("No calls on holidays", default=True)
    max_attempts = fields.Integer("Attempts at most", required=True, default=retries.MAX_ATTEMPTS)
    retry_ids = fields.One2many(
        "ghl.campaign.retry", "campaign_id", "Retries", copy=True, default=lambda self: self._default_retries()
    )
    frequency_calls = fields.Integer("At most", default=7, help="Campaign calls to one number; 0 = no limit.")
    frequency_days = fields.Integer("within days", default=7)
    redial_unconfirmed = fields.Boolean(
        "Call again who was not confirmed",
        help="When the answer to an order was lost and the provider, asked twice, does not know the call: call again. "
        "Otherwise such recipients are left for you to decide.",
    )
    start_at = fields.Datetime("Start at", copy=False)

    # Where it stands
    state = fields.Selection(
        STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
        group_expand="_expand_states",
    )
    pause_reason = fields.Char(readonly=True, copy=False, tracking=True)
    started_at = fields.Datetime("Started", readonly=True, copy=False)
    paused_at = fields.Datetime(readonly=True, copy=False)
    resumed_at = fields.Datetime(readonly=True, copy=False, help="What failed before is forgiven.")
    completed_at = fields.Datetime("Ended", readonly=True, copy=False)
    preflight = fields.Json(readonly=True, copy=False, help="What was announced before the start.")
    lead_ids = fields.One2many("ghl.campaign.lead", "campaign_id", "Recipients")

    # Figures: see FIGURES
    total_leads = fields.Integer("All recipients", compute="_compute_figures")
    remaining_leads = fields.Integer("Remaining", compute="_compute_figures", help="To be called, now or later.")
    in_flight = fields.Integer("Calls under way", compute="_compute_figures")
    waiting_leads = fields.Integer("Later", compute="_compute_figures")
    skipped_leads = fields.Integer("Skipped", compute="_compute_figures")
    suppressed_leads = fields.Integer("Not to be called", compute="_compute_figures")
    completed_leads = fields.Integer("Done", compute="_compute_figures")
    successful_calls = fields.Integer("Answered", compute="_compute_figures", help="A person answered.")
    failed_calls = fields.Integer("Failed", compute="_compute_figures")
    missed_calls = fields.Integer("Not reached", compute="_compute_figures")
    no_answer_calls = fields.Integer("No answer", compute="_compute_figures")
    busy_calls = fields.Integer("Busy", compute="_compute_figures")
    machine_calls = fields.Integer("Answering machine", compute="_compute_figures")
    total_duration = fields.Integer("Talk (s)", compute="_compute_figures")
    average_duration = fields.Integer("Average talk (s)", compute="_compute_figures")
    success_rate = fields.Integer("Success (%)", compute="_compute_figures", help="Whole percent, rounded down.")
    progress = fields.Float(compute="_compute_figures")

    _client_key_uniq = models.UniqueIndex(
        "(company_id, user_id, client_key) WHERE client_key IS NOT NULL", "This campaign was started already."
    )
    _active_states = models.Index("(company_id, state) WHERE state IN ('running', 'scheduled')")
    _owner = models.Index("(company_id, user_id, id DESC)")
    _slots = models.Constraint("CHECK(max_concurrent_calls BETWEEN 1 AND 1000)", "Allow 1 to 1000 calls at a time.")
    _cap = models.Constraint("CHECK(max_attempts BETWEEN 1 AND 10)", "Allow 1 to 10 attempts.")
    _frequency = models.Constraint(
        "CHECK(frequency_calls >= 0 AND frequency_days BETWEEN 1 AND 90)", "Limit calls within 1 to 90 days."
    )

    # ---- defaults and checks -----------------------------------------------------------------------------

    def _default_name(self):
        return f"Campaign-{int(fields.Datetime.now().timestamp() * 1000)}"

    def _default_windows(self):
        return [fields.Command.create({"weekday": day, "hour_from": 9.0, "hour_to": 20.0}) for day in DEFAULT_DAYS]

    def _default_retries(self):
        return [
            fields.Command.create({"outcome": outcome, "minutes": rule.minutes, "attempts": rule.attempts})
            for outcome, rule in retries.DEFAULTS.items()
        ]

    @api.constrains("voip_number_ids", "voip_account_id", "voice_agent_id")
    def _check_numbers(self):
        for campaign in self:
            if campaign.voip_number_ids.account_id - campaign._account():
                raise ValidationError(self.env._("The caller numbers must belong to the campaign's account."))

    @api.constrains("timezone")
    def _check_timezone(self):
        for campaign in self:
            if campaign.timezone and not zones.is_zone(campaign.timezone):
                raise ValidationError(self.env._("Unknown time zone: %s", campaign.timezone))

    def copy_data(self, default=None):
        """A copy is a new draft with the same rules and nobody in it; see `action_clone` for one with recipients."""
        values = super().copy_data(default)
        if not (default or {}).get("name"):
            for campaign, vals in zip(self, values, strict=True):
                vals["name"] = campaign._next_name()
        return values

    def _next_name(self):
        """``Spring`` -> ``Spring (2)`` -> ``Spring (3)``."""
        match = re.match(r"(.*) \((\d{1,4})\)\Z", self.name)
        return f"{match[1]} ({int(match[2]) + 1})" if match else f"{self.name} (2)"

    # ---- the rules, as the plain ones take them ----------------------------------------------------------

    def _account(self):
        """The account calls go through; may be empty."""
        self.ensure_one()
        return (
            self.voip_account_id
            or self.voice_agent_id.voip_account_id
            or self.env["ghl.voip.account"]._default_for(self.company_id)
        )

    def _windows(self):
        """``campaigns.windows.Windows``; WindowError (a ValueError) when they cannot be meant."""
        self.ensure_one()
        week = {
            day: [window._clock() for window in day_windows]
            for day, day_windows in groupby(self.window_ids, lambda window: window.weekday)
        }
        holidays = self._holidays() if self.respect_holidays else ()
        margin = RING_MARGIN.total_seconds() + (self.voice_agent_id.ring_seconds or 30)
        return windows.parse(week, holidays, margin)

    def _holidays(self):
        # sudo: the days without calls bind everybody, also those who may not read the list
        days = self.env["ghl.campaign.holiday"].sudo().search_fetch([("company_id", "=", self.company_id.id)], ["date"])
        return days.mapped("date")

    def _retry_rules(self):
        """``{outcome: retries.Rule}``."""
        self.ensure_one()
        rules = {rule.outcome: retries.Rule(rule.minutes, rule.attempts) for rule in self.retry_ids}
        if self.machine_policy == "retry":
            rules.setdefault("machine", retries.Rule(24 * 60))
        else:
            rules.pop("machine", None)
        return rules

    def _breaker(self):
        return Breaker()

    # ---- figures -----------------------------------------------------------------------------------------

    def _compute_figures(self):
        figures = self._figures()
        for campaign in self:
            found = figures[campaign.id]
            for name in FIGURES:
                campaign[name] = found[name]
            through = found["total_leads"] - found["remaining_leads"]
            campaign.progress = 100.0 * through / found["total_leads"] if found["total_leads"] else 0.0

    def _figures(self):
        """``{campaign id: {name in FIGURES: number}}``, counted from the rows of recipients and calls in one query.

        `completed_leads` are those who are through after a call: successful + failed + missed. `missed_calls` holds
        `no_answer_calls`, `busy_calls` and `machine_calls`. `success_rate` is rounded down: 35 of 45 is 77.
        `total_duration` is talk with people, over all attempts.
        """
        found = {campaign_id: dict.fromkeys(FIGURES, 0) for campaign_id in self.ids}
        if not found:
            return {campaign.id: dict.fromkeys(FIGURES, 0) for campaign in self}
        self.env["ghl.campaign.lead"].flush_model()
        self.env["ghl.call"].flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT campaign_id, state, outcome, count(*), 0
                     FROM ghl_campaign_lead WHERE campaign_id IN %(ids)s GROUP BY 1, 2, 3
                    UNION ALL
                   SELECT campaign_id, 'talk', NULL, 0, sum(duration_seconds)
                     FROM ghl_call WHERE campaign_id IN %(ids)s AND state = 'completed'
                      AND (answered_by IS NULL OR answered_by <> 'machine') GROUP BY 1""",
                ids=tuple(found),
            )
        )
        for campaign_id, state, outcome, count, talk in self.env.cr.fetchall():
            _add(found[campaign_id], state, outcome, count)
            found[campaign_id]["total_duration"] += talk
        for figures in found.values():
            if figures["successful_calls"]:
                figures["average_duration"] = round(figures["total_duration"] / figures["successful_calls"])
            if figures["completed_leads"]:
                figures["success_rate"] = 100 * figures["successful_calls"] // figures["completed_leads"]
        return {campaign.id: found.get(campaign.id) or dict.fromkeys(FIGURES, 0) for campaign in self}

    def _mean_call_seconds(self):
        """How long calls of this campaign hold their slot, from the latest ones."""
        self.ensure_one()
        self.env["ghl.call"].flush_model()
        self.env.cr.execute(
            """SELECT EXTRACT(EPOCH FROM ended_at - coalesce(initiated_at, submitted_at)) FROM ghl_call
                WHERE campaign_id = %s AND ended_at IS NOT NULL ORDER BY id DESC LIMIT 100""",
            [self.id],
        )
        return pacing.mean_seconds(float(seconds) for (seconds,) in self.env.cr.fetchall() if seconds is not None)

    def _estimate_seconds(self, remaining=None):
        """How long the recipients still to be called take, at the pace the limits and the calls so far allow."""
        self.ensure_one()
        account = self._account()
        caps = (self.max_concurrent_calls, account.max_concurrent, self.company_id.ghl_max_concurrent_calls)
        limits = [limit for limit in caps if limit]
        remaining = self.remaining_leads if remaining is None else remaining
        return pacing.estimate_seconds(remaining, min(limits), self._mean_call_seconds(), account.calls_per_second)


def _add(figures, state, outcome, count):
    figures["total_leads"] += count
    if state in OPEN:
        figures["remaining_leads"] += count
        figures["in_flight"] += count if state == "calling" else 0
        figures["waiting_leads"] += count if state == "waiting" else 0
    elif state == "done":
        figures["completed_leads"] += count
        if outcome in SUCCESSFUL:
            figures["successful_calls"] += count
        elif outcome in MISSED:
            figures["missed_calls"] += count
            name = f"{outcome}_calls"
            if name in figures and name != "missed_calls":
                figures[name] += count
        else:
            figures["failed_calls"] += count
    elif count:
        figures[f"{state}_leads"] += count
