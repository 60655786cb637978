"""The API of a real server process."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import requests

from .real_server import RealServerCase


class TestRealServer(RealServerCase):
    def ping(self, _number=0):
        return requests.get(f"{self.server.url}/api/ping", headers={"Authorization": f"Bearer {self.key}"}, timeout=30)

    def last_used(self):
        [(moment,)] = self.sql("SELECT last_used_at FROM ghl_api_key WHERE name = 'server test'")
        return moment

    def test_many_requests_at_once_with_one_key_all_succeed_and_note_its_use_once(self):
        self.sql("UPDATE ghl_api_key SET last_used_at = NULL")
        self.sql("CREATE TABLE uses (at timestamp)")
        self.sql(
            "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN INSERT INTO uses VALUES (now()); RETURN NEW; END'"
        )
        self.sql("CREATE TRIGGER t AFTER UPDATE ON ghl_api_key FOR EACH ROW EXECUTE FUNCTION note()")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(self.ping, range(40)))
        self.assertEqual({answer.status_code for answer in answers}, {200})
        self.assertAlmostEqual(self.last_used(), datetime.utcnow(), delta=timedelta(minutes=1))
        self.assertEqual(self.sql("SELECT count(*) FROM uses"), [(1,)])
        log = self.server.log_file.read_text()
        self.assertNotIn("could not serialize", log)
        self.assertNotIn(self.key, log)

    def test_a_locked_key_row_does_not_hold_up_requests(self):
        self.sql("UPDATE ghl_api_key SET last_used_at = NULL")
        holder = self.connect()
        try:
            with holder.cursor() as cursor:
                cursor.execute("SELECT id FROM ghl_api_key FOR UPDATE")
                answer = self.ping()
                self.assertEqual(answer.status_code, 200)
                self.assertLess(answer.elapsed, timedelta(seconds=5))
        finally:
            holder.close()
        self.assertIsNone(self.last_used())

    def test_no_session_is_kept(self):
        for _ in range(5):
            self.assertNotIn("Set-Cookie", self.ping().headers)
        self.assertEqual(self.sessions(), [])
        self.log_in()
        self.assertEqual(len(self.sessions()), 1)

    def sessions(self):
        """What the folder of all servers here keeps about this one."""
        texts = []
        for path in (self.odoo.state_dir / "data" / "sessions").rglob("*"):
            with suppress(OSError):  # a folder, or ended meanwhile
                texts.append(path.read_text())
        return [text for text in texts if f'"{self.db}"' in text]

    def log_in(self):
        params = {"db": self.db, "login": "admin", "password": "admin"}
        url = f"{self.server.url}/web/session/authenticate"
        self.assertTrue(requests.post(url, json={"params": params}, timeout=30).json()["result"]["uid"])
