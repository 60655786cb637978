from datetime import timedelta

from odoo import fields, models

from ..campaigns import pacing, suppression
from ..dialer import judging

LISTED = 1000  # recipients named for each reason


class GhlCampaign(models.Model):
    """What will happen, told before it does: the run then does exactly that."""

    _inherit = "ghl.campaign"

    def action_preflight(self):
        """Look at everybody on the list as things stand now; nothing is changed but the stored `preflight`."""
        for campaign in self:
            campaign.check_access("write")
            campaign.preflight = campaign._preflight(fields.Datetime.now())[0]
        return True

    def _preflight(self, at):
        """(snapshot, {lead id: ``judging.Judgement``}) of those who are still to be called, judged as at their call.

        The snapshot: `at`; `will_call`, of whom `later` are outside their calling window now, the first of them from
        `next_opening` on; `skipped` and `skipped_count`: ``{reason: {"label", "count", "lead_ids": the first 1000}}``;
        `estimated_seconds` and `estimated_time` of the calls that may be made at once.
        """
        self.ensure_one()
        leads = self.lead_ids.filtered(lambda lead: lead.state in ("pending", "waiting", "skipped"))
        self.env.flush_all()
        found = judging.judge(self.env.cr, judging.Rules.of(self), leads.ids, at)
        skipped, openings, will_call = {}, [], 0
        for lead in leads:
            reason = lead.skip_reason if lead.state == "skipped" else found[lead.id].reason
            if reason:
                skipped.setdefault(reason, []).append(lead.id)
                continue
            will_call += 1
            if found[lead.id].open_at > at:
                openings.append(found[lead.id].open_at)
        seconds = self._estimate_seconds(will_call)
        labels = dict(self.env["ghl.campaign.lead"]._fields["skip_reason"]._description_selection(self.env))
        return {
            "at": fields.Datetime.to_string(at),
            "will_call": will_call,
            "later": len(openings),
            "next_opening": fields.Datetime.to_string(min(openings)) if openings else False,
            "skipped_count": sum(map(len, skipped.values())),
            "skipped": {
                reason: {"label": labels[reason], "count": len(skipped[reason]), "lead_ids": skipped[reason][:LISTED]}
                for reason in suppression.REASONS
                if reason in skipped
            },
            "estimated_seconds": round(seconds),
            "estimated_time": pacing.in_words(seconds),
        }, found

    def _apply_preflight(self, at):
        """Take those off the list who are not to be called, and have the others wait for their window; the snapshot."""
        snapshot, found = self._preflight(at)
        # sudo: recipients change by what is done to the campaign, which the user may change
        leads = self.env["ghl.campaign.lead"].sudo()
        later = {}
        for judgement in found.values():
            if not judgement.reason and judgement.open_at > at:
                later.setdefault(judgement.open_at + timedelta(seconds=1), []).append(judgement.lead_id)
        for reason, group in snapshot["skipped"].items():
            if group["count"] > LISTED:
                group_ids = [judgement.lead_id for judgement in found.values() if judgement.reason == reason]
            else:
                group_ids = group["lead_ids"]
            leads.browse(group_ids).filtered(lambda lead: lead.state != "skipped")._skip(reason)
        for open_at, lead_ids in later.items():
            leads.browse(lead_ids).write({"state": "waiting", "next_attempt_at": open_at})
        return snapshot

    def _preflight_text(self, snapshot):
        """The snapshot in sentences, one a line."""
        count, time = snapshot["will_call"], snapshot["estimated_time"][1:]
        lines = [self.env._("%(count)s will be called, in about %(time)s", count=count, time=time)]
        lines += [f"{group['count']} - {group['label']}" for group in snapshot["skipped"].values()]
        return "\n".join(lines)
