import base64
import io
import secrets

from odoo import fields, models
from odoo.exceptions import UserError

from ..tools.csv_calls import CsvCalls
from ..tools.generate import Generator

MOST_CALLS = 100_000  # of one request; the command has no limit


class GhlCallGenerateWizard(models.TransientModel):
    """Makes demonstration calls, or imports calls from a CSV file."""

    _name = "ghl.call.generate.wizard"
    _description = "Generate Calls"
    _inherit = "ghl.call.tool"
    _inputs = ("company_id", "user_id", "count", "seed", "days", "file")

    count = fields.Integer("Number of calls", default=500)
    user_id = fields.Many2one("res.users", "Caller", required=True, default=lambda self: self.env.user)
    seed = fields.Integer(default=lambda self: secrets.randbelow(10**6), help="The same seed makes the same calls.")
    days = fields.Integer(default=30, help="Spread over so many days before today.")
    file = fields.Binary("CSV file", help="Import these calls instead of inventing some.")
    filename = fields.Char()

    def _work(self):
        user = self.user_id._origin
        if self.file:
            try:
                # The form gives only the size of a file that is saved already.
                text = base64.b64decode(self.with_context(bin_size=False).file).decode("utf-8-sig")
            except ValueError as error:
                raise UserError(self.env._("This is not a CSV file in UTF-8.")) from error
            return CsvCalls(self.env, io.StringIO(text, newline=""), company=self.company_id._origin, user=user)
        if self.count > MOST_CALLS:
            raise UserError(
                self.env._("Make at most %s calls here; the command generate_calls makes any number.", MOST_CALLS)
            )
        return Generator(
            self.env, count=self.count, company=self.company_id._origin, user=user, seed=self.seed, days=self.days
        )

    def _describe(self, work):
        types = dict(self.env["ghl.call"]._fields["type"]._description_selection(self.env))
        lines = [self.env._("%s calls will be made. The first of them:", work.count)]
        lines += [
            f"{fields.Datetime.to_string(row['start_time'])}  {types[row['type']]}  {row['subject']}"
            for row in work.sample()
        ]
        return "\n".join(lines)

    def action_generate(self):
        """Make the calls and show them."""
        self.ensure_one()
        self.check_access("write")
        made = self._work().run()
        calls = self.env["ghl.call"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Generated Calls"),
            "res_model": calls._name,
            "views": [(False, "list"), (False, "form")],
            "domain": [
                ("id", ">=", made.first_id),
                ("id", "<=", made.last_id),
                ("company_id", "=", self.company_id.id),
                ("source", "=", "import" if self.file else "generator"),
            ],
            "context": {"active_test": False},
        }
