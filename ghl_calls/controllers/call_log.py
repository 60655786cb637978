"""The call log of the AI SDR clients: lists of ten calls, single calls and figures."""

from odoo.fields import Domain
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route, catch_all, define_schema, not_found
from .. import lifecycle
from ..models.ghl_call import SOURCES
from ..reading import call_figures, call_log_lists
from .call_log_envelope import ENVELOPE, answer_schema, succeed

TAG = "Call log"
OLD, NEUTRAL = "/api/v1/mongo", "/api/v1/calls-log"
PAGE = Param("page", int, default=1, minimum=1, doc="Ten calls each; the first is 1.")
TEXT, INTEGER, WHOLE = {"type": ["string", "null"]}, {"type": ["integer", "null"]}, {"type": "integer"}
DOCUMENT = define_schema(
    "CallDocument",
    {
        "type": "object",
        "required": ["id", "status", "phone_number", "duration_seconds", "cost", "created_at"],
        "properties": {
            **dict.fromkeys(
                "contact_id lead_id phone_number call_id call_id_bland call_id_external task pathway_id_used voice_id "
                "answered_by ended_reason summary transcript recording_url error_message call_type outcome notes "
                "created_at updated_at started_at ended_at".split(),
                TEXT,
            ),
            "id": {"type": "string"},
            "status": {"enum": [state for state, _label in lifecycle.STATES]},
            **dict.fromkeys(("duration_seconds", "duration", "max_duration"), INTEGER),
            "cost": {"type": ["number", "null"]},
            "retry_count": {"type": "integer"},
            "recordings": {"type": "array", "items": {"type": "string"}},
        },
        "description": "All keys are always there. Times are UTC without a zone.",
    },
)
PAGE_OF_CALLS = answer_schema(
    {
        "type": "object",
        "required": ["items", "page", "limit", "total", "has_more"],
        "properties": {
            "items": {"type": "array", "items": DOCUMENT},
            **dict.fromkeys(("page", "limit", "total"), WHOLE),
            "has_more": {"type": "boolean"},
        },
    }
)
NUMBER = {"type": "number"}
STATS = answer_schema(
    {
        "type": "object",
        "properties": {
            "total_calls": {"type": "integer"},
            **{f"{state}_calls": {"type": "integer"} for state, _label in lifecycle.STATES},
            "average_duration_seconds": {"type": ["number", "null"]},
            "success_rate": NUMBER,
            "failure_rate": NUMBER,
            "by_day": {"type": "array", "items": {"type": "object"}},
        },
    }
)


def _route(address, summary, *params, answer=PAGE_OF_CALLS):
    return api_route(
        (f"{OLD}/calls/{address}", f"{NEUTRAL}/{address}"),
        params=params if answer is not PAGE_OF_CALLS else (*params, PAGE),
        summary=summary,
        responses={200: answer},
        tag=TAG,
        envelope=ENVELOPE,
    )


def _page(number, where=Domain.TRUE, order=call_log_lists.NEWEST):
    size = call_log_lists.SIZE
    rows, total = call_log_lists.page(
        request.env["ghl.call"], where, order=order, start=(number - 1) * size, base=reached_at()
    )
    return succeed({"items": rows, "page": number, "limit": size, "total": total, "has_more": number * size < total})


def reached_at():
    """Where the caller reaches this Odoo, without a slash at the end."""
    return request.httprequest.url_root.rstrip("/")


def _in_state(state):
    return Domain("state", "=", state)


class CallLog(Controller):
    unknown = catch_all(OLD, ENVELOPE)
    unknown_neutral = catch_all(NEUTRAL, ENVELOPE)

    @_route("recent", "Calls, the latest made first")
    def recent(self, page):
        return _page(page)

    @_route("oldest", "Calls, the first made first")
    def oldest(self, page):
        return _page(page, order=call_log_lists.OLDEST)

    @_route("successful", "Completed calls")
    def successful(self, page):
        return _page(page, _in_state("completed"))

    @_route("failed", "Failed calls")
    def failed(self, page):
        return _page(page, _in_state("failed"))

    @_route("pending", "Calls not placed yet")
    def pending(self, page):
        return _page(page, _in_state("pending"))

    @_route(
        "by-status/<string:status>",
        "Calls of a status",
        Param("status", choices=[state for state, _label in lifecycle.STATES], location="path"),
    )
    def by_status(self, status, page):
        return _page(page, _in_state(status))

    @_route(
        "by-source/<string:source>",
        "Calls of an origin",
        Param("source", location="path", doc=", ".join(source for source, _label in SOURCES) + "."),
    )
    def by_source(self, source, page):
        """The latest made first. An origin that no call has, has no calls."""
        known = source in dict(SOURCES)
        return _page(page, Domain("source", "=", source) if known else Domain.FALSE)

    @_route("by-duration", "Calls of a length", Param("min_duration", int, default=60, minimum=0, doc="Seconds."))
    def by_duration(self, min_duration, page):
        """Calls of at least `min_duration` seconds, the latest made first."""
        return _page(page, Domain("duration_seconds", ">=", min_duration))

    @_route("longest", "The longest calls")
    def longest(self, page):
        """Calls that lasted, the longest first."""
        return _page(page, order=call_log_lists.LONGEST)

    @_route("shortest", "The shortest calls")
    def shortest(self, page):
        """Calls that lasted, the shortest first."""
        return _page(page, order=call_log_lists.SHORTEST)

    @_route("stats", "Figures of all calls", answer=STATS)
    def stats(self):
        """Totals by status, the average duration of calls that lasted, shares of completed and failed calls, and the
        last 30 days by the day calls start on."""
        return succeed(call_figures.stats(request.env["ghl.call"]))

    @_route("<string:call_id>", "One call", answer=answer_schema(DOCUMENT))
    def one(self, call_id):
        """By its id, our reference, or the provider's id."""
        document = call_log_lists.one(request.env["ghl.call"], call_id, reached_at())
        if not document:
            raise not_found("Call")
        return succeed(document)
