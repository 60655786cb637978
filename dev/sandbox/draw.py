"""Deterministic randomness with random access: the same key always gives the same choices, in any order of asking."""

import base64
import hashlib


class Draw:
    """A stream of choices that belongs to one key (512 bits: enough for about 80 small choices)."""

    __slots__ = ("_bits",)

    def __init__(self, key: str):
        self._bits = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=64).digest(), "little")

    def below(self, n: int) -> int:
        self._bits, value = divmod(self._bits, n)
        return value

    def one_of(self, items):
        self._bits, value = divmod(self._bits, len(items))
        return items[value]

    def chance(self, percent: int) -> bool:
        self._bits, value = divmod(self._bits, 100)
        return value < percent


def token(key: str, length: int = 20) -> str:
    """An opaque id of letters and digits, as the simulated systems give (20 characters: a Firestore-like id)."""
    raw = hashlib.blake2b(key.encode(), digest_size=(length * 3 + 3) // 4).digest()
    return base64.b64encode(raw, altchars=b"xQ").decode()[:length]


def hexadecimal(key: str, length: int = 24) -> str:
    return hashlib.blake2b(key.encode(), digest_size=(length + 1) // 2).hexdigest()[:length]


def uuid_of(key: str) -> str:
    h = hashlib.blake2b(key.encode(), digest_size=16).hexdigest()
    return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:32]}"
