"""SansPBX as simulated: no questions, no signature, one report after the end."""

from odoo.tests.common import tagged

from ..ghl_base.net.errors import AuthenticationError
from .generic_data import TOKEN_STEP, described
from .providers_sandbox_case import LAST, ProviderSandboxCase

ENDS = {
    "01": "completed",
    "03": "busy",
    "04": "no_answer",
    "05": "failed",
    "06": "failed",
    "09": "completed",
    "14": "no_answer",
    "21": "completed",
    "25": "completed",
    "29": "completed",
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


class ExchangeCase(ProviderSandboxCase):
    number = "+9198121990{}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.callers = tuple(cls.sandbox.sanspbx["numbers"])

    def account(self):
        return self.sandbox.sanspbx


class Judged:
    def test_every_end_is_told_as_it_was(self):
        provider = self.provider()
        placed = {ending: provider.place(self.order(ending)).provider_call_id for ending in ENDS}
        self.settled()
        reports, _refused = self.reports()
        for ending, call_id in placed.items():
            with self.subTest(ending=ending):
                state, values = self.folded(reports, call_id)
                self.assertEqual(state, ENDS[ending])
                self.assertTimes(values, self.truth(call_id))
                self.assertEqual(self.rang(ending), 1)
        self.assertEqual({report.reference for report in reports}, {LAST})

    def test_the_reference_comes_back_without_the_path(self):
        self.provider().place(self.order("03", reference="ref-7"))
        self.settled()
        told = self.deliveries()[0]
        bare = type(told)(told.method, told.url, told.headers, told.body, told.content_type)
        self.assertEqual(self.provider().parse(bare)[0].reference, "ref-7")

    def test_a_call_is_hung_up(self):
        self.sandbox.telephony("clock", {"scale": 5})
        provider = self.provider()
        call_id = provider.place(self.order("10")).provider_call_id
        provider.cancel(call_id)
        self.sandbox.telephony("clock", {"scale": 300})
        self.assertIn(self.truth(call_id)["end"], ("canceled", "completed"))

    def test_a_token_that_ran_out_is_replaced(self):
        provider = self.provider()
        provider.place(self.order("03"))
        self.sandbox.telephony("reset", {})
        self.assertTrue(provider.place(self.order("03")).provider_call_id)
        self.sandbox.telephony("reset", {})
        self.assertIn("Connected", provider.check())


@tagged("post_install", "-at_install")
class TestSansPbxSimulated(Judged, ExchangeCase):
    name = "sanspbx"

    def settings(self):
        return {name: str(self.account()[name]) for name in ("base_url", "access_token", "access_key", "appid")}

    def test_refusals_say_what_to_do(self):
        for ending, kind in REFUSALS.items():
            with self.subTest(ending=ending):
                self.assertEqual(self.refused(ending).kind, kind)
        self.assertEqual(self.settled()["rung"], [], "nothing rang")

    def test_nobody_knows_of_an_order_without_a_usable_answer(self):
        for ending in ("41", "43", "45", "48"):
            with self.subTest(ending=ending):
                self.assertEqual(self.refused(ending, self.impatient()).kind, "unknown")
                self.assertEqual(self.rang(ending), 1)
        self.sandbox.telephony("settings", {"sanspbx.without_callid": True})
        self.assertEqual(self.refused("01").kind, "unknown")

    def test_nothing_rang_while_there_was_no_token(self):
        self.sandbox.telephony("down", {"provider": "sanspbx", "how": "503"})
        self.assertEqual(self.refused("01").kind, "not_sent")
        self.sandbox.telephony("down", {"provider": "sanspbx"})
        self.assertEqual(self.refused("01", self.provider(access_key="wrong")).kind, "account")
        with self.assertRaises(AuthenticationError):
            self.provider(access_token="wrong").check()

    def test_accounts_differ(self):
        self.sandbox.telephony("settings", {"sanspbx.basic": True, "sanspbx.nested_token": True})
        self.assertEqual(self.refused("01").kind, "account")
        account = self.account()
        provider = self.provider(basic_user=account["basic_user"], basic_password=account["basic_password"])
        self.assertTrue(provider.place(self.order("01")).provider_call_id)
        self.sandbox.telephony("settings", {"sanspbx.number_format": "91+10"})
        self.assertEqual(self.refused("01", provider).kind, "lead")
        provider = self.provider(
            basic_user=account["basic_user"], basic_password=account["basic_password"], number_format="e164-no-plus"
        )
        self.assertTrue(provider.place(self.order("01")).provider_call_id)

    def test_hanging_up_what_is_over_or_unknown_is_no_error(self):
        provider = self.provider()
        call_id = provider.place(self.order("03")).provider_call_id
        self.settled()
        provider.cancel(call_id)
        provider.cancel("api-0-unknown")


@tagged("post_install", "-at_install")
class TestDescribedExchangeSimulated(Judged, ExchangeCase):
    """The same exchange, not known but described."""

    name = "generic"

    def settings(self):
        account = self.account()
        words = {"ANSWER": "completed", "ANSWERED": "completed", "NOANSWER": "no_answer", "BUSY": "busy"}
        words |= {"FAILED": "failed", "CONGESTION": "failed", "CANCEL": "cancelled"}
        adapter = described(
            TOKEN_STEP,
            dial__body__appid=account["appid"],
            callback__statuses=words,
            callback__reference_paths=["custom_field.reference", "reference"],
        )
        return {
            "base_url": account["base_url"],
            "adapter": adapter,
            "secrets": {"access_token": account["access_token"], "access_key": account["access_key"]},
        }

    def test_texts_of_refusals_mean_what_the_description_says(self):
        self.assertEqual(self.refused("56").kind, "config")
        refusals = {"account": ["insufficient balance"], "lead": ["call_to"]}
        settings = self.settings()
        provider = self.provider(adapter=described(settings["adapter"], dial__refusals=refusals))
        self.assertEqual((self.refused("56", provider).kind, self.refused("50", provider).kind), ("account", "lead"))
