from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.dedupe import Dedupe

SHOWN = 10


class GhlCallDedupeWizard(models.TransientModel):
    """Merges calls that are there twice."""

    _name = "ghl.call.dedupe.wizard"
    _description = "Merge Duplicate Calls"
    _inherit = "ghl.call.tool"

    def _work(self):
        return Dedupe(self.env, company=self.company_id._origin)

    def _describe(self, work):
        groups = work.groups()
        if not groups:
            raise UserError(self.env._("No call is there more than once."))
        merged = sum(len(group.other_ids) for group in groups)
        lines = [
            self.env._(
                "%(groups)s calls are there more than once, %(merged)s will be merged into them.",
                groups=len(groups),
                merged=merged,
            )
        ]
        for group in groups[:SHOWN]:
            others = ", ".join(map(str, group.other_ids))
            start = fields.Datetime.to_string(group.start_time)
            lines.append(f"{group.kept_id} <- {others}  {start}  {group.subject}")
        if len(groups) > SHOWN:
            lines.append(self.env._("... and %s more", len(groups) - SHOWN))
        return "\n".join(lines)

    def action_merge(self):
        """Merge all of them."""
        self.ensure_one()
        self.check_access("write")
        kept, merged = self._work().run()
        return self._done(self.env._("%(merged)s calls merged into %(kept)s.", merged=merged, kept=kept))
