"""Errors as Twilio answers them: {code, message, more_info, status}."""

from ..telephony.app import Refused

# code -> (HTTP status, message)
ERRORS = {
    10001: (403, "Account is not active"),
    10004: (400, "Call concurrency limit exceeded"),
    20001: (400, "Unknown parameters"),
    20003: (401, "Authenticate"),
    20004: (405, "Method not allowed"),
    20404: (404, "The requested resource {} was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required or is not a valid URL: {}"),
    21210: (400, "The source phone number provided, {}, is not yet verified for your account."),
    21211: (400, "The phone number you are attempting to call, {}, is not valid."),
    21212: (400, "The 'From' number {} is not a valid phone number."),
    21213: (400, "No 'From' number is specified"),
    21214: (400, "'To' phone number {} cannot be reached."),
    21215: (400, "Account not authorized to call {}. Perhaps you need to enable some international permissions."),
    21216: (400, "Account not allowed to call {}."),
    21219: (400, "The number {} is unverified. Trial accounts may only make calls to verified numbers."),
    21220: (400, "Call is not in-progress. Cannot redirect."),
    21609: (400, "The 'StatusCallback' parameter {} is not a valid URL."),
}
# the scenario's reason -> code
REFUSALS = {
    "number": 21211,
    "unreachable": 21214,
    "country": 21215,
    "blocked": 21216,
    "caller": 21210,
    "concurrency": 10004,
    "money": 10001,
    "credentials": 20003,
    "trial": 21219,
}
# numbers that Twilio reserves for tests
MAGIC_TO = {"+15005550001": 21211, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21210}


def error(code: int, about="") -> Refused:
    status, message = ERRORS[code]
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message.format(about), "more_info": more_info, "status": status}
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else None
    return Refused(status, body, headers)
