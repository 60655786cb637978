"""Telephone numbers as a provider wants them written. Plain Python.

e164            +919876543210
e164-no-plus    919876543210
national        9876543210
0+national      09876543210
digits(n)       the last n digits
"""

from __future__ import annotations

import re

import phonenumbers

FORMATS = ("e164", "e164-no-plus", "national", "0+national", "digits(n)")
_DIGITS = re.compile(r"digits\((\d{1,2})\)")


def check_format(form: str) -> None:
    """ValueError, with a sentence for people, when there is no such format."""
    if form not in FORMATS[:-1] and not _DIGITS.fullmatch(form):
        raise ValueError(f"{form!r} is no form of numbers: use one of {', '.join(FORMATS)}.")


def write_number(number: str, form: str) -> str:
    """`number` (E.164) in this format; ValueError when the number cannot be read or there is no such format."""
    check_format(form)
    if form == "e164":
        return number
    digits = number.removeprefix("+")
    if form == "e164-no-plus":
        return digits
    if last := _DIGITS.fullmatch(form):
        return digits[-int(last[1]) :]
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"{number} is no telephone number.") from error
    national = phonenumbers.national_significant_number(parsed)
    return f"0{national}" if form == "0+national" else national
