import threading

from odoo.tests.common import BaseCase, tagged

from ..ghl_contacts.mirror import prefetch
from ..ghl_contacts.mirror.prefetch import End, Prefetch


@tagged("post_install", "-at_install")
class TestPrefetch(BaseCase):
    def take(self, prefetch, names):
        return [(name, "end" if isinstance(item, End) else item) for name, item in prefetch.take(names)]

    def test_every_page_of_every_chain_arrives_in_the_chains_order(self):
        chains = {name: (lambda name=name: iter([f"{name}{i}" for i in range(50)])) for name in "abc"}
        with Prefetch(chains, depth=3) as prefetch:
            items = self.take(prefetch, "abc")
        for name in "abc":
            self.assertEqual(
                [item for chain, item in items if chain == name], [f"{name}{i}" for i in range(50)] + ["end"]
            )

    def test_a_group_is_taken_before_the_other_chains_are_looked_at(self):
        chains = {name: (lambda name=name: iter([name])) for name in ("first", "later")}
        with Prefetch(chains) as prefetch:
            self.assertEqual(self.take(prefetch, ["first"]), [("first", "first"), ("first", "end")])
            self.assertEqual(self.take(prefetch, ["later"]), [("later", "later"), ("later", "end")])

    def test_a_broken_chain_ends_with_its_error_and_the_others_go_on(self):
        def broken():
            yield "one"
            raise ValueError("cut")

        with Prefetch({"bad": broken, "good": lambda: iter(range(5))}) as prefetch:
            items = list(prefetch.take(["bad", "good"]))
        errors = [item.error for name, item in items if name == "bad" and isinstance(item, End)]
        self.assertEqual([str(error) for error in errors], ["cut"])
        self.assertEqual([item for name, item in items if name == "good"][:-1], [0, 1, 2, 3, 4])

    def test_leaving_does_not_wait_for_an_answer_that_does_not_come(self):
        answer = threading.Event()
        self.addCleanup(answer.set)

        def hanging():
            answer.wait(30)
            yield "late"

        self.patch(prefetch, "LONGEST_GOODBYE", 0.05)
        with self.assertRaises(TimeoutError), Prefetch(dict.fromkeys("abc", hanging)) as walk:
            raise TimeoutError
        self.assertTrue(all(thread.is_alive() for thread in walk._threads))
        self.assertFalse(walk._put("a", "late"), "what comes late is dropped")

    def test_nobody_fetches_further_ahead_than_allowed(self):
        fetched, taken = [], threading.Event()

        def chain():
            for number in range(100):
                fetched.append(number)
                yield number
                if number == 3:
                    taken.set()

        with Prefetch({"a": chain}, depth=2) as prefetch:
            walk = prefetch.take(["a"])
            next(walk)
            self.assertFalse(taken.wait(timeout=0.2))
            self.assertLessEqual(len(fetched), 4)

    def test_a_chain_of_small_pages_does_not_stand_still_behind_one_of_large_pages(self):
        chains = {"large": lambda: iter(["x" * 50] * 40), "small": lambda: iter(["x" * 10] * 40)}
        with Prefetch(chains, depth=200, weigh=len) as prefetch:
            while sum(map(len, prefetch._queues.values())) < 24:  # both have read as far ahead as they may
                threading.Event().wait(0.01)
            walk = prefetch.take(["large", "small"])
            first = [next(walk)[0] for _page in range(12)]
        self.assertGreaterEqual(first.count("small"), 6)
        self.assertIn("large", first)

    def test_leaving_early_stops_the_threads(self):
        def endless():
            while True:
                yield 1

        with Prefetch({"a": endless, "b": endless}, depth=1) as prefetch:
            next(prefetch.take(["a"]))
        self.assertTrue(prefetch.stopped())
        self.assertFalse([thread for thread in prefetch._threads if thread.is_alive()])

    def test_an_exception_of_the_idle_check_ends_the_walk(self):
        gate = threading.Event()

        def slow():
            gate.wait(timeout=10)
            yield 1

        def idle():
            raise InterruptedError

        try:
            with self.assertRaises(InterruptedError), Prefetch({"a": slow}) as prefetch:
                try:
                    list(prefetch.take(["a"], idle=idle))
                finally:
                    gate.set()
        finally:
            gate.set()
