"""What may be changed about the simulated SansPBX."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class SansPbxSettings:
    token_life_s: float = 3600  # simulated seconds
    nested_token: bool = False  # whether the token stands under `data`
    basic: bool = False  # whether /gentoken asks for HTTP Basic as well
    callid_place: str = ""  # data.msg, data, top; empty: in turns
    without_callid: bool = False  # the dial door answers 200 without an id, and dials nothing
    number_format: str = "0+10"  # of call_to: 0+10, 91+10, any
    concurrency: int | None = None  # calls at a time; over it 429 with Retry-After
    zone_minutes: int = 330  # of the stamps, which carry no zone: India
