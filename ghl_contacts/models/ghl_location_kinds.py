from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..mirror.kinds import KINDS, SWITCHES, dependent, needed


class GhlLocationKinds(models.Model):
    """What is synchronised of a location: one switch for each kind of record, obeyed by every sync.

    A kind that others need takes them along when it is switched off; switching one on without what it needs is refused.
    """

    _inherit = "ghl.location"

    sync_users = fields.Boolean(
        "Synchronise users", default=True, help="Who works at GoHighLevel: owners of contacts and opportunities."
    )
    sync_contacts = fields.Boolean(
        "Synchronise contacts", default=True, help="With their custom fields, tags and attribution."
    )
    sync_tasks = fields.Boolean("Synchronise tasks", default=True, help="Needs contacts.")
    sync_conversations = fields.Boolean(
        "Synchronise conversations", default=True, help="Who talked last, and what is unread. Needs contacts."
    )
    sync_messages = fields.Boolean(
        "Synchronise messages",
        default=True,
        help="The messages of all channels, and what contacts show of them: one request for each 500. Needs contacts.",
    )
    sync_calls = fields.Boolean(
        "Synchronise calls",
        default=True,
        help="The calls made at GoHighLevel, on the board of calls. They are messages: no further request.",
    )
    sync_pipelines = fields.Boolean("Synchronise pipelines", default=True, help="With their stages.")
    sync_opportunities = fields.Boolean("Synchronise opportunities", default=True, help="Needs contacts and pipelines.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([_with_dependents_off(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(_with_dependents_off(vals))

    @api.constrains(*SWITCHES)
    def _check_kinds(self):
        for location in self:
            for switch, kind in SWITCHES.items():
                missing = [need for need in kind.needs if location[switch] and not location[KINDS[need].switch]]
                if missing:
                    labels = location._kind_labels()
                    raise ValidationError(
                        self.env._(
                            "%(kind)s need %(missing)s: synchronise them too.",
                            kind=labels[kind.name],
                            missing=", ".join(labels[need] for need in missing),
                        )
                    )

    @api.onchange(*SWITCHES)
    def _onchange_kinds(self):
        """What is switched on takes along what it needs; what is switched off, what needs it."""
        for switch, kind in SWITCHES.items():
            if not self._origin or self[switch] == self._origin[switch]:
                continue
            for name in needed(kind.name) if self[switch] else dependent(kind.name):
                self[KINDS[name].switch] = self[switch]

    def action_choose(self, kind, wanted):
        """Synchronise a kind of record from now on, or no more, with all that it needs or that needs it.

        :param kind: name of one of ``mirror.kinds.KINDS``
        :raises UserError: there is no such kind
        :raises AccessError: for all but administrators
        """
        if kind not in KINDS:
            raise UserError(self.env._("There is no such kind of record: %s", kind))
        others = needed(kind) if wanted else dependent(kind)
        self.write({KINDS[name].switch: bool(wanted) for name in (kind, *others)})
        return True

    def _read_kinds(self):
        """``[{"name", "label", "about", "needs": [labels], "on"}]`` of the kinds that may be chosen."""
        self.ensure_one()
        labels, about = self._kind_labels(), self._kind_descriptions()
        return [
            {
                "name": name,
                "label": labels[name],
                "about": about[name],
                "needs": [labels[need] for need in kind.needs],
                "on": self[kind.switch],
            }
            for name, kind in KINDS.items()
        ]

    def _kind_descriptions(self):
        return {
            "users": self.env._("Owners of contacts and opportunities"),
            "contacts": self.env._("With custom fields, tags and attribution"),
            "tasks": "",
            "conversations": self.env._("Who talked last, what is unread"),
            "messages": self.env._("Texts and emails on each contact, touches, speed to lead"),
            "calls": self.env._("Made of messages, on the board of calls"),
            "pipelines": self.env._("With their stages"),
            "opportunities": "",
        }

    def _kind_labels(self):
        """Names of the kinds, and of the records that are read for them, for people."""
        return {
            "location": self.env._("Location"),
            "users": self.env._("Users"),
            "contacts": self.env._("Contacts"),
            "custom fields": self.env._("Custom fields"),
            "tags": self.env._("Tags"),
            "tasks": self.env._("Tasks"),
            "conversations": self.env._("Conversations"),
            "messages": self.env._("Messages"),
            "e-mails": self.env._("Emails"),
            "calls": self.env._("Calls"),
            "pipelines": self.env._("Pipelines"),
            "stages": self.env._("Stages"),
            "opportunities": self.env._("Opportunities"),
        }

    def _count_calls(self):
        """How many calls made of messages are here; the floor that keeps calls knows."""
        return 0


def _with_dependents_off(vals):
    off = [name for name, kind in KINDS.items() if kind.switch in vals and not vals[kind.switch]]
    others = [KINDS[name].switch for one in off for name in dependent(one)]
    return {**dict.fromkeys(others, False), **vals} if others else vals
