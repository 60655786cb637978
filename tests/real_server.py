"""A real server process with its own database, for what a test's single transaction cannot show."""

import json
import subprocess
import sys
from pathlib import Path

import psycopg2

from odoo.tests import BaseCase, tagged

from ..dev.bootstrap import ensure, testdb
from ..dev.bootstrap.env import free_port

SHELL = Path(__file__).with_name("shell_process.py")


@tagged("post_install", "-at_install", "ghl")
class RealServerCase(BaseCase):
    """`server.url` answers on the database `db`, a fresh copy with the addon installed; `key` is an administrator's."""

    extra_args = ("--max-cron-threads=0",)
    _shell = None

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
        """Run `code` on the database in a process that is not the server, commit, and give what it leaves in `result`
        (JSON)."""
        if not cls._shell:
            cls._shell = cls._start_shell()
        cls._shell.stdin.write(f"{json.dumps(code)}\n")
        cls._shell.stdin.flush()
        answer = json.loads(cls._shell.stdout.readline() or '{"error": "its process ended"}')
        if "error" in answer:
            raise AssertionError(f"the shell did not come to its end: {answer['error'][-2000:]}")
        return answer["result"]

    @classmethod
    def _start_shell(cls):
        """It keeps the database open: starting a process for each piece of code takes seconds."""
        process = subprocess.Popen(
            [sys.executable, str(SHELL), "-d", cls.db, "--no-http", "--log-level=error"],
            env=cls.odoo.environ(cls.db),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        cls.addClassCleanup(cls._end_shell, process)
        return process

    @classmethod
    def _end_shell(cls, process):
        cls._shell = None
        with process:
            process.kill()  # it has nothing under way

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
