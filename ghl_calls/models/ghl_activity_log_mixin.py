from odoo import api, fields, models

# A change of these has a line of its own: field -> (what, when it became false; what, when it became true).
SWITCHES = {
    "active": ("deleted", "restored"),
    "favorite": ("unmarked_as_favorite", "marked_as_favorite"),
}
OWN_LINES = {*SWITCHES, "status_id"}
HOUSEKEEPING = ("message_", "activity_", "write_", "create_", "deleted_by_")


class GhlActivityLogMixin(models.AbstractModel):
    """Records whose changes are written down in ``ghl.activity.log``, in the same transaction and in bulk.

    The model needs `company_id`, `location_id`, `status_id`, `active` and `favorite`. Programs that keep a log of their
    own turn the lines "updated" off with the context key ``ghl_log_updates``; those of `OWN_LINES` stay.
    """

    _name = "ghl.activity.log.mixin"
    _description = "GoHighLevel Logged Record"
    _activity_entity = ""  # the first word of the activity types, e.g. "call"

    activity_log_ids = fields.One2many("ghl.activity.log", "entity_id", "Activity log")

    def _activity_metadata(self):
        """What a line says about this record beyond its title."""
        self.ensure_one()
        return {}

    def _activity_titles(self):
        """Activity -> the sentence people read. Built when needed, because it is translated."""
        return {
            "created": self.env._("Created"),
            "updated": self.env._("Updated"),
            "status_changed": self.env._("Status changed"),
            "deleted": self.env._("Deleted"),
            "restored": self.env._("Restored"),
            "marked_as_favorite": self.env._("Marked as favorite"),
            "unmarked_as_favorite": self.env._("No longer a favorite"),
        }

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self._append_activity([(record, "created", {}) for record in records])
        return records

    def write(self, vals):
        names = [name for name in vals if self._is_logged(name)]
        before = {record.id: [record[name] for name in names] for record in self} if names else {}
        result = super().write(vals)
        lines = []
        for record in self if names else ():
            changed = {name: old for name, old in zip(names, before[record.id], strict=True) if record[name] != old}
            lines += [(record, *line) for line in record._activity_lines(changed)]
        self._append_activity(lines)
        return result

    def unlink(self):
        """What is gone for good leaves its last line."""
        self.check_access("unlink")
        self._append_activity([(record, "deleted", {"permanently": True}) for record in self.exists()])
        return super().unlink()

    def _is_logged(self, name):
        if name not in OWN_LINES and not self.env.context.get("ghl_log_updates", True):
            return False
        field = self._fields.get(name)
        return bool(field) and field.store and not name.startswith(HOUSEKEEPING) and not field.type.endswith("2many")

    def _activity_lines(self, changed):
        """(activity, more metadata) for the fields that changed, with their old values."""
        for name in SWITCHES.keys() & changed.keys():
            yield SWITCHES[name][bool(self[name])], {}
        if "status_id" in changed:
            yield "status_changed", {"from_status_id": changed["status_id"].id, "to_status_id": self.status_id.id}
        if rest := changed.keys() - SWITCHES.keys() - {"status_id"}:
            yield "updated", {"changed": sorted(rest)}

    def _append_activity(self, lines):
        """Write (record, activity, more metadata) down."""
        if not lines:
            return
        titles = self._activity_titles()
        # sudo: whoever changes a record leaves a line, and nobody can write lines by hand
        self.env["ghl.activity.log"].sudo().create(
            [
                {
                    "activity_type": f"{self._activity_entity}_{activity}",
                    "entity_model": self._name,
                    "entity_id": record.id,
                    "user_id": self.env.uid,
                    "company_id": record.company_id.id,
                    "location_id": record.location_id.id,
                    "title": titles[activity],
                    "description": record.display_name,
                    "metadata": {**record._activity_metadata(), **more},
                }
                for record, activity, more in lines
            ]
        )
