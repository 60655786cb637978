from odoo import fields, models

SUBMISSIONS = [("sending", "Being sent"), ("accepted", "Accepted"), ("unknown", "Sent, answer lost")]


class GhlCall(models.Model):
    """What a call needs to be placed through a telephone account (see ``dialer.place``), and what becomes of it there.

    The row is committed before the provider hears of the call. `submission` says how far that went: a call is placed
    while it is pending and `submission` is empty, and never again once it was sent.
    """

    _inherit = "ghl.call"

    reference = fields.Char(readonly=True, copy=False, help="Our own name of the call, which the provider gives back.")
    voip_account_id = fields.Many2one(
        "ghl.voip.account", "Telephone account", check_company=True, ondelete="restrict", index="btree_not_null"
    )
    voip_number_id = fields.Many2one(
        "ghl.voip.number", "Caller number", check_company=True, ondelete="set null", copy=False, index="btree_not_null"
    )
    voice_agent_id = fields.Many2one("ghl.voice.agent", check_company=True, ondelete="restrict", index="btree_not_null")
    submission = fields.Selection(SUBMISSIONS, readonly=True, copy=False)
    submitted_at = fields.Datetime(readonly=True, copy=False)
    lease_until = fields.Datetime(readonly=True, copy=False, help="Takes up room at the provider until then at most.")
    next_check_at = fields.Datetime(readonly=True, copy=False, help="The provider is asked then, unless it reports.")
    checks = fields.Integer(readonly=True, copy=False, help="How often the provider was asked in vain.")
    stop_requested = fields.Boolean(readonly=True, copy=False)
    guessed = fields.Boolean(readonly=True, copy=False, help="The end is our own guess: the provider never told.")
    quality_flag = fields.Char(readonly=True, copy=False, help="What is doubtful about the figures.")
    # What the agent of this call gets beyond, or instead of, its own
    task = fields.Text("Prompt")
    first_sentence = fields.Char()
    voice = fields.Char()
    pathway_id = fields.Char()
    wait_for_greeting = fields.Boolean()
    record = fields.Boolean()
    transfer_phone_number = fields.Char("Transfer to")
    request_data = fields.Json("Variables", help="What the agent may speak of.")
    metadata = fields.Json(help="Given back with the reports.")
    provider_options = fields.Json(help="Sent to the provider as they are.")
    webhook_url = fields.Char("Report to", help="Instead of our own address.")
    # What the provider told
    webhook_payload = fields.Json("Last report", readonly=True, copy=False)
    analysis = fields.Json(readonly=True, copy=False)
    classification = fields.Json(readonly=True, copy=False, help="What the outcome was concluded from.")
    event_ids = fields.One2many("ghl.call.event", "call_id", "Events", readonly=True)

    _reference_uniq = models.UniqueIndex("(reference) WHERE reference IS NOT NULL")
    _account_call = models.Index("(voip_account_id, provider_call_id) WHERE provider_call_id IS NOT NULL")
    # Calls that take up room, and those to be asked about.
    _leased = models.Index("(voip_account_id, lease_until) WHERE lease_until IS NOT NULL")
    _to_check = models.Index("(next_check_at) WHERE next_check_at IS NOT NULL")

    # ---- hooks -------------------------------------------------------------------------------------------

    def _placed(self, outcome):
        """Called, in the transaction that stores it, with the ``place.PlaceOutcome`` of this call.

        A call that was refused is pending again and was not sent (see ``PlaceOutcome.kind``). Unless somebody else
        answers for it, it fails with the provider's reason.
        """
        self.ensure_one()

    def _state_changed(self, before):
        """Called, in the transaction of the change, with the calls whose state changed.

        :param before: ``{call id: the state before}``; the calls have their new state and values
        """
