"""What a telephone provider does for us, in our words. Plain Python.

A provider turns a `CallOrder` into a ringing telephone, tells us what became of it in `Report` objects, and proves that
a `Delivery` to our door is its own. Every provider is a folder beside this file; `registry` knows them by name.

PlaceError            the call was not placed, or nobody knows; `kind` says what to do
 └ SubmissionUnknown  sent, but no usable answer: it may be ringing. Never dial again before `Provider.find` said no
DeliveryRefused       a delivery to our door that is not proven to be the provider's
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

# What a refused order means.
#   lead     this number will never work: do not try again
#   caller   our own number is the trouble: take it out of rotation, try with another
#   later    the provider has no room now: put back after `retry_after` seconds, not an attempt
#   account  the account is the trouble (credentials, money, switched off): stop using it until a person has looked
#   config   our request is wrong: pause and show
#   not_sent the provider was not reached: safe to try again
PlaceKind = Literal["lead", "caller", "later", "account", "config", "not_sent", "unknown"]


@dataclass(frozen=True, slots=True)
class Field:
    """One setting of an account. Secrets are kept where nobody reads them back."""

    name: str
    label: str
    secret: bool = False
    required: bool = False
    help: str = ""


@dataclass(frozen=True, slots=True)
class CallOrder:
    """A call we want placed."""

    reference: str  # our own name of the call: in the callback URL and in the provider's metadata
    to: str  # E.164
    from_number: str = ""  # E.164; empty: the provider chooses
    callback_url: str = ""  # where reports on this call go; carries the reference
    answer_url: str = ""  # where the provider asks what to say when somebody answers
    ring_seconds: int = 30
    max_seconds: int = 720
    detect_machine: bool = False
    record: bool = False
    script: Mapping[str, Any] = field(default_factory=dict)  # the agent: task, voice, first_sentence, pathway_id, ...
    variables: Mapping[str, Any] = field(default_factory=dict)  # what the agent may speak of
    metadata: Mapping[str, Any] = field(default_factory=dict)  # given back with reports where the provider can
    extra: Mapping[str, Any] = field(default_factory=dict)  # the provider's own parameters, sent as they are


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider has taken the order. `state` is the state of ``lifecycle`` that follows from it."""

    provider_call_id: str
    state: str = "initiated"


@dataclass(frozen=True, slots=True)
class Report:
    """What a provider says about a call, from its own clock.

    `values` holds what is known of: answered_at, ended_at (naive UTC), talk_seconds (whole seconds, without ringing; 0
    unless somebody answered), answered_by (human, machine, fax, unknown), end_reason, error_message, cost,
    recording_url, transcript, transcript_turns ([{role, content, timestamp}]), summary, from_number, to_number.

    `end_reason` of a call that did not come about is, where the provider tells: invalid_number, blocked (by the
    network or our account's limits), declined (a person pressed reject), unwanted (our number is reported as spam),
    unreachable (switched off, out of reach) or carrier (trouble on the way). Of a call that did, it is the provider's
    word for who or what ended it.
    """

    provider_call_id: str
    word: str  # the provider's own word for what happened
    key: str  # the same for every delivery of the same report
    reference: str = ""  # our own name of the call, where the provider gives it back
    state: str | None = None  # of ``lifecycle``; None: says nothing about the state
    occurred_at: datetime | None = None  # naive UTC
    values: Mapping[str, Any] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request to our door, exactly as it came."""

    method: str
    url: str  # the public URL: configured base URL + raw path + raw query, never from the Host header
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    content_type: str = ""
    reference: str = ""  # from the path, where the door's path carries one


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What may be promised on a screen."""

    ringing: bool = False  # says when it rings
    answered: bool = False  # says when somebody answers
    fetch: bool = False  # can be asked about a call
    find: bool = False  # can be asked for a call whose id never reached us
    cancel: bool = False  # can hang up
    machine: bool = False  # tells people from machines
    # Signs its deliveries. Where it does not, `Provider.verify` refuses all of them: what proves a delivery then is the
    # unguessable path of our door, `Provider.admits`, and asking back (`Provider.fetch`) before it is believed.
    signed: bool = False


class PlaceError(Exception):
    """The provider did not take the order. `str()` is a sentence for people."""

    def __init__(self, kind: PlaceKind, message: str, *, code: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.retry_after = retry_after


class SubmissionUnknown(PlaceError):
    """Sent, and no usable answer came back."""

    def __init__(self, message: str, *, code: str = "") -> None:
        super().__init__("unknown", message, code=code)


class DeliveryRefused(Exception):
    """Not proven to come from the provider. `reason` is for our log; the caller is told nothing."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Provider(Protocol):
    """One account at one provider. Made by ``registry.make(name, settings)``; may be used from several threads.

    `settings` holds the account's plain settings and its secrets under the names of the class's `FIELDS`.
    """

    name: str
    label: str
    FIELDS: tuple[Field, ...]
    capabilities: Capabilities  # of this account, with these settings

    def place(self, order: CallOrder) -> Accepted:
        """Have the telephone ring; PlaceError."""

    def cancel(self, provider_call_id: str) -> None:
        """Hang up, whatever stage the call is at; no error when it is over already. RemoteError."""

    def fetch(self, provider_call_id: str) -> Report | None:
        """How the call stands now; None when the provider does not know it. RemoteError."""

    def find(self, order: CallOrder, since: datetime) -> list[Report]:
        """Calls made after ``since`` (naive UTC) that may be this order, when its answer never came. RemoteError."""

    def verify(self, delivery: Delivery) -> None:
        """DeliveryRefused unless the delivery's signature proves it to be the provider's; raises nothing else."""

    def admits(self, address: str) -> bool:
        """Whether the account's settings let this network address deliver reports."""

    def parse(self, delivery: Delivery) -> list[Report]:
        """The reports of a verified delivery; ValueError when it cannot be read."""

    def check(self) -> str:
        """Test the connection: a sentence such as "Connected to account Demo". RemoteError."""
