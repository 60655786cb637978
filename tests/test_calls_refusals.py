"""Every route of the call rooms against hostile and foreign input, by reflection: refused in the route's own shape, no
fault of ours, nothing changed."""

import json

from ..ghl_base.http import PLAIN
from ..ghl_base.http.params import path_params
from ..ghl_base.http.spec import READING, routes
from ..ghl_calls.controllers.call_log_envelope import CallLogEnvelope
from ..ghl_calls.controllers.crm_envelope import CrmEnvelope
from .calls_data import make_calls
from .common import make_user
from .common_http import ApiCase
from .test_http_matrix import as_text, example

TAGS = {"CRM calls", "CRM views", "Call log", "Bland control", "Provider callbacks"}
HOSTILE = (
    "'; DROP TABLE ghl_call; --", "\" OR 1=1 --", "%", "_", ".*", "(a+)+$", "[", "\\", "<script>alert(1)</script>",
    "{{7*7}}", "%s %(x)s", "../../etc/passwd", "日本語 \U0001f600", "\u202e", "x" * 255,
)  # fmt: skip
NUMBERS = ("9" * 30, -1, 2**31, 2**63, 1.5, "1e9", "0x10", "NaN", [1], {"a": 1}, True)
BODIES = (b"{", b"[1]", b'"x"', b"\xff\xfe", b"[" * 50_000, b'{"a":' * 2_000, b'{"subject": NaN}', b"null", b"\0")
# What may be asked for by a foreign id without being refused, as the answer is about nobody: none found, none changed.
EMPTY = ("bulk-", "get-related-calls", "get-by-related", "get-by-module-id")


class TestEveryCallRoute(ApiCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key = cls.make_key(make_user(cls.env, "refusals_agent", "agent"))
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.mine = make_calls(cls.env, 2)
        # Such as could be called again and ended, were they one's own.
        cls.foreign = make_calls(
            cls.env,
            2,
            cls.other,
            state="failed",
            to_number="+15005550006",
            contact_reference="theirs",
            provider="bland",
        )
        cls.view = cls.env["ghl.call.view"].create({"name": "Theirs", "company_id": cls.other.id})
        cls.env.flush_all()

    def each(self):
        found = 0
        for spec in routes():
            if spec.tag not in TAGS:
                continue
            for path in spec.paths:
                for method in spec.methods:
                    found += 1
                    with self.subTest(f"{method} {path}"):
                        yield spec, method, path
        self.assertGreater(found, 40)

    def ask(self, spec, method, path, **chosen):
        """The response with example values, but `chosen` where the route takes them."""
        values = {p.name: example(p) for p in spec.all_params if p.location != "whole"}
        values |= {name: value for name, value in chosen.items() if name in values}
        for param in path_params(path):
            text = as_text(values.pop(param.name)).replace("/", "%2F")
            path = path.replace(f"<int:{param.name}>", text).replace(f"<string:{param.name}>", text)
        if method in READING:
            return self.call(path, method, params={name: as_text(value) for name, value in values.items()})
        return self.call(path, method, json=values)

    def state(self, calls):
        """What a change of these calls or the view would change."""
        self.env.invalidate_all()
        view = self.view.read(["name", "active", "data", "write_date"])
        return [
            *calls.with_context(active_test=False).read(["active", "favorite", "status_id", "state", "write_date"]),
            *view,
        ]

    def refusal(self, spec, response):
        """The body of the answer, which must be in the shape of the route; None for a success."""
        self.assertLess(response.status_code, 500, response.text[:300])
        self.assert_says_nothing_of_the_inside(response, response.url[:200])
        body = response.json() if response.content else {}
        if spec.envelope is PLAIN:
            refused = response.status_code >= 400
            self.assertEqual(refused, body.get("success") is False)
        elif isinstance(spec.envelope, CallLogEnvelope):
            refused = body["success"] is False
            self.assertEqual(refused, body["status_code"] >= 400)
            self.assertEqual(refused, body["error_details"] is not None)
        else:
            self.assertIsInstance(spec.envelope, CrmEnvelope)
            refused = body["status"] >= 400
            self.assertNotIn("detail", body)
            self.assertTrue(body["message"])
        return body if refused else None

    def test_ids_of_another_company(self):
        before = self.state(self.foreign)
        for spec, method, path in self.each():
            names = {p.name for p in spec.all_params}
            ids = names & {"id", "ids", "call_id", "contact_id", "call_for_id", "related_to_id", "ukey"}
            if not ids:
                continue
            for record in self.view if spec.tag == "CRM views" else self.foreign:
                chosen = {
                    "id": record.id, "ids": [record.id], "call_id": str(record.id), "call_for_id": record.id,
                    "contact_id": "theirs", "phone_number": "+15005550006",
                    "related_to_id": record.id, "call_for": "contacts", "related_to": "deals", "ukey": record.ukey,
                    "status_id": 2, "value": 1, "purpose": "demo", "subject": "Taken over",
                }  # fmt: skip
                body = self.refusal(spec, self.ask(spec, method, path, **chosen))
                if not any(word in path for word in EMPTY):
                    self.assertTrue(body, "another company's record was answered")
        self.assertEqual(self.state(self.foreign), before)
        here = self.env["ghl.call"].with_context(active_test=False).search([("id", "not in", self.foreign.ids)])
        self.assertEqual(here, self.mine, "a call was made for another company's contact")

    def test_hostile_texts(self):
        for spec, method, path in self.each():
            for text in HOSTILE:
                names = [
                    p.name for p in spec.all_params if p.type is str and not (p.location == "path" and "/" in text)
                ]
                if names:
                    self.refusal(spec, self.ask(spec, method, path, **dict.fromkeys(names, text)))
        self.assertEqual(len(self.foreign.exists()), 2)
        self.assertTrue(all(call.active and call.subject.startswith("Call ") for call in self.mine | self.foreign))

    def test_numbers_out_of_any_range(self):
        before = self.state(self.mine | self.foreign)
        for spec, method, path in self.each():
            here = {p.name for p in path_params(path)}
            numbers = [p.name for p in spec.all_params if p.type is int and p.name not in here]
            for value in NUMBERS if numbers else ():
                if method in READING and not isinstance(value, (int, str)):
                    continue
                clamped = all(p.clamp for p in spec.all_params if p.name in numbers)
                body = self.refusal(spec, self.ask(spec, method, path, **dict.fromkeys(numbers, value)))
                if not (clamped and isinstance(value, (int, str))):
                    self.assertTrue(body, f"{value!r} was taken for a number")
        self.assertEqual(self.state(self.mine | self.foreign), before)

    def test_bodies_that_cannot_be_read_or_are_too_large(self):
        before = self.state(self.mine | self.foreign)
        for spec, method, path in self.each():
            if method != "POST":
                continue
            for param in path_params(path):
                path = path.replace(f"<int:{param.name}>", str(self.foreign[0].id))
                path = path.replace(f"<string:{param.name}>", "none")
            for data in BODIES:
                response = self.call(path, method, data=data, headers={"Content-Type": "application/json"})
                self.assertTrue(self.refusal(spec, response), data[:40])
            large = json.dumps({"subject": "x" * 1_100_000})
            for kind in ("application/json", "application/x-www-form-urlencoded"):
                response = self.call(path, method, data=large, headers={"Content-Type": kind})
                self.assertEqual(response.status_code, 413)
                self.assertTrue(self.refusal(spec, response))
        self.assertEqual(self.state(self.mine | self.foreign), before)

    def test_days_that_are_none(self):
        for spec, method, path in self.each():
            names = {p.name for p in spec.all_params} & {"start_time", "end_time", "today_date", "from", "to"}
            for text in (
                ("2025-02-30", "yesterday", "0000-00-00", "9" * 25, "2025-13-01T00:00:00Z", "1e3") if names else ()
            ):
                body = self.refusal(spec, self.ask(spec, method, path, **dict.fromkeys(names, text)))
                self.assertTrue(body, text)
