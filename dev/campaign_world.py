"""A campaign on a simulated telephone provider, for demo, faults and benches: database, real Odoo server, ledger."""

import contextlib
import time
from collections import Counter
from collections.abc import Iterator

import psycopg2

from bootstrap import Env, addon_template
from bootstrap.env import Server, free_port
from demo.odoo_session import OdooSession
from sandbox.client import Sandbox

OPEN = ("pending", "waiting", "calling")


def numbers(count: int) -> list[str]:
    """Numbers of New York, none of which has a part to play in the sandbox."""
    found = (f"+1212{number:07}" for number in range(2_000_000, 9_999_999))
    return [number for number, _ in zip((n for n in found if n[-5:-2] != "990"), range(count), strict=False)]


class CampaignWorld:
    """``build`` makes the database, ``serve`` runs a server on it (again and again at the same address)."""

    def __init__(self, env: Env, sandbox: Sandbox, database: str, provider: str = "twilio") -> None:
        self.env, self.sandbox, self.database, self.provider = env, sandbox, database, provider
        self.port = free_port()
        self.campaign_id = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def build(
        self, leads: int, *, account: dict | None = None, settings: dict[str, str] | None = None, **campaign
    ) -> int:
        """The database with an account at the sandbox and a draft campaign of that many recipients; the campaign's id.

        ``account`` and ``campaign`` are further values of the records.
        """
        self.env.drop_db(self.database)
        self.env.create_db(self.database, addon_template(self.env))
        with self.odoo() as env:
            for key, value in {"ghl.public_base_url": self.url, **(settings or {})}.items():
                env["ir.config_parameter"].set_param(key, value)
            agent = env["ghl.voice.agent"].create(
                {"name": "Anna", "task": "Ask when it suits.", "first_sentence": "Good day, this is Anna."}
            )
            made = connect_account(env, self.sandbox, self.provider, **(account or {}))
            days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
            always = [(0, 0, {"weekday": day, "hour_from": 0.0, "hour_to": 24.0}) for day in days]
            values = {"name": "Spring", "voice_agent_id": agent.id, "voip_account_id": made.id, "window_ids": always}
            record = env["ghl.campaign"].create({**values, **campaign})
            record._add_recipients({"phone": number} for number in numbers(leads))
            self.campaign_id = record.id
            env.cr.commit()
        return self.campaign_id

    @contextlib.contextmanager
    def odoo(self) -> Iterator:
        """An Odoo environment of the superuser in this process."""
        import odoo.sql_db
        from odoo import SUPERUSER_ID, api
        from odoo.modules.registry import Registry
        from odoo.tools import config

        config.parse_config(
            ["-c", str(self.env.odoo_conf), "-d", self.database, "--log-level", "critical"], setup_logging=True
        )
        try:
            with Registry(self.database).cursor() as cr:
                yield api.Environment(cr, SUPERUSER_ID, {})
        finally:
            Registry.delete(self.database)
            odoo.sql_db.close_db(self.database)

    def serve(self, workers: int = 0, log_level: str = "warn") -> Server:
        return self.env.start_server(
            self.database,
            http_port=self.port,
            workers=workers,
            log_file=self.env.state_dir / f"{self.database}.log",
            extra_args=["--log-level", log_level],
        )

    def session(self) -> OdooSession:
        return OdooSession(self.url, self.database, "admin", "admin")

    def act(self, method: str):
        """Do what a button of the campaign does."""
        return self.session().call("ghl.campaign", method, [self.campaign_id])

    @contextlib.contextmanager
    def sql(self) -> Iterator:
        """A cursor past Odoo, each statement committed at once."""
        pg = self.env.pg
        connection = psycopg2.connect(
            host=pg.host, port=pg.port, user=pg.user, password=pg.password, dbname=self.database
        )
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor
        finally:
            connection.close()

    def leads(self, cursor) -> Counter:
        """(state, outcome) -> recipients."""
        cursor.execute("SELECT state, outcome, count(*) FROM ghl_campaign_lead GROUP BY 1, 2")
        return Counter({(state, outcome): count for state, outcome, count in cursor.fetchall()})

    def left(self, cursor) -> int:
        return sum(count for (state, _outcome), count in self.leads(cursor).items() if state in OPEN)

    def state(self, cursor) -> str:
        cursor.execute("SELECT state FROM ghl_campaign WHERE id = %s", [self.campaign_id])
        return cursor.fetchone()[0]

    def wait(self, cursor, seconds: float, until=None) -> bool:
        """Whether ``until()`` (by default: the campaign is over) came true in time."""
        end = time.monotonic() + seconds
        until = until or (lambda: self.state(cursor) not in ("running",))
        while time.monotonic() < end:
            if until():
                return True
            time.sleep(0.1)
        return False

    def rung(self) -> Counter:
        """Number -> how often its telephone rang, by the sandbox's own book."""
        entries = self.sandbox.telephony_ledger("rung", provider=self.provider)["rung"]
        return Counter(entry["to"] for entry in entries)


def connect_account(env, sandbox: Sandbox, provider: str, **values):
    """A telephone account at the sandbox, with its caller numbers."""
    place = sandbox.ready[provider]
    names = {"twilio": ("account_sid", "auth_token"), "bland": ("api_key", "webhook_secret")}[provider]
    account = env["ghl.voip.account"].create(
        {
            "name": "Telephone",
            "provider": provider,
            "base_url": place["base_url"],
            "calls_per_second": 1000,
            "max_concurrent": 1000,
            **{name: place[name] for name in names},
            **values,
        }
    )
    for number in place.get("numbers", ()):
        env["ghl.voip.number"].create({"account_id": account.id, "number": number})
    return account
