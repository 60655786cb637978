"""A recording: a quiet tone as WAV, eight thousand bytes a second, and answering with a part of it."""

import math
import struct
from functools import lru_cache

from ..http import Response

RATE = 8000
LONGEST = 20


@lru_cache(maxsize=32)
def wav(seconds: int) -> bytes:
    """So many seconds (1 to 20) of a 440 Hz tone, 8-bit mono."""
    seconds = min(LONGEST, max(1, seconds))
    wave = bytes(128 + round(24 * math.sin(2 * math.pi * 440 * i / RATE)) for i in range(RATE))
    sound = wave * seconds
    sizes = (36 + len(sound), 16, 1, 1, RATE, RATE, 1, 8, len(sound))
    return struct.pack("<4sI8sIHHIIHH4sI", b"RIFF", sizes[0], b"WAVEfmt ", *sizes[1:8], b"data", sizes[8]) + sound


def served(request, sound: bytes) -> Response:
    """The whole, or the range asked for (206), or 416."""
    headers = {"Content-Type": "audio/x-wav", "Accept-Ranges": "bytes"}
    wanted = request.headers.get("range", "")
    if not wanted.startswith("bytes=") or "," in wanted:
        return Response(200, sound, headers)
    first, _, last = wanted[6:].partition("-")
    try:
        begin = int(first) if first else max(0, len(sound) - int(last))
        end = min(int(last), len(sound) - 1) if first and last else len(sound) - 1
    except ValueError:
        return Response(200, sound, headers)
    if begin > end:
        return Response(416, b"", {"Content-Range": f"bytes */{len(sound)}"})
    return Response(206, sound[begin : end + 1], {**headers, "Content-Range": f"bytes {begin}-{end}/{len(sound)}"})
