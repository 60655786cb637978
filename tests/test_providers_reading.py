"""Reading what strangers send: stamps, numbers, forms. And nonsense, which must do no harm."""

import json
from datetime import datetime, timezone
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_calls import lifecycle
from ..ghl_calls.providers import reading, registry
from ..ghl_calls.providers.base import DeliveryRefused
from ..ghl_calls.providers.number_format import check_format, write_number
from .bland_data import COMPLETED
from .generic_data import REPORT, SIGNED
from .providers_case import DOOR, delivery
from .sanspbx_data import CALLBACK
from .twilio_data import CALLBACK as PROGRESS

NOON = datetime(2026, 2, 12, 11, 48, 25)


@tagged("post_install", "-at_install")
class TestReading(BaseCase):
    def test_stamps_in_many_spellings_are_naive_utc(self):
        india = ZoneInfo("Asia/Kolkata")
        for value, zone in (
            ("2026-02-12T11:48:25Z", timezone.utc),
            ("2026-02-12T11:48:25.000Z", timezone.utc),
            ("2026-02-12T12:48:25+0100", timezone.utc),
            ("2026-02-12T12:48:25+01:00", india),
            ("2026-02-12 11:48:25", timezone.utc),
            ("2026-02-12 17:18:25", india),
            ("Thu, 12 Feb 2026 11:48:25 +0000", india),
            ("Thu, 12 Feb 2026 11:48:25 GMT", india),
            (1770896905, india),
            ("1770896905", india),
            (1770896905000, timezone.utc),
            ("1770896905.0", timezone.utc),
        ):
            with self.subTest(value=value):
                self.assertEqual(reading.stamp(value, zone), NOON)
        self.assertEqual(reading.stamp("2026-02-12T11:48:25.1234567Z").microsecond, 123456)

    def test_what_is_no_stamp_is_none(self):
        for value in (
            None,
            "",
            " ",
            "soon",
            "2026-13-45",
            True,
            [],
            {},
            "0001-01-01T00:00:00+14:00",
            1e300,
            "99999-01-01",
        ):
            with self.subTest(value=value):
                self.assertIsNone(reading.stamp(value))

    def test_numbers_are_finite_and_seconds_never_below_zero(self):
        self.assertEqual([reading.number(value) for value in ("0.4", 3, " 5 ")], [0.4, 3.0, 5.0])
        for value in (None, "", "NaN", "inf", "-Infinity", True, [], "1,5", 10**400):
            with self.subTest(value=value):
                self.assertIsNone(reading.number(value))
        self.assertEqual([reading.seconds(value) for value in ("24.6", -3, "0", 1e12)], [25, 0, 0, 365 * 86400])
        self.assertEqual([reading.seconds("2", unit) for unit in (60, 0.001)], [120, 0])

    def test_words_are_folded(self):
        self.assertEqual(
            {reading.fold(word) for word in ("NO ANSWER", "no_answer", "NoAnswer", " no-answer ")}, {"noanswer"}
        )
        self.assertEqual([reading.fold(value) for value in (None, True, [], 7)], ["", "", "", "7"])

    def test_equal_content_has_an_equal_digest(self):
        self.assertEqual(reading.digest({"a": 1, "b": [2]}), reading.digest({"b": [2], "a": 1}))
        self.assertNotEqual(reading.digest({"a": 1}), reading.digest({"a": "1"}))

    def test_numbers_are_written_as_providers_want_them(self):
        for form, expected in (
            ("e164", "+919876543210"),
            ("e164-no-plus", "919876543210"),
            ("national", "9876543210"),
            ("0+national", "09876543210"),
            ("digits(7)", "6543210"),
        ):
            with self.subTest(form=form):
                self.assertEqual(write_number("+919876543210", form), expected)
        self.assertEqual(write_number("+390612345678", "national"), "0612345678", "Italian numbers keep their zero")
        for form in ("", "E164", "digits()", "digits(1", "local"):
            with self.subTest(form=form), self.assertRaisesRegex(ValueError, "no form of numbers"):
                check_format(form)
        with self.assertRaisesRegex(ValueError, "no telephone number"):
            write_number("+1", "national")


TWILIO = {"account_sid": "AC1", "auth_token": "t"}
SANSPBX = {"base_url": "http://127.0.0.1:9", "access_token": "t", "access_key": "k", "appid": "1"}
GENERIC = {"base_url": "http://127.0.0.1:9", "adapter": SIGNED, "secrets": {"key": "k", "hook": "h"}}
PROVIDERS = {
    "twilio": (registry.make("twilio", TWILIO), PROGRESS),
    "bland": (registry.make("bland", {"api_key": "k", "webhook_secret": "s"}), COMPLETED),
    "sanspbx": (registry.make("sanspbx", SANSPBX), CALLBACK),
    "generic": (registry.make("generic", GENERIC), REPORT["call"]),
}
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def bodies(draw):
    """A provider and a body for it: a good one with odd values in it, or anything at all."""
    name = draw(st.sampled_from(sorted(PROVIDERS)))
    good = PROVIDERS[name][1]
    if draw(st.integers(0, 5)) == 0:
        return name, draw(st.binary(max_size=60))
    fields = {**good, **draw(st.dictionaries(st.sampled_from(sorted(good)), ODD, max_size=5))}
    if name == "twilio":
        return name, urlencode([(key, str(value)) for key, value in fields.items()], errors="replace").encode()
    return name, json.dumps({"call": fields} if name == "generic" else fields).encode()


@tagged("post_install", "-at_install")
class TestNonsense(BaseCase):
    @settings(max_examples=400, deadline=None, database=None)
    @given(bodies())
    def test_nonsense_is_read_as_something_harmless_or_refused(self, case):
        name, body = case
        provider = PROVIDERS[name][0]
        kind = "application/x-www-form-urlencoded" if name == "twilio" else "application/json"
        request = delivery(body, {"x-signature": "sha256=00", "x-webhook-signature": "00"}, url=DOOR, content_type=kind)
        with self.assertRaises(DeliveryRefused):
            provider.verify(request)
        try:
            reports = provider.parse(request)
        except ValueError:
            return
        for report in reports:
            self.assertIn(report.state, {None, *lifecycle.MOVES})
            self.assertIsInstance(report.provider_call_id, str)
            self.assertIsInstance(report.word, str)
            self.assertTrue(report.key)
            for stamp in (report.occurred_at, report.values.get("answered_at"), report.values.get("ended_at")):
                self.assertTrue(stamp is None or stamp.tzinfo is None)
            seconds = report.values.get("talk_seconds", 0)
            self.assertIsInstance(seconds, int)
            self.assertGreaterEqual(seconds, 0)
            if report.state in lifecycle.FINAL - {"completed"}:
                self.assertEqual((seconds, report.values.get("answered_at")), (0, None))
