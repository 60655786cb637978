"""The three lists of a location's contacts: at once with a sync behind, after a sync, and from the database only."""

import logging
import time
from datetime import timedelta

from odoo import fields
from odoo.http import Controller, request

from ...ghl_base.http import Param, api_route
from ...ghl_base.jobs.executors.engine import setting
from ..models.ghl_location import INCREMENTAL
from ..reading.contacts import ContactFilter
from . import schemas
from .answers import LIST_PARAMS, LOCATION, SELECTED_USER, contact_list, find_location

_logger = logging.getLogger(__name__)

DEFAULT_TIMEOUT = 60
LONGEST_TIMEOUT = 110  # Odoo ends requests of its worker processes after 120 s
# Entity of the sync -> key of the counts in `sync_summary`, and of the report of a fresh answer.
SUMMARY_KEYS = {entity: f"{entity}_synced" for entity in ("contacts", "tasks", "conversations", "opportunities")}
REPORT_KEYS = {"tasks": "task_sync", "conversations": "conversation_sync", "opportunities": "opportunity_sync"}


class ContactLists(Controller):
    @api_route(
        "/api/get-location-contacts-fast",
        params=LIST_PARAMS,
        summary="Contacts from the database at once; a sync starts behind",
        responses={200: schemas.FAST_LIST},
        tag="Contacts",
    )
    def fast(self, location_id, selected_user, **paging):
        """Never waits for GoHighLevel. `sync_status` is `background` when a sync was started or is under way,
        `not_connected` when the account has no credentials, `fresh` when the latest sync is younger than the setting
        asks for, `error` when none could be started or GoHighLevel refused the credentials. `sync_error` says why the
        sync before failed, when it did: the contacts are as old as `last_synced_at`."""
        state = find_location(request.env, location_id, selected_user)
        if state.refused:
            # What only people can mend is not tried at each call, but by the nightly run, the fresh route, a button.
            status, job_id = "error", None
        elif _is_young(request.env, state):
            status, job_id = "fresh", None
        else:
            status, job_id = start_sync(request.env, state)
        messages = {
            "background": "Data returned from cache. Background sync in progress.",
            "not_connected": "Data returned from cache. The account has no credentials, so no sync was started.",
            "error": "Data returned from cache. The background sync could not be started.",
            "fresh": "Data returned from cache, which is young enough.",
        }
        head = {
            "success": True,
            "message": messages[status],
            "sync_status": status,
            "sync_job_id": job_id or state.job_id or 0,
            "last_synced_at": state.last_synced_at or "",
            **({"sync_error": state.sync_error} if state.sync_error else {}),
        }
        return contact_list(request.env, state, head, **paging)

    @api_route(
        "/api/get-location-contacts",
        params=(
            *LIST_PARAMS,
            Param("timeout", int, minimum=1, maximum=LONGEST_TIMEOUT, doc="Seconds to wait at most; 60 unless set."),
        ),
        summary="Contacts after a sync",
        responses={200: schemas.FRESH_LIST},
        tag="Contacts",
    )
    def fresh(self, location_id, selected_user, timeout, **paging):
        """Syncs first, or joins the sync under way. `sync_status`: `fresh`; `running` when the time was over (the sync
        goes on); `error` with `sync_error`; `not_connected`. The contacts are those in the database in any case."""
        env = request.env
        state = find_location(env, location_id, selected_user)
        started = time.monotonic()
        status, job_id = start_sync(env, state)
        outcome = {"result": None, "error": None}
        if status == "background":
            # sudo: a reader may have the job run, which writes as the company, but not touch the job itself.
            outcome = env["ghl.job"].sudo().browse(job_id)._finish(timeout or _timeout(env))
            status = _verdict(outcome)
            state = find_location(env, location_id, selected_user)
        return contact_list(
            env, state, _fresh_head(state, status, job_id, outcome, time.monotonic() - started), **paging
        )

    @api_route(
        "/api/location-contacts",
        params=LIST_PARAMS,
        summary="Contacts from the database, nothing else happens",
        responses={200: schemas.STORED_LIST},
        tag="Contacts",
    )
    def stored(self, location_id, selected_user, **paging):
        """Never asks GoHighLevel and starts nothing. `sync_summary` counts what the latest sync read."""
        state = find_location(request.env, location_id, selected_user)
        head = {
            "success": True,
            "sync_summary": {
                **{key: state.synced.get(entity, 0) for entity, key in SUMMARY_KEYS.items()},
                "messages_fetched": sum(state.synced.get(entity, 0) for entity in ("messages", "e-mails")),
                "touch_info_updated": 0,
            },
            "last_synced_at": state.last_synced_at or "",
            "sync_job_id": state.job_id or 0,
        }
        return contact_list(request.env, state, head, **paging)

    @api_route(
        "/api/location-contacts-count",
        params=(LOCATION, SELECTED_USER),
        summary="How many contacts a location has",
        responses={200: schemas.COUNT},
        tag="Contacts",
    )
    def count(self, location_id, selected_user):
        """Counted in the database; the older system asked GoHighLevel (`source`)."""
        env = request.env
        state = find_location(env, location_id, selected_user)
        return {
            "success": True,
            "total_contacts": env["ghl.contact"]._count_for_api(state.id, ContactFilter(user=state.user)),
            "location_id": state.external_id,
            "is_filtered": bool(selected_user),
            "source": "database",
            **({"user_filter": selected_user} if selected_user else {}),
        }


def start_sync(env, state):
    """Ask for a sync; ``(status, job id)``. Whatever goes wrong is logged, never the caller's problem."""
    if not state.connected:
        return "not_connected", None
    try:
        with env.cr.savepoint():
            # sudo: a reader may ask for a sync, but not write the job table.
            return "background", env["ghl.location"].sudo().browse(state.id)._enqueue_pull(INCREMENTAL).id
    except Exception:
        _logger.exception("The sync of location %s could not be started", state.external_id)
        return "error", None


def _is_young(env, state):
    """Whether the latest sync is younger than ``ghl.fast_sync_seconds`` (default 0: each call may start one)."""
    age = setting(env, "ghl.fast_sync_seconds", 0, minimum=0)
    if not age or not state.last_synced_at or state.job_state in ("pending", "running"):
        return False
    return state.last_synced_at > fields.Datetime.now() - timedelta(seconds=age)


def _timeout(env):
    # sudo: system parameters are closed to everybody else, and this is no secret.
    value = env["ir.config_parameter"].sudo().get_param("ghl.fresh_timeout_seconds")
    return min(LONGEST_TIMEOUT, int(value)) if value and value.isdigit() and int(value) else DEFAULT_TIMEOUT


def _verdict(outcome):
    if outcome["state"] == "done":
        return "fresh"
    return "error" if outcome["error"] or outcome["state"] not in ("pending", "running") else "running"


def _fresh_head(state, status, job_id, outcome, seconds):
    entities = (outcome["result"] or {}).get("entities") or {}
    messages = {
        "fresh": f"Synchronised in {seconds:.1f} s.",
        "running": "The sync needs longer and goes on in the background; this is the data so far.",
        "error": "The sync failed; this is the data of the database.",
        "not_connected": "The account has no credentials; this is the data of the database.",
    }
    contacts = _report(entities.get("contacts"))
    head = {
        "success": True,
        "message": messages[status],
        "sync_status": status,
        "sync_job_id": job_id or state.job_id or 0,
        "last_synced_at": state.last_synced_at or "",
        "created_count": contacts["created_count"],
        "updated_count": contacts["updated_count"],
        **{key: _report(entities.get(entity)) for entity, key in REPORT_KEYS.items()},
    }
    if status == "error":
        head["sync_error"] = outcome["error"] or "The sync could not be started."
    return head


def _report(counts):
    counts = counts or {}
    return {
        "success": bool(counts),
        "created_count": counts.get("created", 0),
        "updated_count": counts.get("updated", 0),
        "unchanged_count": counts.get("unchanged", 0),
        "archived_count": counts.get("archived", 0),
        "failed_count": counts.get("failed", 0),
    }
