"""The doors of telephone providers: proven deliveries are stored and answered; what they mean is worked out afterwards.

No model is used on the way, except to find the account of a door for the first time: a provider may send hundreds of
reports in a second, and re-sends those that are answered late.
"""

import logging
import re
from urllib.parse import quote

import psycopg2.errors

from odoo import SUPERUSER_ID, fields
from odoo.http import Controller, Response, request

from ...ghl_base.http import ApiError, api_route, bad_request, catch_all, not_found
from ...ghl_base.http.params import storable
from ..dialer import accounts, background_work, inbox, orders
from ..models.ghl_voip_account import DOOR_KINDS
from ..providers.base import Delivery, DeliveryRefused

_logger = logging.getLogger(__name__)
TAG = "Provider callbacks"
_TOKEN = re.compile(r"(/ghl/(?:voip|calls/listen)/)[^/\s\"?#]+")


class _MaskTokens(logging.Filter):
    """Keeps what opens a door, or lets hear a recording, out of the access log: there the address is the proof."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(_TOKEN.sub(r"\1***", arg) if isinstance(arg, str) else arg for arg in record.args)
        if isinstance(record.msg, str):
            record.msg = _TOKEN.sub(r"\1***", record.msg)
        return True


for _name in ("werkzeug", "odoo.addons.ghl.ghl_base.http.dispatcher"):
    logging.getLogger(_name).addFilter(_MaskTokens())


class VoipDoor(Controller):
    @api_route(
        ("/ghl/voip/<string:token>/<string:kind>", "/ghl/voip/<string:token>/<string:kind>/<string:reference>"),
        methods=("POST", "GET"),
        auth="none",
        group=None,
        raw_body=True,
        documented=False,
    )
    def deliver(self, token, kind, raw_body, reference=""):
        """A telephone provider reports on a call, or asks what to say in one."""
        token, reference = storable(token), storable(reference)
        door = request.env(user=SUPERUSER_ID)["ghl.voip.account"]._door(token)
        if door is None or (door[4] and door[4] < fields.Datetime.now()) or kind not in DOOR_KINDS:
            raise not_found("Address", "unknown_address")
        account_id, company_id, name, settings, _until = door
        provider = accounts.provider(request.env.cr.dbname, account_id, name, settings)
        if kind == "answer" and hasattr(provider, "answer"):
            prove(provider, account_id, kind, reference, raw_body)
            calls = request.env(user=SUPERUSER_ID)["ghl.call"]
            where = [("voip_account_id", "=", account_id), ("reference", "=", reference or "-")]
            return answer_with_words(
                provider, calls.search(where, limit=1), request.httprequest.values.get("AnsweredBy") or ""
            )
        take(provider, account_id, company_id, kind, reference, raw_body)
        return Response(status=204)

    unknown = catch_all("/ghl/voip")


def take(provider, account_id, company_id, kind, reference, body):
    """Store what came, if it is proven to be the provider's and can be read; ApiError 403 or 400."""
    delivery = prove(provider, account_id, kind, reference, body)
    try:
        provider.parse(delivery)
    except ValueError:
        raise bad_request("The body cannot be read.", "invalid_body") from None
    cr = request.env.cr
    try:
        stored = inbox.store(
            cr,
            account_id=account_id,
            company_id=company_id,
            kind=kind,
            delivery=delivery,
            path=_TOKEN.sub(r"\1***", raw_path()),
            trusted=provider.capabilities.signed,
        )
    except psycopg2.errors.SerializationFailure:
        # The same delivery was stored by somebody else after this request's snapshot: that is all we wanted.
        cr.rollback()
        stored = False
    if stored:
        background_work.wake_inbox(request.env)
    return stored


def prove(provider, account_id, kind, reference, body):
    """The ``Delivery`` of this request; ApiError 403 unless it is proven to be the provider's."""
    delivery = delivery_of(reference, body)
    try:
        if not provider.admits(request.httprequest.remote_addr or ""):
            raise DeliveryRefused("it came from an address that is not allowed")
        if provider.capabilities.signed:
            provider.verify(delivery)
    except DeliveryRefused as refusal:
        _logger.warning("A delivery to telephone account %s (%s) was refused: %s", account_id, kind, refusal.reason)
        raise ApiError(403, "refused", "This delivery is not proven to come from the provider.") from None
    return delivery


def delivery_of(reference, body):
    """This request as it came."""
    http = request.httprequest
    return Delivery(
        method=http.method,
        url=request.env(user=SUPERUSER_ID)["ghl.voip.account"]._public_base_url() + raw_path(),
        headers={key.lower(): value for key, value in http.headers.items()},
        body=body,
        content_type=http.mimetype or "",
        reference=reference,
    )


def answer_with_words(provider, call, answered_by):
    """What a provider that asks is told to do when somebody has answered; it hangs up when there is no such call."""
    what = orders.order(call) if call and call.reference else {}
    return Response(provider.answer(what, answered_by), status=200, headers=[("Content-Type", "text/xml")])


def raw_path():
    """Path and query as they were sent: a signature covers them to the letter."""
    environ = request.httprequest.environ
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw:
        return "/" + raw.split("://", 1)[1].partition("/")[2] if "://" in raw.split("?", 1)[0] else raw
    query = environ.get("QUERY_STRING")
    return quote(environ.get("PATH_INFO", "")) + (f"?{query}" if query else "")
