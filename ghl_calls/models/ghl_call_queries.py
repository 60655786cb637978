from contextlib import closing

from odoo import api, models
from odoo.fields import Domain


class GhlCallQueries(models.AbstractModel):
    """Questions about calls that programs inside Odoo ask, answered by ids, records or plain figures."""

    _name = "ghl.call.queries"
    _description = "GoHighLevel Call Queries"

    @api.model
    def _find_duplicate(self, values, company_id):
        """The id of a call with these values in the company, None if there is none or `values` have no subject.

        Of several transactions that ask for the same at once, the second waits until the first is over and then finds
        what it has made: so nothing is made twice by a double click.
        """
        if not values.get("subject"):
            return None
        key = repr((self._name, company_id, sorted((name, str(value)) for name, value in values.items())))
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        where = Domain("company_id", "=", company_id) & Domain.AND(Domain(*item) for item in _equal(values))
        # On a cursor of its own: this transaction does not see what was committed since it began.
        with closing(self.env.registry.cursor()) as cr:
            return self.with_env(self.env(cr=cr)).search(where, limit=1, order="id desc").id or None


def _equal(values):
    return [(name, "=", value) for name, value in values.items()]
