"""Form bodies: every name may come several times."""

from urllib.parse import parse_qsl, urlsplit

from .errors import error


class Form:
    def __init__(self, request):
        kind = request.headers.get("content-type", "")
        text = request.body.decode("utf-8", "replace") if kind.startswith("application/x-www-form-urlencoded") else ""
        self.pairs = parse_qsl(text, keep_blank_values=True)

    def get(self, name, default="") -> str:
        """The last value given."""
        return next((value for key, value in reversed(self.pairs) if key == name and value), default)

    def all(self, name) -> list:
        return [value for key, value in self.pairs if key == name and value]

    def truth(self, name) -> bool:
        return self.get(name).lower() == "true"

    def number(self, name, default, least, most):
        """A whole number within its bounds; 400 otherwise."""
        text = self.get(name)
        if text and not (text.isdigit() and least <= int(text) <= most):
            raise error(20001, name)
        return int(text) if text else default

    def url(self, name, code) -> str:
        """An absolute URL or nothing; 400 with `code`."""
        text = self.get(name)
        parts = urlsplit(text)
        if text and (parts.scheme not in ("http", "https") or not parts.hostname or "_" in parts.hostname):
            raise error(code, text)
        return text

    def as_dict(self) -> dict:
        """For the ledger: names that came several times hold lists."""
        found = {}
        for name, value in self.pairs:
            found.setdefault(name, []).append(value)
        return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
