from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.constants import GC_UNLINK_LIMIT

KEEP_DAYS = 7
# Events of a transaction that takes longer are given out when they are this old, whatever else is under way.
LONGEST_WRITE = timedelta(seconds=10)


class GhlCampaignEvent(models.Model):
    """What was told about a campaign while it runs, kept some days for programs that ask instead of listening.

    The record of what happened is ``ghl.call.event``; this is the news about it.
    """

    _name = "ghl.campaign.event"
    _description = "Campaign News"
    _order = "id desc"
    _rec_name = "type"

    campaign_id = fields.Many2one("ghl.campaign", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    type = fields.Char(required=True, readonly=True, help="campaign:progress, call:updated, ...")
    payload = fields.Json(readonly=True)

    _campaign = models.Index("(campaign_id, id)")
    _old = models.Index("(create_date)")

    def init(self):
        # Ids are not given out in the order of commits. With the transaction's own number readers can tell what may
        # still be followed by a lower id. No field type of the ORM can hold it, and nobody reads it through the ORM.
        self.env.cr.execute(
            "ALTER TABLE ghl_campaign_event ADD COLUMN IF NOT EXISTS tx xid8 NOT NULL DEFAULT pg_current_xact_id()"
        )

    @api.model
    def _after(self, campaign, last, limit=200):
        """The news of ``campaign`` behind event ``last``, oldest first: a list of their payloads with `id`.

        Whoever asks for what is behind the last one given gets every event once, in order.
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT id, payload FROM ghl_campaign_event
                    WHERE campaign_id = %s AND id > %s
                      AND (tx < pg_snapshot_xmin(pg_current_snapshot()) OR tx = pg_current_xact_id_if_assigned()
                           OR create_date < %s)
                 ORDER BY id LIMIT %s""",
                campaign.id,
                last,
                fields.Datetime.now() - LONGEST_WRITE,
                limit,
            )
        )
        return [{"id": event_id, **payload} for event_id, payload in rows]

    @api.autovacuum
    def _gc(self):
        old = self.search(
            [("create_date", "<", fields.Datetime.now() - timedelta(days=KEEP_DAYS))], limit=GC_UNLINK_LIMIT
        )
        old.unlink()
        return len(old), len(old) == GC_UNLINK_LIMIT
