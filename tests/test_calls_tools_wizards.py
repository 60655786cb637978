"""The tools in the back office: what will happen is shown before it does, and only to administrators."""

import base64

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tests.common import tagged

from .calls_data import BASE, make_calls
from .test_calls_tools_generate import ToolsCase


@tagged("post_install", "-at_install", "ghl")
class TestWizards(ToolsCase):
    def setUp(self):
        super().setUp()
        self.env = self.env(user=self.admin)
        self.calls = self.calls.with_env(self.env(context={"active_test": False}))

    def form(self, tool):
        return Form(self.env[f"ghl.call.{tool}.wizard"])

    def found(self, action):
        return self.calls.search(action["domain"])

    def test_generate_shows_what_comes_and_then_the_calls(self):
        before = self.calls.search_count([])
        form = self.form("generate")
        form.count, form.seed = 30, 5
        self.assertIn("30 calls will be made", form.preview)
        shown = form.preview.splitlines()[1]
        self.assertEqual(self.calls.search_count([]), before)
        calls = self.found(form.save().action_generate())
        self.assertEqual((len(calls), calls.mapped("source")), (30, ["generator"] * 30))
        self.assertIn(calls.sorted("id")[0].subject, shown)

    def test_generate_refuses_in_the_form(self):
        form = self.form("generate")
        for count in (0, -5, 100_001):
            form.count = count
            self.assertTrue(form.problem)
            self.assertFalse(form.preview)
        before = self.calls.search_count([])
        with self.assertRaises(UserError):
            form.save().action_generate()
        self.assertEqual(self.calls.search_count([]), before)

    def test_a_csv_file_with_bad_rows_is_explained(self):
        form = self.form("generate")
        form.file = base64.b64encode(b"subject,start_time\nGood,2026-01-31 09:30\nBad,never\n")
        self.assertIn("Line 3: start_time", form.problem)
        form.file = base64.b64encode(b"\xff\xfe\x00")
        self.assertIn("UTF-8", form.problem)
        form.file = base64.b64encode(b"subject,start_time\nGood,2026-01-31 09:30\n")
        self.assertFalse(form.problem)
        calls = self.found(form.save().action_generate())
        self.assertEqual((calls.subject, calls.source), ("Good", "import"))

    def test_clean_up_wants_the_word(self):
        by_hand = make_calls(self.env, 2)
        calls = self.made(self.generator(10, env=self.env).run())
        form = self.form("cleanup")
        form.which = "last"
        form.last = 4
        self.assertIn("4 generated calls and 4 log lines", form.preview)
        wizard = form.save()
        for word in (False, "", "delete", "YES"):
            wizard.confirmation = word
            with self.assertRaises(UserError):
                wizard.action_remove()
        self.assertEqual(len(calls.exists()), 10)
        wizard.confirmation = "DELETE"
        wizard.action_remove()
        self.assertEqual(calls.exists(), calls[:6])
        self.assertEqual(by_hand.exists(), by_hand)
        self.assert_totals_exact()

    def test_clean_up_of_a_range_says_what_stays(self):
        first = self.made(self.generator(2, env=self.env).run())
        make_calls(self.env, 3)
        last = self.made(self.generator(2, env=self.env).run())
        form = self.form("cleanup")
        form.which = "ids"
        self.assertTrue(form.problem, "no range yet")
        form.last_id = last[-1].id
        form.first_id = first[0].id
        self.assertFalse(form.problem)
        self.assertIn("3 other calls in this range stay", form.preview)

    def test_with_nothing_to_do_it_says_so_and_offers_nothing(self):
        make_calls(self.env, 2)
        self.assertEqual(self.form("cleanup").problem, "There are no generated calls.")
        self.assertEqual(self.form("dedupe").problem, "No call is there more than once.")

    def test_merge(self):
        calls = make_calls(self.env, 1, subject="Twice", start_time=BASE)
        calls |= make_calls(self.env, 1, subject="Twice", start_time=BASE)
        form = self.form("dedupe")
        self.assertIn("1 calls are there more than once, 1 will be merged", form.preview)
        form.save().action_merge()
        self.assertEqual(calls.mapped("active"), [False, True])

    def test_a_company_one_does_not_work_in_is_refused(self):
        make_calls(self.env(su=True), 2, self.other, source="generator")
        for tool in ("generate", "cleanup", "dedupe"):
            wizard = self.env[f"ghl.call.{tool}.wizard"].create({})
            wizard.sudo().company_id = self.other
            self.assertIn("not working in the company", wizard.problem, tool)
            self.assertFalse(wizard.preview, tool)

    def test_only_administrators_open_them(self):
        for tool in ("generate", "cleanup", "dedupe"):
            with self.assertRaises(AccessError):
                self.env[f"ghl.call.{tool}.wizard"].with_user(self.colleague).create({})
            menu = self.env.ref(f"ghl.menu_ghl_call_{tool}_wizard").sudo()
            self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(self.colleague)._visible_menu_ids())
            self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.admin)._visible_menu_ids())
