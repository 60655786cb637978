from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestPackagesLoad(TransactionCase):
    def test_the_addon_is_installed_in_the_version_of_its_manifest(self):
        module = self.env["ir.module.module"].search([("name", "=", "ghl")])
        self.assertEqual(module.state, "installed")
        self.assertEqual(module.latest_version, module.installed_version)
