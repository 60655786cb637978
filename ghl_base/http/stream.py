"""Answers too large to be held in memory: sent while they are made, on a cursor of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from odoo import api
from odoo.http import Response, _Response
from odoo.modules.registry import Registry

from .responses import CONTENT_TYPE, StreamAnswer, accepts_gzip, in_chunks


class _StreamResponse(_Response):
    """Makes the first piece before the status line is sent, so that a failure can still be answered properly."""

    def get_app_iter(self, environ):
        if environ["REQUEST_METHOD"] != "HEAD":
            first = list(itertools.islice(self.response, 1))
            self.response = _Rest(first, self.response)
        return super().get_app_iter(environ)


class _Rest(Iterator):
    """The first piece, then the others; closing it closes the source."""

    def __init__(self, first, source):
        self._pieces = itertools.chain(first, source)
        self._source = source

    def __next__(self):
        return next(self._pieces)

    def close(self):
        self._source.close()


def stream_response(answer: StreamAnswer, request, on_error) -> Response:
    """The Odoo response that streams `answer` as the user and in the context of `request`."""
    gzipped = accepts_gzip(request.httprequest.headers.get("Accept-Encoding"))
    headers = [*answer.headers, ("Content-Type", CONTENT_TYPE), ("Cache-Control", "no-store")]
    if gzipped:
        headers.append(("Content-Encoding", "gzip"))
    source = _chunks(answer, request.db, request.env.uid, dict(request.env.context), gzipped, on_error)
    response = _StreamResponse(source, headers=headers, direct_passthrough=True)
    return Response(response)


def _chunks(answer, dbname, uid, context, gzipped, on_error):
    with Registry(dbname).cursor() as cr:
        env = api.Environment(cr, uid, context)
        try:
            yield from in_chunks(answer.make(env), gzipped)
        except Exception as exc:
            exc.error_response = on_error(exc)  # used while nothing has been sent
            raise
