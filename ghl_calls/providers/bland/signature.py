"""Whether a delivery was signed by Bland (docs.bland.ai, "webhook signing").

Header ``X-Webhook-Signature``: hex HMAC-SHA256 of the body, with the secret of the account's keys page. Bland's own
example hashes the body after parsing it and writing it again, so that the compact form is tried as well. There is no
time in it: a delivery can be repeated, and does no harm.
"""

from __future__ import annotations

import hashlib
import hmac
import json

from ..base import Delivery, DeliveryRefused

HEADER = "x-webhook-signature"


def verify(delivery: Delivery, secret: str) -> None:
    """DeliveryRefused unless `secret` signed the body."""
    if not secret:
        raise DeliveryRefused("no webhook secret is set for this account")
    given = delivery.headers.get(HEADER, "").strip().lower()
    if not given:
        raise DeliveryRefused("the signature is missing")
    if not (given.isascii() and _matches(given, delivery.body, secret)):
        raise DeliveryRefused("the signature does not match")


def sign(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _matches(given: str, body: bytes, secret: str) -> bool:
    if hmac.compare_digest(given, sign(body, secret)):
        return True
    compact = _compact(body)
    return compact is not None and hmac.compare_digest(given, sign(compact, secret))


def _compact(body: bytes) -> bytes | None:
    """The body as a JavaScript program would write it after parsing it."""
    try:
        return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return None
