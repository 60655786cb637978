from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import codes, lifecycle
from ..reading import board

SOURCES = [
    ("manual", "By hand"),
    ("api", "API"),
    ("ghl", "GoHighLevel"),
    ("bland", "Bland AI"),
    ("twilio", "Twilio"),
    ("sanspbx", "SansPBX"),
    ("campaign", "Campaign"),
    ("import", "Import"),
    ("generator", "Generator"),
]


class CallTransitionError(lifecycle.StatusTransitionError, UserError):
    """A state change that the lifecycle does not allow, as people and callers of the ORM meet it."""

    error_code = "invalid_transition"


class GhlCall(models.Model):
    """A call: planned, made or missed, by a person, a telephone provider or an AI agent.

    `status_id` is the column of the board, which people move freely. `state` is where the telephone call itself stands;
    its moves are those of ``lifecycle``. `active` is unset for deleted calls. Every change leaves a line in
    ``ghl.activity.log``.
    """

    _name = "ghl.call"
    _description = "GoHighLevel Call"
    _inherit = ["mail.thread", "mail.activity.mixin", "ghl.activity.log.mixin"]
    _order = "start_time desc, id desc"
    _rec_name = "subject"
    _check_company_auto = True
    _activity_entity = "call"

    # What the call is
    subject = fields.Char(tracking=True, index="trigram")
    number = fields.Integer("Call no.", readonly=True, copy=False, help="Counted in each company.")
    ukey = fields.Char("Key", compute="_compute_ukey", search="_search_ukey", help="Company, 000 and id.")
    type = fields.Selection(
        [("outbound", "Outbound"), ("inbound", "Inbound"), ("missed", "Missed")], default="outbound"
    )
    purpose = fields.Selection([(word, word.capitalize()) for word in codes.PURPOSES.values()])
    status_id = fields.Many2one(
        "ghl.call.status",
        required=True,
        ondelete="restrict",
        default=lambda self: self._default_status(),
        group_expand="_read_group_statuses",
        tracking=True,
        check_company=True,
    )
    outgoing_status = fields.Selection([("scheduled", "Scheduled"), ("completed", "Completed")], default="scheduled")
    source = fields.Selection(SOURCES, required=True, default=lambda self: self._default_source(), readonly=True)
    agenda = fields.Text()
    description = fields.Text()
    result = fields.Text()
    tag = fields.Char()
    favorite = fields.Boolean(copy=False)
    closed = fields.Boolean()
    deletable = fields.Boolean()
    active = fields.Boolean(default=True)
    deleted_by_id = fields.Many2one("res.users", "Deleted by", readonly=True, copy=False, ondelete="set null")
    sequence = fields.Integer("Manual order")

    # When
    start_time = fields.Datetime("Start", required=True, default=fields.Datetime.now, tracking=True)
    end_time = fields.Datetime("End")
    reminder = fields.Selection([(word, f"{word} minutes before") for word in codes.REMINDERS.values()])
    duration_seconds = fields.Integer(
        "Duration (s)", compute="_compute_duration_seconds", store=True, readonly=False, precompute=True
    )
    duration_minutes = fields.Integer("Duration (min)", compute="_compute_duration_minutes", help="Whole minutes.")

    # Whose
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    location_id = fields.Many2one(
        "ghl.location",
        compute="_compute_location_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="set null",
        index="btree_not_null",
        check_company=True,
        help="That of the contact unless set.",
    )
    owner_id = fields.Many2one(
        "res.users", default=lambda self: self.env.user, tracking=True, check_company=True, ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users", "Caller", default=lambda self: self.env.user, check_company=True, ondelete="set null"
    )
    assigned_to_id = fields.Many2one("res.users", "Assigned to", check_company=True, ondelete="set null")

    # With whom, about what
    contact_id = fields.Many2one("ghl.contact", check_company=True, ondelete="set null")
    opportunity_id = fields.Many2one(
        "ghl.contact.opportunity", check_company=True, ondelete="set null", index="btree_not_null"
    )
    partner_id = fields.Many2one(
        "res.partner", "Odoo contact", check_company=True, ondelete="set null", index="btree_not_null"
    )
    lead_ref = fields.Reference("_selection_lead_models", "Lead")
    from_number = fields.Char("From", index="btree_not_null")
    to_number = fields.Char("To", index="btree_not_null")

    # The telephone call
    state = fields.Selection(
        list(lifecycle.STATES), "Call state", required=True, default="pending", copy=False, readonly=True, tracking=True
    )
    provider = fields.Char(readonly=True, copy=False, help="bland, twilio, ... as the provider is registered.")
    provider_call_id = fields.Char("Provider's call ID", readonly=True, copy=False)
    initiated_at = fields.Datetime("Placed", readonly=True, copy=False)
    answered_at = fields.Datetime("Answered", readonly=True, copy=False)
    ended_at = fields.Datetime("Ended", readonly=True, copy=False)
    talk_seconds = fields.Integer("Talked (s)", readonly=True, copy=False, help="As the provider counts; 0: not told.")
    answered_by = fields.Char(readonly=True, copy=False, help="human, machine, ...")
    end_reason = fields.Char("Ended because", readonly=True, copy=False)
    error_message = fields.Char("Error", readonly=True, copy=False)
    cost = fields.Float(readonly=True, copy=False, digits=(16, 4))
    max_duration = fields.Integer("Longest (min)", default=12)
    retry_of_id = fields.Many2one(
        "ghl.call", "Retry of", readonly=True, copy=False, ondelete="set null", index="btree_not_null"
    )
    retry_count = fields.Integer(readonly=True, copy=False)
    retry_reason = fields.Char(readonly=True, copy=False)
    recording_url = fields.Char("Recording", readonly=True, copy=False)
    transcript = fields.Text(readonly=True, copy=False)
    transcript_turns = fields.Json(readonly=True, copy=False, help="[{role, content, timestamp}]")
    summary = fields.Text(copy=False)
    sentiment = fields.Selection(
        [("positive", "Positive"), ("neutral", "Neutral"), ("negative", "Negative")], copy=False
    )
    outcome = fields.Selection(
        [
            ("meeting_booked", "Meeting booked"),
            ("callback_requested", "Callback requested"),
            ("not_interested", "Not interested"),
            ("voicemail", "Voicemail"),
        ],
        copy=False,
    )
    rating = fields.Integer(copy=False, help="0 to 5")

    # IS TRUE as Odoo writes it: PostgreSQL would not prove a plain "active" from it and leave the index unused.
    _board = models.Index("(company_id, status_id, start_time DESC, id DESC) WHERE active IS TRUE")
    # With the location, so that users limited to some are counted without reading calls.
    _count = models.Index("(company_id, status_id, location_id) WHERE active IS TRUE")
    # The usual order in the back office, for whoever works in several companies at once.
    _latest = models.Index("(start_time DESC, id DESC) WHERE active IS TRUE")
    # With what lists are filtered by, so that pages are counted and passed over in the index.
    _newest = models.Index(
        "(company_id, id DESC) INCLUDE (status_id, location_id, owner_id, user_id, assigned_to_id) WHERE active IS TRUE"
    )
    _created = models.Index("(company_id, create_date DESC, id DESC) WHERE active IS TRUE")
    # With all that statistics are made of, so that they are counted in the index.
    _period = models.Index(
        "(company_id, start_time) INCLUDE (status_id, location_id, type, purpose, duration_seconds, state, outcome, "
        "owner_id, cost) WHERE active IS TRUE"
    )
    _state = models.Index("(company_id, state, create_date DESC, id DESC) WHERE active IS TRUE")
    _source = models.Index("(company_id, source, create_date DESC, id DESC) WHERE active IS TRUE")
    _duration = models.Index("(company_id, duration_seconds DESC, id DESC) WHERE active IS TRUE")
    _favorite = models.Index("(company_id, id DESC) WHERE active IS TRUE AND favorite IS TRUE")
    _owner = models.Index("(owner_id, company_id, status_id, start_time DESC, id DESC) WHERE active IS TRUE")
    _user = models.Index("(user_id, company_id, status_id, start_time DESC, id DESC) WHERE active IS TRUE")
    _assigned = models.Index("(assigned_to_id, company_id, status_id, start_time DESC, id DESC) WHERE active IS TRUE")
    # All that have a contact or lead are counted in the index, too.
    _contact = models.Index(
        "(contact_id, id DESC) INCLUDE (company_id, active, location_id, status_id, start_time) "
        "WHERE contact_id IS NOT NULL"
    )
    _lead = models.Index("(lead_ref, id DESC) INCLUDE (company_id, active) WHERE lead_ref IS NOT NULL")
    # The log of Bland, as its pages, its orders and its figures read it. Costs calls of others nothing.
    _bland = models.Index(
        "(company_id, id DESC) INCLUDE (state, duration_seconds, location_id) "
        "WHERE active IS TRUE AND (provider = 'bland' OR source = 'bland')"
    )
    _number_uniq = models.UniqueIndex("(company_id, number)", "This call number is taken.")
    _provider_uniq = models.UniqueIndex(
        "(company_id, provider, provider_call_id) WHERE provider_call_id IS NOT NULL",
        "A call with this id of the provider exists already.",
    )
    _rating_in_range = models.Constraint("CHECK(rating BETWEEN 0 AND 5)", "Rate a call from 0 to 5.")
    _duration_positive = models.Constraint("CHECK(duration_seconds >= 0)", "A call cannot last less than no time.")

    # ---- computed ----------------------------------------------------------------------------------------

    @api.depends("company_id")
    def _compute_ukey(self):
        for call in self:
            call.ukey = codes.ukey(call.company_id.id, call.id) if call.id else False

    def _search_ukey(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.FALSE
        for company_id in self.env.companies.ids:
            prefix = codes.ukey(company_id, "")
            ids = [key[len(prefix) :] for key in value if isinstance(key, str) and key.startswith(prefix)]
            ids = [int(text) for text in ids if text.isascii() and text.isdigit() and len(text) < 10]
            found |= Domain("company_id", "=", company_id) & Domain("id", "in", ids)
        return found

    @api.depends("start_time", "end_time", "answered_at", "ended_at", "talk_seconds")
    def _compute_duration_seconds(self):
        """For what a provider reported its own count, else ended minus answered, 0 when never answered.

        Any other call: end minus start.
        """
        for call in self:
            if call.ended_at and call.talk_seconds:
                call.duration_seconds = call.talk_seconds
                continue
            begin, end = (call.answered_at, call.ended_at) if call.ended_at else (call.start_time, call.end_time)
            if begin and end and end >= begin:
                call.duration_seconds = int((end - begin).total_seconds())
            else:
                call.duration_seconds = 0 if call.ended_at else call.duration_seconds

    @api.depends("duration_seconds")
    def _compute_duration_minutes(self):
        for call in self:
            call.duration_minutes = call.duration_seconds // 60

    @api.depends("contact_id")
    def _compute_location_id(self):
        for call in self:
            call.location_id = call.contact_id.location_id or call.location_id

    @api.depends("subject", "number")
    def _compute_display_name(self):
        for call in self:
            call.display_name = call.subject or self.env._("Call %s", call.number or "")

    @api.model
    def _default_status(self):
        """The first column that calls of the current company may be in."""
        return self.env["ghl.call.status"].search([("company_id", "in", [False, self.env.company.id])], limit=1)

    @api.model
    def _default_source(self):
        """How a call comes about unless somebody says so: out of a file, or by hand."""
        return "import" if self.env.context.get("import_file") else "manual"

    @api.model
    def _selection_lead_models(self):
        return [("crm.lead", self.env._("Lead"))] if "crm.lead" in self.env else []

    def _read_group_statuses(self, statuses, domain):
        """Show the empty columns too."""
        return statuses.search([("company_id", "in", [False, *self.env.companies.ids])])

    # ---- writing -----------------------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Asked for once for each company: Odoo would search the default status for each call.
        ids = dict.fromkeys(vals.get("company_id") for vals in vals_list)
        defaults = {company_id: self._defaults_in(company_id) for company_id in ids}
        vals_list = [{**defaults[vals.get("company_id")], **vals} for vals in vals_list]
        companies = Counter(vals["company_id"] for vals in vals_list)
        numbers = {company_id: self._next_numbers(company_id, count) for company_id, count in companies.items()}
        return super().create([{**vals, "number": numbers[vals["company_id"]].pop()} for vals in vals_list])

    def _defaults_in(self, company_id):
        """What a call made for this company gets unless it is said; None: for the current one."""
        calls = self.with_company(company_id) if company_id else self
        return calls.default_get(["company_id", "status_id"])

    @api.model
    def _next_numbers(self, company_id, count):
        """``count`` new numbers of a company, the last one first. Nobody waits for anybody; numbers may be left out."""
        cr, name = self.env.cr, f"ghl_call_number_{int(company_id)}"
        cr.execute("SELECT to_regclass(%s)", [name])
        if not cr.fetchone()[0]:
            # The first call of a company: whoever comes second waits here for the sequence, then finds it.
            cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [name])
            cr.execute(SQL("CREATE SEQUENCE IF NOT EXISTS %s AS integer", SQL.identifier(name)))
        cr.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [name, count])
        return [number for (number,) in cr.fetchall()][::-1]

    def write(self, vals):
        if "state" in vals:
            for call in self:
                call._check_move(vals["state"])
        if "active" in vals:
            vals = {**vals, "deleted_by_id": False if vals["active"] else self.env.uid}
        return super().write(vals)

    def _check_move(self, state):
        try:
            return lifecycle.check_move(self.state, state)
        except lifecycle.StatusTransitionError as error:
            raise CallTransitionError(error.state, error.wanted) from error

    def _apply_event(self, state, values=None, *, guessed=False, talked=False):
        """Take over what a provider reports: ``state`` and the values that came with it.

        Reports that are late, repeated or make no sense change nothing. Gives ``lifecycle.MOVE``, ``IGNORE`` or
        ``REFUSE``; see ``lifecycle.on_event`` for what `guessed` and `talked` change.
        """
        self.ensure_one()
        verdict = lifecycle.on_event(self.state, state, guessed=guessed, talked=talked)
        if verdict == lifecycle.MOVE:
            # Past the check of wished-for moves: steps in between may be lost. `on_event` has judged this one.
            super().write({**(values or {}), "state": state})  # pylint: disable=super-method-mismatch
        return verdict

    def _check_company(self, fnames=None):
        """As Odoo's own, but asking once for each related record instead of once for each call."""
        names = self._fields if fnames is None or "company_id" in fnames else fnames
        names = [name for name in names if self._fields[name].relational and self._fields[name].check_company]
        for company, calls in self.sudo().grouped("company_id").items():
            for name in names:
                related = calls[name].with_context(active_test=False)
                if "company_id" in related._fields and related.company_id == company:
                    continue
                if related and related != related.filtered_domain(related._check_company_domain(company)):
                    return super()._check_company(fnames)  # names the culprits
        return None

    def _activity_metadata(self):
        return codes.activity_metadata(
            self.type,
            self.purpose,
            self.start_time,
            call_for=self._called_for_api(),
            related_to=self._related_for_api(),
        )

    def _called_for_api(self):
        """(kind, id) of the person the call is with, ("", 0) if none."""
        if self.contact_id:
            return "contacts", self.contact_id.id
        return ("leads", self.lead_ref.id) if self.lead_ref else ("", 0)

    def _related_for_api(self):
        """(kind, id) of the business record the call is about, ("", 0) if none."""
        if self.opportunity_id:
            return "deals", self.opportunity_id.id
        if self.partner_id:
            return "accounts", self.partner_id.id
        return ("campaigns", self.campaign_id.id) if self.campaign_id else ("", 0)

    # ---- API (see ghl_calls/reading) ---------------------------------------------------------------------

    @api.model
    def _board_for_api(self, where=Domain.TRUE, *, limit, enriched=True):
        """The board: a list of ``reading.board.Column``, one for each status the reader knows, by id."""
        return board.read(self, where, limit=limit, enriched=enriched)
