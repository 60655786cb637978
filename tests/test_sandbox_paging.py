"""Every record comes exactly once through every cursor the simulated API has, ties or not."""

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase


@tagged("post_install", "-at_install")
class TestSandboxPaging(SandboxCase):
    # 300 contacts share one dateUpdated, so a tie always spans several pages
    options = {"contacts": 700, "tie_cluster": 30, "rate_limit": False, "locations": 2}

    def walk(self, fetch, size):
        """All rows, following `fetch(last_row)` until a short page."""
        rows, last = [], None
        for _ in range(100):
            page = fetch(last)
            rows += page
            if len(page) < size:
                return rows
            last = page[-1]
        self.fail("paging did not end")

    def assertAllOnce(self, rows, kind, key="id"):
        found = [row[key] for row in rows]
        self.assertEqual(len(found), len(set(found)), "a row came twice")
        self.assertEqual(sorted(found), sorted(self.ids(kind)))

    def contacts(self, sort, size):
        def fetch(last):
            body = {"locationId": self.loc, "pageLimit": size, "sort": sort}
            if last:
                body["searchAfter"] = last["searchAfter"]
            status, answer = self.ask("POST", "/contacts/search", body)
            self.assertEqual(status, 200, answer)
            self.assertEqual(answer["total"], 350)
            return answer["contacts"]

        return self.walk(fetch, size)

    def test_contacts_by_update_come_once_though_a_tie_is_wider_than_the_page(self):
        rows = self.contacts([{"field": "dateUpdated", "direction": "asc"}], 20)
        self.assertAllOnce(rows, "contacts")
        stamps = [row["dateUpdated"] for row in rows]
        self.assertEqual(stamps, sorted(stamps))
        self.assertGreaterEqual(max(stamps.count(s) for s in set(stamps)), 30)

    def test_contacts_come_once_in_any_order(self):
        for sort in (
            [],
            [{"field": "dateUpdated", "direction": "desc"}],
            [{"field": "firstNameLowerCase", "direction": "asc"}],
            [{"field": "dateUpdated", "direction": "desc"}, {"field": "dateAdded", "direction": "asc"}],
        ):
            with self.subTest(sort=sort):
                self.assertAllOnce(self.contacts(sort, 100), "contacts")

    def test_contacts_by_page_number_come_once(self):
        rows = []
        for page in range(1, 5):
            body = {"locationId": self.loc, "pageLimit": 100, "page": page}
            rows += self.ask("POST", "/contacts/search", body)[1]["contacts"]
        self.assertAllOnce(rows, "contacts")

    def test_contacts_of_the_deprecated_list_come_once(self):
        def fetch(last):
            cursor = f"&startAfter={fetch.meta['startAfter']}&startAfterId={fetch.meta['startAfterId']}" if last else ""
            path = f"/contacts/?locationId={self.loc}&limit=50{cursor}"
            answer = self.ask("GET", path, version="2021-07-28")[1]
            fetch.meta = answer["meta"]
            return answer["contacts"]

        self.assertAllOnce(self.walk(fetch, 50), "contacts")

    def test_tasks_come_once(self):
        def fetch(last):
            body = {"limit": 20, **({"searchAfter": last["searchAfter"]} if last else {})}
            status, answer = self.ask("POST", f"/locations/{self.loc}/tasks/search", body)
            self.assertEqual(status, 201, answer)
            return answer["tasks"]

        self.assertAllOnce(self.walk(fetch, 20), "tasks", "_id")

    def test_opportunities_come_once_by_post_and_by_get(self):
        def post(last):
            body = {"locationId": self.loc, "limit": 20, "searchAfter": last["sort"] if last else []}
            status, answer = self.ask("POST", "/opportunities/search", body)
            self.assertEqual(status, 201, answer)
            return answer["opportunities"]

        def get(last):
            cursor = f"&startAfter={get.meta['startAfter']}&startAfterId={get.meta['startAfterId']}" if last else ""
            path = f"/opportunities/search?location_id={self.loc}&limit=20{cursor}"
            answer = self.ask("GET", path, version="2021-07-28")[1]
            get.meta = answer["meta"]
            return answer["opportunities"]

        self.assertAllOnce(self.walk(post, 20), "opportunities")
        self.assertAllOnce(self.walk(get, 20), "opportunities")

    def conversations(self, limit, back=0):
        seen, cursor = {}, None
        for _ in range(100):
            path = f"/conversations/search?locationId={self.loc}&limit={limit}&sort=asc&sortBy=last_message_date"
            page = self.ask("GET", path + (f"&startAfterDate={cursor}" if cursor else ""))[1]["conversations"]
            new = [row for row in page if row["id"] not in seen]
            seen.update({row["id"]: row for row in page})
            if len(page) < limit or not new:
                return list(seen.values())
            cursor = page[-1]["sort"][0] - back
        self.fail("paging did not end")

    def test_conversations_come_once_when_the_walk_steps_back_one_millisecond(self):
        self.assertAllOnce(self.conversations(50, back=1), "conversations")

    def test_conversations_are_lost_in_a_tie_at_the_page_edge_as_in_the_real_service(self):
        self.assertLess(len(self.conversations(20)), len(self.ids("conversations")))

    def test_offset_of_conversation_search_is_ignored(self):
        path = f"/conversations/search?locationId={self.loc}&limit=20"
        first, second = (self.ask("GET", f"{path}&offset={n}")[1]["conversations"] for n in (0, 20))
        self.assertEqual(first, second)

    def test_conversation_windows_are_half_open(self):
        row = self.ask("GET", f"/conversations/search?locationId={self.loc}&limit=1")[1]["conversations"][0]
        added = row["dateAdded"]
        for start, end, expected in ((added, added + 1, True), (added - 1, added, False)):
            path = f"/conversations/search?locationId={self.loc}&limit=100&startDate={start}&endDate={end}"
            found = [c["id"] for c in self.ask("GET", path)[1]["conversations"]]
            self.assertEqual(row["id"] in found, expected)

    def test_two_sandboxes_of_one_seed_hold_the_same_records(self):
        from ..dev.sandbox.client import running_sandbox

        with running_sandbox(**self.options) as other:
            self.assertEqual(other.dump(), self.sandbox.dump())
        with running_sandbox(**{**self.options, "seed": 2}) as other:
            self.assertNotEqual(other.dump()["contacts"], self.sandbox.dump()["contacts"])
