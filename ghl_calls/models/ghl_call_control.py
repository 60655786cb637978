from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import lifecycle
from ..dialer import reports
from ..providers.bland import events
from ..reading import call_log_lists

# What a caller of `update_bland_call_data` may tell, in Bland's words or in those of a document -> field.
BLAND_DATA = {
    "call_id": "provider_call_id",
    "call_id_bland": "provider_call_id",
    "pathway_id": "pathway_id",
    "pathway_id_used": "pathway_id",
    "voice": "voice",
    "voice_id": "voice",
    "task": "task",
    "request_data": "request_data",
    "request_data_variables": "request_data",
    "metadata": "metadata",
    "transfer_phone_number": "transfer_phone_number",
    "webhook": "webhook_url",
    "webhook_url": "webhook_url",
    "max_duration": "max_duration",
    "price": "cost",
    "cost": "cost",
    "answered_by": "answered_by",
    "summary": "summary",
    "recording_url": "recording_url",
    "concatenated_transcript": "transcript",
    "transcript": "transcript",
    "analysis": "analysis",
    "error_message": "error_message",
    "call_ended_by": "end_reason",
}


class GhlCall(models.Model):
    """What programs tell of a call that goes on elsewhere, or have done to it.

    Each takes the id of a call, our reference or the provider's id, and gives whether there is such a call.
    """

    _inherit = "ghl.call"

    @api.model
    def update_call_status(self, call_id, status):
        """Set the state of a call.

        :raises ValidationError: no such state
        :raises UserError: it cannot follow the present one (a ``lifecycle.StatusTransitionError``)
        """
        if status not in dict(lifecycle.STATES):
            raise ValidationError(self.env._("%s is no state of a call.", status))
        return self._move(call_id, status, {})

    @api.model
    def start_call(self, call_id):
        """Somebody has answered: the talk begins now. Raises as `update_call_status`."""
        return self._move(call_id, "in_progress", {"answered_at": fields.Datetime.now()})

    @api.model
    def complete_call(self, call_id, outcome=None):
        """The talk is over, with an outcome (``meeting_booked``, ``callback_requested``, ...) if there is one.

        :raises ValidationError: no such outcome
        :raises UserError: as `update_call_status`
        """
        if outcome and outcome not in self._fields["outcome"].get_values(self.env):
            raise ValidationError(self.env._("%s is no outcome of a call.", outcome))
        values = {"ended_at": fields.Datetime.now(), **({"outcome": outcome} if outcome else {})}
        return self._move(call_id, "completed", values)

    @api.model
    def fail_call(self, call_id, reason=None):
        """The call did not come about, for that reason. Raises as `update_call_status`."""
        return self._move(call_id, "failed", {"ended_at": fields.Datetime.now(), "error_message": reason or False})

    def _move(self, call_id, state, values):
        call = call_log_lists.find(self, call_id)
        if not call:
            return False
        before = call.state
        if call._check_move(state):
            over = {"lease_until": False, "next_check_at": False} if state in lifecycle.FINAL else {}
            call.write({"state": state, **values, **over})
            call._log_event(lifecycle.EVENTS.get(state, "NOTE"), details=values.get("error_message"))
            call._state_changed({call.id: before})
        return True

    @api.model
    def update_bland_call_data(self, call_id, data):
        """Keep what is known of a call at Bland (see `BLAND_DATA` for the names; others are left out).

        :raises ValidationError: a value that no call can have, such as words for a price
        :raises UserError: another call has this id of Bland
        """
        call = call_log_lists.find(self, call_id)
        if call:
            values = call._read_values({key: value for key, value in data.items() if key in BLAND_DATA}, BLAND_DATA)
            if values.get("provider_call_id"):
                values["provider"] = "bland"
                taken = self.search([("provider", "=", "bland"), ("provider_call_id", "=", values["provider_call_id"])])
                if taken - call:
                    raise UserError(self.env._("Another call has this id of the provider."))
            call.write(values)
        return bool(call)

    @api.model
    def process_bland_webhook(self, payload):
        """Take over what Bland reports: the object that its webhook at the end of a call holds. The caller vouches.

        Gives ``{"call_id", "verdict"}``: the id of our call or None, and a verdict of ``ghl.call.event``, such as
        applied or duplicate.

        :raises ValidationError: it names no call
        """
        self.check_access("write")
        try:
            report = events.report(payload)
        except ValueError as fault:
            raise ValidationError(self.env._("This is no report on a call: %s.", fault)) from fault
        call = call_log_lists.find(self, report.reference) or call_log_lists.find(self, report.provider_call_id)
        account = call.voip_account_id or self.env["ghl.voip.account"].search(
            [("company_id", "=", call.company_id.id or self.env.company.id), ("provider", "=", "bland")], limit=1
        )
        if not call or not account:
            return {"call_id": None, "verdict": "orphan"}
        call.check_access("write")
        # sudo: the engine's own columns and lines are closed to users; the right to change this call was checked.
        applied = reports.apply(self.env(su=True), account.sudo(), [report])
        return {"call_id": call.id, "verdict": applied.verdicts[0]}

    # ---- placing, by programs ----------------------------------------------------------------------------

    @api.model
    def _initiate_bland(self, contact_id, values):
        """Make a call through Bland and place it; gives (call, ``place.PlaceOutcome``).

        :param contact_id: the contact's id, the one GoHighLevel knows it by, or any other name the caller has for it
        :param values: fields of the call
        :raises UserError: no account of Bland is connected
        """
        contact = self._contact_of(contact_id)
        company = contact.company_id or self.env.company
        account = self.env["ghl.voip.account"]._default_for(company, "bland")
        if not account:
            raise UserError(self.env._("No account of Bland AI is connected."))
        agent = self.env["ghl.voice.agent"].search(
            [("company_id", "=", company.id), ("voip_account_id", "in", [account.id, False])], limit=1
        )
        if not agent and not (values.get("task") or values.get("pathway_id")):
            values = {**values, "task": self.env._("Greet the person, say why you call, and answer their questions.")}
        call = self.create(
            {
                "subject": self.env._("Call to %s", contact.display_name or values.get("to_number") or ""),
                "source": "bland",
                "company_id": company.id,
                **({"contact_id": contact.id} if contact else {}),
                "voip_account_id": account.id,
                "voice_agent_id": agent.id,
                **values,
                "contact_reference": str(contact_id),
                "metadata": {**(values.get("metadata") or {}), "contact_id": str(contact_id)},
            }
        )
        return call, call._place()[0]

    @api.model
    def _latest_of(self, contact_id):
        """The latest call with a contact, by whatever name its caller knew them; empty for none."""
        contact = self._contact_of(contact_id)
        where = [("contact_id", "=", contact.id)] if contact else [("contact_reference", "=", str(contact_id))]
        return self.search(where, limit=1, order="id desc")
