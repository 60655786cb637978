from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .. import lifecycle
from ..reading import call_figures, call_log_lists, listing, pages

LONG = 300  # seconds


class GhlCall(models.Model):
    """Questions about calls that programs ask, answered as the caller may see: the call log without HTTP.

    Lists are lists of documents (see ``reading.call_log``), ten at a time; ``offset`` says how many to pass over.
    """

    _inherit = "ghl.call"

    # ---- one call ----------------------------------------------------------------------------------------

    @api.model
    def get_call(self, call_id):
        """The document of a call, None if there is none.

        :param call_id: its id, our reference, or the provider's id
        """
        return call_log_lists.one(self, call_id)

    @api.model
    def get_call_by_id(self, call_id):
        """As `get_call`."""
        return self.get_call(call_id)

    @api.model
    def get_call_by_contact(self, contact_id):
        """The latest call with a contact, None if there is none.

        :param contact_id: the contact's id, or the one GoHighLevel knows it by
        """
        found = self.get_calls_by_contact(contact_id, limit=1)
        return found[0] if found else None

    # ---- lists -------------------------------------------------------------------------------------------

    @api.model
    def get_calls_by_contact(self, contact_id, limit=10, offset=0):
        """Calls with a contact, the latest first; at most ``limit``, 1,000 of them at once."""
        contact = self._contact_of(contact_id)
        return self._some(Domain("contact_id", "=", contact.id), offset, limit=limit) if contact else []

    @api.model
    def get_recent_calls(self, offset=0):
        """All calls, the latest made first."""
        return self._some(Domain.TRUE, offset)

    @api.model
    def get_oldest_calls(self, offset=0):
        """All calls, the first made first."""
        return self._some(Domain.TRUE, offset, order=call_log_lists.OLDEST)

    @api.model
    def get_calls_by_status(self, status, offset=0):
        """Calls in a state of ``lifecycle.STATES``, the latest made first. ValidationError for another word."""
        return self._some(self._in_state(status), offset)

    @api.model
    def get_successful_calls(self, offset=0):
        """Completed calls, the latest made first."""
        return self.get_calls_by_status("completed", offset)

    @api.model
    def get_failed_calls(self, offset=0):
        """Failed calls, the latest made first."""
        return self.get_calls_by_status("failed", offset)

    @api.model
    def get_pending_calls(self, offset=0):
        """Calls not placed yet, the latest made first."""
        return self.get_calls_by_status("pending", offset)

    @api.model
    def get_calls_by_duration(self, min_duration=60, offset=0):
        """Calls of at least ``min_duration`` seconds, the latest made first."""
        return self._some(Domain("duration_seconds", ">=", int(min_duration)), offset)

    @api.model
    def get_long_calls(self, min_duration=LONG, offset=0):
        """Calls of at least ``min_duration`` seconds, the longest first."""
        return self._some(Domain("duration_seconds", ">=", int(min_duration)), offset, order=call_log_lists.LONGEST)

    # ---- counts and figures ------------------------------------------------------------------------------

    @api.model
    def count_calls(self, status=None, contact_id=None, start=None, end=None):
        """How many calls: in a state, with a contact, starting from ``start`` to before ``end`` (naive UTC)."""
        where = self._in_state(status) if status else Domain.TRUE
        if contact_id:
            where &= Domain("contact_id", "=", self._contact_of(contact_id).id or 0)
        where &= Domain("start_time", ">=", start) if start else Domain.TRUE
        where &= Domain("start_time", "<", end) if end else Domain.TRUE
        return self._count(where)

    @api.model
    def count_all_calls(self):
        """How many calls there are."""
        return self._count(Domain.TRUE)

    @api.model
    def count_calls_by_status(self, status=None):
        """How many calls are in a state; without one, ``{state: how many}`` of all states."""
        if status:
            return self._count(self._in_state(status))
        found = call_figures.counts(self, "state")
        return {state: found.get(state, 0) for state, _label in lifecycle.STATES}

    @api.model
    def count_calls_by_duration(self, min_duration=60):
        """How many calls lasted at least ``min_duration`` seconds."""
        return self._count(Domain("duration_seconds", ">=", int(min_duration)))

    @api.model
    def count_calls_by_outcome(self, outcome=None):
        """How many calls had an outcome; without one, ``{outcome: how many}``. Calls without outcome do not count."""
        found = {word: number for word, number in call_figures.counts(self, "outcome").items() if word}
        return found.get(outcome, 0) if outcome else found

    @api.model
    def get_call_stats(self):
        """Totals by state, shares, average duration and the last 30 days (see ``reading.call_figures.stats``)."""
        return call_figures.stats(self)

    @api.model
    def get_call_analytics(self, start, end):
        """The figures of ``[start, end)`` (datetimes, naive UTC; see ``reading.call_figures.analytics``)."""
        if not start or not end or end < start:
            raise ValidationError(self.env._("The end of a period cannot be before its start."))
        return call_figures.analytics(self, start, end)

    @api.model
    def get_top_performers(self, limit=10, start=None, end=None):
        """The owners with the most completed calls (see ``reading.call_figures.performers``)."""
        return call_figures.performers(self, limit=int(limit), start=start, end=end)

    # ---- how ---------------------------------------------------------------------------------------------

    def _some(self, where, offset, *, limit=call_log_lists.SIZE, order=call_log_lists.NEWEST):
        start, size = max(int(offset), 0), min(max(int(limit), 1), 1000)
        return call_log_lists.page(self, where, start=start, size=size, order=order)[0]

    def _count(self, where):
        calls = self.with_context(active_test=True)
        self.env.flush_all()
        return sum(pages.blocks(calls, listing.mine(calls, where)).values())

    def _in_state(self, status):
        if status not in dict(lifecycle.STATES):
            raise ValidationError(self.env._("%s is no state of a call.", status))
        return Domain("state", "=", status)

    @api.model
    def _contact_of(self, contact_id):
        """The contact with this id, else the one GoHighLevel knows by it; empty if the caller sees none."""
        contacts = self.env["ghl.contact"].with_context(active_test=False)
        text = str(contact_id or "").strip()
        if text.isascii() and text.isdigit() and len(text) < 10:
            found = contacts.search([("id", "=", int(text))])
            if found:
                return found
        return contacts.search([("external_id", "=", text)], limit=1) if text else contacts
