"""Find calls that are there twice and merge them into the newest, without losing anything.

Duplicates are living calls of one company with the same subject, for the same contact or lead, at the same time: as the
CRM clients are told when they save one. Upper and lower case count. Calls that a telephone provider knows are never
merged: two of them were two calls. Nor are those of campaigns, each of which is an attempt to reach one recipient.
"""

from dataclasses import dataclass

from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import SQL, split_every

from .guards import check_admin, check_company
from .leftovers import move_leftovers

BATCH = 200  # groups
# Never taken over from a duplicate: they say what happened to the record itself.
OWN = {"number", "source", "state", "active", "deleted_by_id", "company_id", "status_id", "start_time", *MAGIC_COLUMNS}
# Nor how far its order got: our own name of a call is known to its provider, and there is one call of that name.
OWN.update("reference submission submitted_at lease_until next_check_at checks stop_requested guessed".split())


@dataclass(frozen=True)
class Group:
    """Calls that are one: `kept_id` is the newest, `other_ids` are merged into it, the newest first."""

    kept_id: int
    other_ids: tuple
    subject: str
    start_time: object


class Dedupe:
    """The duplicates among the calls of one company.

    :raises UserError: no such company
    :raises AccessError: not an administrator
    """

    def __init__(self, env, *, company):
        check_admin(env)
        check_company(env, company)
        # Silent: what a merge changes is written to the activity log, not as a message for each follower.
        self.env = env(context={**env.context, "tracking_disable": True, "active_test": False})
        self.company = company

    def groups(self):
        """List of ``Group``, the newest kept call first. Changes nothing."""
        self.env.flush_all()
        within = Domain("company_id", "=", self.company.id) & Domain("provider_call_id", "=", False)
        within &= Domain("active", "=", True) & Domain("subject", "!=", False) & Domain("campaign_lead_id", "=", False)
        ids = self.env["ghl.call"]._search(within).select()  # record rules apply
        self.env.cr.execute(
            SQL(
                """
                SELECT array_agg(id ORDER BY create_date DESC, id DESC), subject, start_time
                  FROM ghl_call WHERE id IN (%s)
                 GROUP BY subject, contact_id, lead_ref, start_time HAVING count(*) > 1
                 ORDER BY 1 DESC
                """,
                ids,
            )
        )
        return [Group(ids[0], tuple(ids[1:]), subject, start) for ids, subject, start in self.env.cr.fetchall()]

    def run(self, after_batch=None):
        """Merge all duplicates.

        Empty fields of the kept call take the value of the newest duplicate that has one; log lines, messages, files,
        activities and followers move to it. The others become deleted calls, which can be restored.

        :param after_batch: called after each batch of groups, for example to commit
        :return: (calls kept, calls merged into them)
        """
        kept = merged = 0
        for groups in split_every(BATCH, self.groups()):
            self._merge(groups)
            kept += len(groups)
            merged += sum(len(group.other_ids) for group in groups)
            if after_batch:
                after_batch()
        return kept, merged

    def _merge(self, groups):
        calls = self.env["ghl.call"]
        for group in groups:
            call = calls.browse(group.kept_id)
            if values := self._missing(call, calls.browse(group.other_ids)):
                call.write(values)
        self.env.flush_all()
        move_leftovers(self.env, {old: group.kept_id for group in groups for old in group.other_ids})
        others = calls.browse([old for group in groups for old in group.other_ids])
        others.write({"active": False})
        # sudo: as the log's own mixin. Says for good which calls were merged into this one.
        lines = [(calls.browse(group.kept_id), "updated", {"merged_ids": list(group.other_ids)}) for group in groups]
        calls.sudo()._append_activity(lines)
        self.env.flush_all()
        self.env.invalidate_all()

    def _missing(self, call, others):
        """What the call lacks and the others have, as values to write."""
        values = {}
        for name, field in call._fields.items():
            if name in OWN or not field.store or not field.column_type or name.startswith("message_"):
                continue
            if not call[name]:
                donor = next((other for other in others if other[name]), None)
                if donor:
                    values[name] = field.convert_to_write(donor[name], donor)
        if values.get("retry_of_id") == call.id:
            del values["retry_of_id"]  # a call is no retry of itself
        if "duration_seconds" not in values and {"end_time", "ended_at"} & values.keys():
            values["duration_seconds"] = call.duration_seconds  # or it would be computed anew
        return values
