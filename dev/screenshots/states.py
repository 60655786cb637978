"""Pages when something is wrong or missing, or when there is far too much; `people` says who is in which situation."""

from .campaign_pages import CAMPAIGNS, LIVE, campaign
from .pages import Page, only, open_card, open_first, pause
from .setup_pages import surveyed

DASHBOARD, START, CONTACTS = "/odoo/ghl-dashboard", "/odoo/ghl-start", "/odoo/ghl-contacts"
HEALTH, LOCATIONS, CALLS = "/odoo/ghl-sync-health", "/odoo/ghl-locations", "/odoo/ghl-calls"
REFUSED = "/odoo/ghl-refused"
TROUBLE_SHOWS_MS = 8000
CUT = "odoo.__WOWL_DEBUG__.root.env.services['worker_service'].send('BUS:STOP')"


def cut_websocket(page):
    """End the connection by which news are pushed."""
    page.evaluate(CUT)
    pause(page)


def unplug(page):
    """No server any more, until the page is left."""
    page.context.set_offline(True)
    page.evaluate(CUT)
    page.wait_for_timeout(TROUBLE_SHOWS_MS)


def log_out(page):
    """The session ends behind the page's back."""
    page.context.clear_cookies()
    page.evaluate(CUT)
    page.wait_for_timeout(TROUBLE_SHOWS_MS)


def live_of_draft(page):
    """Drafts have no button for it."""
    page.evaluate(
        """() => {
            const params = { campaign_id: Number(location.pathname.split("/").pop()) };
            const action = { type: "ir.actions.client", tag: "ghl_campaign_live", params };
            return odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action);
        }"""
    )
    page.wait_for_selector(".o_ghl_figures")


def under_way(page):
    """Wait until the first sync tells how far it is."""
    page.wait_for_selector(".o_ghl_place[data-step=sync] li")


def refresh(page):
    page.locator(".o_ghl_refresh").click()
    page.wait_for_selector(".o_ghl_error")


TALKATIVE = (only("With Unread Messages"), open_first)

STATES = (
    Page("unconnected-analytics", DASHBOARD, login="unconnected"),
    Page("unconnected-start", START, login="unconnected"),
    Page("unconnected-contacts", CONTACTS, login="unconnected"),
    Page("unconnected-calls", CALLS, login="unconnected"),
    Page("unconnected-campaigns", CAMPAIGNS, login="unconnected"),
    Page("unconnected-sync-health", HEALTH, login="unconnected"),
    Page("unconnected-conversations", "/odoo/ghl-conversations", login="unconnected"),
    Page("unconnected-tasks", "/odoo/ghl-tasks", login="unconnected"),
    Page("unconnected-activity-log", "/odoo/ghl-activity-log", login="unconnected"),
    Page("unconnected-call-statuses", "/odoo/ghl-call-statuses", login="unconnected"),
    Page("unconnected-stages", "/odoo/ghl-stages", login="unconnected"),
    Page("unconnected-custom-values", "/odoo/ghl-custom-values", login="unconnected"),
    Page("unconnected-refused", "/odoo/ghl-refused", login="unconnected"),
    Page("unconnected-api-keys", "/odoo/ghl-api-keys", login="unconnected"),
    Page("choosing-start", START, (surveyed,), login="choosing"),
    Page("syncing-start", START, (under_way,), login="syncing"),
    Page("syncing-analytics", DASHBOARD, (pause,), login="syncing"),
    Page("syncing-contacts", CONTACTS, login="syncing"),
    Page("syncing-sync-health", HEALTH, login="syncing"),
    Page("refused-records", REFUSED, login="refused"),
    Page("refused-record", REFUSED, (open_first,), login="refused"),
    Page("refused-start", START, login="refused"),
    Page("refused-sync-health", HEALTH, login="refused"),
    Page("empty-analytics", DASHBOARD, login="empty"),
    Page("empty-contacts", CONTACTS, login="empty"),
    Page("empty-opportunities", "/odoo/ghl-opportunities", login="empty"),
    Page("revoked-analytics", DASHBOARD, login="revoked"),
    Page("revoked-location", LOCATIONS, (open_first,), login="revoked"),
    Page("revoked-sync-health", HEALTH, login="revoked"),
    Page("revoked-start", START, login="revoked"),
    Page("unreachable-analytics", DASHBOARD, login="unreachable"),
    Page("unreachable-location", LOCATIONS, (open_first,), login="unreachable"),
    Page("unreachable-sync-health", HEALTH, login="unreachable"),
    Page("viewer-contacts", CONTACTS, (open_first,), login="viewer"),
    Page("viewer-live", CAMPAIGNS, (campaign("Spring"), LIVE, pause), login="viewer"),
    Page("no-rights-analytics", DASHBOARD, login="outsider", rough=True),
    Page("no-rights-contacts", CONTACTS, login="outsider", rough=True),
    Page("lengthy-analytics", DASHBOARD, (pause,), login="lengthy"),
    Page("lengthy-contacts", CONTACTS, login="lengthy"),
    Page("lengthy-contacts-kanban", f"{CONTACTS}?view_type=kanban", login="lengthy"),
    Page("lengthy-contact", CONTACTS, TALKATIVE, login="lengthy"),
    Page("lengthy-opportunities", "/odoo/ghl-opportunities", login="lengthy"),
    Page("lengthy-opportunity", "/odoo/ghl-opportunities", (open_card,), login="lengthy"),
    Page("lengthy-calls", CALLS, login="lengthy"),
    Page("lengthy-conversations", "/odoo/ghl-conversations?view_type=kanban", login="lengthy"),
    Page("lengthy-sync-health", HEALTH, login="lengthy"),
    Page("lengthy-start", START, login="lengthy"),
    Page("lengthy-campaign", CAMPAIGNS, (open_card,), login="lengthy"),
    Page("lengthy-live", CAMPAIGNS, (open_card, live_of_draft), login="lengthy"),
    Page("crowded-analytics", DASHBOARD, (pause,), login="crowded"),
    Page("crowded-contacts", CONTACTS, login="crowded"),
    Page("crowded-calls", CALLS, login="crowded"),
    Page("crowded-calls-list", f"{CALLS}?view_type=list", login="crowded"),
    Page("live-websocket-cut", CAMPAIGNS, (campaign("Spring"), LIVE, cut_websocket)),
    Page("live-server-away", CAMPAIGNS, (campaign("Spring"), LIVE, unplug), rough=True),
    Page("live-logged-out", CAMPAIGNS, (campaign("Spring"), LIVE, log_out), rough=True),
    Page("analytics-server-away", DASHBOARD, (unplug, refresh), rough=True),
    Page("analytics-logged-out", DASHBOARD, (log_out, refresh), rough=True),
)
