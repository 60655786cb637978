"""Whether an answer of ours is TwiML, and whether it ends the call at once."""

import xml.etree.ElementTree as ElementTree

KINDS = ("text/xml", "application/xml", "text/html")


class NotTwiml(Exception):
    """`code` is the error Twilio logs."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def ends_at_once(text: str) -> bool:
    """True when nothing is said: no verb, or a hang-up first. NotTwiml."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as fault:
        raise NotTwiml(12100, f"Document parse failure: {fault}") from None
    if root.tag != "Response":
        raise NotTwiml(12102, "The root of TwiML is Response")
    verbs = [child.tag for child in root]
    return not verbs or verbs[0] in ("Hangup", "Reject")


def answer(status, headers, body) -> str:
    """The document in our answer; NotTwiml."""
    if status >= 300:
        raise NotTwiml(11200, f"HTTP retrieval failure: {status}")
    kind = headers.get("content-type", "").split(";")[0].strip()
    if kind not in KINDS:
        raise NotTwiml(12300, f"Invalid Content-Type: {kind or 'none'}")
    return body.decode("utf-8", "replace")
