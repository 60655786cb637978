"""Values for parameters. Plain Python.

Nothing hostile holds what an answer may never hold (see ``judge``), so that an answer may repeat what was sent.
"""

EDGES = {
    "integer": [0, 1, -1, 2**31 - 1, 2**31, -(2**31), 2**63 - 1, 2**63, 10**18, 10**40],
    "number": [0, -0.0, 1e-300, 1e300, 1e308, -1, 0.1 + 0.2, 2**53 + 1],
    "boolean": [True, False, "true", "false", "1", "0", "yes", "TRUE"],
    "string": ["", " ", "a", "0", "x" * 255, "x" * 256, "x" * 500, "x" * 501, "\t", "null", "None", "-"],
    "array": [[], [1], list(range(1000)), list(range(1001))],
    "object": [{}, {"a": {}}, {"id": 0}],
}
HOSTILE = [
    # nothing that fits
    None, True, False, [], {}, [[]], [None], {"$ne": None}, {"$gt": ""}, 1.5, -1, "NaN", "Infinity", "1e999", "0x10",
    "1_000", "١٢٣", "１２", "+1", "--1", "1e3", 10**400,
    # text that is no text
    "\x00", "a\x00b", "\x01\x02\x1f", "\ud800", "\ufeff", "\u202egnp.exe", "\u200b" * 50, "e\u0301" * 300, "🤙" * 200,
    "İı", "x" * 70_000, "\r\nSet-Cookie: a=b", "%00", "%s%s%n", "{0.__class__}", "${7*7}", "{{7*7}}",
    # SQL, regular expressions, HTML, paths
    "' OR '1'='1", "'; drop table ghl_call; --", "1) union all select null,null--", "pg_sleep(5)",
    "a' || pg_sleep(5)--", "\\", "\\'", "%", "_", "%_%", "a%' escape '", "(", "[", "(?:a+)+$", "(a|a)*b", ".*", "\\1",
    "*" * 500, "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "javascript:alert(1)", "&lt;b&gt;", "<!--",
    "../../../../etc/passwd", "..\\..\\win.ini", "file:///etc/passwd", "http://127.0.0.1:1/", "//example.com",
    # times and numbers that are none
    "2025-13-45", "2025-02-30T25:61:61Z", "0000-00-00", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00-23:59",
    "9999-12-31T23:59:59+14:00", "-0001-01-01", "2025-10-13T10:00:00+99:99", "10/13/2025", "yesterday", "1700000000",
    "5:99:99", "99999999999999999999m", "-5m", "∞",
]  # fmt: skip
TIMES = ["2025-10-13T10:00:00.000Z", "2025-10-13T10:00:00+02:00", "2025-10-13", "2025-10-13T10:00:00"]


def right(rng, name, schema, world):
    """A value that the schema allows and that mostly names something."""
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    known = world.get(name)
    if known and rng.random() < 0.8:
        return rng.choice(known)
    kind = schema.get("type", "string")
    if schema.get("format") in ("date", "date-time") or "time" in name or "date" in name or name in ("from", "to"):
        return rng.choice(TIMES)[: 10 if schema.get("format") == "date" else None]
    if kind == "integer":
        low, high = schema.get("minimum", 0), schema.get("maximum", 60)
        return rng.randint(max(low, 0), max(min(high, 60), low))
    if kind == "number":
        return rng.choice([0, 1.5, 60])
    if kind == "boolean":
        return rng.random() < 0.5
    if kind == "array":
        return [right(rng, name, schema.get("items", {}), world) for _each in range(rng.randint(0, 3))]
    if kind == "object":
        return {}
    return rng.choice(["Call", "7", "demo", "outbound", "5m 30s"])


def edge(rng, name, schema, world):
    """A value at the edge of what the schema allows, on either side."""
    kind = schema.get("type", "string")
    found = list(EDGES.get(kind, EDGES["string"]))
    for bound in ("minimum", "maximum"):
        if bound in schema:
            found += [schema[bound] - 1, schema[bound], schema[bound] + 1] * 2
    if "maxLength" in schema:
        found += ["y" * schema["maxLength"], "y" * (schema["maxLength"] + 1)]
    if "enum" in schema:
        found += ["", f"{schema['enum'][0]} ", str(schema["enum"][-1]).upper()]
    return rng.choice(found)


def hostile(rng, name, schema, world):
    """A value that means harm, or makes no sense; or an id of another company."""
    foreign = world.get(f"foreign {name}")
    if foreign and rng.random() < 0.4:
        return rng.choice(foreign)
    return rng.choice(HOSTILE)
