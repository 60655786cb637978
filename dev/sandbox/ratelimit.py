"""Request budgets: fixed windows that start at the first request, one budget per (application, resource)."""

DAY_MS = 86_400_000


class RateLimiter:
    def __init__(self, clock, limit=100, interval_ms=10_000, daily=200_000, enabled=True):
        self.clock = clock
        self.limit = limit
        self.interval_ms = interval_ms
        self.daily = daily
        self.enabled = enabled
        self._windows = {}
        self._first = {"enabled": enabled, "limit": limit, "interval_ms": interval_ms, "daily": daily}

    def reset(self):
        self.configure(**self._first)

    def configure(self, enabled=None, limit=None, interval_ms=None, daily=None):
        for name, value in (("enabled", enabled), ("limit", limit), ("interval_ms", interval_ms), ("daily", daily)):
            if value is not None:
                setattr(self, name, value)
        self._windows.clear()

    def take(self, key):
        """(allowed, headers) for one request against the budget `key`."""
        now = self.clock()
        window = self._windows.setdefault(key, [now, 0, now, 0])
        if now - window[0] >= self.interval_ms:
            window[0], window[1] = now, 0
        if now - window[2] >= DAY_MS:
            window[2], window[3] = now, 0
        allowed = not self.enabled or (window[1] < self.limit and window[3] < self.daily)
        if allowed:
            window[1] += 1
            window[3] += 1
        return allowed, {
            "X-RateLimit-Limit-Daily": self.daily,
            "X-RateLimit-Daily-Remaining": max(0, self.daily - window[3]),
            "X-RateLimit-Daily-Reset": DAY_MS - (now - window[2]),
            "X-RateLimit-Interval-Milliseconds": self.interval_ms,
            "X-RateLimit-Max": self.limit,
            "X-RateLimit-Remaining": max(0, self.limit - window[1]),
        }
