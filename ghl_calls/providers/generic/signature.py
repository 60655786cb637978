"""Whether a delivery carries the HMAC that the description of the service promises."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

from ..base import Delivery, DeliveryRefused
from ..reading import form_pairs, is_form
from .adapter import ALGORITHMS


def verify(delivery: Delivery, security: Mapping[str, Any], secret: str) -> None:
    """DeliveryRefused unless the secret signed the delivery. ``security`` is a valid one of kind ``hmac``."""
    given = delivery.headers.get(str(security["header"]).lower(), "")
    if not given:
        raise DeliveryRefused("the signature is missing")
    if not secret:
        raise DeliveryRefused("no webhook secret is set for this account")
    try:
        expected = _sign(_signed(delivery, security), security, secret)
        # Some services send one signature for each of several keys.
        matches = [_same(part.strip(), expected, security) for part in given.split(",")[:20]]
    except ValueError as error:
        raise DeliveryRefused(f"the request cannot be read ({type(error).__name__})") from error
    if not any(matches):
        raise DeliveryRefused("the signature does not match")


def _signed(delivery: Delivery, security: Mapping[str, Any]) -> bytes:
    if security.get("signed", "raw") == "raw":
        return delivery.body
    if not is_form(delivery.content_type):
        raise DeliveryRefused("the body is no form")
    pairs = sorted(form_pairs(delivery.body))
    return (delivery.url + "".join(name + value for name, value in pairs)).encode()


def _sign(content: bytes, security: Mapping[str, Any], secret: str) -> str:
    digest = hmac.new(secret.encode(), content, ALGORITHMS[security.get("algorithm", "sha256")]).digest()
    return digest.hex() if security.get("encoding", "hex") == "hex" else base64.b64encode(digest).decode()


def _same(given: str, expected: str, security: Mapping[str, Any]) -> bool:
    prefix = security.get("prefix") or ""
    if not given.startswith(prefix):
        return False
    given = given[len(prefix) :]
    given = given.lower() if security.get("encoding", "hex") == "hex" else given
    return hmac.compare_digest(given.encode(), expected.encode())
