"""Misbehaviour of telephone providers, by rate; the same names serve in scenarios."""

from ..faults import Faults

# the request is refused and nothing happens
BEFORE = ("429", "500_before", "503", "reset_before")
# the call is accepted, the answer goes wrong
AFTER = ("500_after", "reset_after", "cut", "timeout_after", "slow")
# one callback goes wrong
EVENT = ("lost", "doubled", "tripled", "delayed", "bad_signature", "old_signature", "unknown_id", "extra_fields")
# all callbacks of a call: the last one first; the first one before the answer to the request; none about ringing
CALL = ("reordered", "early", "no_ringing")
NAMES = BEFORE + AFTER + EVENT + CALL


class TelephonyFaults(Faults):
    """As `Faults`; `{"rate", "count", "path"}`, where `path` is matched against `twilio POST /2010-04-01/...` for
    requests and `twilio completed` (provider, event) for callbacks."""

    names = NAMES
