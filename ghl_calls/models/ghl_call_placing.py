import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...ghl_base.jobs.executors.engine import setting
from ...ghl_base.jobs.executors.sessions import is_test_cursor
from ...ghl_base.net.errors import RemoteError
from .. import lifecycle
from ..dialer import background_work, pace, place

CHECK_AFTER_SECONDS = 180
# The scheduled action that asks runs every minute, and an answer may take its time.
ASKED_WITHIN = timedelta(minutes=3)
MOST_RETRIES = 10
# Where the board shows a call that is over, as long as nobody has moved it.
COLUMN_AFTER = {"completed": "connected", "no_answer": "missed", "busy": "missed", "missed": "missed"}
UNTOUCHED = ("scheduled", "overdue")
SUBMISSIONS = [("sending", "Being sent"), ("accepted", "Accepted"), ("unknown", "Sent, answer lost")]


class GhlCall(models.Model):
    """What a call needs to be placed through a telephone account (see ``dialer.place``), and what becomes of it there.

    The row is committed before the provider hears of the call. `submission` says how far that went: a call is placed
    while it is pending and `submission` is empty, and never again once it was sent.
    """

    _inherit = "ghl.call"

    reference = fields.Char(readonly=True, copy=False, help="Our own name of the call, which the provider gives back.")
    voip_account_id = fields.Many2one(
        "ghl.voip.account", "Telephone account", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    voip_number_id = fields.Many2one(
        "ghl.voip.number", "Caller number", check_company=True, ondelete="set null", copy=False, index="btree_not_null"
    )
    voice_agent_id = fields.Many2one("ghl.voice.agent", check_company=True, ondelete="restrict", index="btree_not_null")
    submission = fields.Selection(SUBMISSIONS, readonly=True, copy=False)
    submitted_at = fields.Datetime(readonly=True, copy=False)
    lease_until = fields.Datetime(readonly=True, copy=False, help="Takes up room at the provider until then at most.")
    next_check_at = fields.Datetime(readonly=True, copy=False, help="The provider is asked then, unless it reports.")
    checks = fields.Integer(readonly=True, copy=False, help="How often the provider was asked in vain.")
    stop_requested = fields.Boolean(readonly=True, copy=False)
    guessed = fields.Boolean(readonly=True, copy=False, help="The end is our own guess: the provider never told.")
    quality_flag = fields.Char(readonly=True, copy=False, help="What is doubtful about the figures.")
    # What the agent of this call gets beyond, or instead of, its own
    task = fields.Text("Prompt")
    first_sentence = fields.Char()
    voice = fields.Char()
    pathway_id = fields.Char()
    wait_for_greeting = fields.Boolean()
    record = fields.Boolean()
    transfer_phone_number = fields.Char("Transfer to")
    request_data = fields.Json("Variables", help="What the agent may speak of.")
    metadata = fields.Json(help="Given back with the reports.")
    provider_options = fields.Json(help="Sent to the provider as they are.")
    contact_reference = fields.Char(
        "Contact at the caller",
        readonly=True,
        index="btree_not_null",
        help="What who asked for the call knows them by.",
    )
    webhook_url = fields.Char("Report to", help="Instead of our own address.")
    # What the provider told
    webhook_payload = fields.Json("Last report", readonly=True, copy=False)
    analysis = fields.Json(readonly=True, copy=False)
    classification = fields.Json(readonly=True, copy=False, help="What the outcome was concluded from.")
    event_ids = fields.One2many("ghl.call.event", "call_id", "Events", readonly=True)

    _reference_uniq = models.UniqueIndex("(reference) WHERE reference IS NOT NULL")
    _account_call = models.Index("(voip_account_id, provider_call_id) WHERE provider_call_id IS NOT NULL")
    # Calls that take up room, and those to be asked about.
    _leased = models.Index("(voip_account_id, lease_until) WHERE lease_until IS NOT NULL")
    _to_check = models.Index("(next_check_at) WHERE next_check_at IS NOT NULL")

    # ---- hooks -------------------------------------------------------------------------------------------

    def _placed(self, outcome):
        """Called, in the transaction that stores it, with the ``place.PlaceOutcome`` of this call.

        A call that was refused is pending again and was not sent (see ``PlaceOutcome.kind``). Unless somebody else
        answers for it, it fails with the provider's reason.
        """
        self.ensure_one()
        if outcome.kind in ("accepted", "unknown"):
            return
        self._end("failed", {"error_message": outcome.message})

    def _state_changed(self, before):
        """Called, in the transaction of the change, with the calls whose state changed.

        :param before: ``{call id: the state before}``; the calls have their new state and values
        """
        columns = {}
        for call in self:
            if call.state in lifecycle.FINAL:
                values = {"outgoing_status": "completed"} if call.state == "completed" else {}
                if call.ended_at:
                    values["end_time"] = max(call.ended_at, call.start_time)
                kind = COLUMN_AFTER.get(call.state)
                if kind and call.status_id.kind in UNTOUCHED:
                    if kind not in columns:
                        columns[kind] = self.env["ghl.call.status"].search(
                            [("kind", "=", kind), ("company_id", "=", False)], limit=1
                        )
                    values["status_id"] = columns[kind].id or call.status_id.id
                if values:
                    call.write(values)

    # ---- what the engine uses ----------------------------------------------------------------------------

    def _log_event(self, event, *, verdict="applied", **values):
        self.ensure_one()
        # sudo: nobody can write lines by hand; whoever moves a call leaves one.
        events = self.env["ghl.call.event"].sudo()
        return events.create(events._append(self.sudo(), event, verdict=verdict, **values))

    @api.model
    def _check_after(self):
        """Seconds of silence after which the provider is asked about a call."""
        return setting(self.env, "ghl.call_check_seconds", CHECK_AFTER_SECONDS, minimum=5)

    @api.model
    def _alive_until(self):
        """How long a call that gave a sign of life takes up a line: until after the provider was asked about it."""
        return fields.Datetime.now() + timedelta(seconds=self._check_after()) + ASKED_WITHIN

    def _end(self, state, values=None, *, guessed=False):
        """Our own word that these calls ended; gives those whose state that changed."""
        before = {}
        for call in self:
            old = call.state
            told = {**(values or {}), "lease_until": False, "next_check_at": False, "guessed": guessed}
            if call._apply_event(state, told) == lifecycle.MOVE:
                before[call.id] = old
                call._log_event(lifecycle.EVENTS[state], details=call.error_message, occurred_at=fields.Datetime.now())
        moved = self.browse(before)
        if moved:
            moved._state_changed(before)
        return moved

    def _guess_failed(self, reason):
        """The provider does not tell how the call ended: take it for failed until it does."""
        return self._end("failed", {"error_message": reason}, guessed=True)

    # ---- what people and programs do ---------------------------------------------------------------------

    def _place(self):
        """Have the telephones of these pending calls ring, now.

        Commits: the rows must be there before the provider hears of them. Gives a ``place.PlaceOutcome`` for each.

        :raise TooFastError: the account's calls per second are used up for some time; nothing is committed
        """
        pause = pace.reserve(self)
        self._commit()
        time.sleep(pause)
        outcomes = place.place(self.env, self.ids)
        self._commit()
        self.env.invalidate_all()
        return outcomes

    def _commit(self):
        if is_test_cursor(self.env.cr):
            self.env.flush_all()
        else:
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _default_account(self, agent, company):
        """The account a call of ``agent`` goes through; UserError when there is none that works."""
        account = agent.voip_account_id or self.env["ghl.voip.account"]._default_for(company)
        if not account:
            raise UserError(self.env._("No telephone account is connected: add one under Configuration."))
        return account

    def action_place(self):
        """Button: place this call now and say what became of it."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "pending" or self.submission:
            raise UserError(self.env._("This call was placed already. Call again to make a new one."))
        if not self.to_number:
            self.to_number = self.contact_id.phone
        if not self.voip_account_id:
            self.voip_account_id = self._default_account(self.voice_agent_id, self.company_id)
        return self._tell(self._place()[0])

    def action_call_again(self):
        """Button: a new call to the same person, in place of this one, which is over."""
        self.ensure_one()
        return self._retry()._get_records_action()

    def action_hang_up(self):
        """Button: have the provider end the call, whatever stage it is at."""
        self.check_access("write")
        errors = self._stop()
        if errors:
            raise UserError("\n".join(errors))
        return True

    def _tell(self, outcome):
        accepted = outcome.kind == "accepted"
        message = self.env._("The telephone is being dialled.") if accepted else outcome.message
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if accepted else "warning" if outcome.kind == "unknown" else "danger",
                "title": self.env._("Call placed") if accepted else self.env._("Call not placed"),
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _retry(self, reason=None, **values):
        """A new call to the same person, placed at once; this one, which did not come about, is `retrying` then.

        :param reason: why, for people
        :param values: what is different this time
        :raise CallTransitionError: this call is not over, or there was a conversation
        """
        fresh = self._copy_for_retry(reason, values)
        fresh._place()
        return fresh

    def _copy_for_retry(self, reason, values):
        """The new call of `_retry`, not placed yet."""
        self.ensure_one()
        self.check_access("write")
        if self.retry_count >= MOST_RETRIES:
            raise UserError(self.env._("This person was called %s times in a row: enough.", self.retry_count + 1))
        before = self.state
        # Two who press the button at once: one call.
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        self._check_move("retrying")
        (vals,) = self.copy_data()
        fresh = self.create(
            {
                **vals,
                "subject": self.subject,
                "start_time": fields.Datetime.now(),
                "end_time": False,
                "duration_seconds": 0,
                "outgoing_status": "scheduled",
                "from_number": False,
                "source": self.source,
                **values,
                "retry_of_id": self.id,
                "retry_count": self.retry_count + 1,
                "retry_reason": reason or self.error_message or self.state,
                "voip_account_id": values.get("voip_account_id")
                or self.voip_account_id.id
                or self._default_account(self.voice_agent_id, self.company_id).id,
            }
        )
        self.state = "retrying"
        self._state_changed({self.id: before})
        return fresh

    def _stop(self):
        """End these calls: what was not sent is cancelled, the rest is hung up. Commits.

        The state of a call that was sent follows the provider's word. Gives what could not be done, as sentences.
        """
        waiting = self.filtered(lambda call: call.state == "pending" and not call.submission)
        # sudo: the engine's own columns are closed to forms; the right to change the call was checked.
        waiting.sudo()._end("cancelled", {"stop_requested": True, "end_reason": self.env._("Stopped before placing")})
        sent = (self - waiting).filtered(lambda call: call.state not in lifecycle.FINAL and call.state != "retrying")
        sent.sudo().write({"stop_requested": True, "next_check_at": fields.Datetime.now()})
        self._commit()
        errors = []
        for call in sent.sudo():
            if call.provider_call_id:
                try:
                    call.voip_account_id._provider().cancel(call.provider_call_id)
                except RemoteError as failure:
                    errors.append(failure.human())
                except ValueError as failure:
                    errors.append(str(failure))
        background_work.wake_reconcile(self.env)
        return errors

    @api.model
    def _cron_telephony(self):
        """Every minute: what deliveries and calls nobody has looked at, because a process died or said nothing."""
        background_work.catch_up(self.env)
