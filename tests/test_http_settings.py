"""The settings of the API."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install", "ghl")
class TestSettings(TransactionCase):
    def set(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def test_origins_are_kept_and_checked(self):
        self.set(ghl_cors_origins="https://a.example, http://localhost:3000")
        self.assertEqual(
            self.env["ir.config_parameter"].get_param("ghl.cors_origins"), "https://a.example, http://localhost:3000"
        )
        for text in ("a.example", "https://a.example/path", "https://a.example; alert(1)"):
            with self.assertRaises(ValidationError, msg=text):
                self.set(ghl_cors_origins=text)

    def test_an_executor_that_is_not_installed_cannot_be_chosen(self):
        if "queue.job" in self.env:
            self.skipTest("queue_job is installed")
        with self.assertRaises(ValidationError):
            self.set(ghl_job_executor="queue_job")
        self.set(ghl_job_executor="cron")
        self.assertEqual(self.env["ir.config_parameter"].get_param("ghl.job_executor"), "cron")

    def test_how_often_changes_are_read_is_kept_and_checked(self):
        cron = self.env.ref("ghl.cron_ghl_pull_incremental")
        self.set(ghl_refresh_minutes=30)
        self.assertEqual((cron.interval_number, cron.interval_type, cron.active), (30, "minutes", True))
        self.set(ghl_cors_origins="https://a.example")
        self.assertEqual((cron.interval_number, cron.active), (30, True), "other settings do not touch it")
        self.set(ghl_refresh_minutes=0)
        self.assertFalse(cron.active)
        self.assertEqual(self.env["res.config.settings"].new({}).ghl_refresh_minutes, 0)
        for values in (
            {"ghl_refresh_minutes": -1},
            {"ghl_refresh_minutes": 100_000},
            {"ghl_fast_sync_seconds": -1},
            {"ghl_fresh_timeout_seconds": 0},
            {"ghl_fresh_timeout_seconds": 600},
            {"ghl_public_base_url": "odoo.example.com"},
            {"ghl_public_base_url": "ftp://odoo.example.com"},
        ):
            with self.assertRaises(ValidationError, msg=str(values)):
                self.set(**values)

    def test_only_those_who_may_configure_odoo_change_them(self):
        user = new_test_user(self.env, "settings_admin", groups="ghl.group_ghl_admin")
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(user).create({"ghl_cors_origins": "*"}).execute()
