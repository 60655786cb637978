from odoo import models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ..campaigns import suppression, zones
from .ghl_campaign_lead import ENDED

BATCH = 1000


class GhlCampaign(models.Model):
    """How recipients come into a campaign."""

    _inherit = "ghl.campaign"

    def _add_contacts(self, contacts):
        """Add GoHighLevel contacts; the number of new rows. Who is in the campaign already is not added again."""
        contacts.check_access("read")
        self._check_theirs(contacts)
        return self._add_recipients(
            {
                "phone": contact.phone,
                "name": contact.display_name,
                "contact_id": contact.id,
                "location_id": contact.location_id.id,
                "region": contact.country,
                "timezone": contact.timezone,
            }
            for contact in contacts
        )

    def _add_partners(self, partners):
        """Add Odoo's contacts; the number of new rows."""
        partners.check_access("read")
        self._check_theirs(partners)
        return self._add_recipients(
            {
                "phone": partner.phone,
                "name": partner.display_name,
                "partner_id": partner.id,
                "region": partner.country_id.code,
                "timezone": partner.tz,
            }
            for partner in partners
        )

    def _check_theirs(self, records):
        """A call could not name them otherwise, and the campaign would break off at the first one."""
        if records.company_id - self.company_id:
            others = records.filtered(lambda record: record.company_id and record.company_id != self.company_id)
            names = ", ".join(others[:5].mapped("display_name"))
            raise UserError(self.env._("They belong to another company than the campaign: %s", names))

    def _add_recipients(self, recipients):
        """Add recipients, given as dicts with `phone`, and if known `name`, `contact_id`, `location_id`, `partner_id`,
        `lead_ref`, `variables`, `region` (country of numbers in short form) and `timezone`. The number of new rows.

        A number is called once: a second recipient with it is added as skipped. A contact, partner or bare number that
        is there already is not added again, so that doing it twice is no harm. Works while the campaign runs.
        """
        self.ensure_one()
        self.check_access("write")
        # Kept as it is until this is committed: it cannot end before, nor have ended meanwhile.
        self.flush_recordset()
        self.env.cr.execute("SELECT state FROM ghl_campaign WHERE id = %s FOR SHARE", [self.id])
        if self.env.cr.fetchone()[0] in ENDED:
            raise UserError(self.env._("%s is over. Clone it to call more people.", self.name))
        added = 0
        for batch in split_every(BATCH, recipients):
            added += len(self._add_batch(batch))
        if added and self.state == "running":
            self._wake()
        return added

    def _add_batch(self, batch):
        # sudo: recipients change by what is done to the campaign, which the user may change
        leads = self.env["ghl.campaign.lead"].sudo().with_context(tracking_disable=True)
        rows = [self._recipient_row(recipient) for recipient in batch]
        known = {name: self._known(name, rows) for name in ("number", "contact_id", "partner_id")}
        [sequence] = leads._read_group([("campaign_id", "=", self.id)], [], ["sequence:max"])[0]
        fresh = []
        for row in rows:
            if row.get("contact_id") in known["contact_id"] or row.get("partner_id") in known["partner_id"]:
                continue
            if row["number"] in known["number"]:
                if not row.get("contact_id") and not row.get("partner_id"):
                    continue
                row |= {"number": False, "state": "skipped", "skip_reason": "duplicate"}
            for name, values in known.items():
                if row.get(name):
                    values.add(row[name])
            sequence = (sequence or 0) + 1
            fresh.append({**row, "sequence": sequence})
        return leads.create(fresh)

    def _known(self, name, rows):
        """Which of the values in ``rows`` the campaign has already."""
        values = list({row[name] for row in rows if row.get(name)})
        if not values:
            return set()
        self.env["ghl.campaign.lead"].flush_model([name])
        self.env.cr.execute(
            f"SELECT {name} FROM ghl_campaign_lead WHERE campaign_id = %s AND {name} = ANY(%s)", [self.id, values]
        )
        return {value for (value,) in self.env.cr.fetchall()}

    def _recipient_row(self, recipient):
        """The values of the row, with the number in international form and the zones it may be in."""
        region = recipient.get("region") or self.company_id.country_id.code
        number = suppression.normalise(recipient.get("phone"), region)
        row = {name: recipient[name] for name in ("partner_id", "lead_ref", "variables") if recipient.get(name)}
        return {
            "campaign_id": self.id,
            "company_id": self.company_id.id,
            "name": recipient.get("name") or number,
            "phone": recipient.get("phone"),
            "number": number or False,
            "zones": ",".join(zones.of_recipient(number, recipient.get("timezone"))) if number else False,
            "contact_id": recipient.get("contact_id") or False,
            "location_id": recipient.get("location_id") or False,
            **row,
        }
