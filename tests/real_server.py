"""A real server process with its own database, for what a test's single transaction cannot show."""

import json
import subprocess

import psycopg2

from odoo.tests import BaseCase, tagged

from ..dev.bootstrap import ensure, testdb
from ..dev.bootstrap.env import free_port


@tagged("post_install", "-at_install", "ghl")
class RealServerCase(BaseCase):
    """`server.url` answers on the database `db`, a fresh copy with the addon installed; `key` is an administrator's."""

    extra_args = ("--max-cron-threads=0",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.odoo = odoo = ensure()
        cls.db = f"{testdb.addon_template(odoo)}_{cls.__name__.lower()}"
        odoo.drop_db(cls.db)
        odoo.create_db(cls.db, testdb.addon_template(odoo))
        cls.addClassCleanup(odoo.drop_db, cls.db)
        cls.key = cls.shell('result = env["ghl.api.key"]._generate("server test", env.ref("base.user_admin"))[1]')
        port = free_port()
        cls.url = f"http://127.0.0.1:{port}"
        cls.prepare()
        cls.server = odoo.start_server(cls.db, http_port=port, extra_args=list(cls.extra_args))
        cls.addClassCleanup(cls.server.stop)

    @classmethod
    def prepare(cls):
        """What the database needs before the server starts at `url`."""

    @classmethod
    def shell(cls, code):
        """Run `code` in an Odoo shell, commit, and give what it leaves in `result` (JSON)."""
        done = subprocess.run(
            [str(cls.odoo.odoo_bin), "shell", "-d", cls.db, "--no-http", "--log-level=error"],
            input=f'result = None\n{code}\nenv.cr.commit()\nimport json\nprint("RESULT", json.dumps(result))\n',
            env=cls.odoo.environ(cls.db),
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line.partition("RESULT ")[2] for line in done.stdout.splitlines() if "RESULT " in line]
        if not lines:
            raise AssertionError(f"the shell did not come to its end: {done.stderr[-2000:]}")
        return json.loads(lines[-1])

    def connect(self):
        """A connection of its own to the server's database."""
        pg = self.odoo.pg
        return psycopg2.connect(host=pg.host, port=pg.port, user=pg.user, password=pg.password, dbname=self.db)

    def sql(self, statement):
        connection = self.connect()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else None
        finally:
            connection.close()
