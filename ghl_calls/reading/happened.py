"""What happened to a call, as its form shows it: ``timeline`` in people's words; what they wrote is in the chatter."""

from . import timeline

ICONS = {
    "call_created": "fa-plus",
    "call_status_changed": "fa-exchange",
    "call_deleted": "fa-trash-o",
    "call_restored": "fa-undo",
    "call_marked_as_favorite": "fa-star",
    "call_unmarked_as_favorite": "fa-star-o",
    "ANSWERED": "fa-comments-o",
    "COMPLETED": "fa-check",
    "NO_ANSWER": "fa-times",
    "BUSY": "fa-times",
    "FAILED": "fa-exclamation-circle",
    "CANCELLED": "fa-ban",
    "NOTE": "fa-sticky-note-o",
}
OTHERS = {"activity": "fa-pencil", "event": "fa-phone"}


def entries(call):
    """``[{key, at, icon, title, detail, who}]`` of a call that the reader may see, the latest first; ``at`` in UTC."""
    found = [entry for entry in timeline.read(call.env, call.id) if entry["kind"] != "note"]
    named = {entry["metadata"].get(key) for entry in found for key in ("from_status_id", "to_status_id")}
    # sudo: whoever may see a call may see which columns it was in, and who put it there
    statuses = call.env["ghl.call.status"].sudo().browse(filter(None, named)).exists()
    names = {status.id: status.name for status in statuses}
    people = call.env["res.users"].sudo().browse({entry["user_id"] for entry in found} - {0}).exists()
    who = {user.id: user.name for user in people}
    verdicts = dict(call.env["ghl.call.event"]._fields["verdict"]._description_selection(call.env))
    return [
        {
            "key": f"{entry['kind']}-{entry['id']}",
            "at": entry["timestamp"][:19].replace("T", " "),
            "icon": ICONS.get(entry["activity_type"], OTHERS[entry["kind"]]),
            "title": entry["title"],
            "detail": _change(call, entry, names) if entry["kind"] == "activity" else _report(entry, verdicts),
            "who": who.get(entry["user_id"]) or entry["metadata"].get("provider") or "",
        }
        for entry in found
    ]


def _change(call, entry, names):
    told = entry["metadata"]
    if "to_status_id" in told:
        return " → ".join(names.get(told.get(key), "?") for key in ("from_status_id", "to_status_id"))
    changed = [call._fields[name] for name in told.get("changed", ()) if name in call._fields]
    return ", ".join(field._description_string(call.env) for field in changed)


def _report(entry, verdicts):
    verdict = entry["metadata"].get("verdict")
    return " · ".join(filter(None, (verdict != "applied" and verdicts.get(verdict), entry["description"])))
