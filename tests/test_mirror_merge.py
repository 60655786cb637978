from odoo.tests.common import TransactionCase, tagged

from .common import make_location, mirror

ANA = {
    "id": "C1",
    "firstName": "Ana",
    "lastName": "Lopez",
    "email": "Ana@Example.com",
    "tags": ["hot", "q3"],
    "customFields": [{"id": "F1", "value": "gold"}, {"id": "F2", "value": 3}],
    "attributionSource": {"utmSource": "google"},
    "lastAttributionSource": {"utmSource": "mail"},
    "assignedTo": "U1",
    "dateAdded": "2026-01-01T00:00:00.000Z",
    "dateUpdated": "2026-01-02T00:00:00.000Z",
    "searchAfter": [1, "C1"],
}


@tagged("post_install", "-at_install")
class TestMerge(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.location = make_location(cls.env)

    def contact(self, external_id="C1"):
        return self.env["ghl.contact"].search(
            [("external_id", "=", external_id), ("location_id", "=", self.location.id)]
        )

    def merge(self, *rows, model="ghl.contact"):
        return mirror(self.env, self.location, model, list(rows))

    def counts(self, merged):
        return merged.created, merged.updated, merged.unchanged, len(merged.refused)

    def test_a_new_record_is_created_with_everything_that_hangs_on_it(self):
        self.assertEqual(self.counts(self.merge(ANA)), (1, 0, 0, 0))
        contact = self.contact()
        self.assertEqual(contact.name, "Ana Lopez")
        self.assertEqual(contact.company_id, self.location.company_id)
        self.assertEqual(sorted(contact.tag_ids.mapped("name")), ["hot", "q3"])
        self.assertEqual(contact.custom_value_ids.sorted("field_external_id").mapped("value_text"), ["gold", "3"])
        self.assertEqual(contact.attribution_ids.sorted("touch").mapped("utm_source"), ["google", "mail"])

    def test_nothing_changed_writes_no_row(self):
        self.merge(ANA)
        contact = self.contact()
        before = self.versions()
        self.assertEqual(self.counts(self.merge(ANA)), (0, 0, 1, 0))
        self.assertEqual(self.versions(), before)
        self.assertTrue(contact.exists())

    def versions(self):
        """Physical row versions of everything mirrored: any write would change them."""
        found = []
        for table in (
            "ghl_contact",
            "ghl_contact_custom_value",
            "ghl_contact_attribution",
            "ghl_contact_tag_rel",
            "ghl_tag",
        ):
            self.env.cr.execute(f"SELECT ctid::text, xmin::text, cmin::text FROM {table} ORDER BY 1")
            found.append(self.env.cr.fetchall())
        return found

    def test_where_a_row_stood_in_the_answer_is_no_change(self):
        self.merge(ANA)
        self.assertEqual(self.counts(self.merge({**ANA, "searchAfter": [99, "C1"]})), (0, 0, 1, 0))

    def test_a_change_replaces_tags_values_and_attributions(self):
        self.merge(ANA)
        changed = {
            **ANA,
            "tags": ["q3", "cold"],
            "customFields": [{"id": "F2", "value": 4}],
            "lastAttributionSource": None,
        }
        self.assertEqual(self.counts(self.merge(changed)), (0, 1, 0, 0))
        contact = self.contact()
        self.assertEqual(sorted(contact.tag_ids.mapped("name")), ["cold", "q3"])
        self.assertEqual(contact.custom_value_ids.mapped("value"), [{"v": 4}])
        self.assertEqual(contact.attribution_ids.mapped("touch"), ["first"])

    def test_only_the_contact_that_changed_loses_its_children(self):
        self.merge(ANA, {**ANA, "id": "C2"})
        self.merge({**ANA, "tags": [], "customFields": []})
        self.assertFalse(self.contact("C1").tag_ids)
        self.assertEqual(len(self.contact("C2").tag_ids), 2)
        self.assertEqual(len(self.contact("C2").custom_value_ids), 2)

    def test_the_last_of_two_records_with_one_id_counts(self):
        merged = self.merge(ANA, {**ANA, "firstName": "Anna"})
        self.assertEqual(self.counts(merged), (1, 0, 0, 0))
        self.assertEqual(self.contact().first_name, "Anna")

    def test_bad_records_are_named_and_the_others_written(self):
        merged = self.merge(None, 5, {"firstName": "nobody"}, {"id": "x" * 500}, ANA)
        self.assertEqual(merged.created, 1)
        self.assertEqual(len(merged.refused), 4)
        self.assertTrue(all(reason for _id, reason, _record in merged.refused))

    def test_a_record_that_the_database_refuses_does_not_stop_its_page(self):
        self.env.cr.execute("ALTER TABLE ghl_contact ADD CONSTRAINT no_bad CHECK (city IS DISTINCT FROM 'nowhere')")
        merged = self.merge(*({**ANA, "id": f"C{i}", "city": "nowhere" if i == 3 else "here"} for i in range(9)))
        self.assertEqual(merged.created, 8)
        self.assertEqual([external_id for external_id, _reason, _record in merged.refused], ["C3"])

    def test_a_link_is_made_by_the_remote_id_and_kept_open_while_the_other_end_is_unknown(self):
        self.merge({"_id": "T1", "title": "Call", "contactId": "C1"}, model="ghl.contact.task")
        task = self.env["ghl.contact.task"].search([("external_id", "=", "T1")])
        self.assertFalse(task.contact_id)
        self.assertEqual(task.contact_external_id, "C1")
        self.merge(ANA)
        self.merge({"_id": "T1", "title": "Call again", "contactId": "C1"}, model="ghl.contact.task")
        self.assertEqual(task.contact_id, self.contact())

    def test_a_link_never_crosses_into_another_location(self):
        other = make_location(self.env, "LOC2")
        mirror(self.env, other, "ghl.contact", [ANA])
        self.merge({"_id": "T1", "contactId": "C1"}, model="ghl.contact.task")
        self.assertFalse(self.env["ghl.contact.task"].search([("external_id", "=", "T1")]).contact_id)

    def test_the_same_remote_id_in_two_locations_is_two_records(self):
        other = make_location(self.env, "LOC2")
        self.merge(ANA)
        mirror(self.env, other, "ghl.contact", [{**ANA, "firstName": "Other"}])
        self.assertEqual(self.contact().first_name, "Ana")

    def test_a_record_once_gone_comes_back_when_it_is_met_again(self):
        self.merge(ANA)
        contact = self.contact()
        contact.sudo().write({"active": False, "remote_deleted_at": "2026-01-03 00:00:00"})
        contact.flush_recordset()
        self.merge(ANA)
        self.assertTrue(contact.active)
        self.assertFalse(contact.remote_deleted_at)

    def test_a_name_of_ten_thousand_characters_is_kept_whole(self):
        name = "é" * 10_000
        self.merge({**ANA, "firstName": name, "lastName": None, "tags": ["t" * 5000]})
        self.assertEqual(self.contact().name, name)

    def test_a_page_costs_the_same_number_of_queries_whatever_it_holds(self):
        self.merge(ANA)
        for size in (10, 200):
            rows = [{**ANA, "id": f"{size}-{i}"} for i in range(size)]
            with self.assertQueryCount(10):
                self.merge(*rows)
