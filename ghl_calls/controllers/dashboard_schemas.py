"""JSON schemas of the dashboard answers, for the API document."""

TEXT, INTEGER, NUMBER = ({"type": kind} for kind in ("string", "integer", "number"))
DAY = {"type": "string", "format": "date"}
MAYBE = {"type": ["number", "null"]}


def _object(**properties):
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(items):
    return {"type": "array", "items": items}


_SUCCESS = {"const": True}
_PERIOD = {"success": _SUCCESS, "locationId": TEXT, "startDate": DAY, "endDate": DAY}
_SUM = _object(count=INTEGER, value=NUMBER)

METRICS = _object(
    success=_SUCCESS,
    id=INTEGER,
    locationId=TEXT,
    totalContacts=INTEGER,
    totalOpportunities=INTEGER,
    totalRevenue=NUMBER,
    conversionRate=MAYBE,
    averageDealSize=MAYBE,
    dateCalculated=TEXT,
)
CALL_VOLUME = _object(
    **_PERIOD,
    totalCalls=INTEGER,
    previousCalls=INTEGER,
    days=_list(DAY),
    series=_list(_object(id=INTEGER, name=TEXT, color=TEXT, values=_list(INTEGER))),
)
PIPELINE = _object(
    **_PERIOD,
    stages=_list(_object(id=INTEGER, name=TEXT, pipeline=TEXT, count=INTEGER, value=NUMBER)),
    open=_SUM,
    won=_SUM,
    lost=_SUM,
    closeRate=MAYBE,
)
ENGAGEMENT = _list(
    _object(
        id=INTEGER,
        direction=TEXT,
        user_id=TEXT,
        date_added=TEXT,
        message_type=TEXT,
        meta=_object(call_duration={"type": ["integer", "null"]}),
        contact_id={"anyOf": [{"type": "null"}, _object(id=INTEGER, source=TEXT, name=TEXT)]},
    )
)
