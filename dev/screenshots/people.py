"""Those who look at the screens, each in a situation; who has trouble has a company where only that is seen.

Login and password are the name.
"""

import time

from campaign_world import CampaignWorld
from demo.odoo_session import OdooSession
from sandbox.client import Sandbox

RTL = "he_IL"
ROWS = 100_000
SYNC_SECONDS = 180
# Names as they come: one word that does not end, and a sentence.
LONG = "Rinderkennzeichnungsfleischetikettierungsueberwachungsaufgabenuebertragungsgesetz"
WORDY = f"{LONG} and everybody who ever asked for an offer, and then some people more whom nobody knows any longer"
OWN_COMPANY = (
    "unconnected", "choosing", "syncing", "refused", "empty", "revoked", "unreachable", "lengthy", "crowded",
)  # fmt: skip
# Who has which of the sandbox's locations; two companies may have the same.
LOCATIONS = {"revoked": 1, "unreachable": 2, "lengthy": 3, "crowded": 3, "empty": 4}
CHOOSING = 3  # connected, and nothing read yet
REFUSED = 3  # has records that cannot be kept
BROKEN_PAGES = 6


def invite(world: CampaignWorld, sandbox: Sandbox, sluggish: Sandbox) -> None:
    """Make them all, on a database with the dark mode and a sandbox with five locations.

    From the `sluggish` one the location of `syncing` is still being read for minutes.
    """
    with world.odoo() as env:
        env["res.lang"]._activate_and_install_lang(RTL)
        administrator = env.ref("ghl.group_ghl_admin") + env.ref("base.group_system")
        home = env.ref("base.main_company")
        _user(env, "night", home, administrator, dark_mode=True)
        _user(env, "rtl", home, administrator, lang=RTL)
        _user(env, "viewer", home, env.ref("ghl.group_ghl_viewer"))
        _user(env, "outsider", home, env.ref("base.group_user"))
        for login in OWN_COMPANY:
            _user(env, login, env["res.company"].create({"name": f"Company {login}"}), administrator)
        env.cr.commit()
        env.registry.signal_changes()  # the server knows its languages by heart
    nothing = sandbox.location_ids[LOCATIONS["empty"]]
    sandbox.delete(nothing, **sandbox.counts(nothing))
    for login, number in LOCATIONS.items():
        connect(world, sandbox, login, sandbox.location_ids[number])
    connect(world, sandbox, "choosing", sandbox.location_ids[CHOOSING], full_sync=False)
    sandbox.set_faults({"bad_record": {"rate": 1, "count": BROKEN_PAGES}})
    connect(world, sandbox, "refused", sandbox.location_ids[REFUSED])
    sandbox.clear_faults()
    # The schedule would read them again, and well.
    _locations(world, "refused", "write", {"sync_enabled": False})
    _locations(world, "choosing", "action_compare")
    sandbox.expire_tokens(sandbox.location_ids[LOCATIONS["revoked"]], private=True)
    with world.sql() as cursor:
        cursor.execute(
            """UPDATE ghl_account SET base_url = 'http://127.0.0.1:9'
                WHERE company_id = (SELECT company_id FROM res_users WHERE login = 'unreachable')"""
        )
    for login in ("revoked", "unreachable"):
        _locations(world, login, "action_sync_now")
    _lengthen(world)
    connect(world, sluggish, "syncing", sluggish.location_id, wait=False)
    with world.sql() as cursor:
        for table in ("ghl_contact", "ghl_call"):
            _multiply(cursor, table, "crowded")


def connect(
    world: CampaignWorld, sandbox: Sandbox, login: str, location_id: str, *, wait: bool = True, **values
) -> None:
    """Connect a location as that administrator does, and wait until it is synchronised; `values` are of the form."""
    odoo = OdooSession(world.url, world.database, login, login)
    values = {
        **values,
        "name": "Demo agency",
        "base_url": sandbox.base_url,
        "token": sandbox.private_tokens[location_id],
        "location_external_ids": location_id,
    }
    odoo.call("ghl.connect.wizard", "action_connect", odoo.call("ghl.connect.wizard", "create", [values]))
    end = time.monotonic() + SYNC_SECONDS
    while wait and odoo.call("ghl.job", "search_count", [["state", "in", ["pending", "running"]]]):
        if time.monotonic() > end:
            raise RuntimeError("the location was not synchronised in time")
        time.sleep(0.5)


def _locations(world: CampaignWorld, login: str, method: str, *args) -> None:
    """What that administrator does with the locations of the company."""
    odoo = OdooSession(world.url, world.database, login, login)
    odoo.call("ghl.location", method, odoo.call("ghl.location", "search", []), *args)


def _user(env, login: str, company, groups, **values):
    user = env["res.users"].create(
        {
            "name": login.title(),
            "login": login,
            "password": login,
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, (groups + env.ref("base.group_user")).ids)],
            "tz": "America/New_York",
            "tour_enabled": False,
        }
    )
    for name, value in values.items():
        user[name] = value
    return user


def _lengthen(world: CampaignWorld) -> None:
    """Everything that has a name gets one that does not fit."""
    with world.odoo() as env:
        company = env["res.users"].search([("login", "=", "lengthy")]).company_id
        mine = [("company_id", "=", company.id)]
        for model in ("ghl.location", "ghl.account", "ghl.user", "ghl.pipeline", "ghl.pipeline.stage", "ghl.tag"):
            for number, record in enumerate(env[model].search(mine, limit=200)):
                record.name = f"{number} {LONG if number % 2 else WORDY}"
        for contact in env["ghl.contact"].search(mine):
            contact.write({"name": WORDY, "company_name": LONG, "email": f"{LONG.lower()}@{LONG.lower()}.example"})
        for model, field in (
            ("ghl.contact.opportunity", "name"),
            ("ghl.contact.task", "title"),
            ("ghl.call", "subject"),
        ):
            env[model].search(mine).write({field: WORDY})
        env["ghl.contact.message"].search(mine)[::2].write({"body": f"https://example.test/{LONG * 3}\n{WORDY}"})
        agent = env["ghl.voice.agent"].create({"name": WORDY, "company_id": company.id, "first_sentence": WORDY})
        campaign = env["ghl.campaign"].create(
            {
                "name": WORDY,
                "company_id": company.id,
                "voice_agent_id": agent.id,
                "user_id": env["res.users"].search([("login", "=", "lengthy")]).id,
            }
        )
        campaign._add_contacts(env["ghl.contact"].search(mine, limit=20))
        env.cr.commit()


def _multiply(cursor, table: str, login: str) -> None:
    """So many rows of that company that a list of them is long: copies of those it has."""
    cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    new = {"id": f"nextval('{table}_id_seq')", "external_id": "external_id || '-' || n", "number": "NULL"}
    new |= {"message_id": "NULL", "provider_call_id": "NULL"}
    names = [name for (name,) in cursor.fetchall()]
    values = ", ".join(new.get(name, f'"{name}"') for name in names)
    columns = ", ".join(f'"{name}"' for name in names)
    cursor.execute(
        f"""INSERT INTO {table} ({columns})
            SELECT {values}
              FROM generate_series(1, %(rows)s) AS n, (
                   SELECT * FROM {table}
                    WHERE company_id = (SELECT company_id FROM res_users WHERE login = %(login)s) LIMIT 100) AS known
             LIMIT %(rows)s""",
        {"rows": ROWS, "login": login},
    )
    cursor.execute(f"ANALYZE {table}")
