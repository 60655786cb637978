"""Two companies with calls and all that hangs on them: one the keys belong to, one whose data nobody may see."""

from datetime import datetime, timedelta

FOREIGN = "zzforeignzz"
# Not what requests write: when a key was last used, what is folded in the background.
TOTALS = ("ghl_call_total", "ghl_contact_day", "ghl_contact_message_day")
UNCOUNTED = ("ghl_api_key", "ghl_api_key_location", "ghl_rate_budget", *TOTALS)
# Parameters -> what they name, where the name alone does not tell.
NAMES = {
    "calls": ("id", "call_id", "ids", "bland_call_id", "call_uuid"),
    "contacts": ("contact_id", "call_for_id"),
    "deals": ("opportunity_id",),
    "partners": ("related_to_id",),
    "users": ("owner_id", "assigned_to_id", "user_id"),
    "statuses": ("status_id",),
    "locations": ("location_id",),
    "views": ("ukey", "view_id", "module_id"),
}


def build(env) -> dict:
    """Fill the database behind ``env`` (superuser); gives what ``Maker`` knows of it. Nothing is committed."""
    other = env["res.company"].create({"name": FOREIGN})
    ours, theirs = _company(env, env.company, "ours"), _company(env, other, FOREIGN)
    keys, bad_keys = _keys(env, env.company, other)
    world = {"keys": keys, "bad keys": bad_keys, "module": ["contacts", "leads"], "value": [0, 1]}
    for kind, names in NAMES.items():
        for name in names:
            world[name] = ours.get(kind, [])
            world[f"foreign {name}"] = theirs.get(kind, [])
    env.flush_all()
    return world


def _company(env, company, word):
    env = env(context={**env.context, "allowed_company_ids": company.ids, "tracking_disable": True})
    account = env["ghl.account"].create({"name": word, "company_id": company.id, "base_url": "http://127.0.0.1:9"})
    location = env["ghl.location"].create({"name": word, "account_id": account.id, "external_id": f"LOC-{word}"})
    common = {"company_id": company.id, "location_id": location.id}
    contacts = env["ghl.contact"].create(
        [
            {**common, "external_id": f"C{n}-{word}", "name": f"{word} {n}", "first_name": word, "last_name": str(n),
             "email": f"{n}@{word}.example", "phone": f"+120255501{n:02d}"}
            for n in range(12)
        ]
    )  # fmt: skip
    deals = env["ghl.contact.opportunity"].create(
        [{**common, "external_id": f"O{c.id}-{word}", "name": word, "contact_id": c.id} for c in contacts[:4]]
    )
    partners = env["res.partner"].create([{"name": f"{word} {n}", "company_id": company.id} for n in range(4)])
    user = _user(env, f"{word}-person", company, "viewer")
    status = env["ghl.call.status"].create({"name": word, "company_id": company.id})
    statuses = env["ghl.call.status"].search([("company_id", "in", (False, company.id))])
    begin = datetime(2025, 10, 13, 9)
    states = ("completed", "pending", "failed", "no_answer", "busy", "in_progress")
    calls = env["ghl.call"].create(
        [
            {
                **common,
                "subject": f"{word} {n}",
                "status_id": statuses[n % len(statuses)].id,
                "start_time": begin + timedelta(minutes=n % 7),
                "end_time": begin + timedelta(minutes=n),
                "contact_id": contacts[n % 12].id,
                "opportunity_id": deals[n % 4].id if n % 3 else False,
                "partner_id": partners[n % 4].id if n % 2 else False,
                "owner_id": user.id,
                "user_id": user.id,
                "agenda": word,
                "result": f"{word} <b>bold</b> \N{TELEPHONE RECEIVER}" if n % 2 else False,
                "from_number": f"+120255501{n:02d}",
                "state": states[n % 6],
                "source": "bland" if n % 4 == 0 else "manual",
                "provider": "bland" if n % 4 == 0 else False,
                "provider_call_id": f"bl-{word}-{n}" if n % 4 == 0 else False,
            }
            for n in range(40)
        ]
    )
    return {
        "calls": calls.ids,
        "contacts": contacts.ids,
        "deals": deals.ids,
        "partners": partners.ids,
        "users": user.ids,
        "statuses": (statuses if word != FOREIGN else status).ids,
        "locations": [location.external_id],
    }


def _user(env, login, company, group):
    groups = env.ref("base.group_user") | env.ref(f"ghl.group_ghl_{group}")
    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "company_id": company.id,
            "company_ids": [(6, 0, company.ids)],
            "group_ids": [(6, 0, groups.ids)],
        }
    )


def _keys(env, company, other):
    """(keys of our company, Authorization headers that are refused)"""

    def key(user, **values):
        return env["ghl.api.key"]._generate("Fuzz", user, **values)[1]

    people = {group: _user(env, f"fuzz-{group}", company, group) for group in ("viewer", "agent", "admin")}
    good = {group: key(user) for group, user in people.items()}
    gone = _user(env, f"{FOREIGN}-gone", other, "agent")
    gone_key = key(gone)
    gone.active = False
    expired = key(people["agent"], expires_at=datetime(2020, 1, 1))
    known = good["agent"]
    refused = [
        None, "", "Bearer", "Bearer ", "Basic YTpi", f"Basic {known}", known, f"Bearer {known[:-1]}",
        f"Bearer {known}x", f"Bearer {known.upper()}", f"Bearer {'A' * 5000}", "Bearer \x7f", "Bearer ' or 1=1 --",
        "Bearer eyJhbGciOiJub25lIn0.eyJpZCI6MX0.", f"Bearer {expired}", f"Bearer {gone_key}",
        "Bearer ghl_00000000_" + "A" * 43,
    ]  # fmt: skip
    # Mostly the agent, who may write.
    return [good["agent"], good["agent"], good["admin"], good["viewer"]], refused


def tables(cursor) -> list[str]:
    """The tables of companies' data that requests may change."""
    cursor.execute(
        """
        SELECT table_name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name LIKE 'ghl\\_%' AND column_name = 'company_id' ORDER BY 1
        """
    )
    return [name for (name,) in cursor.fetchall() if name not in UNCOUNTED]


def fingerprint(cursor, names, company_id=None) -> tuple:
    """A number that changes when a row does; of one company's rows, or of all."""
    where = "" if company_id is None else f"WHERE company_id = {int(company_id)}"
    cursor.execute(
        " UNION ALL ".join(
            f"SELECT '{name}', count(*), sum(hashtext(t::text)::bigint) FROM \"{name}\" t {where}" for name in names
        )
    )
    return tuple(cursor.fetchall())
