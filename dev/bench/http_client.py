"""Requests as an API client makes them: one connection each, as Odoo closes them anyway."""

import http.client
import json
from collections.abc import Callable
from urllib.parse import urlsplit


def get_client(url: str, key: str) -> Callable[..., bytes]:
    """A function (method, path, JSON body or None) -> the bytes of the answer, which has to be 200."""
    address = urlsplit(url)

    def call(method: str, path: str, data: dict | None = None) -> bytes:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(data) if data is not None else None, headers)
        response = connection.getresponse()
        body = response.read()
        connection.close()
        if response.status != 200:
            raise AssertionError(f"{path}: {response.status} {body[:200]}")
        return body

    return call
