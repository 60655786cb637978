"""Whether a request was signed by Twilio (twilio.com/docs/usage/webhooks/webhooks-security).

Signed is the public URL followed by every POST field, sorted by name: name and value, nothing between, empty ones
included, of a doubled name each distinct value. A body that is no form is vouched for by ``bodySHA256`` in the URL.
HMAC-SHA1 by the account's auth token, in base64; or, as the settings header says, HMAC-SHA256 by a shared key.

Twilio adds and drops the standard port as it pleases, so that the URL counts with and without a port. The fragment in
which we ask for retries is said not to be signed; that is not certain, so that the URL counts with it as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import urlsplit

from ..base import Delivery, DeliveryRefused
from ..reading import form_pairs, is_form

HEADER = "x-twilio-signature"
SETTINGS_HEADER = "x-twilio-webhooks-signature-settings"
# What we append to callback URLs: try five times, whatever went wrong (webhooks-connection-overrides).
OVERRIDES = "#rc=5&rp=all"
ALGORITHMS = {"HMAC_SHA1": hashlib.sha1, "HMAC_SHA256": hashlib.sha256}
_AUTHORITY = re.compile(r"(?P<scheme>[^:/?#]+)://(?P<host>[^/?#]*?)(?::(?P<port>\d+))?(?=[/?#]|$)")


def verify(delivery: Delivery, tokens: Sequence[str], shared_key: str = "") -> None:
    """DeliveryRefused unless one of the auth `tokens` (or, for HMAC_SHA256, the shared key) signed the delivery."""
    try:
        _verify(delivery, tokens, shared_key)
    except DeliveryRefused:
        raise
    except Exception as error:  # whatever else a stranger's request makes fail: it is not proven to be Twilio's
        raise DeliveryRefused(f"the request cannot be read ({type(error).__name__})") from error


def sign(url: str, fields: Iterable[tuple[str, str]], key: str, algorithm: str = "HMAC_SHA1") -> str:
    values: dict[str, set[str]] = {}
    for name, value in fields:
        values.setdefault(name, set()).add(value)
    text = url + "".join(name + value for name in sorted(values) for value in sorted(values[name]))
    return base64.b64encode(hmac.new(key.encode(), text.encode(), ALGORITHMS[algorithm]).digest()).decode()


def fields_of(delivery: Delivery) -> list[tuple[str, str]]:
    """The fields Twilio sent: of the form, or of the query of a GET. ValueError for another kind of body."""
    if delivery.method == "GET":
        return form_pairs(urlsplit(delivery.url).query)
    if not is_form(delivery.content_type):
        raise ValueError("not a form")
    return form_pairs(delivery.body)


def _verify(delivery: Delivery, tokens: Sequence[str], shared_key: str) -> None:
    given = delivery.headers.get(HEADER, "")
    if not given:
        raise DeliveryRefused("the signature is missing")
    algorithm = _algorithm(delivery.headers.get(SETTINGS_HEADER, ""))
    keys = [token for token in tokens if token]
    if algorithm == "HMAC_SHA256" and shared_key:
        keys.insert(0, shared_key)
    if not keys:
        raise DeliveryRefused("no auth token is set for this account")
    signed = _signed_fields(delivery)
    # Every pair is tried, found or not: how long it takes tells nothing.
    matches = [
        hmac.compare_digest(given.encode(), sign(url, signed, key, algorithm).encode())
        for key in keys
        for url in _spellings(delivery.url)
    ]
    if not any(matches):
        raise DeliveryRefused("the signature does not match")


def _algorithm(settings: str) -> str:
    """Of ``key=<id>,algorithm=<name>``; without a header it is HMAC_SHA1."""
    named = "HMAC_SHA1"
    for part in settings.split(","):
        name, _, value = part.partition("=")
        if name.strip() == "algorithm" and value.strip():
            named = value.strip().upper()
            break
    if named not in ALGORITHMS:
        raise DeliveryRefused("the signature's algorithm is unknown")
    return named


def _signed_fields(delivery: Delivery) -> list[tuple[str, str]]:
    if delivery.method == "GET":
        return []
    if delivery.method != "POST":
        raise DeliveryRefused(f"Twilio sends no {delivery.method[:10]} requests")
    if is_form(delivery.content_type):
        return form_pairs(delivery.body)
    expected = dict(reversed(form_pairs(urlsplit(delivery.url).query))).get("bodySHA256", "")
    if not expected:
        raise DeliveryRefused("the body is neither a form nor vouched for")
    found = hashlib.sha256(delivery.body).hexdigest()
    if not hmac.compare_digest(expected.lower().encode(), found.encode()):
        raise DeliveryRefused("the body is not the one that was signed")
    return []


def _spellings(url: str) -> Iterator[str]:
    """The ways in which Twilio may have written this URL."""
    parts = _AUTHORITY.match(url)
    if parts is None:
        raise DeliveryRefused("our own address cannot be read")
    scheme, host, rest = parts["scheme"], parts["host"], url[parts.end() :]
    port = parts["port"] or ("443" if scheme.lower() == "https" else "80")
    for spelling in (f"{scheme}://{host}{rest}", f"{scheme}://{host}:{port}{rest}"):
        yield spelling
        yield spelling + OVERRIDES
