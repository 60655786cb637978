"""Which state of a call may follow which, and what becomes of a provider's reports."""

from itertools import permutations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, TransactionCase, tagged

from ..ghl_calls import durations
from ..ghl_calls.lifecycle import (
    DIALLER_NAMES,
    FINAL,
    IGNORE,
    MOVE,
    MOVES,
    REFUSE,
    STATES,
    StatusTransitionError,
    check_move,
    on_event,
)

# As the contract lists them, written down a second time on purpose.
LISTED = {
    "pending": "initiated in_progress failed cancelled",
    "initiated": "connecting in_progress completed failed no_answer busy cancelled",
    "connecting": "in_progress completed failed no_answer busy cancelled",
    "in_progress": "completed failed cancelled",
    "failed": "retrying",
    "no_answer": "retrying",
    "busy": "retrying",
    "retrying": "initiated failed cancelled",
    "completed": "",
    "cancelled": "",
}
NAMES = [name for name, _label in STATES]
# A busy machine is no fault of the rules.
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
REPORTS = st.sampled_from([name for name in NAMES if name != "retrying"])


def after(state, reports):
    for report in reports:
        if on_event(state, report) == MOVE:
            state = report
    return state


@tagged("post_install", "-at_install", "ghl")
class TestMoves(BaseCase):
    def test_every_pair_of_the_contract_is_allowed_or_refused_as_listed(self):
        for state, allowed in LISTED.items():
            for wanted in LISTED:
                with self.subTest(state=state, wanted=wanted):
                    if wanted in allowed.split():
                        self.assertTrue(check_move(state, wanted))
                    elif wanted == state:
                        self.assertFalse(check_move(state, wanted))
                    else:
                        with self.assertRaises(StatusTransitionError):
                            check_move(state, wanted)

    def test_a_missed_call_can_only_be_retried(self):
        self.assertEqual([name for name in NAMES if name in MOVES["missed"]], ["retrying"])
        self.assertTrue(check_move("connecting", "missed"))
        with self.assertRaises(StatusTransitionError):
            check_move("in_progress", "missed")

    def test_unknown_states_are_refused_with_a_sentence(self):
        for state, wanted in (("pending", "flying"), ("flying", "pending"), ("flying", "flying"), ("pending", "")):
            with self.subTest(state=state, wanted=wanted), self.assertRaises(StatusTransitionError) as caught:
                check_move(state, wanted)
            self.assertTrue(str(caught.exception).endswith("."))

    def test_every_state_has_its_moves_and_the_dialler_knows_all_it_can_meet(self):
        self.assertEqual(set(MOVES), set(NAMES))
        self.assertEqual(
            set(DIALLER_NAMES.values()),
            {"INITIATED", "DIALING", "RINGING", "ANSWERED", "COMPLETED", "FAILED", "MISSED", "NO_ANSWER"},
        )
        self.assertLessEqual(set(DIALLER_NAMES), set(NAMES))


@tagged("post_install", "-at_install", "ghl")
class TestReports(BaseCase):
    @unhurried
    @given(st.sampled_from(sorted(FINAL)), st.lists(st.sampled_from([*NAMES, "flying"])))
    def test_nothing_reported_leads_out_of_a_final_state(self, state, reports):
        self.assertEqual(after(state, reports), state)

    @unhurried
    @given(st.lists(REPORTS, max_size=8))
    def test_reports_never_lead_back(self, reports):
        place = {"pending": 0, "initiated": 1, "connecting": 2, "in_progress": 3, **dict.fromkeys(FINAL, 4)}
        state = "pending"
        for report in reports:
            following = after(state, [report])
            self.assertGreaterEqual(place[following], place[state])
            self.assertEqual(after(following, [report]), following, "a repeated report changes nothing")
            state = following

    def test_five_reports_end_the_same_in_every_order(self):
        for end in ("completed", "failed", "cancelled"):
            for order in permutations(["initiated", "connecting", "in_progress", end, end]):
                self.assertEqual(after("pending", order), end)

    def test_lost_steps_do_not_keep_a_call_from_ending(self):
        self.assertEqual(on_event("pending", "completed"), MOVE)
        self.assertEqual(on_event("retrying", "no_answer"), MOVE)

    def test_what_makes_no_sense_is_refused(self):
        for state, report in (
            ("in_progress", "no_answer"),
            ("pending", "retrying"),
            ("pending", "flying"),
            ("", "busy"),
        ):
            self.assertEqual(on_event(state, report), REFUSE, (state, report))

    def test_late_and_repeated_reports_are_ignored(self):
        for state, report in (("in_progress", "connecting"), ("completed", "in_progress"), ("initiated", "initiated")):
            self.assertEqual(on_event(state, report), IGNORE, (state, report))


@tagged("post_install", "-at_install", "ghl")
class TestDurations(BaseCase):
    def test_all_ways_of_writing_a_duration(self):
        for text, expected in {
            "90": 5400,
            "1.5": 90,
            "5:30": 330,
            "90s": 90,
            "90m": 5400,
            " 5M 30S ": 330,
            "1h 2m": 3720,
        }.items():
            self.assertEqual(durations.seconds(text), expected, text)

    def test_anything_else_is_refused(self):
        for text in ("", "x", "5:99", "-5", "5 30", "1e3", "s", "m5", "5m30", "9" * 50):
            with self.subTest(text), self.assertRaises(ValueError):
                durations.seconds(text)


@tagged("post_install", "-at_install", "ghl")
class TestStatesOnScreen(TransactionCase):
    def test_every_selection_of_the_addon_can_be_shown_in_a_language(self):
        """Odoo knows the words of a list only: those of a tuple vanish as soon as the user has a language."""
        shown = self.env(context={"lang": "en_US"})
        for name in self.env.registry:
            if not name.startswith("ghl."):
                continue
            for field in self.env[name]._fields.values():
                if field.type == "selection" and not callable(field.selection) and not isinstance(field.selection, str):
                    words = shown[name].fields_get([field.name], ["selection"])[field.name]["selection"]
                    self.assertTrue(words, f"{name}.{field.name}")
