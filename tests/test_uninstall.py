"""Nothing of the module stays behind in the database."""

from odoo.tests import TransactionCase, tagged

from ..hooks import uninstall_hook
from .calls_data import make_calls


@tagged("post_install", "-at_install", "ghl")
class TestUninstall(TransactionCase):
    def leftovers(self):
        self.env.cr.execute(
            """SELECT proname FROM pg_proc WHERE proname LIKE 'ghl%'
                UNION SELECT sequencename FROM pg_sequences WHERE sequencename LIKE 'ghl_call_number%'"""
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def test_functions_and_counters_go_with_the_module(self):
        make_calls(self.env, 1)
        self.env.flush_all()
        self.assertIn(f"ghl_call_number_{self.env.company.id}", self.leftovers())
        uninstall_hook(self.env)
        self.assertEqual(self.leftovers(), set())
