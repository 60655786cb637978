"""OAuth: consent page, token endpoint with rotation, location tokens, installed locations; both spellings."""

import base64
from urllib.parse import urlencode

from ..clock import iso
from ..http import Response
from .api import Routes
from .errors import ApiError
from .tokens import SCOPES
from .validate import check, integer

routes = Routes()
GRANTS = "authorization_code|refresh_token|client_credentials"
CAMEL = {
    "access_token": "accessToken",
    "token_type": "tokenType",
    "expires_in": "expiresIn",
    "refresh_token": "refreshToken",
}
SNAKE_PARAMS = {
    "clientId": "client_id",
    "clientSecret": "client_secret",
    "grantType": "grant_type",
    "refreshToken": "refresh_token",
    "userType": "user_type",
    "redirectUri": "redirect_uri",
    "code": "code",
}


def _chooser(call):
    """The consent page of the marketplace, agreeing at once: back to `redirect_uri` with a code (and `state`).

    Sandbox extras: `location_id` picks the location, `user_type=Company` installs on the agency, `deny=1` refuses.
    """
    query = call.query
    target = query.get("redirect_uri")
    if not target or query.get("client_id") != call.app.tokens.client_id:
        raise ApiError(400, f"No integration found with the id: {query.get('client_id')}")
    answer = {}
    if query.get("deny"):
        answer["error"] = "access_denied"
    else:
        company = query.get("user_type") == "Company"
        location_id = None if company else query.get("location_id") or next(iter(call.store.locations))
        if location_id and location_id not in call.store.locations:
            raise ApiError(400, "Location not found")
        asked = [s for s in query.get("scope", "").split() if s in SCOPES or s.startswith("oauth.")]
        answer["code"] = call.app.tokens.make_code(
            "Company" if company else "Location", location_id, target, asked or None
        )
    if "state" in query:
        answer["state"] = query["state"]
    return Response(302, b"", {"Location": f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}"})


for _path in ("/v2/oauth/chooselocation", "/oauth/chooselocation"):
    routes("GET", _path, None, any_version=True)(_chooser)


@routes("POST", "/oauth/token", None, any_version=True)
def token(call):
    """Date versions: form, snake_case. v3: form or JSON, camelCase. A refresh token is good for one use."""
    is_json = "json" in call.request.headers.get("content-type", "")
    if is_json and not call.v3:
        raise ApiError(
            422,
            [
                "client_id should not be empty",
                "client_secret should not be empty",
                "grant_type must be a valid enum value",
            ],
        )
    try:
        given = call.request.json() if is_json else call.request.form()
    except ValueError:
        raise ApiError(400, "Unexpected token in JSON at position 0") from None
    if not isinstance(given, dict):
        raise ApiError(400, "Bad Request")
    names = {camel: (camel if call.v3 else snake) for camel, snake in SNAKE_PARAMS.items()}
    schema = dict.fromkeys(names.values(), "string")
    schema.update(
        {
            names["clientId"]: "string*",
            names["clientSecret"]: "string*",
            names["grantType"]: f"{GRANTS}*",
            names["userType"]: "Company|Location",
        }
    )
    check(given, schema)
    value = {camel: given.get(name) for camel, name in names.items()}
    tokens = call.app.tokens
    if value["clientId"] != tokens.client_id or value["clientSecret"] != tokens.client_secret:
        raise ApiError(
            401,
            None,
            {"error": "invalid_client", "error_description": "Invalid client: client credentials are invalid"},
        )
    if value["grantType"] == "authorization_code":
        issued = tokens.redeem_code(value["code"], value["redirectUri"])
    elif value["grantType"] == "refresh_token":
        issued = tokens.rotate(value["refreshToken"])
    else:
        raise ApiError(400, None, {"error": "unsupported_grant_type", "error_description": "Unsupported grant type"})
    return 200, _spell(call, _pair(call, issued))


def _pair(call, issued):
    tokens = call.app.tokens
    answer = {
        "access_token": issued.value,
        "token_type": "Bearer",
        "expires_in": tokens.lifetime_ms // 1000,
        "scope": " ".join(sorted(issued.scopes)),
        "userType": issued.user_type,
        "companyId": tokens.company_id,
        "userId": tokens.user_id,
        "isBulkInstallation": issued.user_type == "Company",
    }
    if issued.refresh:
        answer["refresh_token"] = issued.refresh
    if issued.location_id:
        answer["locationId"] = issued.location_id
    else:
        answer.update(
            approvedLocations=list(call.store.locations), approveAllLocations=True, installToFutureLocations=False
        )
    return answer


def _spell(call, answer):
    return {CAMEL.get(k, k): v for k, v in answer.items()} if call.v3 else answer


def _location_token(call):
    body = call.request.form()
    if "json" in call.request.headers.get("content-type", ""):
        try:
            body = call.request.json()
        except ValueError:
            raise ApiError(400, "Unexpected token in JSON at position 0") from None
    check(body, {"companyId": "string*", "locationId": "string*"})
    tokens = call.app.tokens
    if body["companyId"] != tokens.company_id or body["locationId"] not in call.store.locations:
        raise ApiError(400, "Location not found or the app is not installed in it")
    issued = tokens.issue("Location", body["locationId"], SCOPES, refreshable=True)
    answer = _pair(call, issued)
    for name in ("companyId", "isBulkInstallation", "userType"):
        answer.pop(name)
    if not call.v3:
        answer.pop("refresh_token")
    return 200, _spell(call, {**answer, "appId": tokens.app_id, "versionId": tokens.version_id})


routes("POST", "/oauth/locationToken", "oauth.write", agency_oauth=True, only="dated")(_location_token)
routes("POST", "/oauth/location-token", "oauth.write", agency_oauth=True, only="v3")(_location_token)


def _installed(call):
    query = call.query
    faults = [f"{name} should not be empty" for name in ("companyId", "appId") if not query.get(name)]
    if faults:
        raise ApiError(422, faults)
    if query["companyId"] != call.app.tokens.company_id or query["appId"] != call.app.tokens.app_id:
        raise ApiError(400, "No installation found for this app and company")
    rows = [
        {
            "_id": place.id,
            "name": place.record["name"],
            "address": place.record["address"],
            "isInstalled": True,
            "versionId": call.app.tokens.version_id,
            "installedAt": iso(call.store.plan.epoch),
        }
        for place in call.store.locations.values()
    ]
    if query.get("locationId"):
        rows = [r for r in rows if r["_id"] == query["locationId"]]
    if query.get("isInstalled") == "false":
        rows = []
    if query.get("query"):
        rows = [r for r in rows if query["query"].lower() in r["name"].lower()]
    return rows


@routes("GET", "/oauth/installedLocations", "oauth.readonly", agency_oauth=True, only="dated")
def installed_dated(call):
    rows = _installed(call)
    skip, limit = integer(call.query, "skip", 0), integer(call.query, "limit", 20, 1)
    return 200, {"locations": rows[skip : skip + limit], "count": len(rows), "installToFutureLocations": False}


@routes("GET", "/oauth/installed-locations", "oauth.readonly", agency_oauth=True, only="v3")
def installed_v3(call):
    rows = _installed(call)
    size = integer(call.query, "pageSize", 20, 1, 100)
    try:
        start = int(base64.b64decode(call.query.get("pageToken") or "MA==", validate=True))
    except ValueError:
        problem = {
            "code": "INVALID_PAGE_TOKEN",
            "message": "The page token is invalid",
            "details": {},
            "resolution": "Start again",
        }
        raise ApiError(400, None, {"error": problem}) from None
    part = rows[start : start + size]
    pagination = {
        "totalRecords": len(rows),
        "estimatedTotalRecords": len(rows),
        "currentPageSize": len(part),
        "hasNextPage": start + size < len(rows),
        "hasPrevPage": start > 0,
    }
    if pagination["hasNextPage"]:
        pagination["nextPageToken"] = base64.b64encode(str(start + size).encode()).decode()
    if pagination["hasPrevPage"]:
        pagination["prevPageToken"] = base64.b64encode(str(max(0, start - size)).encode()).decode()
    return 200, {
        "items": part,
        "pagination": pagination,
        "metadata": {"filterApplied": {}, "sortApplied": {}},
        "installToFutureLocations": False,
    }
