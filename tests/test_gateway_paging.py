"""Walking through the lists: nothing skipped, nothing repeated, no request too many, no endless loop."""

import json
from datetime import datetime, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests.common import tagged

from ..ghl_base.net.errors import MalformedResponse
from ..ghl_contacts.gateway.paging import PagingLoop
from .ghl_list_server import ListServer, make_rows
from .scripted_http import Reply
from .test_gateway_client import ClientCase

WALKS = {
    "contacts": (500, lambda client, **options: client.contact_pages("LOC1", **options)),
    "tasks": (500, lambda client, **options: client.task_pages("LOC1", **options)),
    "opportunities": (100, lambda client, **options: client.opportunity_pages("LOC1", **options)),
}
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


class PagingCase(ClientCase):
    def serve_rows(self, rows, **options) -> ListServer:
        server = ListServer(rows, **options)
        self.enterContext(server)
        return server

    def ids(self, pages):
        return [row["id"] for page in pages for row in page.rows]


@tagged("post_install", "-at_install")
class TestGatewayPaging(PagingCase):
    def test_a_walk_takes_no_more_requests_than_pages(self):
        for name, (size, walk) in WALKS.items():
            for count in (0, 1, size - 1, size, size + 1, 2 * size, 2 * size + 7):
                with self.subTest(name, count=count):
                    server = self.serve_rows(make_rows(count))
                    pages = list(walk(self.client(server)))
                    self.assertEqual(self.ids(pages), [row["id"] for row in make_rows(count)])
                    self.assertEqual(len(server.asked), max(1, -(-count // size)))
                    self.assertEqual([page.last for page in pages], [False] * (len(pages) - 1) + [True])
                    self.assertEqual({page.total for page in pages}, {count})

    def test_without_a_total_only_a_full_last_page_costs_one_more(self):
        size, walk = WALKS["tasks"]
        for count in (0, 1, size, size + 1, 2 * size):
            with self.subTest(count=count):
                server = self.serve_rows(make_rows(count), counts=False)
                self.assertEqual(len(self.ids(walk(self.client(server)))), count)
                self.assertEqual(len(server.asked), count // size + 1)

    def test_a_walk_continues_behind_any_page(self):
        for name, (size, walk) in WALKS.items():
            rows = make_rows(2 * size + 7)
            server = self.serve_rows(rows)
            client = self.client(server)
            for page in walk(client):
                with self.subTest(name, first=page.rows[0]["id"]):
                    cursor = json.loads(json.dumps(page.cursor))
                    rest = self.ids(walk(client, after=cursor))
                    self.assertEqual(rest, [row["id"] for row in rows if row["id"] > page.rows[-1]["id"]])

    def test_what_is_no_cursor_is_refused(self):
        client = self.client(self.serve())
        for cursor in ({"page": 2}, {"ids": 5}, ["x"], "x"):
            with self.subTest(cursor), self.assertRaises(ValueError):
                next(client.contact_pages("LOC1", after=cursor))

    def test_pages_smaller_than_asked_do_not_end_the_walk(self):
        for name, (_size, walk) in WALKS.items():
            with self.subTest(name):
                server = self.serve_rows(make_rows(250), largest_page=80)
                self.assertEqual(len(self.ids(walk(self.client(server)))), 250)

    def test_a_total_at_which_search_engines_stop_counting_is_not_believed(self):
        server = self.serve_rows(make_rows(10_500))
        serve = server.script[0]

        def capped(asked):
            reply = serve(asked)
            reply.body["total"] = min(reply.body["total"], 10_000)
            return reply

        server.script = [capped]
        self.assertEqual(len(self.ids(self.client(server).contact_pages("LOC1"))), 10_500)

    def test_many_equal_stamps_at_a_page_edge_lose_nothing(self):
        for name, (size, walk) in WALKS.items():
            with self.subTest(name):
                server = self.serve_rows(make_rows(size + 50, stamp=lambda n: 1_000_000 + n // 200))
                ids = self.ids(walk(self.client(server)))
                self.assertEqual((len(ids), len(set(ids))), (size + 50, size + 50))

    def test_a_row_repeated_at_the_edge_is_handed_out_once(self):
        rows = [{"id": f"C{n}", "searchAfter": [5, f"C{n}"]} for n in range(700)]
        server = self.serve(
            Reply(body={"contacts": rows[:500], "total": 700}), Reply(body={"contacts": rows[450:], "total": 700})
        )
        ids = self.ids(self.client(server).contact_pages("LOC1"))
        self.assertEqual(ids, [row["id"] for row in rows])

    def test_a_row_that_changed_meanwhile_comes_again(self):
        rows = make_rows(600)

        def change(n):
            if n == 2:
                rows[499]["stamp"] = 9_000_000

        server = self.serve_rows(rows, change=change)
        ids = self.ids(self.client(server).contact_pages("LOC1"))
        self.assertEqual(ids.count("R00499"), 2)
        self.assertEqual(len(set(ids)), 600)

    def test_a_server_that_ignores_the_cursor_is_noticed(self):
        rows = [{"id": f"C{n}", "searchAfter": [n, f"C{n}"]} for n in range(500)]
        server = self.serve(lambda asked: Reply(body={"contacts": rows, "tasks": rows}))
        for pages in (self.client(server).contact_pages("LOC1"), self.client(server).task_pages("LOC1")):
            self.assertEqual(len(next(pages).rows), 500)
            with self.assertRaises(PagingLoop) as caught:
                next(pages)
            self.assertIn("cannot be read to its end", caught.exception.human())

    def test_pages_that_take_turns_are_noticed(self):
        pages = [[{"id": f"C{n}", "searchAfter": [n, f"C{n}"]} for n in range(k, k + 500)] for k in (0, 500)]
        server = self.serve(lambda asked: Reply(body={"contacts": pages[len(server.asked) % 2]}))
        with self.assertRaises(PagingLoop):
            list(self.client(server).contact_pages("LOC1"))
        self.assertLessEqual(len(server.asked), 3)

    def test_a_full_page_without_cursors_is_malformed(self):
        server = self.serve(Reply(body={"contacts": [{"id": str(n)} for n in range(500)]}))
        with self.assertRaises(MalformedResponse):
            next(self.client(server).contact_pages("LOC1"))

    def test_an_answer_without_a_list_is_not_an_empty_list(self):
        for body in ({}, {"contacts": None}, {"contacts": {}}, {"data": []}):
            with self.subTest(body):
                server = self.serve(*[Reply(body=body)] * 5)
                with self.assertRaises(MalformedResponse):
                    next(self.client(server).contact_pages("LOC1"))

    def test_junk_between_the_rows_does_not_end_the_walk_early(self):
        server = self.serve_rows(make_rows(1001))
        serve = server.script[0]

        def with_junk(asked):
            reply = serve(asked)
            reply.body["contacts"].insert(3, None)
            return reply

        server.script = [with_junk]
        rows = [row for page in self.client(server).contact_pages("LOC1") for row in page.rows]
        self.assertEqual(len({row["id"] for row in rows if row}), 1001)

    def test_a_row_that_stands_twice_in_a_page_is_handed_out_once(self):
        rows = [{"id": "C1", "searchAfter": [5, "C1"]}, {"id": "C1", "searchAfter": [5, "C1"]}, None, None]
        page = next(self.client(self.serve(Reply(body={"contacts": rows}))).contact_pages("LOC1"))
        self.assertEqual(page.rows, [rows[0], None, None])

    def test_junk_between_the_rows_is_handed_on_untouched(self):
        junk = [None, 7, "x", [], {"id": 5}, {"_id": "T1", "searchAfter": "no list"}]
        server = self.serve(Reply(body={"tasks": junk}))
        pages = list(self.client(server).task_pages("LOC1"))
        self.assertEqual((pages[0].rows, pages[0].last), (junk, True))

    def test_contacts_since_a_date_are_filtered_and_sorted_by_their_update(self):
        server = self.serve_rows([])
        list(self.client(server).contact_pages("LOC1", since=datetime(2026, 9, 1, 12, 0, 0, 123456)))
        self.assertEqual(
            server.asked[0].json,
            {
                "locationId": "LOC1",
                "pageLimit": 500,
                "sort": [{"field": "dateUpdated", "direction": "asc"}],
                "filters": [
                    {"field": "dateUpdated", "operator": "range", "value": {"gte": "2026-09-01T12:00:00.123Z"}}
                ],
            },
        )

    def test_the_first_page_of_opportunities_names_no_page_and_no_cursor(self):
        server = self.serve_rows(make_rows(101))
        list(self.client(server).opportunity_pages("LOC1"))
        first, second = (asked.json for asked in server.asked)
        self.assertEqual(set(first), {"locationId", "query", "limit", "additionalDetails"})
        self.assertEqual(set(second) - set(first), {"searchAfter"})

    def test_tasks_can_be_limited_to_one_state(self):
        server = self.serve_rows([])
        client = self.client(server)
        for completed in (None, True, False):
            list(client.task_pages("LOC1", completed=completed))
        self.assertEqual([asked.json.get("completed") for asked in server.asked], [None, True, False])

    def test_the_clock_of_the_server_is_handed_on(self):
        server = self.serve(Reply(body={"contacts": []}))
        page = next(self.client(server).contact_pages("LOC1"))
        self.assertLess(abs((page.server_time - datetime.now(timezone.utc).replace(tzinfo=None)).total_seconds()), 60)
        self.assertIsNone(page.server_time.tzinfo)

    def test_users_are_walked_by_skipping(self):
        for count in (0, 5, 100, 230):
            with self.subTest(count=count):
                server = self.serve_rows(make_rows(count))
                self.assertEqual(len(self.ids(self.client(server).user_pages("COM1", "LOC1"))), count)
                self.assertEqual(len(server.asked), count // 100 + 1)

    def test_users_that_repeat_for_ever_are_noticed(self):
        server = self.serve(lambda asked: Reply(body={"users": make_rows(100)}))
        with self.assertRaises(PagingLoop):
            list(self.client(server).user_pages("COM1", "LOC1"))

    def test_short_lists_come_as_they_are(self):
        server = self.serve(
            Reply(body={"tags": [{"id": "T"}]}), Reply(body={"customFields": []}), Reply(body={"pipelines": [None]})
        )
        client = self.client(server)
        self.assertEqual(client.tags("LOC1"), [{"id": "T"}])
        self.assertEqual(client.custom_fields("LOC1"), [])
        self.assertEqual(client.pipelines("LOC1"), [None])
        self.assertEqual(server.asked[1].query, {"model": "all"})
        self.assertEqual(server.asked[2].query, {"locationId": "LOC1"})


@tagged("post_install", "-at_install")
class TestGatewayConversationPaging(PagingCase):
    def test_distinct_stamps_cost_one_row_per_page(self):
        for count, requests in ((0, 1), (1, 1), (100, 1), (101, 2), (199, 2), (200, 3), (298, 3)):
            with self.subTest(count=count):
                server = self.serve_rows(make_rows(count))
                self.assertEqual(len(self.ids(self.client(server).conversation_pages("LOC1"))), count)
                self.assertEqual(len(server.asked), requests)

    def test_one_idle_cycle_is_one_request(self):
        server = self.serve_rows(make_rows(300))
        since = datetime(1970, 1, 1, 0, 16, 40, 297000)
        ids = self.ids(self.client(server).conversation_pages("LOC1", since=since))
        self.assertEqual(ids, ["R00297", "R00298", "R00299"], "the stamp of the date itself belongs to it")
        self.assertEqual(len(server.asked), 1)

    def test_a_page_full_of_one_millisecond_is_enumerated_by_creation(self):
        server = self.serve_rows(make_rows(450, stamp=lambda n: 2_000_000 if 20 <= n < 420 else 1_000_000 + n * 9_000))
        ids = self.ids(self.client(server).conversation_pages("LOC1"))
        self.assertEqual((len(ids), len(set(ids))), (450, 450))
        self.assertLess(len(server.asked), 25)

    def test_later_messages_of_conversations_created_together_do_not_hide_any(self):
        rows = [{"id": f"A{n}", "stamp": 5, "dateAdded": n} for n in range(100)]
        rows += [{"id": f"B{n}", "stamp": 5 + n % 2, "dateAdded": 1_000} for n in range(120)]
        ids = self.ids(self.client(self.serve_rows(rows)).conversation_pages("LOC1"))
        self.assertEqual(sorted(ids), sorted(row["id"] for row in rows))

    def test_junk_in_a_page_of_one_millisecond_hides_no_row(self):
        server = self.serve_rows(make_rows(230, stamp=lambda n: 2_000_000))
        serve = server.script[0]

        def with_junk_first(asked):
            reply = serve(asked)
            if len(server.asked) == 1:
                reply.body["conversations"].insert(3, None)
            return reply

        server.script = [with_junk_first]
        pages = self.client(server).conversation_pages("LOC1")
        self.assertEqual(len({row["id"] for page in pages for row in page.rows if row}), 230)

    def test_what_cannot_be_enumerated_is_refused_instead_of_skipped(self):
        rows = [{"id": f"V{n}", "stamp": 5, "dateAdded": 3} for n in range(101)]
        server = self.serve_rows(rows)
        with self.assertRaises(PagingLoop):
            list(self.client(server).conversation_pages("LOC1"))
        self.assertLess(len(server.asked), 60)

    def test_rows_without_any_date_are_malformed_when_more_must_follow(self):
        server = self.serve(Reply(body={"conversations": [{"id": str(n)} for n in range(100)], "total": 300}))
        with self.assertRaises(MalformedResponse):
            next(self.client(server).conversation_pages("LOC1"))

    def test_a_server_that_ignores_the_cursor_is_noticed(self):
        rows = [{"id": str(n), "sort": [n]} for n in range(100)]
        server = self.serve(lambda asked: Reply(body={"conversations": rows}))
        with self.assertRaises(PagingLoop):
            list(self.client(server).conversation_pages("LOC1"))

    @FEW
    @given(
        runs=st.lists(
            st.tuples(st.integers(1, 3), st.sampled_from([1, 1, 1, 40, 99, 100, 101, 230]), st.booleans()), max_size=12
        ),
        counts=st.booleans(),
    )
    def test_every_conversation_comes_exactly_once_whatever_the_stamps(self, runs, counts):
        rows, stamp, added = [], 1_000, 10
        for gap, length, together in runs:
            stamp += gap
            for n in range(length):
                added += 0 if together and n % 50 else 1
                rows.append({"id": f"V{len(rows)}", "stamp": stamp, "dateAdded": added})
        with ListServer(rows, counts=counts) as server:
            client = self.client(server)
            ids, cursor = [], None
            while True:
                # Continue from the stored cursor every time, as a job does that was interrupted after each page.
                page = next(client.conversation_pages("LOC1", after=cursor))
                ids += [row["id"] for row in page.rows]
                cursor = json.loads(json.dumps(page.cursor))
                if page.last:
                    break
        self.assertEqual(sorted(ids), sorted(row["id"] for row in rows))
