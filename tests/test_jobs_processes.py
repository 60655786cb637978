"""What happens to jobs when processes are killed, and in Odoo's multi-process server. Real processes: some seconds."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from unittest.mock import patch

import requests

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tests.common import BaseCase, get_db_name
from odoo.tools import config

from ..ghl_base.jobs.executors import thread
from . import job_process

SCRIPT = os.path.realpath(job_process.__file__)


class ProcessCase(BaseCase):
    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        patcher = patch.object(thread.executor, "wake")
        patcher.start()
        self.addCleanup(patcher.stop)
        self.clean()
        self.addCleanup(self.clean)

    def clean(self):
        self.sql("DELETE FROM ghl_job")
        self.sql("DELETE FROM res_partner WHERE name LIKE 'Probe %%'")

    def sql(self, query, *params):
        with self.registry.cursor() as cr:
            cr.execute(query, params)
            return cr.fetchall() if cr.description else None

    def enqueue(self, method, **payload):
        with (
            self.registry.cursor() as cr,
            patch.object(self.registry["ghl.job"], method, getattr(job_process, method), create=True),
        ):
            env = api.Environment(cr, SUPERUSER_ID, {})
            return env["ghl.job"].enqueue(method, payload, model="ghl.job", name="Probe", company=env.company).id

    def start(self, *arguments, **options):
        names = {"db_host": "db_host", "db_port": "db_port", "db_user": "db_user", "data_dir": "data-dir"}
        here = [f"--{option}={config[name]}" for name, option in names.items() if config[name]]
        process = subprocess.Popen(
            [sys.executable, SCRIPT, *arguments, f"--database={get_db_name()}", *here], **options
        )
        self.addCleanup(self.end, process)
        return process

    def end(self, process):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if process.stdout:
            process.stdout.close()


class TestKilledWorker(ProcessCase):
    def test_another_worker_finishes_a_killed_job_at_once_and_does_each_step_once(self):
        steps = 12
        job_id = self.enqueue("_job_probe_steps", steps=steps)
        # Killed between two commits, and before the commit of a step that was already written.
        for line in ("committed 2", "writing 6"):
            process = self.start("drain", stdout=subprocess.PIPE, text=True)
            for printed in process.stdout:
                if printed.strip() == line:
                    process.kill()
                    break
            self.assertEqual(process.wait(10), -signal.SIGKILL)
            self.assertEqual(self.state(job_id), "running")
        started = time.monotonic()
        with (
            patch.object(self.registry["ghl.job"], "_job_probe_steps", job_process._job_probe_steps, create=True),
            self.registry.cursor() as cr,
        ):
            self.assertEqual(api.Environment(cr, SUPERUSER_ID, {})["ghl.job"].drain(), 1)
        self.assertLess(time.monotonic() - started, 5, "the lease of a dead local process is not waited for")
        names = [name for (name,) in self.sql("SELECT name FROM res_partner WHERE name LIKE 'Probe %%' ORDER BY id")]
        self.assertEqual(names, [f"Probe {step}" for step in range(steps)])
        self.assertEqual(self.sql("SELECT state, lost FROM ghl_job WHERE id = %s", job_id), [("done", 2)])

    def state(self, job_id):
        return self.sql("SELECT state FROM ghl_job WHERE id = %s", job_id)[0][0]


class TestPreforkServer(ProcessCase):
    def test_a_job_started_by_a_request_runs_in_the_worker_process_without_any_cron(self):
        job_id = self.enqueue("_job_probe_process")
        self.sql("UPDATE ghl_job SET state = 'failed' WHERE id = %s", job_id)
        with socket.socket() as free, socket.socket() as free_too:
            free.bind(("127.0.0.1", 0))
            free_too.bind(("127.0.0.1", 0))
            port, gevent_port = free.getsockname()[1], free_too.getsockname()[1]
        server = self.start(
            "server", "--workers=2", "--max-cron-threads=0", "--http-interface=127.0.0.1", f"--http-port={port}",
            f"--gevent-port={gevent_port}", "--log-level=error", "--limit-memory-hard=0",
        )  # fmt: skip
        url = f"http://127.0.0.1:{port}"
        self.wait_for(lambda: self.answers(url), server)
        client = requests.Session()
        self.rpc(client, url, "/web/session/authenticate", db=get_db_name(), login="admin", password="admin")
        self.rpc(
            client, url, "/web/dataset/call_kw/ghl.job/action_retry",
            model="ghl.job", method="action_retry", args=[[job_id]], kwargs={},
        )  # fmt: skip
        self.wait_for(lambda: self.sql("SELECT state FROM ghl_job WHERE id = %s", job_id) == [("done",)], server)
        ((result,),) = self.sql("SELECT result FROM ghl_job WHERE id = %s", job_id)
        self.assertEqual(result["parent"], server.pid)
        self.assertNotEqual(result["pid"], server.pid)

    def wait_for(self, condition, server, seconds=20):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertIsNone(server.poll(), "the server ended")
            self.assertLess(time.monotonic(), deadline)
            threading.Event().wait(0.05)

    @staticmethod
    def answers(url):
        try:
            return requests.get(f"{url}/web/health", timeout=5).ok
        except requests.ConnectionError:
            return False

    def rpc(self, client, url, path, **params):
        answer = client.post(url + path, json={"jsonrpc": "2.0", "method": "call", "params": params}, timeout=20).json()
        self.assertNotIn("error", answer)
        return answer["result"]
