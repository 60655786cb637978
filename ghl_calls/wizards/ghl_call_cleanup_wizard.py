from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.cleanup import Cleanup

WORD = "DELETE"


class GhlCallCleanupWizard(models.TransientModel):
    """Removes generated calls for good."""

    _name = "ghl.call.cleanup.wizard"
    _description = "Clean up Generated Calls"
    _inherit = "ghl.call.tool"
    _inputs = ("company_id", "which", "first_id", "last_id", "last")

    which = fields.Selection(
        [("all", "All generated calls"), ("last", "The newest"), ("ids", "Those in a range of ids")],
        "Remove",
        required=True,
        default="all",
    )
    last = fields.Integer("How many", default=50)
    first_id = fields.Integer("From id")
    last_id = fields.Integer("To id")
    confirmation = fields.Char(help="Type DELETE.")

    def _work(self):
        choice = {"last": ("last",), "ids": ("first_id", "last_id")}.get(self.which, ())
        return Cleanup(self.env, company=self.company_id._origin, **{name: self[name] for name in choice})

    def _describe(self, work):
        preview = work.preview()
        if not (preview.calls or preview.logs or preview.spared):
            raise UserError(self.env._("There are no generated calls."))
        lines = [
            self.env._(
                "%(calls)s generated calls and %(logs)s log lines will be removed for good.",
                calls=preview.calls,
                logs=preview.logs,
            )
        ]
        if preview.calls:
            lines.append(self.env._("Ids %(first)s to %(last)s:", first=preview.first_id, last=preview.last_id))
        lines += [
            f"{number}  {fields.Datetime.to_string(start)}  {subject}" for number, start, subject in preview.sample
        ]
        if preview.spared:
            lines.append(self.env._("%s other calls in this range stay: they were not generated.", preview.spared))
        return "\n".join(lines)

    def action_remove(self):
        """Remove the calls.

        :raises UserError: the word was not typed
        """
        self.ensure_one()
        self.check_access("write")
        if (self.confirmation or "").strip() != WORD:
            raise UserError(self.env._("Type %s to confirm.", WORD))
        calls, logs = self._work().run()
        return self._done(self.env._("%(calls)s calls and %(logs)s log lines removed.", calls=calls, logs=logs))
