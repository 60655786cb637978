"""Clean-up removes generated calls with all that hangs on them, and nothing else."""

from odoo.exceptions import AccessError, UserError
from odoo.tests.common import tagged

from ..ghl_calls.tools.cleanup import Cleanup, statistics
from ..ghl_calls.tools.console import confirmed
from .calls_data import make_calls
from .test_calls_tools_generate import ToolsCase


@tagged("post_install", "-at_install", "ghl")
class TestCleanup(ToolsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.by_hand = make_calls(cls.env, 3)
        make_calls(cls.env, 2, cls.other, source="generator")

    def setUp(self):
        super().setUp()
        self.first = self.made(self.generator(20, bulk=False).run())
        self.between = make_calls(self.env, 2, active=False)
        self.second = self.made(self.generator(20, seed=8, bulk=True).run())
        self.foreign = self.calls.search([("company_id", "=", self.other.id)])

    def cleanup(self, env=None, **which):
        return Cleanup(env or self.env, company=self.company, **which)

    def assert_untouched(self, calls):
        self.assertEqual(calls.exists(), calls)
        self.assertEqual(len(self.logs(calls)), len(calls))

    def test_a_range_of_ids(self):
        work = self.cleanup(first_id=self.first[10].id, last_id=self.second[9].id)
        preview = work.preview()
        self.assertEqual((preview.calls, preview.logs, preview.spared), (20, 20, 2))
        self.assertEqual((preview.first_id, preview.last_id), (self.first[10].id, self.second[9].id))
        self.assertEqual(preview.sample[0][0], self.second[9].id)
        self.assert_untouched(self.first | self.second)
        self.assertEqual(work.run(), (20, 20))
        self.assert_untouched(self.first[:10] | self.second[10:] | self.by_hand | self.between | self.foreign)
        gone = self.first[10:] | self.second[:10]
        self.assertFalse(gone.exists() or self.logs(gone))
        self.assert_totals_exact()

    def test_the_last_ones(self):
        self.assertEqual(self.cleanup(last=25).preview().calls, 25)
        self.assertEqual(self.cleanup(last=25).run(), (25, 25))
        self.assertEqual(self.first.exists() | self.second.exists(), self.first[:15])
        self.assert_untouched(self.by_hand | self.between | self.foreign | self.first[:15])
        self.assert_totals_exact()

    def test_all_generated_ones_deleted_ones_too(self):
        (self.first[0] | self.second[0]).active = False
        lines = len(self.logs(self.first | self.second))
        self.assertEqual(self.cleanup().run(), (40, lines))
        self.assert_untouched(self.by_hand | self.between | self.foreign)
        self.assertEqual(self.cleanup().run(), (0, 0), "a second time there is nothing left")
        self.assert_totals_exact()

    def test_what_hangs_on_a_call_goes_with_it(self):
        call, kept = self.first[0], self.by_hand[0]
        for record in call | kept:
            record.message_post(body="Hello")
            record.message_subscribe(self.colleague.partner_id.ids)
            record.activity_schedule("mail.mail_activity_data_todo", user_id=self.admin.id)
            self.env["ir.attachment"].create({"name": "a", "raw": b"x", "res_model": "ghl.call", "res_id": record.id})
        retry = make_calls(self.env, 1, retry_of_id=call.id)
        self.cleanup().run()
        self.assertTrue(retry.exists() and not retry.retry_of_id)
        for name, field in (("mail.message", "model"), ("mail.followers", "res_model"), ("ir.attachment", "res_model")):
            records = self.env[name].search([(field, "=", "ghl.call"), ("res_id", "in", (call | kept).ids)])
            self.assertEqual(set(records.mapped("res_id")), {kept.id}, name)
        self.assertEqual(len(kept.activity_ids), 1)
        self.assertFalse(self.env["mail.activity"].search([("res_model", "=", "ghl.call"), ("res_id", "=", call.id)]))

    def test_statistics(self):
        found = statistics(self.env, self.company)
        self.assertEqual(found["by_source"]["generator"], 40)
        self.assertEqual(found["by_source"]["manual"], found["calls"] - 40)
        self.assertEqual(found["generated"], (40, self.first[0].id, self.second[-1].id))
        self.assertEqual(sum(found["by_status"].values()), found["calls"])

    def test_what_makes_no_sense_is_refused_and_nothing_removed(self):
        for wrong in (
            {"last": 0},
            {"last": -3},
            {"last": 2**40},
            {"first_id": 1},
            {"last_id": 5},
            {"first_id": 9, "last_id": 8},
            {"first_id": 0, "last_id": 8},
            {"first_id": 1, "last_id": 8, "last": 2},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                self.cleanup(**wrong).run()
        with self.assertRaises(UserError):
            Cleanup(self.env, company=self.env["res.company"].browse(999_999))
        self.assert_untouched(self.first | self.second)

    def test_only_administrators_of_the_company_may(self):
        with self.assertRaises(AccessError):
            self.cleanup(self.env(user=self.colleague))
        with self.assertRaises(AccessError):
            statistics(self.env(user=self.colleague), self.company)
        with self.assertRaises(UserError):
            Cleanup(self.env(user=self.admin), company=self.other)
        self.assertEqual(self.cleanup(self.env(user=self.admin), last=1).run(), (1, 1))

    def test_only_the_exact_word_confirms(self):
        def nobody(question):
            raise EOFError

        self.assertTrue(confirmed("DELETE", "?", ask=lambda question: "DELETE "))
        for answer in ("", "y", "yes", "delete", "DELETED"):
            self.assertFalse(confirmed("DELETE", "?", ask=lambda question, answer=answer: answer))
        self.assertFalse(confirmed("DELETE", "?", ask=nobody))
