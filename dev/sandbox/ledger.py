"""What was really asked: counts per method and path template, per status, and the latest requests."""

from collections import Counter, deque


class Ledger:
    def __init__(self):
        self.reset()

    def reset(self):
        self.requests = Counter()
        self.statuses = Counter()
        self.by_status = Counter()
        self.faults = Counter()
        self.recent = deque(maxlen=500)

    def record(self, template, status, path, fault=None):
        self.requests[template] += 1
        self.by_status[f"{template} {status}"] += 1
        self.statuses[str(status)] += 1
        if fault:
            self.faults[fault] += 1
        self.recent.append([path, status, fault])

    def as_dict(self):
        return {
            "total": sum(self.requests.values()),
            "requests": dict(self.requests),
            "statuses": dict(self.statuses),
            "by_request_and_status": dict(self.by_status),
            "faults": dict(self.faults),
            "rate_limited": self.statuses.get("429", 0),
            "recent": [{"request": p, "status": s, "fault": f} for p, s, f in self.recent],
        }
