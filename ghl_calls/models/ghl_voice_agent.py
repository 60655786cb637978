from odoo import fields, models

VOICEMAIL_ACTIONS = [("hangup", "Hang up"), ("leave_message", "Leave a message"), ("ignore", "Go on talking")]
# What a provider's `CallOrder.script` holds of an agent: our field -> its name there.
SCRIPT = {
    "task": "task",
    "first_sentence": "first_sentence",
    "voice": "voice",
    "language": "language",
    "pathway_id": "pathway_id",
    "wait_for_greeting": "wait_for_greeting",
    "voicemail_action": "voicemail_action",
    "voicemail_message": "voicemail_message",
    "transfer_phone_number": "transfer_phone_number",
    "stream_url": "stream_url",
}


class GhlVoiceAgent(models.Model):
    """Who talks: what an AI agent is told to do in a call, and how it speaks."""

    _name = "ghl.voice.agent"
    _description = "Voice Agent"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company, index=True)
    voip_account_id = fields.Many2one(
        "ghl.voip.account", "Telephone account", check_company=True, help="Empty: the company's default account."
    )
    task = fields.Text("Prompt", help="What the agent is to do, in plain words. Not used together with a pathway.")
    pathway_id = fields.Char(help="A conversational pathway of the provider, instead of a prompt.")
    first_sentence = fields.Char()
    wait_for_greeting = fields.Boolean(default=True, help="Let the person called speak first.")
    voice = fields.Char(help="Name or id of a voice of the provider.")
    language = fields.Char(help="For example en, en-GB, de")
    ring_seconds = fields.Integer("Ring for (s)", default=30, required=True)
    max_duration_minutes = fields.Integer("Longest call (min)", default=12, required=True)
    record = fields.Boolean("Record calls", help="Make sure that people are told, where the law asks for it.")
    detect_machine = fields.Boolean("Detect answering machines", default=True)
    voicemail_action = fields.Selection(VOICEMAIL_ACTIONS, "On voicemail", default="hangup", required=True)
    voicemail_message = fields.Text()
    transfer_phone_number = fields.Char("Transfer to")
    stream_url = fields.Char(
        "Media stream", help="wss:// address of the program that talks, for providers without an AI of their own."
    )
    extra = fields.Json("Further options", help="Sent to the provider as they are.")

    _ring_limits = models.Constraint("CHECK(ring_seconds BETWEEN 5 AND 600)", "Let it ring for 5 to 600 seconds.")
    _duration_limits = models.Constraint(
        "CHECK(max_duration_minutes BETWEEN 1 AND 240)", "A call may last 1 to 240 minutes."
    )

    def _script(self):
        """What a provider has to know of this agent, for ``CallOrder.script``; {} for no agent."""
        if not self:
            return {}
        self.ensure_one()
        script = {name: self[field] for field, name in SCRIPT.items() if self[field]}
        script["wait_for_greeting"] = self.wait_for_greeting
        if script.get("pathway_id"):
            script.pop("task", None)  # the one excludes the other
        return script
