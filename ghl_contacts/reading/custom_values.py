"""The custom fields of a contact for its form, in groups as people look for them."""

from ..mapping import readable

FAMILIES = {
    "NUMERICAL": "Numbers",
    "MONETORY": "Numbers",
    "DATE": "Dates",
    "CHECKBOX": "Choices",
    "RADIO": "Choices",
    "SINGLE_OPTIONS": "Choices",
    "MULTIPLE_OPTIONS": "Choices",
    "FILE_UPLOAD": "Files",
    "SIGNATURE": "Files",
}
OTHER = "Answers"


def grouped(contact):
    """``[{"title", "values": [{"id", "label", "value"}]}]``: by the folder of GoHighLevel where it is known, else by
    the kind of the value; inside a group in GoHighLevel's order. Empty values are left out."""
    values = contact.custom_value_ids.sorted(lambda value: (not value.field_id, value.field_id.position, value.id))
    parents = {_parent(value.field_id) for value in values} - {None}
    folders = contact.env["ghl.custom.field"].search_fetch(
        [("location_id", "=", contact.location_id.id), ("external_id", "in", list(parents))], ["external_id", "name"]
    )
    names = {folder.external_id: folder.name for folder in folders}
    groups = {}
    for value in values:
        text = (value.value_summary or "").strip()
        if text:
            field = value.field_id
            title = names.get(_parent(field)) or FAMILIES.get(field.data_type or "", OTHER)
            label = field.name or readable.label(value.field_external_id)
            groups.setdefault(title, []).append({"id": value.id, "label": label, "value": text})
    return [{"title": title, "values": rows} for title, rows in groups.items()]


def _parent(field):
    return (field.extra or {}).get("parentId")
