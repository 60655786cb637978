"""Bytes of an answer, and what the headers of a request ask for."""

import gzip
import json
import subprocess
import sys
from collections import OrderedDict
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged
from odoo.tools.misc import frozendict

from ..ghl_base.http import responses
from ..ghl_base.http.cors import allowed_origin, parse_origins, preflight_headers
from ..ghl_base.http.errors import ApiError, from_http_exception, invalid_parameters, unauthorized
from ..ghl_base.http.responses import (
    accepts_gzip,
    compress,
    dumps,
    etag_matches,
    etag_of,
    in_chunks,
    json_pieces,
)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda child: st.lists(child, max_size=4) | st.dictionaries(st.text(max_size=5), child, max_size=4),
    max_leaves=10,
)


@tagged("post_install", "-at_install", "ghl")
class TestBodies(BaseCase):
    def test_fragments_stand_in_the_answer_as_they_are(self):
        def answer(*more):
            return {
                "a": responses.fragment('{"id":3,"name":"Zoë"}'),
                "b": [responses.fragment("[]"), *more, 7, date.max],
            }

        expected = {"a": {"id": 3, "name": "Zoë"}, "b": [[], 7, "9999-12-31"]}
        self.assertEqual(json.loads(responses.dumps(answer())), expected)
        self.assertEqual(responses._dumps_slow(answer()), responses.dumps(answer()))
        # A number that needs the slow way does not lose them.
        self.assertEqual(json.loads(responses.dumps(answer(2**70)))["b"], [[], 2**70, 7, "9999-12-31"])
        with patch.object(responses, "orjson", None):
            self.assertEqual(json.loads(responses._dumps_slow(answer())), expected)
            self.assertEqual(json.loads(responses._dumps_slow(responses.fragment("1"))), 1)

    @settings(max_examples=200, deadline=None)
    @given(json_values)
    def test_any_json_value_survives_with_and_without_orjson(self, value):
        expected = json.loads(json.dumps(value).encode().decode("utf-8", "replace"))
        for dump in (dumps, responses._dumps_slow):
            text = dump(value).decode()
            if "\ud800" <= max(json.dumps(value, ensure_ascii=False), default="") <= "\udfff":
                json.loads(text)  # lone surrogates are replaced, the text stays JSON
            else:
                self.assertEqual(json.loads(text), expected)

    def test_both_encoders_write_the_types_of_odoo_alike(self):
        value = {
            "at": datetime(2025, 7, 31, 9, 30),
            "on": date(2025, 7, 31),
            "amount": Decimal("1.5"),
            "raw": frozendict({"a": OrderedDict(b=1)}),
            "set": {2, 1},
            "bytes": b"abc",
            7: "number as key",
            "big": 2**70,
        }
        expected = {
            "at": "2025-07-31T09:30:00",
            "on": "2025-07-31",
            "amount": 1.5,
            "raw": {"a": {"b": 1}},
            "set": [1, 2],
            "bytes": "abc",
            "7": "number as key",
            "big": 2**70,
        }
        for dump in (dumps, responses._dumps_slow):
            self.assertEqual(json.loads(dump(value)), expected)
        del value["big"]
        self.assertEqual(dumps(value), responses._dumps_slow(value))

    def test_json_made_elsewhere_is_sent_as_it_is(self):
        self.assertEqual(dumps(b'{"a":1}'), b'{"a":1}')

    def test_equal_bodies_have_equal_tags(self):
        self.assertEqual(etag_of(b"a"), etag_of(b"a"))
        self.assertNotEqual(etag_of(b"a"), etag_of(b"b"))

    def test_if_none_match_is_compared_weakly(self):
        tag = etag_of(b"a")
        for header in (tag, tag[2:], f'"x", {tag}', "*", f" {tag} "):
            self.assertTrue(etag_matches(header, tag), header)
        for header in (None, "", '"x"', tag.strip('W/"'), 'W/"', tag[:-2] + '"'):
            self.assertFalse(etag_matches(header, tag), header)

    def test_gzip_is_used_only_when_accepted(self):
        for header in ("gzip", "deflate, GZIP;q=0.5", "*", "br, gzip ; q=1"):
            self.assertTrue(accepts_gzip(header), header)
        for header in (None, "", "identity", "gzip;q=0", "gzip; q=0.0", "br", "gzipped", "gzip;q=x"):
            self.assertFalse(accepts_gzip(header), header)
        self.assertEqual(gzip.decompress(compress(b"abc")), b"abc")
        self.assertEqual(compress(b"abc"), compress(b"abc"))

    def test_pieces_make_the_object_that_was_meant(self):
        for head, rows, tail in (
            ({"a": 1}, [{"b": 2}, {"c": "ü"}], {"d": 3}),
            ({}, [], {}),
            ({"a": 1}, [1], lambda: {"n": 1}),
            ({}, [None], ()),
        ):
            whole = {**head, "rows": rows, **dict(tail() if callable(tail) else tail)}
            self.assertEqual(json.loads(b"".join(json_pieces(head, "rows", rows, tail))), whole)

    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.binary(max_size=100) | st.text(st.characters(exclude_categories=["Cs"]), max_size=50)))
    def test_chunks_carry_the_same_bytes(self, pieces):
        whole = b"".join(p.encode() if isinstance(p, str) else p for p in pieces)
        with patch.object(responses, "CHUNK", 64):
            self.assertEqual(b"".join(in_chunks(iter(pieces), gzipped=False)), whole)
            self.assertEqual(gzip.decompress(b"".join(in_chunks(iter(pieces), gzipped=True))), whole)

    def test_chunks_are_made_while_the_pieces_come(self):
        made = []

        def pieces():
            for number in range(1000):
                made.append(number)
                yield b"x" * 1000

        first = next(in_chunks(pieces(), gzipped=False))
        self.assertLess(len(made), 100)
        self.assertGreaterEqual(len(first), responses.CHUNK)


@tagged("post_install", "-at_install", "ghl")
class TestOrigins(BaseCase):
    def test_origins_are_read_leniently(self):
        text = " https://App.example.com/, http://localhost:3000\n\nhttps://app.example.com * "
        self.assertEqual(parse_origins(text), ("https://app.example.com", "http://localhost:3000", "*"))
        self.assertEqual(parse_origins(None), ())

    def test_what_is_no_origin_is_named(self):
        for text in ("app.example.com", "https://a.b/path", "https://*.example.com", "javascript:alert(1)", "https://"):
            with self.assertRaises(ValueError, msg=text) as caught:
                parse_origins(text)
            self.assertEqual(str(caught.exception), text)

    def test_only_the_exact_origin_is_allowed(self):
        allowed = ("https://app.example.com",)
        self.assertEqual(allowed_origin("https://app.example.com", allowed), "https://app.example.com")
        for origin in (None, "", "null", "https://app.example.com.evil.org", "https://app.example.com:444"):
            self.assertIsNone(allowed_origin(origin, allowed), origin)
        self.assertIsNone(allowed_origin("https://app.example.com", ()))

    def test_header_names_are_never_echoed_unchecked(self):
        for asked in ("a\r\nSet-Cookie: x", "a" * 2000, "a b", "", None):
            headers = dict(preflight_headers("https://a.b", ("https://a.b",), ["GET"], asked))
            self.assertTrue(headers["Access-Control-Allow-Headers"].startswith("Authorization, "), asked)
        headers = dict(preflight_headers("https://a.b", ("https://a.b",), ["GET"], "Version, x-a"))
        self.assertEqual(headers["Access-Control-Allow-Headers"], "Version, x-a")


@tagged("post_install", "-at_install", "ghl")
class TestErrorShape(BaseCase):
    def test_the_body_has_one_shape(self):
        error = invalid_parameters({"limit": "must be at most 10"})
        self.assertEqual(
            error.body("id-1"),
            {
                "success": False,
                "error": "limit must be at most 10",
                "code": "invalid_parameter",
                "details": {"limit": "must be at most 10"},
                "request_id": "id-1",
            },
        )
        self.assertEqual(set(ApiError(404, "x", "y").body()), {"success", "error", "code"})

    def test_the_challenge_says_whether_a_key_was_sent(self):
        self.assertEqual(dict(unauthorized("missing_key", "x").headers), {"WWW-Authenticate": "Bearer"})
        self.assertIn("invalid_token", dict(unauthorized("expired_key", "x").headers)["WWW-Authenticate"])

    def test_framework_errors_lose_their_html(self):
        from werkzeug.exceptions import ImATeapot, RequestEntityTooLarge

        self.assertEqual(from_http_exception(RequestEntityTooLarge()).error_code, "body_too_large")
        teapot = from_http_exception(ImATeapot())
        self.assertEqual((teapot.code, teapot.error_code), (418, "bad_request"))
        self.assertNotIn("<", teapot.message)


@tagged("post_install", "-at_install", "ghl")
class TestPlainPython(BaseCase):
    def test_only_the_parts_that_meet_odoo_import_it(self):
        """Run outside Odoo: the rules of the API can be used and tested without it."""
        folder = Path(responses.__file__).parent
        plain = {p.stem for p in folder.glob("*.py")} - {"__init__", "dispatcher", "media", "routes", "stream"}
        self.assertLessEqual({"errors", "params", "paging", "cors", "responses", "spec", "openapi"}, plain)
        program = f"""
import importlib, sys, types
package = types.ModuleType("toolkit"); package.__path__ = [{str(folder)!r}]; sys.modules["toolkit"] = package
for name in {sorted(plain)!r}: importlib.import_module("toolkit." + name)
assert "odoo" not in sys.modules
"""
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
