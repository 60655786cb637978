"""Twilio and Bland AI as simulated: every way a call can go, and every way asking can fail."""

from datetime import timedelta
from urllib.parse import urlsplit

from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.datastructures import MultiDict

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError, NotFoundError
from ..ghl_calls.providers.base import SubmissionUnknown
from ..ghl_calls.providers.twilio.signature import fields_of
from .providers_sandbox_case import LAST, ProviderSandboxCase

ENDS = {
    "01": "completed",
    "02": "completed",
    "03": "busy",
    "04": "no_answer",
    "05": "failed",
    "06": "failed",
    "09": "completed",
    "14": "no_answer",
}
REFUSALS = {
    "50": "lead",
    "51": "lead",
    "52": "lead",
    "53": "lead",
    "54": "caller",
    "55": "later",
    "56": "account",
    "57": "account",
    "58": "lead",
    "47": "later",
    "40": "unknown",
    "44": "unknown",
}


class Judged:
    """What must hold at every provider that signs, can be asked and lists its calls."""

    def test_every_end_is_told_and_fetched_as_it_was(self):
        provider = self.provider()
        placed = {ending: provider.place(self.order(ending)).provider_call_id for ending in ENDS}
        self.settled()
        reports, refused = self.reports()
        self.assertEqual(refused, 0)
        for ending, call_id in placed.items():
            with self.subTest(ending=ending):
                truth = self.truth(call_id)
                fetched = provider.fetch(call_id)
                state, values = self.folded(reports, call_id)
                self.assertEqual((state, fetched.state), (ENDS[ending], ENDS[ending]), truth)
                self.assertTimes(values, truth)
                self.assertTimes(fetched.values, truth)
                self.assertEqual(self.rang(ending), 1)

    def test_people_and_machines_are_told_apart(self):
        provider = self.provider()
        for ending, who in (("01", "human"), ("02", "machine")):
            call_id = provider.place(self.order(ending)).provider_call_id
            self.settled()
            told = [
                report.values.get("answered_by") for report in self.reports()[0] if report.provider_call_id == call_id
            ]
            with self.subTest(who=who):
                self.assertIn(who, told)
                self.assertEqual(provider.fetch(call_id).values["answered_by"], who)

    def test_refusals_say_what_to_do(self):
        for ending, kind in REFUSALS.items():
            with self.subTest(ending=ending):
                self.assertEqual(self.refused(ending).kind, kind)
        self.assertEqual(self.settled()["rung"], [], "nothing rang")

    def test_nobody_listening_means_not_sent(self):
        self.sandbox.telephony("down", {"provider": self.name, "how": "503"})
        self.assertEqual(self.refused("01").kind, "unknown")
        self.sandbox.telephony("down", {"provider": self.name})
        self.assertEqual(self.refused("01", self.provider(base_url="http://127.0.0.1:9")).kind, "not_sent")

    def test_an_order_without_an_answer_is_found_again_and_was_placed_once(self):
        for ending in ("41", "43", "45", "48"):
            with self.subTest(ending=ending):
                self.assertIsInstance(self.refused(ending, self.impatient()), SubmissionUnknown)
                found = self.provider().find(self.order(ending), self.placed_at)
                self.assertEqual(len(found), 1)
                self.assertEqual(self.rang(ending), 1)
                self.assertEqual(found[0].provider_call_id, self.settled_to(ending)["call_id"])

    def test_an_order_that_was_not_taken_is_not_found(self):
        for ending in ("40", "44"):
            self.refused(ending)
            with self.subTest(ending=ending):
                self.assertEqual(self.provider().find(self.order(ending), self.placed_at), [])

    def test_calls_from_before_are_not_found(self):
        self.provider().place(self.order("01"))
        later = self.placed_at + timedelta(days=2)
        self.assertEqual(self.provider().find(self.order("01"), later), [])

    def test_wrong_signatures_are_refused(self):
        for ending in ("26", "27"):
            self.provider().place(self.order(ending))
            self.settled()
            reports, refused = self.reports()
            with self.subTest(ending=ending):
                self.assertEqual(reports, [])
                self.assertGreater(refused, 0)
            self.door.reset()

    def test_doubled_reversed_late_and_early_reports_end_the_same(self):
        for ending in ("21", "22", "23", "24", "25", "29"):
            with self.subTest(ending=ending):
                call_id = self.provider().place(self.order(ending)).provider_call_id
                self.settled()
                state, values = self.folded(self.reports()[0], call_id)
                self.assertEqual(state, "completed")
                self.assertTimes(values, self.truth(call_id))

    def test_doubled_reports_have_the_same_key(self):
        self.provider().place(self.order("22"))
        self.settled()
        keys = [report.key for report in self.reports()[0]]
        self.assertEqual({keys.count(key) for key in keys}, {3})

    def test_reports_carry_our_reference(self):
        self.provider().place(self.order("01"))
        self.settled()
        self.assertEqual({report.reference for report in self.reports()[0]}, {LAST})

    def test_a_call_is_hung_up_and_again_and_when_unknown(self):
        self.sandbox.telephony("clock", {"scale": 5})
        provider = self.provider()
        call_id = provider.place(self.order("10")).provider_call_id
        provider.cancel(call_id)
        self.sandbox.telephony("clock", {"scale": 300})
        self.assertIn(self.truth(call_id)["end"], ("canceled", "completed"))
        self.assertIn(provider.fetch(call_id).state, ("cancelled", "completed"))
        provider.cancel(call_id)
        provider.cancel(self.unknown_id)

    def test_an_unknown_call_is_none(self):
        self.assertIsNone(self.provider().fetch(self.unknown_id))

    def test_bad_credentials_are_told(self):
        self.assertIn("Connected", self.provider().check())
        stranger = self.provider(**self.wrong_credentials)
        with self.assertRaises((AuthenticationError, NotFoundError)):
            stranger.check()
        self.assertEqual(self.refused("01", stranger).kind, "account")

    def settled_to(self, ending):
        to = self.number.format(ending)
        return next(call for call in self.settled()["calls"] if call["to"] == to)


class ToSandbox(TwilioHttpClient):
    """Twilio's own HTTP client, asking the simulated Twilio."""

    def __init__(self, base_url):
        super().__init__(timeout=10)
        self.base_url = base_url

    def request(self, method, url, *args, **kwargs):
        here = self.base_url + urlsplit(url)._replace(scheme="", netloc="").geturl()
        return super().request(method, here, *args, **kwargs)


@tagged("post_install", "-at_install")
class TestTwilioSimulated(Judged, ProviderSandboxCase):
    name = "twilio"
    options = {"settings": {"twilio.cps": 50}}
    script = {"message": "Hello, this is a long message."}
    unknown_id = "CA" + "0" * 32
    wrong_credentials = {"auth_token": "wrong"}

    def setUp(self):
        super().setUp()
        twiml = self.provider().answer({"message": "Hello"}).replace("<Hangup/>", "<Pause length='900'/>")
        self.door.answers["/answer"] = (200, "text/xml", twiml.encode())

    def settings(self):
        return {name: self.account()[name] for name in ("base_url", "account_sid", "auth_token")}

    def order(self, ending="01", **values):
        return super().order(ending, **{"answer_url": f"{self.door.url}/answer/{LAST}", **values})

    def test_a_rejecting_person_declined(self):
        self.provider().place(self.order("07"))
        self.settled()
        ended = [report for report in self.reports()[0] if report.word == "busy"]
        self.assertEqual([(report.state, report.values["end_reason"]) for report in ended], [("busy", "declined")])

    def test_reports_signed_with_the_token_of_before_are_believed_after_a_change(self):
        self.provider().place(self.order("27"))
        self.settled()
        provider = self.provider(previous_auth_token=self.account()["previous_auth_token"])
        self.assertEqual(self.reports(provider)[1], 0)

    def test_the_question_what_to_say_is_signed_too(self):
        self.provider().place(self.order("01"))
        self.settled()
        asked = self.deliveries("/answer/")
        self.assertEqual(len(asked), 1)
        self.provider().verify(asked[0])
        self.assertEqual(self.provider().parse(asked[0])[0].state, "in_progress")

    def test_twilios_validator_and_ours_agree_on_what_came(self):
        for ending in ("01", "26", "27"):
            self.provider().place(self.order(ending))
        self.settled()
        validator = RequestValidator(self.account()["auth_token"])
        verdicts = []
        for delivery in self.deliveries():
            given = delivery.headers["x-twilio-signature"]
            theirs = validator.validate(delivery.url, MultiDict(fields_of(delivery)), given)
            try:
                self.provider().verify(delivery)
            except Exception:
                ours = False
            else:
                ours = True
            verdicts.append((ours, theirs))
        self.assertEqual({pair[0] == pair[1] for pair in verdicts}, {True})
        self.assertEqual({ours for ours, _theirs in verdicts}, {True, False})

    def test_a_recording_is_told(self):
        call_id = self.provider().place(self.order("01", record=True)).provider_call_id
        self.settled()
        urls = {
            report.values["recording_url"]
            for report in self.reports()[0]
            if report.provider_call_id == call_id and "recording_url" in report.values
        }
        self.assertEqual(len(urls), 1)

    def test_an_api_key_serves_as_well(self):
        account = self.account()
        provider = self.provider(api_key_sid=account["api_key_sid"], api_key_secret=account["api_key_secret"])
        self.assertTrue(provider.place(self.order("01")).provider_call_id.startswith("CA"))
        self.assertIn("Connected", provider.check())

    def test_many_calls_are_found_over_several_pages(self):
        provider = self.provider()
        self.sandbox.telephony("settings", {"twilio.cps": 1000})
        ids = {provider.place(self.order("03")).provider_call_id for _call in range(120)}
        found = provider.find(self.order("03"), self.placed_at)
        self.assertEqual({report.provider_call_id for report in found}, ids)

    def test_twilios_library_sees_the_calls_we_placed(self):
        account = self.account()
        client = Client(account["account_sid"], account["auth_token"], http_client=ToSandbox(account["base_url"]))
        ours = self.provider().place(self.order("01")).provider_call_id
        theirs = client.calls.create(
            to=self.number.format("03"), from_=self.callers[0], url=f"{self.door.url}/answer/{LAST}"
        ).sid
        self.settled()
        self.assertEqual({call.sid for call in client.calls.list()}, {ours, theirs})
        call = client.calls(ours).fetch()
        fetched = self.provider().fetch(ours)
        self.assertEqual((call.status, int(call.duration)), (fetched.word, fetched.values["talk_seconds"]))
        self.assertEqual(call.end_time.replace(tzinfo=None), fetched.values["ended_at"])
        self.assertEqual(self.provider().fetch(theirs).state, "busy")


@tagged("post_install", "-at_install")
class TestBlandSimulated(Judged, ProviderSandboxCase):
    name = "bland"
    unknown_id = "00000000-0000-4000-8000-000000000000"
    wrong_credentials = {"api_key": "wrong"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.callers = tuple(cls.sandbox.bland["numbers"])

    def settings(self):
        return {name: self.account()[name] for name in ("base_url", "api_key", "webhook_secret")}

    def test_a_number_out_of_service_is_named(self):
        call_id = self.provider().place(self.order("05")).provider_call_id
        self.settled()
        self.assertEqual(self.provider().fetch(call_id).values["end_reason"], "invalid_number")

    def test_a_body_that_was_signed_in_another_form_is_believed(self):
        self.sandbox.telephony("settings", {"bland.webhook_mode": "reserialised"})
        self.provider().place(self.order("01"))
        self.settled()
        reports, refused = self.reports()
        self.assertEqual((refused, [report.state for report in reports]), (0, ["completed"]))

    def test_unsigned_reports_are_never_proven(self):
        self.sandbox.telephony("settings", {"bland.webhook_mode": "unsigned"})
        self.provider().place(self.order("01"))
        self.settled()
        self.assertEqual(self.reports()[0], [])
        self.assertFalse(self.provider(webhook_secret="").capabilities.signed)

    def test_the_second_webhook_brings_the_transcript_and_changes_nothing_else(self):
        self.sandbox.telephony("settings", {"bland.second_webhook": True})
        self.provider().place(self.order("01"))
        self.settled()
        first, second = self.reports()[0]
        self.assertEqual((first.state, second.state), ("completed", "completed"))
        self.assertNotEqual(first.key, second.key)
        self.assertEqual(first.values["talk_seconds"], second.values["talk_seconds"])
        self.assertTrue(second.values["transcript"])

    def test_metadata_and_results_come_back(self):
        call_id = self.provider().place(self.order("01", record=True, metadata={"contact_id": 7})).provider_call_id
        self.settled()
        report = self.reports()[0][-1]
        self.assertEqual(report.raw["metadata"], {"contact_id": 7, "reference": LAST})
        self.assertGreater(report.values["cost"], 0)
        self.assertIn("recording_url", report.values)
        self.assertEqual({turn["role"] for turn in report.values["transcript_turns"]}, {"user", "assistant"})
        self.assertEqual(self.provider().fetch(call_id).values["transcript"], report.values["transcript"])

    def test_the_plans_limits_put_leads_back(self):
        self.sandbox.telephony("clock", {"scale": 1})
        self.sandbox.telephony("settings", {"bland.concurrent": 1})
        self.provider().place(self.order("01"))
        error = self.refused("03")
        self.assertEqual((error.kind, error.code), ("later", "CALL_RL_PLAN_CONCURRENCY"))
        self.sandbox.telephony("settings", {"bland.concurrent": 100, "bland.per_hour": 1})
        error = self.refused("03")
        self.assertEqual(error.kind, "later")
        self.assertGreater(error.retry_after, 0)

    def test_a_batch_is_placed_and_every_call_reports_for_itself(self):
        orders = [self.order("01"), self.order("03", reference="ref-2")]
        self.assertTrue(self.provider().place_batch(orders))
        self.settled()
        found = {report.raw["metadata"]["reference"]: report.state for report in self.reports()[0]}
        self.assertEqual(found, {LAST: "completed", "ref-2": "busy"})
