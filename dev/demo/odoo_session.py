"""A logged-in back-office user, driven the way the web client drives Odoo."""

import requests


class OdooError(RuntimeError):
    """Odoo refused a call; the text is what a user would have read."""


class OdooSession:
    """``call`` runs a model method as the user; ``url`` is the server's root."""

    def __init__(self, url: str, database: str, login: str, password: str):
        self.url, self._http = url, requests.Session()
        self.uid = self._rpc("/web/session/authenticate", db=database, login=login, password=password)["uid"]

    def call(self, model: str, method: str, *args, **kwargs):
        """The method's result. Raises OdooError with the message a user would see."""
        return self._rpc(
            f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=list(args), kwargs=kwargs
        )

    def _rpc(self, path: str, **params):
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        answer = self._http.post(self.url + path, json=body, timeout=120).json()
        if "error" in answer:
            data = answer["error"].get("data") or {}
            raise OdooError(data.get("message") or answer["error"].get("message"))
        return answer["result"]
