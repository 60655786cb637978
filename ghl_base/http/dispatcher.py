"""How a request under the routing type `ghl_api` is read, answered and refused."""

from __future__ import annotations

import logging
import re
import uuid

import psycopg2
import psycopg2.errors
from psycopg2.pool import PoolError
from werkzeug.exceptions import HTTPException

from odoo.exceptions import (
    AccessDenied,
    AccessError,
    ConcurrencyError,
    LockError,
    MissingError,
    UserError,
)
from odoo.http import Dispatcher, Response, SessionExpiredException, root

from . import cors
from .envelope import PLAIN
from .errors import (
    busy,
    conflict,
    forbidden,
    from_http_exception,
    internal_error,
    not_found,
    too_many,
    unauthorized,
    unprocessable,
)
from .params import parse_json_object, read_params
from .responses import (
    CONTENT_TYPE,
    GZIP_FROM,
    JsonAnswer,
    StreamAnswer,
    accepts_gzip,
    compress,
    dumps,
    etag_matches,
    etag_of,
)
from .spec import READING
from .stream import stream_response

_logger = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class GhlApiDispatcher(Dispatcher):
    routing_type = "ghl_api"
    mimetypes = ("application/json", *_FORMS)

    def __init__(self, request):
        super().__init__(request)
        headers = request.httprequest.headers
        given = headers.get("X-Request-Id", "")
        self.request_id = given if _REQUEST_ID.match(given) else uuid.uuid4().hex
        self.origin = headers.get("Origin")
        self.allowed_origins = self._allowed_origins() if self.origin else ()
        self.envelope = PLAIN  # of the route, once it is known
        request.session.can_save = False  # no cookie, nothing on disk

    @classmethod
    def is_compatible_with(cls, request):
        return True  # older clients are careless about Content-Type; the body decides

    def _allowed_origins(self):
        # Read before anything can fail, so that error answers carry the headers too.
        env = self.request.env
        if env is None:
            return ()
        # sudo: the caller is not known yet, and the list is not a secret
        text = env["ir.config_parameter"].sudo().get_param("ghl.cors_origins")
        try:
            return cors.parse_origins(text)
        except ValueError as error:
            _logger.warning("The setting ghl.cors_origins holds %s, which is no origin", error)
            return ()

    # Reading ----------------------------------------------------------------------------------------------------------

    def pre_dispatch(self, rule, args):
        self.request.httprequest.max_content_length = rule.endpoint.routing["max_content_length"]

    def dispatch(self, endpoint, args):
        request = self.request
        http = request.httprequest
        spec = endpoint.routing["ghl_spec"]
        request.params = {}
        if http.method == "OPTIONS":
            return self._preflight()
        if spec.group and not request.env.user.has_group(spec.group):
            raise forbidden("The user of this key has no GoHighLevel access for this.", "missing_group")
        raw = http.get_data()  # cached, so that forms can still be read
        reads = http.method in READING
        body = {} if reads or spec.raw_body else self._body(raw)
        query = {name: http.args.getlist(name) for name in http.args}
        request.params = read_params(spec.all_params, path=args, query=query, body=body, reads=reads)
        if spec.raw_body:
            request.params["raw_body"] = raw
        return self._respond(request.registry["ir.http"]._dispatch(endpoint))

    def _body(self, raw):
        http = self.request.httprequest
        if http.mimetype in _FORMS and not raw.lstrip().startswith(b"{"):
            given = {name: http.form.getlist(name) for name in http.form}
            return {name: values if len(values) > 1 else values[0] for name, values in given.items()}
        return parse_json_object(raw)

    def _preflight(self):
        http = self.request.httprequest
        methods = self.request.env["ir.http"]._ghl_allowed_methods(http.path)
        if not methods:
            raise not_found("Address", "unknown_address")
        return Response(
            status=204,
            headers=cors.preflight_headers(
                self.origin, self.allowed_origins, methods, http.headers.get("Access-Control-Request-Headers")
            ),
        )

    # Answering --------------------------------------------------------------------------------------------------------

    def _respond(self, answer):
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, StreamAnswer):
            return stream_response(answer, self.request, on_error=self.handle_error)
        if not isinstance(answer, JsonAnswer):
            answer = JsonAnswer(answer)
        http = self.request.httprequest
        headers = [*answer.headers, ("Content-Type", CONTENT_TYPE)]
        body = dumps(answer.data)
        if answer.etag and answer.status == 200 and http.method in ("GET", "HEAD"):
            etag = etag_of(body)
            headers += [("ETag", etag), ("Cache-Control", "private, no-cache")]
            if etag_matches(http.headers.get("If-None-Match"), etag):
                return Response(status=304, headers=headers)
        else:
            headers.append(("Cache-Control", "no-store"))
        if len(body) > GZIP_FROM and accepts_gzip(http.headers.get("Accept-Encoding")):
            body = compress(body)
            headers.append(("Content-Encoding", "gzip"))
        return Response(body, status=answer.status, headers=headers)

    def post_dispatch(self, response):
        # Unlike the framework's own, neither saves a session nor sets cookies.
        for name, value in cors.response_headers(self.origin, self.allowed_origins):
            response.headers.set(name, value)
        response.headers.set("X-Request-Id", self.request_id)
        root.set_csp(response)

    # Refusing ---------------------------------------------------------------------------------------------------------

    def handle_error(self, exc):
        if isinstance(exc, HTTPException) and exc.code is None:
            return exc.get_response()  # an answer ready made, by werkzeug's abort()
        error = self._as_api_error(exc)
        if error.code >= 500:
            self._log_fault(exc, error)
        response = Response(
            dumps(self.envelope.body(error, self.request_id)),
            status=self.envelope.http_status(error.code),
            headers=[*error.headers, ("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")],
        )
        self.post_dispatch(response)
        return response

    def _as_api_error(self, exc):
        if isinstance(exc, HTTPException):
            return from_http_exception(exc)
        if isinstance(exc, (AccessDenied, SessionExpiredException)):
            return unauthorized("invalid_key", "Access denied.")
        # The texts of these two name records and companies the caller may not see.
        if isinstance(exc, AccessError):
            return forbidden()
        if isinstance(exc, MissingError):
            return not_found()
        if isinstance(exc, LockError):
            return conflict(str(exc), "locked")
        if isinstance(exc, UserError):
            if isinstance(exc.__cause__, psycopg2.errors.UniqueViolation):
                return conflict(str(exc))
            if wait := getattr(exc, "retry_after", None):
                return too_many(str(exc), exc.error_code, wait)
            return unprocessable(str(exc), getattr(exc, "error_code", "invalid_data"))
        if isinstance(exc, (psycopg2.OperationalError, PoolError, ConcurrencyError)):
            return busy()
        return internal_error()

    def _log_fault(self, exc, error):
        http = self.request.httprequest
        env = self.request.env
        expected = isinstance(exc, HTTPException)
        _logger.log(
            logging.WARNING if expected or error.code == 503 else logging.ERROR,
            "Request %s failed with %s: %s %s by user %s from %s",
            self.request_id,
            error,
            http.method,
            http.path,
            env.uid if env is not None else None,
            http.remote_addr,
            exc_info=None if expected else exc,
        )
        exc.loglevel = logging.DEBUG  # Odoo logs what it catches as well; once is enough
