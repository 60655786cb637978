"""Twilio's signatures: what is believed, and above all what is not. Twilio's own library is the judge."""

import hashlib
import random
import string
from collections import Counter
from urllib.parse import parse_qsl, quote, urlencode

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from odoo.tests.common import tagged

from ..ghl_calls.providers.base import DeliveryRefused
from ..ghl_calls.providers.twilio.signature import HEADER, SETTINGS_HEADER, sign
from .providers_case import delivery
from .twilio_data import SID, TOKEN, TwilioCase, posted

# The example of Twilio's documentation.
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
SIGNATURE = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
SHA256 = {SETTINGS_HEADER: "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
JSON_BODY = b'{"a":1}'
JSON_URL = "https://mycompany.com/hook?bodySHA256=" + hashlib.sha256(JSON_BODY).hexdigest()
JSON_SIGNATURE = "5RzLWLtxROOEDxluB0CLCWjQg48="
OUR_URL = "https://odoo.example.com/ghl/voip/twilio/status/7?k=v"


class SignatureCase(TwilioCase):
    def believed(self, request, **settings) -> bool:
        try:
            self.provider(**settings).verify(request)
        except DeliveryRefused as refusal:
            self.assertNotIn(TOKEN, refusal.reason)
            return False
        return True


def signed(fields=FIELDS, signature=SIGNATURE, headers=(), **more):
    return posted(fields, {HEADER: signature, **dict(headers)}, **{"url": URL, **more})


@tagged("post_install", "-at_install")
class TestKnownSignatures(SignatureCase):
    def assertBelieved(self, request, **settings):
        self.provider(**settings).verify(request)

    def test_the_documented_example(self):
        self.assertBelieved(signed())

    def test_the_order_of_fields_does_not_matter(self):
        self.assertBelieved(signed(FIELDS[::-1]))

    def test_sha256_by_the_shared_key(self):
        digest = "033hgUJA9M/hXIZsYjwkerEP/DBm35nEri5FhCYjA5s="
        self.assertBelieved(signed(signature=digest, headers=SHA256))
        self.assertBelieved(signed(signature=digest, headers=SHA256), auth_token="x", webhook_secret=TOKEN)

    def test_a_get_is_its_url(self):
        self.assertBelieved(signed([], "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", method="GET"))

    def test_a_json_body_is_vouched_for_by_the_url(self):
        self.assertBelieved(delivery(JSON_BODY, {HEADER: JSON_SIGNATURE}, url=JSON_URL))

    def test_empty_fields_count(self):
        fields = [
            ("CallSid", SID),
            ("CallStatus", "completed"),
            ("CallDuration", "49"),
            ("Duration", "1"),
            ("SequenceNumber", "3"),
            ("RecordingUrl", ""),
        ]
        self.assertBelieved(signed(fields, "gdB8zbxX+HCQmr9HvmCShK4ioFs=", url=OUR_URL))
        self.assertFalse(self.believed(signed(fields[:-1], "gdB8zbxX+HCQmr9HvmCShK4ioFs=", url=OUR_URL)))

    def test_other_alphabets_and_blanks(self):
        fields = [("CallerName", "José"), ("Body", "a b+c")]
        self.assertBelieved(signed(fields, "qQAvGC92HLQWOrbYL6Hq5ulmTfc=", url=OUR_URL))

    def test_doubled_names_count_with_each_value_once(self):
        fields = [("a", "2"), ("a", "1"), ("a", "1"), ("b", "")]
        self.assertBelieved(signed(fields, "ncTZ8tjacSpIdDFf04NznHMLT14=", url="https://a.example/x"))
        self.assertBelieved(signed([("a", "2"), ("b", "")], "1TE77pBOrrC+zO7LjgCaL1eGDNc=", url="https://a.example/x"))

    def test_the_standard_port_may_be_there_or_not(self):
        for signed_as, given, expected in (
            ("https://a.example:443/x", "https://a.example:443/x", True),
            ("https://a.example:443/x", "https://a.example/x", True),
            ("https://a.example:443/x", "https://a.example:8443/x", False),
            ("https://a.example/x", "https://a.example:443/x", True),
            ("https://a.example/x", "https://a.example:8443/x", True),
            ("https://a.example:8443/x", "https://a.example:8443/x", True),
            ("https://a.example:8443/x", "https://a.example/x", False),
            ("http://a.example:80/x", "http://a.example/x", True),
            ("http://a.example:80/x", "https://a.example/x", False),
            ("https://[2001:db8::1]:443/x", "https://[2001:db8::1]/x", True),
            ("https://u:p@a.example/x", "https://u:p@a.example:443/x", True),
        ):
            with self.subTest(signed=signed_as, given=given):
                request = signed(FIELDS, sign(signed_as, FIELDS, TOKEN), url=given)
                self.assertEqual(self.believed(request), expected)

    def test_the_wish_for_retries_may_be_signed_or_not(self):
        self.assertBelieved(signed(FIELDS, sign(URL + "#rc=5&rp=all", FIELDS, TOKEN)))
        self.assertFalse(self.believed(signed(FIELDS, sign(URL + "#rc=1", FIELDS, TOKEN))))

    def test_the_token_before_the_change_is_believed_while_it_is_kept(self):
        self.assertBelieved(signed(), auth_token="new", previous_auth_token=TOKEN)
        self.assertFalse(self.believed(signed(), auth_token="new"))


@tagged("post_install", "-at_install")
class TestRefusedSignatures(SignatureCase):
    FORM = "application/x-www-form-urlencoded"
    REFUSED = {
        "no signature at all": posted(FIELDS, url=URL),
        "an empty signature": signed(signature=""),
        "a signature of blanks": signed(signature="   "),
        "a signature of another length": signed(signature=SIGNATURE + "A"),
        "a signature with one letter changed": signed(signature="S" + SIGNATURE[1:]),
        "a signature in lower case": signed(signature=SIGNATURE.lower()),
        "a signature outside of ASCII": signed(signature="é" * 28),
        "half a character as a signature": signed(signature="\ud800"),
        "a signature a megabyte long": signed(signature="A" * (1 << 20)),
        "a signature by an empty token": signed(signature=sign(URL, FIELDS, "")),
        "a signature by the API key": signed(signature=sign(URL, FIELDS, "api-key-secret")),
        "a changed value": signed([*FIELDS[:-1], ("To", "+18005551213")]),
        "a missing field": signed(FIELDS[:-1]),
        "an added field": signed([*FIELDS, ("CallStatus", "completed")]),
        "an added empty field": signed([*FIELDS, ("Zz", "")]),
        "a field in another case": signed([("callsid", FIELDS[0][1]), *FIELDS[1:]]),
        "a trimmed value": signed([("a", "x")], sign(URL, [("a", " x ")], TOKEN)),
        "another path": signed(url=URL.replace("myapp", "other")),
        "another host": signed(url=URL.replace("mycompany", "yourcompany")),
        "another scheme": signed(url=URL.replace("https", "http")),
        "a query in another order": signed(url="https://mycompany.com/myapp.php?bar=2&foo=1"),
        "a query that lost its end": signed(url="https://mycompany.com/myapp.php?foo=1"),
        "the query counted among the fields": signed([*FIELDS, ("foo", "1"), ("bar", "2")]),
        "a PUT with the signature of a GET": signed([], "zYQTYrRWXE7LtzbG4PfP7/bkkGo=", method="PUT"),
        "fields behind the signature of a GET": signed(signature="zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
        "a form sent as text": delivery(
            urlencode(FIELDS).encode(), {HEADER: "zYQTYrRWXE7LtzbG4PfP7/bkkGo="}, url=URL, content_type="text/plain"
        ),
        "a form without a kind": delivery(
            urlencode(FIELDS).encode(), {HEADER: SIGNATURE}, url=URL, content_type=""
        ),
        "a JSON body nobody vouches for": delivery(JSON_BODY, {HEADER: sign(URL, [], TOKEN)}, url=URL),
        "a changed JSON body": delivery(b'{"a":2}', {HEADER: JSON_SIGNATURE}, url=JSON_URL),
        "a JSON body with a changed hash": delivery(
            b'{"a":2}',
            {HEADER: JSON_SIGNATURE},
            url="https://mycompany.com/hook?bodySHA256=" + hashlib.sha256(b'{"a":2}').hexdigest(),
        ),
        "an unknown algorithm": signed(headers={SETTINGS_HEADER: "key=k,algorithm=HMAC_MD5"}),
        "the right digest under another algorithm": signed(headers=SHA256),
        "bytes that are no text": delivery(b"\xff\xfe=\x00", {HEADER: SIGNATURE}, url=URL, content_type=FORM),
        "more fields than anybody sends": signed([(f"n{number}", "1") for number in range(2000)]),
        "an address of ours that is none": signed(url="/myapp.php"),
        "another method": signed(method="DELETE"),
    }  # fmt: skip

    def test_each_of_these_is_refused(self):
        self.assertGreaterEqual(len(self.REFUSED), 20)
        for sentence, request in self.REFUSED.items():
            with self.subTest(sentence):
                self.assertFalse(self.believed(request))

    def test_each_refusal_has_a_reason(self):
        for sentence, request in self.REFUSED.items():
            with self.subTest(sentence), self.assertRaisesRegex(DeliveryRefused, r"^\w.+"):
                self.provider().verify(request)


class RandomRequests:
    """Requests as Twilio and its imitators may send them; the same seed, the same requests."""

    LETTERS = string.ascii_letters + string.digits + " +&=%;#?/\n\"'<>é×中🙂"

    def __init__(self, seed):
        self.random = random.Random(seed)

    def text(self, longest=12):
        return "".join(self.random.choices(self.LETTERS, k=self.random.randint(0, longest)))

    def url(self):
        pick = self.random.choice
        port = pick(["", "", "", ":443", ":80", ":8443"])
        path = "".join("/" + quote(self.text(6), safe="+") for _part in range(self.random.randint(1, 4)))
        pairs = [(self.text(4) or "q", self.text(5)) for _pair in range(pick([0, 0, 1, 3]))]
        query = "?" + "&".join(f"{quote(name)}={quote(value, safe='/+')}" for name, value in pairs)
        host = pick(["odoo.example.com", "a-b.example", "10.0.0.1"])
        return f"{pick(['https', 'https', 'http'])}://{host}{port}{path}{query if pairs else ''}"

    def respelled(self, url):
        """The URL with another port, scheme, query or none of these: as a proxy may have changed it."""
        scheme, _, rest = url.partition("://")
        host, slash, path = rest.partition("/")
        kind = self.random.randrange(8)
        if kind < 3:
            port = ["", ":443", ":8443"][kind]
            return f"{scheme}://{host.partition(':')[0]}{port}{slash}{path}"
        if kind == 3:
            return f"{'http' if scheme == 'https' else 'https'}://{rest}"
        if kind == 4:
            return url + ("&" if "?" in url else "?") + "more=1"
        return url

    def fields(self):
        names = [self.text(8) or "N" for _field in range(self.random.randint(0, 8))]
        names += self.random.choices(names, k=2) if names and self.random.random() < 0.4 else []
        return [(name, self.text()) for name in names]

    def changed(self, fields):
        fields = list(fields)
        kind = self.random.randrange(7)
        if fields and kind == 0:
            fields.pop(self.random.randrange(len(fields)))
        elif fields and kind == 1:
            place = self.random.randrange(len(fields))
            fields[place] = (fields[place][0], fields[place][1] + self.random.choice(["", "x", " "]))
        elif kind == 2:
            self.random.shuffle(fields)
        elif fields and kind == 3:
            fields.append(fields[0])
        return fields


@tagged("post_install", "-at_install")
class TestVerdictsOfTwiliosLibrary(SignatureCase):
    def verdicts(self, request, params):
        algorithm = "HMAC_SHA256" if SETTINGS_HEADER in request.headers else "HMAC_SHA1"
        given = request.headers.get(HEADER, "")
        theirs = RequestValidator(TOKEN).validate(request.url, params, given, algorithm)
        return self.believed(request), theirs

    def test_two_thousand_random_forms_get_the_same_verdict(self):
        requests, seen = RandomRequests(20261121), Counter()
        for number in range(2000):
            url, fields = requests.url(), requests.fields()
            algorithm = requests.random.choice(["HMAC_SHA1", "HMAC_SHA1", "HMAC_SHA256"])
            token = TOKEN if requests.random.random() < 0.9 else "other"
            signature = RequestValidator(token).compute_signature(url, MultiDict(fields), algorithm)
            headers = {HEADER: signature, **(SHA256 if algorithm == "HMAC_SHA256" else {})}
            body = urlencode(requests.changed(fields))
            kind = "application/x-www-form-urlencoded; charset=utf-8"
            request = delivery(body.encode(), headers, url=requests.respelled(url), content_type=kind)
            params = MultiDict(parse_qsl(body, keep_blank_values=True))
            ours, theirs = self.verdicts(request, params)
            self.assertEqual(ours, theirs, f"request {number}: {request}")
            seen[ours] += 1
        self.assertGreater(min(seen[True], seen[False]), 400, f"one verdict is hardly tried: {seen}")

    def test_five_hundred_random_json_bodies_get_the_same_verdict(self):
        requests, seen = RandomRequests(7), Counter()
        for number in range(500):
            body = requests.text(30).encode()
            vouched = hashlib.sha256(body).hexdigest() if requests.random.random() < 0.8 else "0" * 64
            url = requests.url().partition("?")[0] + f"?k=v&bodySHA256={vouched}"
            signature = RequestValidator(TOKEN).compute_signature(url, {})
            request = delivery(body, {HEADER: signature}, url=requests.respelled(url))
            ours, theirs = self.verdicts(request, body.decode())
            self.assertEqual(ours, theirs, f"request {number}: {request}")
            seen[ours] += 1
        self.assertGreater(min(seen[True], seen[False]), 100, f"one verdict is hardly tried: {seen}")
