"""Toolkit for the JSON API: declare a route, get its parameters checked, answer in one shape.

from ..ghl_base.http import Param, api_route, json_response, not_found
"""

from . import dispatcher
from .envelope import PLAIN, Envelope
from .errors import ApiError, bad_request, busy, conflict, forbidden, invalid_parameters, not_found, unprocessable
from .media import forwarded, sound_response
from .openapi import define_schema
from .paging import decode_cursor, encode_cursor, page_of
from .params import Param
from .responses import json_pieces, json_response, stream_json
from .routes import api_route, catch_all

__all__ = [
    "PLAIN",
    "ApiError",
    "Envelope",
    "Param",
    "api_route",
    "bad_request",
    "busy",
    "catch_all",
    "conflict",
    "decode_cursor",
    "define_schema",
    "dispatcher",
    "encode_cursor",
    "forbidden",
    "forwarded",
    "json_pieces",
    "json_response",
    "not_found",
    "page_of",
    "sound_response",
    "stream_json",
    "unprocessable",
]
