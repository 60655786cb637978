"""The telephone providers by name, and what their settings must hold."""

from odoo.tests.common import BaseCase, tagged

from ..ghl_calls.providers import registry
from ..ghl_calls.providers.base import Capabilities, Field


@tagged("post_install", "-at_install")
class TestRegistry(BaseCase):
    def test_every_provider_says_what_it_is_and_needs(self):
        for name, provider in registry.PROVIDERS.items():
            with self.subTest(provider=name):
                self.assertEqual(provider.name, name)
                self.assertTrue(provider.label)
                self.assertTrue(all(isinstance(field, Field) for field in provider.FIELDS))
                names = [field.name for field in provider.FIELDS]
                self.assertEqual(len(names), len(set(names)))
                self.assertIn("base_url", names)

    def test_every_provider_offers_the_whole_interface(self):
        for name, provider in registry.PROVIDERS.items():
            for method in ("place", "cancel", "fetch", "find", "verify", "admits", "parse", "check"):
                with self.subTest(provider=name, method=method):
                    self.assertTrue(callable(getattr(provider, method, None)))

    def test_an_unknown_name_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no telephone provider named 'pigeon'"):
            registry.make("pigeon", {})

    def test_missing_settings_are_named(self):
        with self.assertRaisesRegex(ValueError, "Bland AI needs: API key"):
            registry.make("bland", {"webhook_secret": "s"})
        with self.assertRaisesRegex(ValueError, "API key"):
            registry.make("bland", {"api_key": "  "})

    def test_an_address_must_be_one_of_the_web(self):
        for address in ("api.bland.ai", "ftp://api.bland.ai", "file:///etc/passwd"):
            with self.subTest(address=address), self.assertRaisesRegex(ValueError, "https://"):
                registry.make("bland", {"api_key": "k", "base_url": address})

    def test_a_made_provider_knows_what_it_can_do(self):
        provider = registry.make("bland", {"api_key": "k\n"})
        self.assertIsInstance(provider.capabilities, Capabilities)
        self.assertTrue(provider.admits("192.0.2.1"))
