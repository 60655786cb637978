"""A provider's token: fetched by one, used by all, renewed in time."""

import threading
from datetime import timedelta

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.errors import RejectedRequest
from ..ghl_calls.providers.token_cache import TokenCache
from .providers_case import NOW


@tagged("post_install", "-at_install")
class TestTokenCache(BaseCase):
    def cache(self, ends_after=timedelta(hours=1)):
        self.now, self.fetched = NOW, 0

        def fetch():
            self.fetched += 1
            return f"t{self.fetched}", self.now + ends_after if ends_after is not None else None

        return TokenCache(fetch, lambda: self.now)

    def test_a_token_is_renewed_before_it_ends(self):
        cache = self.cache()
        self.assertEqual(cache.token(), "t1")
        self.now += timedelta(minutes=54)
        self.assertEqual(cache.token(), "t1")
        self.now += timedelta(minutes=1)
        self.assertEqual(cache.token(), "t2")

    def test_a_token_without_an_end_is_kept_for_a_while(self):
        cache = self.cache(None)
        cache.token()
        self.now += timedelta(minutes=9)
        self.assertEqual(cache.token(), "t1")
        self.now += timedelta(minutes=1)
        self.assertEqual(cache.token(), "t2")

    def test_an_end_in_the_past_does_not_fetch_a_token_for_every_call(self):
        cache = self.cache(timedelta(hours=-5))
        self.assertEqual([cache.token(), cache.token()], ["t1", "t1"])

    def test_a_rejected_token_is_replaced_once_for_all(self):
        cache = self.cache()
        cache.token()
        self.assertEqual([cache.token(rejected="t1"), cache.token(rejected="t1")], ["t2", "t2"])

    def test_a_failed_fetch_leaves_nothing_behind(self):
        answers = [RejectedRequest("no"), ("t1", None)]

        def fetch():
            answer = answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        cache = TokenCache(fetch, lambda: NOW)
        with self.assertRaises(RejectedRequest):
            cache.token()
        self.assertEqual(cache.token(), "t1")

    def test_many_threads_fetch_one_token(self):
        begun, go, calls, tokens = threading.Event(), threading.Event(), [], []

        def fetch():
            calls.append(1)
            begun.set()
            go.wait(5)
            return "t1", None

        cache = TokenCache(fetch, lambda: NOW)
        threads = [threading.Thread(target=lambda: tokens.append(cache.token())) for _thread in range(8)]
        for thread in threads:
            thread.start()
        self.assertTrue(begun.wait(5))
        go.set()
        for thread in threads:
            thread.join(5)
        self.assertEqual((len(calls), tokens), (1, ["t1"] * 8))
