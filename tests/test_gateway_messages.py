"""Walking through the export of messages: its cursor dies, dates tie, and no walk may run for ever."""

import json
from datetime import datetime, timedelta

from odoo.tests.common import tagged

from ..ghl_base.net.errors import MalformedResponse, RejectedRequest
from ..ghl_contacts.gateway.paging import PagingLoop, iso
from .scripted_http import Reply, ScriptedServer
from .test_gateway_client import ClientCase

START = datetime(2026, 9, 1)


class ExportServer(ScriptedServer):
    """Serves ``rows`` as the export does. ``dies(n)`` says whether the cursor of the n-th request (from 1) is dead;
    ``exclusive``: the start date itself does not belong to what is asked for."""

    def __init__(self, rows, dies=lambda n: False, exclusive=False):
        super().__init__(self._reply)
        self.rows, self.dies, self.exclusive = rows, dies, exclusive

    def _reply(self, asked):
        query = asked.query
        key = {"createdAt": "dateAdded", "updatedAt": "dateUpdated"}[query["sortBy"]]
        assert (query["sortOrder"], query["limit"]) == ("asc", "500")
        rows = sorted(self.rows, key=lambda row: (row[key], row["id"]))
        if "cursor" in query:
            if self.dies(len(self.asked)):
                return Reply(400, {"message": "The cursor has expired"})
            rows = [row for row in rows if [row[key], row["id"]] > json.loads(query["cursor"])]
        elif "startDate" in query:
            start = query["startDate"]
            rows = [row for row in rows if row[key] > start or (row[key] == start and not self.exclusive)]
        page = rows[:500]
        more = {"nextCursor": json.dumps([page[-1][key], page[-1]["id"]])} if len(rows) > 500 else {"nextCursor": None}
        return Reply(body={"messages": page, "total": len(rows), **more})


def messages(count, every_ms=1000, together=1):
    """``count`` messages, ``together`` of them in each moment."""
    stamps = [iso(START + timedelta(milliseconds=every_ms * (n // together))) for n in range(count)]
    return [{"id": f"M{n:05}", "dateAdded": at, "dateUpdated": at} for n, at in enumerate(stamps)]


@tagged("post_install", "-at_install")
class TestGatewayMessages(ClientCase):
    def export(self, rows, **options):
        return self.enterContext(ExportServer(rows, **options))

    def ids(self, pages):
        return [row["id"] for page in pages for row in page.rows]

    def test_a_walk_takes_no_more_requests_than_pages(self):
        for count, requests in ((0, 1), (1, 1), (500, 1), (501, 2), (1000, 2), (1207, 3)):
            with self.subTest(count=count):
                server = self.export(messages(count))
                pages = list(self.client(server).message_pages("LOC1"))
                self.assertEqual(self.ids(pages), [row["id"] for row in messages(count)])
                self.assertEqual((len(server.asked), pages[-1].last), (requests, True))
                self.assertEqual({page.total for page in pages}, {count})

    def test_a_million_messages_stay_within_two_thousand_and_twenty_requests(self):
        """Pages are full, whatever their dates: a walk needs one request for 500 rows and one for each dead cursor."""
        server = self.export(messages(5_000, together=7), dies=lambda n: n == 6)
        self.assertEqual(len(set(self.ids(self.client(server).message_pages("LOC1")))), 5_000)
        self.assertLessEqual(len(server.asked), 5_000 / 500 + 2)

    def test_email_is_a_walk_of_its_own(self):
        server = self.export([])
        list(self.client(server).message_pages("LOC1"))
        list(self.client(server).message_pages("LOC1", "Email"))
        self.assertEqual([asked.query.get("channel") for asked in server.asked], [None, "Email"])
        self.assertNotIn("startDate", server.asked[0].query)

    def test_changes_since_a_date_are_asked_for_in_the_order_of_updates(self):
        rows = messages(10)
        rows[2]["dateUpdated"] = iso(START + timedelta(days=1))
        server = self.export(rows)
        pages = list(self.client(server).message_pages("LOC1", since=START + timedelta(seconds=8)))
        self.assertEqual(self.ids(pages), ["M00008", "M00009", "M00002"])
        self.assertEqual(
            server.asked[0].query,
            {
                "locationId": "LOC1",
                "limit": "500",
                "sortBy": "updatedAt",
                "sortOrder": "asc",
                "startDate": "2026-09-01T00:00:08.000Z",
            },
        )

    def test_a_dead_cursor_starts_again_at_the_last_date_and_repeats_nothing(self):
        for exclusive in (False, True):
            for together in (1, 3, 700):
                with self.subTest(exclusive=exclusive, together=together):
                    server = self.export(messages(2_300, together=together), dies=lambda n: n == 3, exclusive=exclusive)
                    ids = self.ids(self.client(server).message_pages("LOC1"))
                    self.assertEqual(ids, [row["id"] for row in messages(2_300)])

    def test_a_cursor_that_is_always_dead_still_brings_everything(self):
        server = self.export(messages(2_300, together=3), dies=lambda n: True)
        self.assertEqual(len(self.ids(self.client(server).message_pages("LOC1"))), 2_300)
        self.assertLessEqual(len(server.asked), 11)

    def test_a_dead_cursor_amid_more_equal_dates_than_a_page_holds_is_told(self):
        server = self.export(messages(1_200, together=1_200), dies=lambda n: True)
        with self.assertRaises(PagingLoop):
            list(self.client(server).message_pages("LOC1"))
        self.assertLess(len(server.asked), 12)

    def test_a_refused_first_request_is_no_dead_cursor(self):
        server = self.enterContext(ScriptedServer(lambda asked: Reply(422, {"message": ["sortBy must be ..."]})))
        with self.assertRaises(RejectedRequest):
            next(self.client(server).message_pages("LOC1"))
        self.assertEqual(len(server.asked), 1)

    def test_a_walk_continues_behind_any_page(self):
        rows = messages(1_700, together=4)
        for since in (None, START):
            server = self.export(rows)
            client = self.client(server)
            for page in client.message_pages("LOC1", since=since):
                with self.subTest(since=since, last=page.rows[-1]["id"]):
                    cursor = json.loads(json.dumps(page.cursor))
                    rest = self.ids(client.message_pages("LOC1", since=since, after=cursor))
                    self.assertEqual(rest, [row["id"] for row in rows if row["id"] > page.rows[-1]["id"]])

    def test_a_walk_by_creation_knows_updates_until_the_last_creation_and_its_own_beginning(self):
        server = self.export(messages(1_200))
        client = self.client(server)
        rows = server.rows
        rows[1]["dateUpdated"] = iso(START + timedelta(hours=3))
        rows[1100]["dateAdded"] = "2096-01-01T00:00:00.000Z"
        pages = list(client.message_pages("LOC1"))
        last_created = [max(row["dateAdded"] for row in page.rows) for page in pages]
        self.assertEqual([iso(page.until) for page in pages[:2]], last_created[:2])
        began = pages[0].cursor["began"]
        resumed = list(client.message_pages("LOC1", after=pages[1].cursor))
        self.assertEqual(iso(resumed[-1].until), began, "the last row is from the future")
        changes = list(client.message_pages("LOC1", since=START))
        self.assertEqual({page.until for page in changes}, {None})

    def test_a_server_that_ignores_the_cursor_is_noticed(self):
        rows = messages(500)
        for cursor in (lambda n: "same", lambda n: f"other{n}"):
            with self.subTest(cursor=cursor(1)):
                server = self.enterContext(
                    ScriptedServer(lambda asked, c=cursor: Reply(body={"messages": rows, "nextCursor": c(id(asked))}))
                )
                with self.assertRaises(PagingLoop):
                    list(self.client(server).message_pages("LOC1"))
                self.assertLessEqual(len(server.asked), 4)

    def test_an_empty_page_ends_the_walk_whatever_its_cursor(self):
        server = self.enterContext(ScriptedServer(Reply(body={"messages": [], "nextCursor": "more"})))
        [page] = self.client(server).message_pages("LOC1")
        self.assertEqual((page.rows, page.last), ([], True))

    def test_messages_without_dates_cannot_be_walked(self):
        rows = [{"id": str(n)} for n in range(500)]
        server = self.enterContext(ScriptedServer(Reply(body={"messages": rows, "nextCursor": "more"})))
        with self.assertRaises(MalformedResponse):
            list(self.client(server).message_pages("LOC1"))

    def test_junk_between_the_rows_is_handed_on_untouched(self):
        junk = [None, 7, "x", [], {"id": 5}, {"id": "M", "dateAdded": 5}, {"id": "N", "dateAdded": "soon"}]
        server = self.enterContext(ScriptedServer(Reply(body={"messages": junk, "total": "many"})))
        [page] = self.client(server).message_pages("LOC1")
        self.assertEqual((page.rows, page.total, page.last), (junk, None, True))

    def test_an_answer_without_a_list_is_not_an_empty_list(self):
        for body in ({}, {"messages": None}, {"messages": {"messages": []}}):
            with self.subTest(body):
                server = self.enterContext(ScriptedServer(*[Reply(body=body)] * 5))
                with self.assertRaises(MalformedResponse):
                    next(self.client(server).message_pages("LOC1"))
