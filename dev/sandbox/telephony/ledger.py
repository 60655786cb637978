"""The truth of what was asked, what rang, what was told, and how it ended. Stamps: `at` real, `simulated_at` scaled."""

import time
from collections import Counter, deque

from ..clock import iso, now_ms

SECTIONS = ("requests", "rung", "callbacks", "calls")


class TelephonyLedger:
    def __init__(self, clock):
        self.clock = clock
        self.reset()

    def reset(self):
        self.requests = []  # every request to place a call, as received
        self.rung = []  # every call that went out to the network
        self.callbacks = []  # every attempt to tell us something
        self.calls = {}  # id -> call
        self.statuses = Counter()  # (provider, method and path template, status)
        self.live = Counter()
        self.peak = Counter()
        self.peak_rate = Counter()  # calls that began in one real second
        self.peak_simulated_rate = Counter()
        self._recent = {}

    def _stamps(self):
        return {"at": iso(now_ms()), "simulated_at": iso(self.clock.now_ms())}

    def asked(self, provider, template, status):
        self.statuses[provider, template, status] += 1

    def create(self, provider, request, body, number, status, fault, call):
        entry = {"provider": provider, **self._stamps(), "path": request.path, "to": number, "body": body}
        entry.update(status=status, fault=fault, call_id=call and call.id, user_agent=request.headers.get("user-agent"))
        self.requests.append(entry)

    def rang(self, call):
        name = call.app.name
        who = {"provider": name, "call_id": call.id, "to": call.to, "from": call.from_, "attempt": call.attempt}
        self.rung.append({**who, **self._stamps()})
        self.live[name] += 1
        self.peak[name] = max(self.peak[name], self.live[name])
        self._rate(self.peak_rate, name, time.monotonic())
        self._rate(self.peak_simulated_rate, name, self.clock.now())

    def _rate(self, peak, name, now):
        recent = self._recent.setdefault((id(peak), name), deque())
        recent.append(now)
        while now - recent[0] >= 1:
            recent.popleft()
        peak[name] = max(peak[name], len(recent))

    def hung_up(self, call):
        self.live[call.app.name] -= 1

    def told(self, call, event, url, status, signature, fields, attempt, started):
        entry = {"provider": call.app.name, "call_id": call.id, "to": call.to, "event": event, "url": url}
        entry.update(self._stamps(), attempt=attempt, status=status, signature=signature)
        self.callbacks.append({**entry, "ms": round((time.monotonic() - started) * 1000), "fields": fields})

    def counts(self) -> dict:
        """Per provider: requests, accepted, rung, live, ended by outcome, callbacks by status, peaks."""
        found = {}
        for name in ("twilio", "bland", "sanspbx"):
            calls = [c for c in self.calls.values() if c.app.name == name]
            told = [str(e["status"]) for e in self.callbacks if e["provider"] == name]
            found[name] = {
                "requests": sum(e["provider"] == name for e in self.requests),
                "accepted": len(calls),
                "rung": sum(e["provider"] == name for e in self.rung),
                "live": self.live[name],
                "waiting": sum(c.dialed_at is None and c.ended_at is None for c in calls),
                "ended": dict(Counter(c.end for c in calls if c.end)),
                "callbacks": dict(Counter(told)),
                "peak_concurrency": self.peak[name],
                "peak_calls_per_second": self.peak_rate[name],
                "peak_calls_per_simulated_second": self.peak_simulated_rate[name],
            }
        return found

    def as_dict(self, sections=SECTIONS, **only) -> dict:
        """`only`: provider, call_id, to (each optional)."""
        fits = lambda e: all(e.get(k) == v for k, v in only.items() if v)  # noqa: E731
        held = {"requests": self.requests, "rung": self.rung, "callbacks": self.callbacks}
        held["calls"] = [call.as_dict() for call in self.calls.values()] if "calls" in sections else []
        found = {name: [e for e in held[name] if fits(e)] for name in sections}
        asked = [
            {"provider": p, "endpoint": t, "status": s, "times": n} for (p, t, s), n in sorted(self.statuses.items())
        ]
        return {**found, "asked": asked, "counts": self.counts()}
