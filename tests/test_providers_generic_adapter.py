"""The description of a service: what is wrong with it is said before a call is placed."""

import json
import re
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests.common import BaseCase, tagged

from ..ghl_base.net.errors import RemoteError
from ..ghl_calls.providers import registry
from ..ghl_calls.providers.base import DeliveryRefused, PlaceError
from ..ghl_calls.providers.generic.adapter import secrets_named, validate
from .generic_data import REPORT, SIGNED, TOKEN_STEP, described
from .providers_case import delivery, order


@tagged("post_install", "-at_install")
class TestAdapter(BaseCase):
    def assertWrong(self, adapter, *expected):
        self.assertEqual(validate(adapter), list(expected))

    def test_good_descriptions_have_nothing_wrong(self):
        self.assertWrong(SIGNED)
        self.assertWrong(TOKEN_STEP)
        self.assertWrong(described(auth=..., numbers=..., cancel=..., fetch=..., check=..., label=...))

    def test_the_example_in_the_documentation_can_be_used(self):
        document = (Path(__file__).resolve().parents[1] / "docs" / "providers.md").read_text()
        example = json.loads(re.search(r"```json\n(.*?)```", document, re.DOTALL)[1])
        self.assertWrong(example)
        self.assertEqual(secrets_named(example), {"api_key", "webhook_secret"})

    def test_a_description_without_security_is_refused(self):
        sentence = "security: say how reports are proven: an adapter without security is refused."
        self.assertWrong(described(security=...), sentence)
        self.assertWrong(described(security=None), sentence)
        self.assertWrong(described(security={}), sentence)
        self.assertWrong(described(security={"kind": "none"}), "security.kind: expected one of hmac, url_secret.")

    def test_a_signature_must_cover_what_is_reported(self):
        self.assertWrong(described(security__signed="url"), "security.signed: expected one of raw, url+form.")
        self.assertWrong(described(security__secret=...), "security.secret: missing.")
        self.assertWrong(
            described(security__algorithm="md5"), "security.algorithm: expected one of sha1, sha256, sha512."
        )

    def test_each_mistake_is_named_with_its_place(self):
        secret = {"kind": "url_secret"}
        for changes, sentence in (
            ({"dial": ...}, "dial: missing."),
            ({"callback": ...}, "callback: missing."),
            ({"dial__url": ...}, "dial.url: missing."),
            ({"dial__url": "calls"}, "dial.url: expected an address with https://, or a path that starts with /."),
            ({"dial__url": "//evil.example/x"}, "dial.url: expected an address with https://, or a path"),
            ({"dial__url": "https://${extra.host}/x"}, "dial.url: nothing can be filled in for the host."),
            ({"dial__method": "SHOUT"}, "dial.method: expected one of DELETE, GET, PATCH, POST, PUT."),
            ({"dial__content_type": "xml"}, "dial.content_type: expected one of form, json."),
            ({"dial__body": {"a": 1}}, "dial: ${to} is nowhere: nobody would be called."),
            ({"dial__body": {"a": "${to}${provider_call_id}"}}, "dial: ${provider_call_id} is not known before"),
            ({"dial__headers": {"A": 1}}, "dial.headers: expected an object of texts."),
            ({"dial__id_paths": ...}, "dial.id_paths: missing."),
            ({"dial__id_paths": []}, 'dial.id_paths: expected a list of paths such as "data.id".'),
            ({"dial__id_paths": "data.id"}, 'dial.id_paths: expected a list of paths such as "data.id".'),
            ({"dial__success_codes": [200, 400]}, "dial.success_codes: expected a list of status codes"),
            ({"dial__refusals": {"leads": ["x"]}}, "dial.refusals: expected only"),
            ({"dial__refusals": {"lead": "x"}}, "dial.refusals: expected an object"),
            ({"dial__timeout": 3}, "dial: nothing is known of timeout."),
            ({"limits": {"cps": 1}}, "adapter: nothing is known of limits."),
            ({"cancel__body": {"id": "${id}"}}, "adapter: there is nothing named ${id} to fill in."),
            ({"check__headers": {"K": "${secret}"}}, "adapter: there is nothing named ${secret} to fill in."),
            ({"numbers__to": "local"}, "numbers.to: 'local' is no form of numbers"),
            ({"auth__kind": "magic"}, "auth.kind: expected one of basic, bearer, headers, none, token."),
            ({"auth": {"kind": "basic", "user": "u"}}, "auth.password: missing."),
            ({"auth": {"kind": "token"}}, "auth.request: missing."),
            ({"auth": "key"}, "auth.kind: expected one of"),
            ({"callback__statuses": {"ANSWER": "answered"}}, "callback.statuses.ANSWER: expected one of busy,"),
            ({"callback__statuses": {"X": "retrying"}}, "callback.statuses.X: expected one of busy,"),
            ({"callback__statuses": ...}, "callback.statuses: missing."),
            ({"callback__status_paths": ...}, "callback.status_paths: missing."),
            ({"callback__talk": {"path": "t", "unit": "h"}}, "callback.talk.unit: expected one of min, ms, s."),
            ({"callback__zone": "IST+5"}, "callback.zone: There is no time zone named 'IST+5'."),
            ({"callback__content_type": "xml"}, "callback.content_type: expected one of form, json, query."),
            ({"callback__answered_by": {"paths": ["a"], "words": {"M": "robot"}}}, "callback.answered_by.words.M:"),
            ({"fetch__report": {"statuses": {"X": "y"}}}, "fetch.report.statuses.X: expected one of busy,"),
            ({"callback__answered_by": {"paths": ["a"], "words": 3}}, "callback.answered_by.words: expected an object"),
            ({"security": {**secret, "ip_allow_list": ["10.0.0.300"]}}, "security.ip_allow_list: '10.0.0.300'"),
            ({"security": {**secret, "ip_allow_list": "10.0.0.3"}}, "security.ip_allow_list: expected a list"),
            ({"security__prefix": True}, "security.prefix: expected a text."),
        ):
            with self.subTest(**changes):
                wrong = validate(described(**changes))
                self.assertTrue(any(found.startswith(sentence) for found in wrong), wrong)

    def test_all_mistakes_are_told_at_once(self):
        self.assertEqual(len(validate(described(dial__url=..., callback__zone="x", security=...))), 3)

    def test_what_is_no_object_is_refused(self):
        for adapter in (None, [], "x", 3):
            self.assertEqual(len(validate(adapter)), 1)

    def test_the_secrets_in_use_are_known(self):
        self.assertEqual(secrets_named(SIGNED), {"key", "hook"})
        self.assertEqual(secrets_named(TOKEN_STEP), {"access_token", "access_key"})

    def test_an_account_cannot_be_used_with_a_bad_description(self):
        usual = {"base_url": "http://127.0.0.1:9", "secrets": {"key": "k", "hook": "h"}}
        for changes, sentence in (
            ({"adapter": "{"}, "description must be a JSON object"),
            ({"adapter": "[]"}, "description must be a JSON object"),
            ({"adapter": described(security=...)}, "security: say how"),
            ({"secrets": {"key": "k"}}, "secrets that are not set: hook"),
            ({"secrets": "{"}, "secrets must be a JSON object"),
            ({"base_url": ""}, "API address is needed"),
        ):
            with self.subTest(**changes), self.assertRaisesRegex(ValueError, sentence):
                registry.make("generic", {"adapter": SIGNED, **usual, **changes})

    def test_descriptions_and_secrets_may_be_written_as_text(self):
        made = registry.make(
            "generic",
            {"base_url": "http://127.0.0.1:9", "adapter": json.dumps(SIGNED), "secrets": '{"key": "k", "hook": "h"}'},
        )
        self.assertEqual(made.label, "Dialer One")

    JSON = st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )
    PLACES = sorted(
        [(section,) for section in SIGNED]
        + [(section, name) for section, content in SIGNED.items() if isinstance(content, dict) for name in content]
    )

    @settings(max_examples=500, deadline=None, database=None)
    @given(place=st.sampled_from(PLACES), value=JSON)
    def test_nonsense_anywhere_is_told_or_does_no_harm(self, place, value):
        adapter = described(**{"__".join(place): value})
        wrong = validate(adapter)
        self.assertTrue(all(isinstance(sentence, str) and ": " in sentence for sentence in wrong))
        try:
            usual = {"base_url": "http://127.0.0.1:9", "secrets": {"key": "k", "hook": "h"}}
            provider = registry.make("generic", {**usual, "adapter": adapter})
        except ValueError:
            return
        self.assertEqual(wrong, [])
        with self.assertRaises(PlaceError):
            provider.place(order())
        with suppress(ValueError):
            provider.parse(delivery(REPORT))
        with suppress(DeliveryRefused):
            provider.verify(delivery(REPORT, {"x-signature": "x"}))
        with suppress(RemoteError):
            provider.cancel("c1")
        with suppress(RemoteError):
            provider.fetch("c1")
        provider.admits("192.0.2.1")
