from odoo import api, fields, models
from odoo.tools import html_escape

from ...ghl_base.jobs.run import JobPark
from ...ghl_base.net.errors import AuthenticationError, ForbiddenError, NotFoundError, RejectedRequest
from ..mapping import email
from ..mapping.values import clean

MOST_EMAILS = 20  # of one thread


class GhlContactMessage(models.Model):
    """The bodies of e-mails, which GoHighLevel gives one by one: asked for when somebody opens the message."""

    _inherit = "ghl.contact.message"

    email_body = fields.Html("Email text", readonly=True, sanitize=True, sanitize_overridable=False)
    email_state = fields.Selection([("stored", "Stored"), ("none", "GoHighLevel has none")], readonly=True)

    def fetch_on_open(self):
        """Called by the form. Whether something is being asked for."""
        self.ensure_one()
        self.check_access("read")
        return bool(self._enqueue_email())

    def _enqueue_email(self):
        """Have the bodies of this message asked for. The ``ghl.job``, none when there is nothing to ask or nobody."""
        self.ensure_one()
        # sudo: a reader may ask for the text of a message they see, but not write jobs or read credentials
        jobs, tokens = self.env["ghl.job"].sudo(), self.env["ghl.token"].sudo()
        if not self.is_email or self.email_state or not self.email_ids:
            return jobs
        if not tokens.search_count([("account_id", "=", self.location_id.sudo().account_id.id)], limit=1):
            return jobs
        return jobs.enqueue(
            "_job_fetch_email",
            {"message_id": self.id},
            model="ghl.contact.message",
            name=self.env._("Text of an email with %s", self.contact_id.display_name or self.external_id),
            company=self.company_id,
            location_id=self.location_id.id,
            identity_key=f"ghl.email:{self.id}",
            priority=5,
        )

    @api.model
    def _job_fetch_email(self, run):
        """Job: read the bodies of a message's e-mails. Result: ``{"outcome": "stored"|"none"|"gone", "emails": n}``."""
        message = self.browse(run.payload["message_id"]).exists()
        if not message:
            return {"outcome": "gone", "emails": 0}
        ids = [one for one in message.email_ids or () if isinstance(one, str) and one.strip()][:MOST_EMAILS]
        try:
            client = message.location_id._client(should_stop=run.should_stop)
            run.commit()  # nothing is held while GoHighLevel is asked
            found = list(filter(None, (_read(client, email_id) for email_id in ids)))
        except (AuthenticationError, ForbiddenError) as error:
            raise JobPark(error.human()) from error
        bodies = [email.to_html(one, html_escape, alone=len(found) == 1) for one in found]
        values = {"email_state": "stored" if bodies else "none", "email_body": "<hr/>".join(bodies) or False}
        if subject := next((one.get("subject") for one in found if isinstance(one.get("subject"), str)), None):
            values["subject"] = message.subject or clean(subject)
        message.write(values)
        return {"outcome": values["email_state"], "emails": len(bodies)}


def _read(client, email_id):
    try:
        return client.email(email_id)
    except NotFoundError:
        return None
    except RejectedRequest as error:
        if error.status == 400:
            return None
        raise
