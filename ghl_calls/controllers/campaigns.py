"""Campaigns for the dialler's clients: start, watch, pause, resume, stop. Both families of addresses are served."""

import math

from odoo.addons.bus.websocket import WebsocketConnectionHandler
from odoo.http import Controller, request

from ...ghl_base.http import ApiError, Param, api_route, catch_all, invalid_parameters, not_found
from ..models.ghl_campaign_control import RESUMABLE
from ..models.ghl_campaign_lead import ENDED
from ..reading import campaigns as reading
from . import dialler_schemas as schemas
from .dialler_envelope import ENVELOPE

TAG = "Campaigns"
MANAGER = "ghl.group_ghl_campaign_manager"
MOST_LEADS = 50_000
STATUSES = sorted(set(reading.STATUS_NAMES.values()))
# Of a status older clients know: the states it stands for.
STATES = {name: [state for state, known in reading.STATUS_NAMES.items() if known == name] for name in STATUSES}


class Campaigns(Controller):
    @api_route(
        ("/campaigns", "/calls/campaigns"),
        methods=("POST",),
        params=(
            Param("agentId", required=True, doc="A voice agent."),
            Param("leadIds", list, max_items=MOST_LEADS, doc="Contacts: their id, or their GHL id."),
            Param("campaignName", doc="Made of the clock unless given."),
            Param("maxConcurrentCalls", int, minimum=1, maximum=1000, doc="Calls at a time; 5 unless given."),
            Param("clientKey", max_length=64, doc="Sent again, the campaign started with it is answered."),
            Param("notes", max_length=10_000),
        ),
        group=MANAGER,
        summary="Start calling contacts",
        responses={200: schemas.STARTED},
        tag=TAG,
        envelope=ENVELOPE,
        body_limit=4 * 2**20,
    )
    def start(self, agentId, leadIds, campaignName, maxConcurrentCalls, clientKey, notes):
        """Contacts that must not be called are skipped; `skipped` says how many, by reason. Nobody is called twice."""
        if not leadIds:
            raise ApiError(400, "invalid_parameter", "No leads selected", {"leadIds": "is empty"})
        agent = find_agent(agentId)
        contacts = find_contacts(leadIds)
        values = {"voice_agent_id": agent.id, "company_id": agent.company_id.id}
        for name, given in (("name", campaignName), ("max_concurrent_calls", maxConcurrentCalls), ("notes", notes)):
            if given:
                values[name] = given
        campaigns = request.env["ghl.campaign"].with_company(agent.company_id)
        campaign = campaigns._launch(values, lambda campaign: campaign._add_contacts(contacts), clientKey or None)
        return _started(campaign)

    @api_route(
        ("/campaigns", "/calls/campaigns"),
        params=(
            Param("status", choices=STATUSES),
            # Older clients read the whole list, and never ask for more.
            Param("limit", int, default=200, minimum=1, maximum=200, clamp=True),
            Param("skip", int, default=0, minimum=0),
        ),
        summary="Campaigns, the newest first",
        responses={200: {"type": "array", "items": schemas.CAMPAIGN}},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def campaigns(self, status, limit, skip):
        """Those of the key's user; of everybody when the user is an administrator."""
        where = [("state", "in", STATES[status])] if status else []
        return reading.documents(_mine(*where, limit=limit, offset=skip))

    @api_route(
        ("/campaigns/<int:id>", "/calls/campaigns/<int:id>"),
        summary="One campaign with its figures",
        responses={200: schemas.CAMPAIGN},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def campaign(self, id):
        """`successRate` is rounded down: 35 of 45 is 77. `elapsedSeconds` stands still once the campaign is over."""
        return reading.documents(_campaign(id))[0]

    @api_route(
        ("/campaigns/<int:id>/pause", "/calls/campaigns/<int:id>/pause"),
        methods=("PATCH", "POST"),
        group=MANAGER,
        summary="Pause a campaign",
        responses={200: schemas.CHANGED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def pause(self, id):
        """Calls under way go on to their end; nobody else is called."""
        campaign = _campaign(id)
        if campaign.state != "running":
            raise ApiError(400, "invalid_transition", "Campaign is not running")
        campaign.action_pause()
        return {"success": True, "campaign": reading.documents(campaign)[0]}

    @api_route(
        ("/campaigns/<int:id>/resume", "/calls/campaigns/<int:id>/resume"),
        methods=("PATCH", "POST"),
        group=MANAGER,
        summary="Go on with a paused campaign",
        responses={200: schemas.CHANGED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def resume(self, id):
        """The remaining recipients are called, nobody again."""
        campaign = _campaign(id)
        if campaign.state not in RESUMABLE:
            raise ApiError(400, "invalid_transition", "Campaign is not paused")
        campaign.action_resume()
        return {"success": True, "campaign": reading.documents(campaign)[0]}

    @api_route(
        "/campaigns/<int:id>",
        methods=("DELETE",),
        params=(Param("hangUp", bool, default=False, doc="End the calls under way too."),),
        group=MANAGER,
        summary="Stop a campaign for good",
        responses={200: schemas.STOPPED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def stop(self, id, hangUp):
        """Calls under way go on to their end unless `hangUp` is set. Stopping what is over changes nothing."""
        return _stop(_campaign(id), hangUp)

    @api_route(
        "/calls/campaigns/stop",
        methods=("POST",),
        params=(
            Param("campaignId", int, required=True, minimum=1),
            Param("hangUp", bool, default=False, doc="End the calls under way too."),
        ),
        group=MANAGER,
        summary="Stop a campaign for good",
        responses={200: schemas.STOPPED},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def stop_by_body(self, campaignId, hangUp):
        """As deleting the campaign."""
        return _stop(_campaign(campaignId), hangUp)

    @api_route(
        ("/campaigns/<int:id>/logs", "/calls/campaigns/<int:id>/logs"),
        params=(
            Param("limit", int, default=50, minimum=1, maximum=500, clamp=True),
            Param("skip", int, minimum=0, doc="Goes before `page`."),
            Param("page", int, minimum=1, maximum=1_000_000),
            Param("callId", int, minimum=1, doc="Of this call only."),
        ),
        summary="What happened in the calls of a campaign, the newest first",
        responses={200: schemas.LOGS},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def logs(self, id, limit, skip, page, callId):
        """Every report of the provider, also those that came twice or late (`verdict`)."""
        campaign = _campaign(id)
        skip = (page - 1) * limit if skip is None and page else skip or 0
        where = [("campaign_id", "=", campaign.id), *([("call_id", "=", callId)] if callId else [])]
        found, total = reading.logs(request.env["ghl.call.event"], where, limit=limit, skip=skip)
        return {"logs": found, "total": total, "limit": limit, "skip": skip}

    @api_route(
        ("/campaigns/<int:id>/events", "/calls/campaigns/<int:id>/events"),
        params=(Param("after", int, default=0, minimum=0, maximum=2**31 - 1, doc="`next` of the answer before."),),
        summary="News of a campaign since the last look",
        responses={200: schemas.EVENTS},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def events(self, id, after):
        """Answers at once, so that nobody who waits holds up a worker: ask again after `retryAfterMs`. Every event is
        given once, in order. `ended`: the campaign is over and everything was given."""
        campaign = _campaign(id)
        found = request.env["ghl.campaign.event"]._after(campaign, after)
        return {
            "events": found,
            "next": found[-1]["id"] if found else after,
            "ended": campaign.state in ENDED and not campaign.in_flight and not found,
            "retryAfterMs": 0 if len(found) >= 200 else 1000,
        }

    @api_route(
        "/campaigns/<int:id>/live-token",
        methods=("POST",),
        summary="A token to listen to a campaign on the websocket",
        responses={200: schemas.LIVE_TOKEN},
        tag=TAG,
        envelope=ENVELOPE,
    )
    def live_token(self, id):
        """Subscribe to `channel` on Odoo's websocket; no session is needed. The token ends after 12 hours."""
        token = _campaign(id)._live_token()
        base = request.httprequest.url_root.rstrip("/")
        # Odoo turns browsers away that do not name the version it speaks.
        version = WebsocketConnectionHandler._VERSION
        return {"channel": f"ghl.live:{token}", "url": f"{base.replace('http', 'ws', 1)}/websocket?version={version}"}

    unknown = catch_all("/campaigns", ENVELOPE, root=True)


def _mine(*where, limit=None, offset=0):
    """Campaigns of the caller, of everybody for administrators."""
    env = request.env
    if not env.user.has_group("ghl.group_ghl_admin"):
        where = (*where, ("user_id", "=", env.uid))
    return env["ghl.campaign"].search(list(where), limit=limit, offset=offset)


def _campaign(campaign_id):
    campaign = _mine(("id", "=", campaign_id))
    if not campaign:
        raise not_found("Campaign")
    return campaign


def _started(campaign):
    total = campaign.total_leads
    minutes = max(1, math.ceil(campaign._estimate_seconds() / 60))
    return {
        "success": True,
        "campaignId": str(campaign.id),
        "message": f"Campaign started with {total} leads",
        "estimatedTime": f"~{minutes}min ({campaign.max_concurrent_calls} at a time)",
        "skipped": campaign.skipped_leads + campaign.suppressed_leads,
    }


def _stop(campaign, hang_up):
    if campaign.state not in ENDED:
        campaign.action_stop_and_hang_up() if hang_up else campaign.action_stop()
    return {"success": True, "message": "Campaign stopped"}


def find_agent(given):
    """The voice agent with this id; ApiError 400."""
    text = str(given)
    agents = request.env["ghl.voice.agent"]
    agent = agents.search([("id", "=", int(text))]) if text.isascii() and text.isdigit() and len(text) < 10 else agents
    if not agent:
        raise invalid_parameters({"agentId": "is not an agent"})
    return agent


def find_contacts(given):
    """The contacts with these ids, Odoo's or GoHighLevel's, in this order; ApiError 400 names those that are none."""
    contacts = request.env["ghl.contact"]
    texts = list(dict.fromkeys(str(text) for text in given))
    numbers = {int(text): text for text in texts if text.isascii() and text.isdigit() and len(text) < 10}
    others = [text for text in texts if text not in numbers.values()]
    found = {numbers[contact.id]: contact.id for contact in contacts.search([("id", "in", list(numbers))])}
    if others:
        for contact in contacts.search_fetch([("external_id", "in", others)], ["external_id"]):
            found.setdefault(contact.external_id, contact.id)
    missing = [text for text in texts if text not in found]
    if missing:
        named = ", ".join(missing[:5]) + (", ..." if len(missing) > 5 else "")
        raise invalid_parameters({"leadIds": f"unknown: {named}"})
    return contacts.browse(found[text] for text in texts)
