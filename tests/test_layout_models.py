"""What holds for all models alike."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "ghl")
class TestModels(TransactionCase):
    def test_choices_have_labels_in_a_language(self):
        # Odoo stores, and then translates, only choices written as a list.
        ours = [name for name in self.env.registry if name.startswith("ghl.")]
        self.assertGreater(len(ours), 30)
        english = self.env(context={"lang": "en_US"})
        for name in ours:
            for field in self.env[name]._fields.values():
                if field.type != "selection" or field.related or callable(field.selection):
                    continue
                with self.subTest(field=str(field)):
                    known = dict(english[name].fields_get([field.name], ["selection"])[field.name]["selection"])
                    self.assertEqual(set(known), set(field.get_values(self.env)))
