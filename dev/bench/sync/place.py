"""A database with one connected location, Odoo in this process on it, and the way to a state without records."""

from collections.abc import Iterator
from contextlib import contextmanager

from bootstrap import Env, addon_template

DATABASE = "ghl_bench_sync"
MIRRORED = (
    "ghl_contact, ghl_contact_task, ghl_contact_conversation, ghl_contact_opportunity, ghl_contact_message, ghl_tag, "
    "ghl_user, ghl_custom_field, ghl_pipeline, ghl_sync_cursor, ghl_sync_issue, ghl_rate_budget"
)


@contextmanager
def odoo(env: Env, database: str = DATABASE) -> Iterator:
    """The superuser's environment as a job has it: READ COMMITTED, no tests, commits for good."""
    from psycopg2.extensions import ISOLATION_LEVEL_READ_COMMITTED

    import odoo.sql_db
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", str(env.odoo_conf), "-d", database, "--log-level=warn"], setup_logging=True)
    try:
        with Registry(database).cursor() as cr:
            cr.connection.set_isolation_level(ISOLATION_LEVEL_READ_COMMITTED)
            yield api.Environment(cr, SUPERUSER_ID, {})
    finally:
        Registry.delete(database)
        odoo.sql_db.close_db(database)


@contextmanager
def connected(env: Env, base_url: str, token: str, *external_ids: str, messages: bool = False) -> Iterator:
    """A new database whose locations are these, with their messages or without; yields (environment, locations)."""
    env.drop_db(DATABASE)
    env.create_db(DATABASE, addon_template(env))
    try:
        with odoo(env) as odoo_env:
            account = odoo_env["ghl.account"].create({"name": "Bench", "base_url": base_url})
            locations = odoo_env["ghl.location"].create(
                [
                    {"name": name, "account_id": account.id, "external_id": name, "sync_messages": messages}
                    for name in external_ids
                ]
            )
            for location in locations:
                odoo_env["ghl.token"]._put(account, "private", location=location, access=token)
            # Jobs run when the bench says so, in this thread.
            odoo_env["ir.config_parameter"].set_param("ghl.job_executor", "cron")
            odoo_env.cr.commit()
            yield odoo_env, locations
    finally:
        env.drop_db(DATABASE)


def forget(env) -> None:
    """Empty the mirror, as before the first pull."""
    env.cr.execute(f"TRUNCATE {MIRRORED} CASCADE")
    env.cr.execute("UPDATE ghl_location SET content_hash = NULL")
    env.cr.commit()
    env.invalidate_all()


def pull(env, location, mode: str = "full"):
    """A pull through the job queue, in this thread; its job, which has to be done."""
    job = location._enqueue_pull(mode)
    env.cr.commit()
    env["ghl.job"].drain(limit=1)
    env.cr.commit()
    env.invalidate_all()
    if job.state != "done":
        raise RuntimeError(f"the pull is {job.state}: {job.error} {job.error_detail or ''}")
    return job


class Writer:
    """Writes pages as a pull does, with cursors, bookkeeping and a commit for each, but without a gateway."""

    def __init__(self, env, location):
        from odoo.addons.ghl.ghl_contacts.mirror.pull import Pull

        self.env = env
        self.job_id = location._enqueue_pull("full").id
        env.cr.commit()
        self._pull = Pull(self, location, mode="full")
        self._pull._open_cursors()

    def write(self, pages) -> None:
        """``pages``: (entity, ``Page``) in the order they are written."""
        for name, page in pages:
            self._pull._write(name, page)

    def close(self) -> None:
        self.env["ghl.job"].browse(self.job_id).action_stop()
        self.env.cr.commit()
        self.env.invalidate_all()

    # What a pull asks of its run:

    def commit(self) -> None:
        self.env.flush_all()
        self.env.cr.commit()

    def check(self) -> None:
        pass

    def progress(self, **_values) -> None:
        pass
