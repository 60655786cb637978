"""What there is to picture: a synchronised location and campaigns in every state, all on the simulated services."""

import contextlib
import itertools
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from bootstrap import ensure, looks
from campaign_world import CampaignWorld, connect_account, numbers
from sandbox.client import Sandbox, running_sandbox

from . import people

DATABASE = "ghl_screenshots"
RUN_SECONDS = 300
WELL_UNDER_WAY_SECONDS = 60
# So slow that the first sync of these goes on while it is pictured.
SLUGGISH_CONTACTS, SLUGGISH_MS = 10_000, 8000
LONG_RUN = 500  # recipients, a dozen a minute
TALKER = "+12125599001"  # a person answers
ZONE = "America/New_York"  # of recipients whose number does not tell
# Of the people called: most are reached, some are not, as in real life.
WEIGHTS = {"human": 10, "machine": 2, "no_answer": 3, "busy": 1, "failed": 0.5}
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@contextlib.contextmanager
def staged(contacts: int = 1200) -> Iterator[str]:
    """The address of a server with all that, one campaign under way for minutes. Login and password: ``admin``.

    `contacts` are shared by five locations; those in trouble belong to other users, see ``people``.
    """
    env = ensure()
    looks.install_rtlcss(env)
    options = {"contacts": contacts, "locations": 5, "epoch": "now", "weights": WEIGHTS, "talk_median": 20}
    sluggish = running_sandbox(contacts=SLUGGISH_CONTACTS, locations=1, epoch="now", latency_ms=SLUGGISH_MS)
    with running_sandbox(**options, settings={"twilio.cps": 50}, rate_limit=False) as sandbox, sluggish as slow:
        world = CampaignWorld(env, sandbox, DATABASE)
        world.build(0, name="Newsletter follow-up", max_concurrent_calls=16, retry_ids=[(5, 0, 0)], timezone=ZONE)
        looks.install_dark_mode(env, DATABASE)
        with world.serve(), world.sql() as cursor:
            people.connect(world, sandbox, "admin", sandbox.location_id)
            others = _fill(world)
            _talk(world, sandbox)
            world.act("action_start")
            people.invite(world, sandbox, slow)
            _wait(cursor, world.campaign_id, "completed")
            sandbox.telephony("scenario", {"weights": {"failed": 1}})
            _act(world, others["breaker"], "action_start")
            _wait(cursor, others["breaker"], "paused")
            sandbox.telephony("scenario", {"weights": WEIGHTS})
            _act(world, others["scheduled"], "action_schedule")
            _act(world, others["draft"], "action_preflight")
            _act(world, others["running"], "action_start")
            time.sleep(WELL_UNDER_WAY_SECONDS)
            yield world.url
    world.env.drop_db(DATABASE)


def _fill(world: CampaignWorld) -> dict[str, int]:
    """Recipients for the first campaign, and the other campaigns: what they are for -> their id."""
    with world.odoo() as env:
        admin = env.ref("base.user_admin")
        first = env["ghl.campaign"].browse(world.campaign_id)
        first.user_id = admin
        everybody = env["ghl.contact"].search([], order="id")
        reachable = everybody.filtered(lambda contact: contact.phone and not contact.dnd)
        first._add_contacts(reachable[:16])
        always = [(0, 0, {"weekday": day, "hour_from": 0.0, "hour_to": 24.0}) for day in EVERY_DAY]
        soon = {"window_ids": always, "retry_ids": [(5, 0, 0)]}
        next_week = datetime.now().replace(hour=14, minute=0, second=0, microsecond=0) + timedelta(days=7)
        made = {}
        for key, name, chosen, values in (
            ("breaker", "Overdue invoices", reachable[16:46], soon),
            ("running", "Spring check-up", reachable[46:146], {**soon, "max_concurrent_calls": 8}),
            ("scheduled", "Open house invitations", reachable[146:176], {"start_at": next_week}),
            ("draft", "Reactivation of old leads", everybody[120:], {}),
        ):
            who = {"voice_agent_id": first.voice_agent_id.id, "user_id": admin.id, "timezone": ZONE}
            campaign = env["ghl.campaign"].create({"name": name, **who, **values})
            campaign._add_contacts(chosen)
            made[key] = campaign.id
        draft = env["ghl.campaign"].browse(made["draft"])
        draft._add_recipients({"phone": number, "name": f"Person {number[-4:]}"} for number in numbers(12))
        for number in numbers(4):
            env["phone.blacklist"].add(number)
        # So many that the campaign runs as long as the pictures of it take.
        running = env["ghl.campaign"].browse(made["running"])
        running._add_recipients(
            {"phone": number, "name": contact.name}
            for number, contact in zip(numbers(12 + LONG_RUN)[12:], itertools.cycle(reachable), strict=False)
        )
        env.cr.commit()
    return made


def _talk(world: CampaignWorld, sandbox: Sandbox) -> None:
    """Test the telephone accounts, and have an agent of Bland AI call one contact: a call with what was said."""
    with world.odoo() as env:
        account = connect_account(env, sandbox, "bland", name="Bland AI", company_id=env.ref("base.main_company").id)
        agent = env["ghl.voice.agent"].create(
            {"name": "Ben", "voip_account_id": account.id, "task": "Ask when a visit would suit."}
        )
        contact = env["ghl.contact"].search([("phone", "!=", False), ("dnd", "=", False)], limit=1)
        env.cr.commit()
        asked = {"contact_id": contact.id, "voice_agent_id": agent.id, "to_number": TALKER}
    odoo = world.session()
    for account_id in odoo.call("ghl.voip.account", "search", []):
        odoo.call("ghl.voip.account", "action_test_connection", [account_id])
    odoo.call("ghl.call.place.wizard", "action_call", [odoo.call("ghl.call.place.wizard", "create", asked)])


def _act(world: CampaignWorld, campaign_id: int, method: str) -> None:
    world.session().call("ghl.campaign", method, [campaign_id])


def _wait(cursor, campaign_id: int, state: str) -> None:
    """Until the campaign is in that state and nobody is being called."""
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        cursor.execute(
            """SELECT state, EXISTS (SELECT 1 FROM ghl_campaign_lead WHERE campaign_id = c.id AND state = 'calling')
                 FROM ghl_campaign c WHERE id = %s""",
            [campaign_id],
        )
        if cursor.fetchone() == (state, False):
            return
        time.sleep(0.2)
    raise RuntimeError(f"campaign {campaign_id} did not become {state}")
