"""Reading request parameters: whatever comes in, the declared type or a reason comes out."""

import json
from datetime import date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..ghl_base.http.errors import ApiError
from ..ghl_base.http.paging import decode_cursor, encode_cursor, page_of
from ..ghl_base.http.params import (
    INT4_MAX,
    Param,
    openapi_path,
    parse_json_object,
    path_params,
    read_params,
)

PARAMS = (
    Param("number", int),
    Param("small", int, minimum=1, maximum=10),
    Param("ratio", float, minimum=0),
    Param("flag", bool),
    Param("text", str, max_length=20),
    Param("grade", choices=("a", "b")),
    Param("ids", list, item=int, max_items=5),
    Param("day", date),
    Param("moment", datetime),
    Param("extra", dict),
    Param("must", required=True),
    Param("everything", dict, location="whole"),
)
TYPES = {p.name: p.type for p in PARAMS}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda child: st.lists(child, max_size=4) | st.dictionaries(st.text(max_size=5), child, max_size=4),
    max_leaves=8,
)


def read(params, query=None, body=None, path=None, reads=True):
    query = {k: [v] if isinstance(v, str) else v for k, v in (query or {}).items()}
    return read_params(params, path=path or {}, query=query, body=body or {}, reads=reads)


@tagged("post_install", "-at_install", "ghl")
class TestParams(BaseCase):
    def parse(self, param, raw):
        return read([param], {param.name: raw})[param.name]

    def assert_bad(self, param, raw, reason=""):
        for query, body in (({param.name: raw}, {}) if isinstance(raw, str) else ({}, {param.name: raw}),):
            with self.assertRaises(ApiError, msg=repr(raw)) as caught:
                read([param], query, body, reads=not body)
            self.assertEqual((caught.exception.code, caught.exception.error_code), (400, "invalid_parameter"))
            self.assertIn(reason, caught.exception.details[param.name])

    def test_whole_numbers_are_read_strictly(self):
        number = Param("n", int)
        for raw, value in (("0", 0), ("-5", -5), (" 7 ", 7), (str(INT4_MAX), INT4_MAX)):
            self.assertEqual(self.parse(number, raw), value)
        for raw in ("1e3", "1.0", "0x1", "+1", "1_000", "٣", "one", "1 2", "--1", "9" * 5000, 1.0, True, [1], {}):
            self.assert_bad(number, raw, "whole number")
        self.assert_bad(number, str(INT4_MAX + 1), "at most")
        self.assert_bad(number, str(-INT4_MAX - 2), "at least")

    def test_bounds_and_choices_are_kept(self):
        small = Param("n", int, minimum=1, maximum=1000)
        self.assertEqual(self.parse(small, "1000"), 1000)
        self.assert_bad(small, "0", "at least 1")
        self.assert_bad(small, "1001", "at most 1000")
        self.assert_bad(Param("n", choices=("a", "b")), "c", "one of a, b")
        self.assert_bad(Param("n", list, choices=("a", "b")), "a,c", "one of a, b")

    def test_numbers_are_finite(self):
        for raw in ("nan", "inf", "-Infinity", "1e400", "1,5", float("nan"), float("inf"), 10**400, True):
            self.assert_bad(Param("n", float), raw, "number")
        self.assertEqual(self.parse(Param("n", float), "-1.5e3"), -1500.0)

    def test_booleans_are_read_from_the_words_clients_use(self):
        for raw, value in (("true", True), ("TRUE", True), ("1", True), ("false", False), ("0", False), ("No", False)):
            self.assertIs(self.parse(Param("b", bool), raw), value)
        for raw in ("maybe", "2", "truee", 2, 1.0, [], {}):
            self.assert_bad(Param("b", bool), raw, "true or false")

    def test_text_is_storable_and_not_too_long(self):
        for raw, reason in (
            ("a\x00b", "NUL"),
            ("\ud800", "Unicode"),
            ("x" * 256, "longer"),
            ({}, "text"),
            (True, "text"),
        ):
            self.assert_bad(Param("t"), raw, reason)
        self.assertEqual(read([Param("t")], body={"t": 12}, reads=False), {"t": "12"})

    def test_lists_come_as_csv_repeated_or_json(self):
        ids = Param("ids", list, item=int, max_items=3)
        for query, body in (({"ids": "1, 2,3"}, {}), ({"ids": ["1", "2,3"]}, {}), ({}, {"ids": [1, "2", 3]})):
            self.assertEqual(read([ids], query, body, reads=not body), {"ids": [1, 2, 3]})
        self.assert_bad(ids, "1,2,3,4", "more than 3")
        self.assert_bad(ids, "1,x", "whole number")
        self.assert_bad(ids, {"a": 1}, "list")

    def test_moments_become_naive_utc(self):
        moment = Param("m", datetime)
        for raw in ("2025-07-31T09:30:00+02:00", "2025-07-31T07:30:00Z", "2025-07-31T07:30:00", "2025-07-31 07:30"):
            self.assertEqual(self.parse(moment, raw), datetime(2025, 7, 31, 7, 30))
        for raw in ("yesterday", "2025-13-01", "0001-01-01T00:00:00+14:00", "1753948800", 5):
            self.assert_bad(moment, raw, "date and time")
        self.assertEqual(self.parse(Param("d", date), "2025-07-31"), date(2025, 7, 31))
        self.assert_bad(Param("d", date), "31.07.2025", "date")

    def test_what_cannot_be_stored_is_found_deep_inside_json(self):
        extra = Param("e", dict)
        deep = current = {}
        for _ in range(50):
            current["a"] = current = {}
        for raw, reason in (
            ({"a": ["\x00"]}, "NUL"),
            ({"a": {"\ud800": 1}}, "Unicode"),
            ({"a": float("inf")}, "infinite"),
            (deep, "deeply"),
            ([1], "object"),
        ):
            self.assert_bad(extra, raw, reason)
        self.assertEqual(self.parse(extra, '{"a": [1, "ü"]}'), {"a": [1, "ü"]})

    def test_a_missing_required_one_is_named_and_so_is_an_empty_one(self):
        for query in ({}, {"a": ""}):
            with self.assertRaises(ApiError) as caught:
                read([Param("a", required=True), Param("b", int, required=True)], query)
            self.assertEqual(caught.exception.details, {"a": "is required", "b": "is required"})

    def test_empty_means_not_given_except_for_text(self):
        params = [Param("n", int, default=5), Param("t", default="x")]
        self.assertEqual(read(params, {"n": "", "t": ""}), {"n": 5, "t": ""})
        self.assertEqual(read(params, body={"n": None, "t": None}, reads=False), {"n": 5, "t": "x"})

    def test_the_body_goes_before_the_query_and_reading_methods_have_no_body(self):
        params = [Param("a")]
        self.assertEqual(read(params, {"a": "query"}, {"a": "body"}, reads=False), {"a": "body"})
        self.assertEqual(read(params, {"a": "query"}, {}, reads=False), {"a": "query"})
        self.assertEqual(read(params, {"a": "query"}, {"a": "body"}, reads=True), {"a": "query"})
        self.assertEqual(read([Param("a", location="body")], {"a": "query"}, {}, reads=False), {"a": None})
        self.assertEqual(read([Param("a", location="query")], {"a": "query"}, {"a": "b"}, reads=False), {"a": "query"})

    def test_older_names_still_work(self):
        self.assertEqual(
            read([Param("location_id", aliases=("locationId",))], {"locationId": "x"}), {"location_id": "x"}
        )

    def test_parameters_of_the_address_are_found(self):
        found = path_params("/api/c/<int:contact_id>/calls/<string(length=2):lang>/<name>")
        self.assertEqual([(p.name, p.type) for p in found], [("contact_id", int), ("lang", str), ("name", str)])
        self.assertEqual(openapi_path("/api/c/<int:contact_id>/x"), "/api/c/{contact_id}/x")
        self.assert_bad(Param("id", int, minimum=1), "0")

    @settings(max_examples=300, deadline=None)
    @given(st.dictionaries(st.sampled_from(sorted(TYPES)) | st.text(max_size=5), st.lists(st.text(), max_size=3)))
    def test_any_query_gives_values_or_reasons(self, query):
        self.check(lambda: read_params(PARAMS, path={}, query=query, body={}, reads=True))

    @settings(max_examples=300, deadline=None)
    @given(st.dictionaries(st.sampled_from(sorted(TYPES)) | st.text(max_size=5), json_values))
    def test_any_body_gives_values_or_reasons(self, body):
        self.check(lambda: read_params(PARAMS, path={}, query={}, body=body, reads=False))

    def check(self, call):
        try:
            values = call()
        except ApiError as error:
            self.assertEqual((error.code, error.error_code), (400, "invalid_parameter"))
            self.assertLessEqual(set(error.details), set(TYPES))
            return
        self.assertEqual(set(values), set(TYPES))
        for name, value in values.items():
            if value is not None:
                self.assertIs(type(value), TYPES[name])
            if isinstance(value, str):
                self.assertNotIn("\x00", value)
                self.assertLessEqual(len(value.encode()), 4 * 255)
            if isinstance(value, int):
                self.assertLessEqual(abs(value), INT4_MAX + 1)

    @settings(max_examples=300, deadline=None)
    @given(st.binary() | json_values.map(lambda v: json.dumps(v).encode()))
    def test_any_bytes_are_an_object_or_refused(self, raw):
        try:
            self.assertIsInstance(parse_json_object(raw), dict)
        except ApiError as error:
            self.assertEqual(error.code, 400)


@tagged("post_install", "-at_install", "ghl")
class TestCursors(BaseCase):
    @settings(max_examples=200, deadline=None)
    @given(
        st.none() | st.datetimes(),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50),
    )
    def test_what_goes_in_comes_out(self, moment, number, text):
        cursor = encode_cursor(moment, number, text)
        self.assertRegex(cursor, r"\A[A-Za-z0-9_-]+\Z")
        self.assertEqual(decode_cursor(cursor, (datetime, None), int, str), (moment, number, text))

    @settings(max_examples=300, deadline=None)
    @given(st.text() | st.from_regex(r"[A-Za-z0-9_-]{1,60}", fullmatch=True) | json_values.map(encode_cursor))
    def test_any_other_text_is_refused_or_of_the_right_types(self, text):
        try:
            moment, number = decode_cursor(text, datetime, int)
        except ApiError as error:
            self.assertEqual((error.code, error.error_code), (400, "invalid_cursor"))
        else:
            self.assertIsInstance(moment, datetime)
            self.assertIs(type(number), int)

    def test_values_of_the_wrong_kind_are_refused(self):
        for cursor, types in (
            (encode_cursor(1), (str,)),
            (encode_cursor(True), (int,)),
            (encode_cursor(None), (int,)),
            (encode_cursor(1, 2), (int,)),
            (encode_cursor(2**64), (int,)),
            (encode_cursor("a\x00"), (str,)),
            (encode_cursor("2025-07-31T00:00:00+02:00"), (datetime,)),
            ("x" * 2000, (str,)),
            ("", (int,)),
        ):
            with self.assertRaises(ApiError, msg=cursor[:50]):
                decode_cursor(cursor, *types)

    def test_the_last_page_has_no_next(self):
        self.assertEqual(page_of([3, 2, 1], 3, lambda row: (row,)), ([3, 2, 1], None))
        page, cursor = page_of([3, 2, 1], 2, lambda row: (row,))
        self.assertEqual((page, decode_cursor(cursor, int)), ([3, 2], (2,)))
        self.assertEqual(page_of([], 2, lambda row: (row,)), ([], None))
