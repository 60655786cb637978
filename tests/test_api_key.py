"""API keys: who may have, make, see and end them, and what they open."""

from contextlib import suppress
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, mute_logger, new_test_user, tagged
from odoo.tools import SQL

from ..ghl_base.http.errors import ApiError
from ..ghl_base.models.ghl_api_key import key_hash
from .common_http import ApiCase


class KeyCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_b = cls.env["res.company"].create({"name": "Company B"})
        cls.viewer = new_test_user(cls.env, "key_viewer", groups="ghl.group_ghl_viewer")
        cls.other = new_test_user(cls.env, "key_other", groups="ghl.group_ghl_viewer")
        cls.admin = new_test_user(cls.env, "key_admin", groups="ghl.group_ghl_admin")
        cls.plain = new_test_user(cls.env, "key_plain", groups="base.group_user")
        cls.portal = new_test_user(cls.env, "key_portal", groups="base.group_portal")
        cls.foreign = new_test_user(
            cls.env,
            "key_foreign",
            groups="ghl.group_ghl_viewer",
            company_id=cls.company_b.id,
            company_ids=[(6, 0, cls.company_b.ids)],
        )
        cls.keys = cls.env["ghl.api.key"]

    def keys_as(self, user):
        return self.keys.with_user(user)

    def assert_no_entry(self, token, code):
        with self.assertRaises(ApiError) as caught:
            self.keys.sudo()._identify(token)
        self.assertEqual((caught.exception.code, caught.exception.error_code), (401, code))


@tagged("post_install", "-at_install", "ghl")
class TestMakingKeys(KeyCase):
    def test_a_key_is_shown_once_and_only_its_hash_is_stored(self):
        key, token = self.keys_as(self.viewer)._generate("Dashboard")
        self.assertRegex(token, r"\Aghl_[0-9a-f]{8}_[A-Za-z0-9_-]{43}\Z")
        self.assertTrue(token.startswith(key.key_prefix))
        self.env.flush_all()
        [row] = self.env.execute_query(SQL("SELECT to_jsonb(k)::text FROM ghl_api_key k WHERE id = %s", key.id))
        self.assertNotIn(token.rpartition("_")[2], row[0])
        self.assertIn(key_hash(token), row[0])

    def test_two_keys_are_never_alike(self):
        tokens = {self.keys_as(self.viewer)._generate("k")[1] for _ in range(20)}
        self.assertEqual(len(tokens), 20)

    def test_nobody_can_read_search_or_export_the_hash(self):
        key, token = self.keys_as(self.admin)._generate("k")
        for user in (self.admin, self.viewer, self.env.ref("base.user_admin")):
            keys = self.keys_as(user)
            self.assertNotIn("key_hash", keys.fields_get())
            for attempt in (
                lambda k=keys: k.browse(key.id).read(["key_hash"]),
                lambda k=keys: k.search([("key_hash", "=", key_hash(token))]),
                lambda k=keys: k.browse(key.id).export_data(["key_hash"]),
            ):
                with self.assertRaises(UserError):  # AccessError, or no right to export at all
                    attempt()

    def test_nobody_can_write_or_create_key_rows_directly(self):
        key, _token = self.keys_as(self.admin)._generate("k", self.viewer)
        for user in (self.admin, self.viewer):
            with self.assertRaises(AccessError):
                self.keys_as(user).create(
                    {"name": "x", "user_id": user.id, "key_prefix": "ghl_x", "key_hash": "0" * 64}
                )
            with self.assertRaises(AccessError):
                key.with_user(user).write({"user_id": user.id})

    def test_portal_and_public_users_never_have_keys(self):
        for user in (self.portal, self.env.ref("base.public_user")):
            with self.assertRaises(ValidationError):
                self.keys.sudo()._generate("k", user)
            with self.assertRaises(AccessError):
                self.keys_as(user)._generate("k")

    def test_a_user_without_our_groups_makes_no_key(self):
        with self.assertRaises(AccessError):
            self.keys_as(self.plain)._generate("k")

    def test_a_viewer_makes_keys_for_nobody_else(self):
        with self.assertRaises(AccessError):
            self.keys_as(self.viewer)._generate("k", self.other)

    def test_an_administrator_makes_keys_only_for_users_who_can_do_no_more(self):
        self.assertTrue(self.keys_as(self.admin)._generate("k", self.viewer)[0])
        for user in (self.foreign, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                self.keys_as(self.admin)._generate("k", user)

    def test_the_window_hands_the_key_over_without_storing_it(self):
        wizard = self.env["ghl.api.key.wizard"].with_user(self.viewer).create({"name": "Report", "duration": "30"})
        action = wizard.action_generate()
        token = action["context"]["default_key"]
        self.assertEqual(self.keys.sudo()._identify(token)[0], self.viewer.id)
        key = self.keys.search([("user_id", "=", self.viewer.id)])
        self.assertAlmostEqual(key.expires_at, fields.Datetime.now() + timedelta(days=30), delta=timedelta(minutes=1))
        window = self.env["ghl.api.key.show"].with_user(self.viewer).with_context(**action["context"])
        self.assertEqual(window.onchange({}, [], {"key": {}})["value"], {"key": token})
        self.assertTrue(self.env["ghl.api.key.show"]._abstract)

    def test_the_window_refuses_an_expiry_in_the_past(self):
        wizard = self.env["ghl.api.key.wizard"].with_user(self.viewer).create({"name": "x", "duration": "-1"})
        with self.assertRaises(ValidationError):
            wizard.action_generate()
        wizard.expires_at = fields.Datetime.now() - timedelta(days=1)
        with self.assertRaises(ValidationError):
            wizard.action_generate()


@tagged("post_install", "-at_install", "ghl")
class TestSeeingAndEndingKeys(KeyCase):
    def test_a_viewer_sees_own_keys_and_an_administrator_those_of_the_company(self):
        mine, _t = self.keys_as(self.viewer)._generate("mine")
        others, _t = self.keys_as(self.other)._generate("theirs")
        foreign, _t = self.keys_as(self.foreign)._generate("foreign")
        all_keys = (mine | others | foreign).ids
        self.assertEqual(self.keys_as(self.viewer).search([("id", "in", all_keys)]).ids, mine.ids)
        self.assertEqual(set(self.keys_as(self.admin).search([("id", "in", all_keys)]).ids), set((mine | others).ids))
        with self.assertRaises(AccessError):
            self.keys_as(self.plain).search([])

    def test_the_company_follows_the_user(self):
        key, _token = self.keys_as(self.viewer)._generate("k")
        self.assertEqual(key.company_id, self.viewer.company_id)
        self.viewer.write({"company_ids": [(4, self.company_b.id)], "company_id": self.company_b.id})
        self.assertEqual(key.sudo().company_id, self.company_b)

    def test_a_revoked_key_opens_nothing_more(self):
        key, token = self.keys_as(self.viewer)._generate("k")
        self.assertEqual(self.keys.sudo()._identify(token), (self.viewer.id, self.viewer.company_id.id, []))
        key.with_user(self.viewer).action_revoke()
        self.env.flush_all()
        self.assert_no_entry(token, "invalid_key")
        self.assertEqual(key.state, "revoked")

    def test_keys_of_others_can_be_revoked_by_an_administrator_of_the_company_only(self):
        key, _token = self.keys_as(self.viewer)._generate("k")
        foreign, _token = self.keys_as(self.foreign)._generate("k")
        with self.assertRaises(AccessError):
            key.with_user(self.other).action_revoke()
        with self.assertRaises(AccessError):
            foreign.with_user(self.admin).action_revoke()
        key.with_user(self.admin).action_revoke()
        self.assertTrue(key.revoked_at)
        self.assertFalse(foreign.revoked_at)

    def test_states_can_be_searched(self):
        now = fields.Datetime.now()
        active, _t = self.keys_as(self.viewer)._generate("a", expires_at=now + timedelta(days=1))
        expired, _t = self.keys_as(self.viewer)._generate("e", expires_at=now - timedelta(days=1))
        revoked, _t = self.keys_as(self.viewer)._generate("r")
        revoked.with_user(self.viewer).action_revoke()
        keys = self.keys_as(self.viewer)
        for state, key in (("active", active), ("expired", expired), ("revoked", revoked)):
            self.assertEqual(keys.search([("state", "=", state)]).ids, key.ids)
            self.assertEqual(key.state, state)
        self.assertEqual(keys.search([("state", "!=", "active")], order="id").ids, (expired | revoked).ids)


@tagged("post_install", "-at_install", "ghl")
class TestUsingKeys(KeyCase):
    def test_what_is_no_key_is_refused_without_asking_the_database(self):
        for token in ("x", "malformed", "ghl_", "ghl_" + "a" * 52, "' OR 1=1 --", "ü" * 40, "A" * 10_000):
            asked = self.env.cr.sql_log_count
            with self.subTest(token[:20]), suppress(ApiError):
                self.fail(self.keys.sudo()._identify(token))
            self.assertEqual(self.env.cr.sql_log_count, asked)
        self.assert_no_entry("", "missing_key")

    def test_an_unknown_key_of_the_right_form_is_refused(self):
        self.assert_no_entry("ghl_00000000_" + "A" * 43, "invalid_key")
        self.assert_no_entry("0" * 40, "invalid_key")

    def test_an_expired_key_says_so(self):
        _key, token = self.keys_as(self.viewer)._generate("k", expires_at=fields.Datetime.now() - timedelta(hours=1))
        self.env.flush_all()
        self.assert_no_entry(token, "expired_key")

    def test_a_user_who_is_gone_or_became_a_portal_user_has_no_entry(self):
        _key, token = self.keys_as(self.viewer)._generate("k")
        _key, token_of_other = self.keys_as(self.other)._generate("k")
        self.viewer.active = False
        self.other.group_ids = [(6, 0, self.env.ref("base.group_portal").ids)]
        self.env.flush_all()
        self.assert_no_entry(token, "invalid_key")
        self.assert_no_entry(token_of_other, "invalid_key")

    def test_a_key_is_checked_with_one_query(self):
        _key, token = self.keys_as(self.viewer)._generate("k")
        self.env.flush_all()
        keys = self.keys.sudo()
        with self.assertQueryCount(1):
            keys._identify(token)

    def test_the_look_up_uses_the_unique_index(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = self.env.execute_query(SQL("EXPLAIN SELECT id FROM ghl_api_key WHERE key_hash = %s", "0" * 64))
        self.assertIn("ghl_api_key_key_hash_uniq", str(plan))

    def test_the_last_use_is_noted_after_the_commit_and_not_again_for_ten_minutes(self):
        key, token = self.keys_as(self.viewer)._generate("k")
        self.env.flush_all()
        with patch.object(type(self.keys), "_mark_used_after_commit") as mark:
            self.keys.sudo()._identify(token)
            mark.assert_called_once_with(key.id)
            self.keys._mark_used(self.env.cr, key.id)
            key.invalidate_recordset()
            self.assertAlmostEqual(key.last_used_at, self.env.cr.now(), delta=timedelta(minutes=1))
            self.keys.sudo()._identify(token)
            mark.assert_called_once()
            key.sudo().last_used_at = self.env.cr.now() - timedelta(minutes=11)
            self.env.flush_all()
            self.keys.sudo()._identify(token)
            self.assertEqual(mark.call_count, 2)

    def test_noting_the_use_never_waits_for_another_request(self):
        """Real connections: one holds the row, the other must come back at once."""
        with self.registry.cursor() as setup:
            user = self.env(cr=setup)["res.users"].browse(self.env.ref("base.user_admin").id)
            key, _token = self.env(cr=setup)["ghl.api.key"].sudo()._generate("lock test", user)
            key_id = key.id
        try:
            with self.registry.cursor() as holder, self.registry.cursor() as other:
                holder.execute("SELECT id FROM ghl_api_key WHERE id = %s FOR UPDATE", [key_id])
                other.execute("SET LOCAL lock_timeout = '1ms'")
                self.keys._mark_used(other, key_id)
                self.assertEqual(other.rowcount, 0)
                holder.rollback()
                self.keys._mark_used(other, key_id)
                self.assertEqual(other.rowcount, 1)
        finally:
            with self.registry.cursor() as cleanup:
                cleanup.execute("DELETE FROM ghl_api_key WHERE id = %s", [key_id])

    def test_a_limited_key_narrows_what_record_rules_let_through(self):
        users = self.env["res.users"].with_user(self.viewer)
        self.assertEqual(users.env.user._ghl_location_scope(), [])
        limited = users.with_context(ghl_location_ids=[4, 3])
        self.assertEqual(limited.env.user._ghl_location_scope(), [3, 4])
        rules = limited.env["ir.rule"]
        self.assertEqual(rules._eval_context()["ghl_location_ids"], [3, 4])
        self.assertIn((4, 3), list(rules._compute_domain_context_values()))


class TestKeysOverHttp(ApiCase):
    def test_every_bad_key_is_401_with_a_challenge(self):
        expired = self.make_key(self.viewer, expires_at=fields.Datetime.now() - timedelta(days=1))
        for header, code in (
            (None, "missing_key"),
            ("", "missing_key"),
            ("Bearer", "invalid_key"),
            ("Bearer ", "invalid_key"),
            (f"Basic {self.key}", "invalid_key"),
            (f"Token {self.key}", "invalid_key"),
            (f"Bearer {self.key}x", "invalid_key"),
            (f"Bearer {self.key} {self.key}", "invalid_key"),
            (f"Bearer {self.key.upper()}", "invalid_key"),
            ("Bearer " + "0" * 40, "invalid_key"),
            (f"Bearer {expired}", "expired_key"),
        ):
            headers = {} if header is None else {"Authorization": header}
            response = self.call("/api/ping", key=None, headers=headers)
            self.assert_refused(response, 401, code, header)
            self.assertTrue(response.headers["WWW-Authenticate"].startswith("Bearer"), header)

    def test_the_scheme_is_read_in_any_case(self):
        for scheme in ("bearer", "BEARER", "Bearer "):
            response = self.call("/api/ping", key=None, headers={"Authorization": f"{scheme} {self.key}"})
            self.assertEqual(response.status_code, 200, scheme)

    def test_a_session_does_not_replace_a_key(self):
        self.authenticate("admin", "admin")
        self.assert_refused(self.call("/api/ping", key=None), 401, "missing_key")

    def test_a_session_does_not_lend_its_rights_to_a_key(self):
        self.authenticate("admin", "admin")
        self.assertEqual(self.call("/api/ping").status_code, 200)
        plain = new_test_user(self.env, "session_plain", groups="base.group_user")
        self.assert_refused(self.call("/api/ping", key=self.make_plain_key(plain)), 403, "missing_group")

    def make_plain_key(self, user):
        return self.env["ghl.api.key"].sudo()._generate("k", user)[1]

    def test_a_key_in_the_address_or_the_body_is_not_looked_at(self):
        for name in ("key", "token", "access_token", "api_key", "Authorization"):
            self.assert_refused(self.call(f"/api/ping?{name}={self.key}", key=None), 401, "missing_key")

    def test_an_api_key_of_odoo_is_accepted_and_one_of_another_scope_is_not(self):
        api_keys = self.env["res.users.apikeys"].with_user(self.viewer).sudo()
        until = fields.Datetime.now() + timedelta(days=1)
        key, foreign = api_keys._generate(None, "rpc", until), api_keys._generate("other", "other", until)
        with mute_logger("odoo.addons.base.models.res_users"):
            self.assertEqual(self.call("/api/ping", key=key).status_code, 200)
            self.assert_refused(self.call("/api/ping", key=foreign), 401, "invalid_key")

    def test_revoking_and_deactivating_work_at_once(self):
        self.assertEqual(self.call("/api/ping").status_code, 200)
        self.viewer.active = False
        self.assert_refused(self.call("/api/ping"), 401, "invalid_key")
        self.viewer.active = True
        self.assertEqual(self.call("/api/ping").status_code, 200)
        self.env["ghl.api.key"].search([("user_id", "=", self.viewer.id)]).action_revoke()
        self.assert_refused(self.call("/api/ping"), 401, "invalid_key")

    def test_losing_the_group_works_at_once(self):
        self.viewer.group_ids = [(6, 0, self.env.ref("base.group_user").ids)]
        self.assert_refused(self.call("/api/ping"), 403, "missing_group")
