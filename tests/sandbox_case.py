"""A simulated GoHighLevel for the tests of the simulator itself."""

from odoo.tests.common import BaseCase

from ..dev.sandbox.client import start_sandbox


class SandboxCase(BaseCase):
    """One sandbox per class, as seeded before every test."""

    options = {"contacts": 60}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sandbox = start_sandbox(**cls.options)
        cls.addClassCleanup(cls.sandbox.stop)
        cls.loc = cls.sandbox.location_id

    def setUp(self):
        super().setUp()
        self.sandbox.reset()

    def ask(self, method, path, body=None, **options):
        """(status, body); see `Sandbox.call`."""
        return self.sandbox.call(method, path, body, **options)[:2]

    def ids(self, kind):
        return [row[0] for row in self.sandbox.dump()[kind]]

    def assertRefused(self, answer, status, text):
        """The answer has this status and its message, a list for 422, contains the text."""
        self.assertEqual(answer[0], status, answer[1])
        message = answer[1]["message"]
        self.assertIsInstance(message, list if status == 422 else str)
        self.assertIn(text, " | ".join(message) if status == 422 else message)
        self.assertTrue(answer[1]["traceId"])
