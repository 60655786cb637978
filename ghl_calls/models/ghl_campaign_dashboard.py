from datetime import timedelta

from odoo import fields, models
from odoo.tools import SQL

from ..reading.campaigns import CALL_NAMES

PACE_MINUTES = 5
EVENTS_SHOWN = 30
CALLS_SHOWN = 100


class GhlCampaign(models.Model):
    """What the live dashboard shows at once; what moves afterwards comes as news (see ``ghl_campaign_live``)."""

    _inherit = "ghl.campaign"

    def read_live(self):
        """A campaign as it stands now, in a fixed number of queries.

        `progress` as in ``campaign:progress``; `outcomes`: ``[{outcome, label, count}]``; `calls` under way:
        ``[{callId, leadName, number, status, since (ms of the clock), answered}]``; `per_minute`: calls that ended in
        each of the last minutes on average; `eta_seconds`: until the last call of those known of, who wait for another
        attempt included; `events`, the newest first; `banner`: why nobody is called.
        """
        self.ensure_one()
        self.check_access("read")
        figures = self._figures()[self.id]
        first, last = self._next_attempts()
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "state_label": dict(self._fields["state"]._description_selection(self.env))[self.state],
            "agent": self.voice_agent_id.name or "",
            "owner": self.user_id.name,
            "slots": self.max_concurrent_calls,
            "talk_seconds": figures["total_duration"],
            "average_seconds": figures["average_duration"],
            "can_manage": self.has_access("write"),
            "progress": self._progress(),
            "outcomes": self._outcomes(),
            "calls": self._calls_under_way(),
            "per_minute": self._per_minute(),
            "eta_seconds": self._eta_seconds(last),
            "events": self._latest_events(),
            "banner": self._banner(first),
            "now": _milliseconds(fields.Datetime.now()),
        }

    def _outcomes(self):
        labels = dict(self.env["ghl.campaign.lead"]._fields["outcome"]._description_selection(self.env))
        rows = self.env.execute_query(
            SQL(
                """SELECT outcome, count(*) FROM ghl_campaign_lead
                    WHERE campaign_id = %s AND outcome IS NOT NULL GROUP BY 1 ORDER BY 2 DESC""",
                self.id,
            )
        )
        return [{"outcome": outcome, "label": labels.get(outcome, outcome), "count": count} for outcome, count in rows]

    def _calls_under_way(self):
        states = ("pending", "initiated", "connecting", "in_progress")
        calls = self.env["ghl.call"].search_fetch(
            [("campaign_id", "=", self.id), ("state", "in", states), ("lease_until", "!=", False)],
            ["campaign_lead_id", "to_number", "state", "submitted_at", "answered_at", "create_date"],
            order="id",
            limit=CALLS_SHOWN,
        )
        # sudo: the names of those being called, to who may read the calls
        names = {lead.id: lead.name for lead in calls.sudo().campaign_lead_id}
        return [
            {
                "callId": str(call.id),
                "leadName": names.get(call.campaign_lead_id.id) or call.to_number or "",
                "status": CALL_NAMES[call.state],
                "since": _milliseconds(call.answered_at or call.submitted_at or call.create_date),
                "answered": bool(call.answered_at),
            }
            for call in calls
        ]

    def _per_minute(self):
        since = fields.Datetime.now() - timedelta(minutes=PACE_MINUTES)
        ended = self.env["ghl.call"].search_count([("campaign_id", "=", self.id), ("ended_at", ">=", since)])
        minutes = PACE_MINUTES
        if self.started_at and self.started_at > since:
            minutes = max(1 / 60, (fields.Datetime.now() - self.started_at).total_seconds() / 60)
        return round(ended / minutes, 1)

    def _latest_events(self):
        events = self.env["ghl.call.event"].search_fetch(
            [("campaign_id", "=", self.id), ("verdict", "=", "applied"), ("event", "!=", "NOTE")],
            ["event", "occurred_at", "received_at", "campaign_lead_id", "duration_seconds", "call_id"],
            limit=EVENTS_SHOWN,
        )
        # sudo: as above
        names = {lead.id: lead.name for lead in events.sudo().campaign_lead_id}
        return [
            {
                "callId": str(event.call_id.id),
                "event": event.event,
                "at": _milliseconds(event.occurred_at or event.received_at),
                "leadName": names.get(event.campaign_lead_id.id) or "",
                "duration": event.duration_seconds or 0,
            }
            for event in events
        ]

    def _next_attempts(self):
        """When the first and the last of those who wait are called again; two times False when nobody waits."""
        waiting = [("campaign_id", "=", self.id), ("state", "=", "waiting")]
        leads = self.env["ghl.campaign.lead"]
        return leads._read_group(waiting, [], ["next_attempt_at:min", "next_attempt_at:max"])[0]

    def _eta_seconds(self, last):
        if self.state != "running":
            return 0
        waits = (last - fields.Datetime.now()).total_seconds() if last else 0
        return round(max(self._estimate_seconds(), waits))

    def _banner(self, next_attempt):
        """Why nobody is called now; {} when somebody is, or nothing is in the way."""
        if self.state in ("paused", "failed"):
            return {"kind": "danger" if self.state == "failed" else "warning", "text": self.pause_reason or ""}
        if self.state == "scheduled":
            return {"kind": "info", "text": self.env._("Starts by itself"), "until": _milliseconds(self.start_at)}
        if self.state != "running" or self.in_flight:
            return {}
        account = self._account()
        if account.state == "stopped":
            text = self.env._("The telephone account is stopped. %s", account.state_reason or "")
            return {"kind": "danger", "text": text}
        pending = [("campaign_id", "=", self.id), ("state", "=", "pending")]
        if next_attempt and not self.env["ghl.campaign.lead"].search_count(pending, limit=1):
            text = self.env._("Everybody left is to be called later: outside calling hours, or tried before.")
            return {"kind": "info", "text": text, "until": _milliseconds(next_attempt)}
        return {}


def _milliseconds(moment):
    """A moment as browsers count them."""
    return int((moment - fields.Datetime.to_datetime("1970-01-01 00:00:00")).total_seconds() * 1000) if moment else 0
