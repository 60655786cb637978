"""Every view opens for everybody who may see the model, and every menu leads somewhere."""

import json

from lxml import etree

from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval

from .common import make_location, make_user, mirror

GROUPS = ("viewer", "agent", "campaign_manager", "admin")
CONTACT = {
    "id": "C1",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "email": "ada@example.com",
    "additionalPhones": [{"phone": "+15550001"}],
    "tags": ["vip"],
    "dnd": True,
    "dndSettings": {"SMS": {"status": "active", "message": "asked"}},
    "customFields": [{"id": "F1", "value": {"u1": {"meta": {"originalname": "plan.pdf"}}}}],
    "attributionSource": {"sessionSource": "Paid Social", "utmSource": "fb"},
    "scoring": [{"id": "s", "score": 0}],
    "dateAdded": "2026-01-01T00:00:00.000Z",
    "dateUpdated": "2026-01-02T00:00:00.000Z",
}


@tagged("post_install", "-at_install")
class TestContactsViews(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)
        mirror(cls.env, cls.location, "ghl.contact", [CONTACT])
        cls.contact = cls.env["ghl.contact"].search([("external_id", "=", "C1")])
        cls.users = {group: make_user(cls.env, f"views_{group}", group) for group in GROUPS}

    def _views(self):
        return self.env["ir.ui.view"].search(
            [("model", "=like", "ghl.%"), ("type", "!=", "qweb"), ("inherit_id", "=", False)]
        )

    def test_every_view_is_built_for_every_group_that_may_read_its_model(self):
        built = 0
        for user in self.users.values():
            for view in self._views():
                model = self.env[view.model].with_user(user)
                if model.has_access("read"):
                    with self.subTest(user=user.login, view=view.name):
                        model.get_view(view.id, view.type)
                        built += 1
        self.assertGreater(built, 100)

    def test_every_list_that_may_be_empty_says_what_will_be_there(self):
        actions = self.env["ir.actions.act_window"].search([("res_model", "=like", "ghl.%"), ("path", "!=", False)])
        self.assertGreater(len(actions), 20)
        self.assertEqual(actions.filtered(lambda action: not action.help).mapped("path"), [])

    def test_figures_of_a_contact_have_one_name_each(self):
        arch = self.env["ghl.contact"].get_view(self.env.ref("ghl.ghl_contact_view_list").id, "list")["arch"]
        labels = {node.get("name"): node.get("string") for node in self._nodes(arch, "field")}
        for name in ("touch_summary", "engagement_summary", "speed_to_lead"):
            self.assertIn(labels[name], (None, self.env["ghl.contact"]._fields[name].string))

    def test_people_read_the_channels_of_touches_in_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "ghl")])._update_translations("de_DE")
        contact = self.contact
        contact.touches = {"TYPE_CALL": 2, "TYPE_CAMPAIGN_VOICEMAIL": 1, "TYPE_NEW_ONE": 1}
        self.assertEqual(contact.touch_summary, "2 Call, 1 Campaign voicemail, 1 New one")
        self.assertEqual(contact.with_context(lang="de_DE").touch_summary, "2 Anruf, 1 Kampagnen-Voicemail, 1 New one")

    def test_no_view_shows_a_json_column_as_it_is(self):
        for view in self._views():
            arch = self.env[view.model].get_view(view.id, view.type)["arch"]
            shown = {node.get("name"): node for node in self._nodes(arch, "field")}
            for name, field in self.env[view.model]._fields.items():
                if field.type == "json" and name in shown:
                    with self.subTest(view=view.name, field=name):
                        self.assertIn("ghl_", shown[name].get("widget", ""), "only by a widget that makes words of it")

    def test_no_view_names_a_column_of_secrets(self):
        self.assertFalse(self._views().filtered(lambda view: view.model == "ghl.token"))
        for view in self._views():
            for node in self._nodes(view.arch, "field"):
                if node.get("name") in ("access_token", "refresh_token", "pending_token"):
                    # Taken, never shown: such fields are empty whenever they are read.
                    self.assertEqual(node.get("password"), "True", view.name)
                    self.assertFalse(self.env[view.model]._fields[node.get("name")].store, view.name)

    def test_every_menu_of_the_application_opens_its_views(self):
        menus = self.env["ir.ui.menu"].search([("id", "child_of", self.env.ref("ghl.menu_ghl_root").id)])
        actions = menus.mapped("action")
        self.assertGreater(len([action for action in actions if action]), 12)
        admin = self.users["admin"]
        for action in filter(None, actions):
            if action._name != "ir.actions.act_window" or action.res_model == "res.config.settings":
                continue
            with self.subTest(action=action.name):
                model = self.env[action.res_model].with_user(admin)
                views = [(view_id, kind) for view_id, kind in action.views]
                found = model.get_views([*views, (False, "search")])
                self.assertEqual(set(found["views"]), {kind for _id, kind in views} | {"search"})

    def test_no_two_actions_share_a_path(self):
        paths = self.env["ir.actions.actions"].search([("path", "=like", "ghl%")]).mapped("path")
        self.assertEqual(len(paths), len(set(paths)))
        self.assertIn("ghl-contacts", paths)

    def test_every_filter_of_every_search_view_finds_without_error(self):
        viewer = self.users["viewer"]
        for view in self._views().filtered(lambda view: view.type == "search"):
            model = self.env[view.model].with_user(viewer)
            if not model.has_access("read"):
                continue
            arch = model.get_view(view.id, "search")["arch"]
            for node in self._nodes(arch, "filter"):
                domain, context = node.get("domain"), node.get("context")
                with self.subTest(view=view.name, filter=node.get("name")):
                    if domain:
                        model.search(self._evaluated(domain, viewer), limit=1)
                    if context and "group_by" in context:
                        by = self._evaluated(context, viewer)["group_by"]
                        model.formatted_read_group([], [by], ["__count"])

    def _nodes(self, arch, tag):
        return etree.fromstring(arch).iter(tag)

    def _evaluated(self, expression, user):
        return safe_eval(expression, {"uid": user.id, "context": {}})

    def test_a_contact_form_shows_what_is_behind_its_structures(self):
        with Form(self.contact.with_user(self.users["viewer"])) as form:
            self.assertEqual(form.display_name, "Ada Lovelace")
            self.assertEqual(form.dnd_summary, "SMS: blocked (asked)")
            self.assertEqual(form.other_addresses, "+15550001")
        self.assertEqual(self.contact.custom_value_ids.value_summary, "plan.pdf")

    def test_only_administrators_see_the_other_remote_fields(self):
        self.assertIn("Scoring / 1 / Score: 0", self.contact.extra_text)
        shown = {
            group: 'name="extra_text"' in self.contact.with_user(user).get_view(view_type="form")["arch"]
            for group, user in self.users.items()
        }
        self.assertEqual(shown, {"viewer": False, "agent": False, "campaign_manager": False, "admin": True})

    def test_sync_buttons_are_hidden_from_viewers(self):
        def buttons(group):
            arch = self.location.with_user(self.users[group]).get_view(view_type="form")["arch"]
            return {node.get("name") for node in self._nodes(arch, "button")}

        self.assertNotIn("action_sync_now", buttons("viewer"))
        self.assertIn("action_sync_now", buttons("agent"))
        self.assertNotIn("action_test_connection", buttons("agent"))
        self.assertIn("action_test_connection", buttons("admin"))

    def test_the_location_button_of_a_contact_opens_its_location(self):
        action = self.contact.with_user(self.users["viewer"]).action_open_location()
        self.assertEqual((action["res_model"], action["res_id"]), ("ghl.location", self.location.id))

    def test_the_limit_to_locations_is_on_the_user_form_for_administrators_of_the_application(self):
        view = self.env.ref("base.view_users_form")
        arch = self.env["res.users"].with_user(self.env.ref("base.user_admin")).get_view(view.id, "form")["arch"]
        self.assertIn("ghl_location_ids", arch)

    def test_a_contact_is_found_by_any_of_its_numbers_and_names(self):
        for text in ("LOVELACE", "ada@EXAMPLE", "+15550001"):
            with self.subTest(text=text):
                found = self.env["ghl.contact"].search([("search_text", "ilike", text)])
                self.assertIn(self.contact, found)

    def test_progress_of_a_cursor_never_passes_one_hundred(self):
        cursor = self.env["ghl.sync.cursor"].create(
            {"location_id": self.location.id, "entity": "contacts", "total": 10, "seen": 25}
        )
        self.assertEqual(cursor.progress, 100.0)
        cursor.write({"seen": 4, "failed": 1})
        self.assertEqual(cursor.progress, 50.0)
        cursor.write({"total": 0})
        self.assertEqual(cursor.progress, 0.0)
        cursor.write({"state": "complete"})
        self.assertEqual(cursor.progress, 100.0)

    def test_a_refused_record_is_shown_as_text(self):
        issue = self.env["ghl.sync.issue"].create(
            {
                "location_id": self.location.id,
                "company_id": self.location.company_id.id,
                "entity": "contacts",
                "external_id": "X",
                "reason": "the record has no id",
                "payload": {"record": {"firstName": "A"}},
            }
        )
        self.assertEqual(issue.payload_text, "First name: A")
        issue.payload = json.loads('{"record": "just text"}')
        self.assertEqual(issue.payload_text, "just text")
        with self.assertRaises(UserError):
            issue.with_user(self.users["viewer"]).action_retry()
        self.assertFalse(self.location.job_id)
        issue.with_user(self.users["agent"]).action_retry()
        self.env.invalidate_all()
        self.assertEqual(self.location.job_id.payload["mode"], "full", "what was told before is not told again")
