"""Reports come late, twice and in any order: what becomes of a call is the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_calls import lifecycle
from ..ghl_calls.providers.bland.events import report as bland_report
from ..ghl_calls.providers.reading import zone_named
from ..ghl_calls.providers.sanspbx.events import report as sanspbx_report
from ..ghl_calls.providers.twilio.events import report_of_callback, report_of_resource
from .bland_data import COMPLETED, call, silent
from .sanspbx_data import CALLBACK
from .twilio_data import CALLBACK as PROGRESS
from .twilio_data import SID, resource

TWILIO_ENDS = ("completed", "busy", "no-answer", "failed", "canceled")
BLAND_ENDS = (COMPLETED, silent(answered_by="no-answer"), silent(answered_by=None, status="busy"))


def twilio_call(end):
    """All that Twilio may say of one call: three kinds of callbacks, and the answers of asking."""
    words = ["initiated", "ringing", *(["in-progress"] if end == "completed" else []), end]
    reports = [
        report_of_callback({**PROGRESS, "CallStatus": word, "SequenceNumber": str(place)}, f"t-{place}", "ref-1")
        for place, word in enumerate(words)
    ]
    reports.append(report_of_callback({"CallSid": SID, "AnsweredBy": "human"}, "t-amd", "ref-1"))
    reports += [report_of_resource(resource(status=word), "ref-1") for word in ("queued", *words[1:-1])]
    return reports, report_of_resource(resource(status=end), "ref-1"), lifecycle_of_twilio(end)


def lifecycle_of_twilio(end):
    return {"no-answer": "no_answer", "canceled": "cancelled"}.get(end, end)


def bland_call(last):
    running = {"completed": False, "end_at": None, "queue_status": "started", "status": "in-progress"}
    talked = last.get("answered_by") == "human"
    reports = [
        bland_report(silent(**running, answered_by=None)),
        bland_report({"call_id": "c1", "category": "info", "level": "queue", "metadata": {"reference": "ref-1"}}),
        *([bland_report(call(**running))] if talked else []),
    ]
    corrected = {**last, "corrected_transcript": "user: Hi"}
    return [*reports, bland_report(corrected)], bland_report(last), bland_report(last).state


def sanspbx_call(word):
    last = sanspbx_report({**CALLBACK, "disposition": word}, zone_named("Asia/Kolkata"))
    return [], last, last.state


CALLS = [
    *(twilio_call(end) for end in TWILIO_ENDS),
    *(
        bland_call(last)
        for last in (COMPLETED, silent(answered_by="no-answer"), silent(answered_by=None, status="busy"))
    ),
    *(sanspbx_call(word) for word in ("ANSWER", "NO ANSWER", "BUSY", "FAILED", "CANCEL")),
]


class Folded:
    """A call as the reports make it, by the rules of ``lifecycle`` and of doubled deliveries."""

    def __init__(self, reports):
        self.state, self.seen, self.ended, self.values = "pending", set(), 0, {}
        for report in reports:
            if report.key in self.seen:
                continue
            self.seen.add(report.key)
            if report.state and lifecycle.on_event(self.state, report.state) == lifecycle.MOVE:
                self.state = report.state
                self.ended += self.state in lifecycle.FINAL
            if report.state in lifecycle.FINAL:
                self.values |= {name: report.values.get(name) for name in ("talk_seconds", "ended_at", "answered_at")}


@st.composite
def shuffled(draw):
    """A call, and its reports as they may arrive: some lost, some twice, in any order, but the last word never lost."""
    reports, last, state = draw(st.sampled_from(CALLS))
    arrived = draw(st.lists(st.sampled_from([*reports, last]), max_size=12))
    return draw(st.permutations([*arrived, last])), [*reports, last], state


@tagged("post_install", "-at_install")
class TestFolding(BaseCase):
    @settings(max_examples=600, deadline=None, database=None)
    @given(shuffled())
    def test_any_order_and_repetition_ends_the_same_and_once(self, case):
        arrived, in_order, state = case
        folded, ordered = Folded(arrived), Folded(in_order)
        self.assertEqual((folded.state, folded.ended), (state, 1))
        self.assertEqual((ordered.state, ordered.ended), (state, 1))
        self.assertEqual(folded.values, ordered.values)

    def test_each_report_of_a_call_has_a_key_of_its_own(self):
        for reports, last, state in CALLS:
            keys = [report.key for report in [*reports, last]]
            with self.subTest(state=state, key=last.key):
                self.assertEqual(len(set(keys)), len(keys))

    def test_every_state_a_call_can_end_in_is_tried(self):
        ends = {state for _reports, _last, state in CALLS}
        self.assertEqual(ends, lifecycle.FINAL - {"missed"})
