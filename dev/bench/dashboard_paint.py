"""How soon the dashboards show their figures in a browser that has the assets already."""

import statistics
from collections.abc import Iterator

from screenshots.browser import chromium, logged_in
from screenshots.gallery import SCREENS

from .odoo_process import odoo_environment
from .runner import Context, Result

NAME = "dashboard"
ROUNDS = 7
MOST_MS = 2000
PASSWORD = "bench-reader-of-dashboards"
# Address -> what is seen once the figures are there.
ANALYTICS, LIVE = ".o_ghl_dashboard canvas", ".o_ghl_figures"
HEALTH, START = ".o_kanban_record:not(.o_kanban_ghost)", ".o_ghl_place"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"


def pages(context: Context, name: str) -> Iterator[Result]:
    """Each page is loaded anew, as by its address, all else in the browser's cache; medians."""
    login, campaign = _prepare(context, name)
    addresses = {
        "analytics": ("/odoo/ghl-dashboard", ANALYTICS),
        "live campaign": (f"/odoo/{campaign}/ghl-campaign-live", LIVE),
        "sync health": ("/odoo/ghl-sync-health", HEALTH),
        "start": ("/odoo/ghl-start", START),
    }
    server = context.env.start_server(name, extra_args=["--max-cron-threads=0", "--log-level=warn"])
    screen = SCREENS["laptop"]
    with server, chromium() as engine, logged_in(engine, server.url, screen, login, PASSWORD) as window:
        for case, (path, figures) in addresses.items():
            painted, shown = [], []
            for turn in range(context.rounds(ROUNDS) + 1):
                window.page.goto(server.url + path, wait_until="commit")
                window.page.wait_for_selector(figures, timeout=60_000)
                if turn:  # the first time compiles and fetches
                    # Since the browser was told to go there, whoever asks.
                    shown.append(window.page.evaluate("performance.now()"))
                    painted.append(window.page.evaluate(FIRST_PAINT))
            first, all_there = statistics.median(painted), statistics.median(shown)
            yield Result(NAME, f"{case}: first paint in the browser", first, "ms", MOST_MS)
            yield Result(NAME, f"{case}: its figures in the browser", all_there, "ms", MOST_MS)


def _prepare(context: Context, name: str) -> tuple[str, int]:
    """A manager's login, and a campaign with recipients; made once."""
    with odoo_environment(context.env, name) as env:
        users = env["res.users"]
        manager = users.search([("login", "=", "bench-manager")]) or users.create(
            {
                "name": "Bench manager",
                "login": "bench-manager",
                "group_ids": [(4, env.ref("ghl.group_ghl_admin").id)],
            }
        )
        manager.password = PASSWORD
        campaigns = env["ghl.campaign"].with_company(1)
        campaign = campaigns.search([("name", "=", "Bench")])
        if not campaign:
            agent = env["ghl.voice.agent"].create({"name": "Anna", "task": "Ask.", "first_sentence": "Good day."})
            campaign = campaigns.create({"name": "Bench", "voice_agent_id": agent.id, "user_id": manager.id})
            people = [{"phone": f"+1212{2_000_000 + number}", "name": f"Person {number}"} for number in range(500)]
            campaign._add_recipients(people)
        env.cr.commit()
        return manager.login, campaign.id
