from contextlib import closing

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ...ghl_base.http.params import Param, check_tree, clean_text, parse_datetime
from ..reading import call_log, call_log_lists
from ..tools.guards import check_admin


class GhlCall(models.Model):
    """Making and changing calls by documents of the call log, as programs do."""

    _inherit = "ghl.call"

    @api.model
    def create_call(self, values):
        """Make a call of a document; gives its id.

        :param dict values: ``phone_number``, and whatever else a document has (see ``reading.call_log.FIELDS``); times
            are datetimes or ISO 8601 text
        :raises ValidationError: no phone number, a key or value that no call has, no such contact
        """
        if not values.get("phone_number"):
            raise ValidationError(self.env._("A call needs a phone number."))
        return self.create({"source": "api", **self._from_document(values)}).id

    @api.model
    def update_call(self, call_id, values):
        """Change what ``values`` name, and nothing else. Gives whether there is such a call.

        :raises ValidationError: as `create_call`
        :raises UserError: a status that cannot follow the present one (a ``lifecycle.StatusTransitionError``)
        """
        call = call_log_lists.find(self, call_id)
        if call:
            call.write(call._from_document(values))
        return bool(call)

    @api.model
    def delete_call(self, call_id, soft=True):
        """Delete a call; gives whether there was one.

        :param soft: keep it, to be restored; otherwise it is gone for good, which only administrators may do
        """
        call = call_log_lists.find(self, call_id)
        if call and soft:
            call.active = False
        elif call:
            check_admin(self.env)
            # sudo: nobody may remove calls as such; the check above and the caller's own search are what is asked for
            call.sudo().unlink()
        return bool(call)

    def _from_document(self, values):
        """Field values of a document; ValidationError names what cannot be read."""
        names = {
            key: self._number_field(values) if key == "phone_number" else call_log.FIELDS.get(key) for key in values
        }
        return self._read_values(values, names)

    def _read_values(self, values, names):
        """Field values of what callers give; ``names``: key -> field, None where no call has such.

        :raises ValidationError: names what cannot be read
        """
        found, wrong = {}, []
        for key, value in values.items():
            name = names[key]
            if not name:
                wrong.append(key)
                continue
            try:
                found[name] = self._read_value(name, value)
            except (ValueError, TypeError):
                wrong.append(key)
        if wrong:
            raise ValidationError(self.env._("A call cannot have: %s", ", ".join(sorted(map(str, wrong)))))
        return found

    def _number_field(self, values):
        return "from_number" if values.get("call_type", self[:1].type) == "inbound" else "to_number"

    def _read_value(self, name, value):
        field = self._fields[name]
        if value is None:
            return False
        if name == "contact_id":
            contact = self._contact_of(value)
            if not contact:
                raise ValueError(name)
            return contact.id
        if field.type == "reference":
            if "crm.lead" not in self.env:
                raise ValueError(name)
            return f"crm.lead,{int(value)}"
        if field.type == "selection":
            if value not in field.get_values(self.env):
                raise ValueError(name)
            return value
        if field.type == "datetime":
            return parse_datetime(value) if isinstance(value, str) else value
        if field.type == "json":
            return check_tree(value)
        if field.type in ("integer", "float"):
            return Param(name, int if field.type == "integer" else float).parse(value)
        if not isinstance(value, str):
            raise TypeError(name)
        return clean_text(value)

    @api.model
    def _find_duplicate(self, values, company_id):
        """The id of a call with these values in the company, None if there is none.

        Of several transactions that ask for the same at once, the second waits until the first is over and then finds
        what it has made: so nothing is made twice by a double click.
        """
        key = repr((self._name, company_id, sorted((name, str(value)) for name, value in values.items())))
        self.env.cr.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        where = Domain("company_id", "=", company_id)
        where &= Domain.AND(Domain(name, "=", value) for name, value in values.items())
        # On a cursor of its own: this transaction does not see what was committed since it began.
        with closing(self.env.registry.cursor()) as cr:
            return self.with_env(self.env(cr=cr)).search(where, limit=1, order="id desc").id or None
