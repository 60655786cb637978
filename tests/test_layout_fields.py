"""What the database knows of our fields is what the code says."""

from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install", "ghl")
class TestFields(TransactionCase):
    def test_people_are_offered_every_choice(self):
        """Odoo shows, tracks and exports the choices it has stored, and stores those given as a list."""
        for name in self.env:
            model = self.env[name].with_context(lang="en_US")
            if not name.startswith("ghl.") or model._abstract:
                continue
            for field in model._fields.values():
                if field.type == "selection" and isinstance(field.selection, (list, tuple)):
                    offered = [value for value, _label in field._description_selection(model.env)]
                    self.assertEqual(offered, [value for value, _label in field.selection], f"{name}.{field.name}")
