"""OAuth of the simulated service: codes and refresh tokens are good for one use, in both spellings."""

import http.client
from urllib.parse import parse_qs, urlencode, urlsplit

from odoo.tests.common import tagged

from .sandbox_case import SandboxCase

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DATED = "2021-07-28"


@tagged("post_install", "-at_install")
class TestSandboxOauth(SandboxCase):
    options = {"contacts": 10, "locations": 3, "rate_limit": False}

    def token_dated(self, **given):
        body = {"client_id": self.sandbox.client_id, "client_secret": self.sandbox.client_secret, **given}
        return self.ask("POST", "/oauth/token", urlencode(body).encode(), headers=FORM, version=None)

    def token_v3(self, **given):
        body = {"clientId": self.sandbox.client_id, "clientSecret": self.sandbox.client_secret, **given}
        return self.ask("POST", "/oauth/token", body)

    def agency(self):
        code = self.sandbox.oauth_code(company=True)
        return self.token_dated(grant_type="authorization_code", code=code)[1]

    def assertInvalidGrant(self, answer):
        self.assertEqual((answer[0], answer[1]["error"]), (400, "invalid_grant"))

    def test_the_consent_page_comes_back_with_code_and_state(self):
        target = "https://odoo.example.com/ghl/callback?db=x"
        query = urlencode(
            {"client_id": self.sandbox.client_id, "redirect_uri": target, "state": "S1", "location_id": self.loc}
        )
        connection = http.client.HTTPConnection(urlsplit(self.sandbox.base_url).netloc, timeout=10)
        self.addCleanup(connection.close)
        connection.request("GET", f"/v2/oauth/chooselocation?{query}")
        answer = connection.getresponse()
        self.assertEqual(answer.status, 302)
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        self.assertEqual((back["db"], back["state"]), (["x"], ["S1"]))
        status, pair = self.token_dated(grant_type="authorization_code", code=back["code"][0], redirect_uri=target)
        self.assertEqual((status, pair["locationId"], pair["userType"]), (200, self.loc, "Location"))

    def test_a_code_is_good_for_one_use(self):
        code = self.sandbox.oauth_code(self.loc)
        self.assertEqual(self.token_dated(grant_type="authorization_code", code=code)[0], 200)
        self.assertInvalidGrant(self.token_dated(grant_type="authorization_code", code=code))

    def test_a_code_is_bound_to_its_redirect_uri(self):
        code = self.sandbox.oauth_code(self.loc, redirect_uri="https://a.example.com")
        given = {"grant_type": "authorization_code", "code": code}
        self.assertInvalidGrant(self.token_dated(**given, redirect_uri="https://b.example.com"))

    def test_a_refresh_token_rotates_and_the_spent_one_is_refused(self):
        code = self.sandbox.oauth_code(self.loc)
        first = self.token_dated(grant_type="authorization_code", code=code)[1]
        second = self.token_dated(grant_type="refresh_token", refresh_token=first["refresh_token"])[1]
        self.assertNotEqual(second["refresh_token"], first["refresh_token"])
        self.assertNotEqual(second["access_token"], first["access_token"])
        self.assertInvalidGrant(self.token_dated(grant_type="refresh_token", refresh_token=first["refresh_token"]))
        status, third = self.token_v3(grantType="refresh_token", refreshToken=second["refresh_token"])
        self.assertEqual((status, third["locationId"]), (200, self.loc))
        self.assertEqual(self.ask("GET", f"/locations/{self.loc}", token=third["accessToken"])[0], 200)

    def test_spellings_do_not_mix(self):
        self.assertRefused(self.token_v3(grant_type="refresh_token"), 422, "property grant_type should not exist")
        self.assertRefused(self.token_dated(grantType="refresh_token"), 422, "property grantType should not exist")
        answer = self.ask("POST", "/oauth/token", {"client_id": "x"}, version=DATED)
        self.assertEqual(answer[0], 422)

    def test_wrong_clients_and_grants_are_refused(self):
        self.assertEqual(self.token_dated(grant_type="refresh_token", client_secret="wrong")[0], 401)
        self.assertEqual(self.token_dated(grant_type="password")[0], 422)
        self.assertInvalidGrant(self.token_dated(grant_type="refresh_token", refresh_token="unknown"))

    def test_an_expired_access_token_is_refused_and_its_refresh_token_still_works(self):
        code = self.sandbox.oauth_code(self.loc)
        pair = self.token_dated(grant_type="authorization_code", code=code)[1]
        self.sandbox.expire_tokens()
        path = f"/locations/{self.loc}"
        self.assertRefused(self.ask("GET", path, token=pair["access_token"]), 401, "expired")
        self.assertEqual(self.ask("GET", path)[0], 200, "private tokens do not expire")
        fresh = self.token_dated(grant_type="refresh_token", refresh_token=pair["refresh_token"])[1]
        self.assertEqual(self.ask("GET", path, token=fresh["access_token"])[0], 200)

    def test_an_agency_token_mints_location_tokens_in_both_spellings(self):
        agency = self.agency()
        self.assertEqual((agency["userType"], len(agency["approvedLocations"])), ("Company", 3))
        for location in self.sandbox.location_ids:
            body = urlencode({"companyId": self.sandbox.company_id, "locationId": location}).encode()
            old = self.ask(
                "POST", "/oauth/locationToken", body, headers=FORM, version=DATED, token=agency["access_token"]
            )
            new = self.ask("POST", "/oauth/location-token", body, headers=FORM, token=agency["access_token"])
            self.assertEqual((old[0], new[0]), (200, 200))
            self.assertNotIn("refresh_token", old[1])
            self.assertTrue(new[1]["refreshToken"])
            for token in (old[1]["access_token"], new[1]["accessToken"]):
                self.assertEqual(self.ask("GET", f"/locations/{location}", token=token)[0], 200)

    def test_a_private_token_mints_nothing(self):
        body = urlencode({"companyId": self.sandbox.company_id, "locationId": self.loc}).encode()
        token = self.sandbox.agency["private_token"]
        answer = self.ask("POST", "/oauth/location-token", body, headers=FORM, token=token)
        self.assertEqual(answer[0], 401)

    def test_renamed_paths_belong_to_their_versions(self):
        token = self.agency()["access_token"]
        query = f"?companyId={self.sandbox.company_id}&appId={self.sandbox.ghl['app_id']}"
        old, new = f"/oauth/installedLocations{query}", f"/oauth/installed-locations{query}"
        self.assertEqual(self.ask("GET", old, version=DATED, token=token)[1]["count"], 3)
        self.assertRefused(self.ask("GET", old, token=token), 400, "not available in API version v3")
        self.assertRefused(
            self.ask("GET", new, version=DATED, token=token), 404, "Cannot GET /oauth/installed-locations"
        )

    def test_installed_locations_are_paged_by_token(self):
        token = self.agency()["access_token"]
        query = f"?companyId={self.sandbox.company_id}&appId={self.sandbox.ghl['app_id']}&pageSize=2"
        found, page_token = [], ""
        for _ in range(2):
            answer = self.ask("GET", f"/oauth/installed-locations{query}&pageToken={page_token}", token=token)[1]
            found += [row["_id"] for row in answer["items"]]
            page_token = answer["pagination"].get("nextPageToken")
        self.assertIsNone(page_token)
        self.assertEqual(found, self.sandbox.location_ids)
