"""Runs in a process of its own, for test_jobs_processes: an Odoo command whose ghl.job has the handlers below.

python job_process.py server <odoo options>      the server
python job_process.py drain <odoo options>       runs due jobs, then ends
"""

import os
import sys

import odoo.cli
from odoo import SUPERUSER_ID, api
from odoo.addons.ghl.ghl_base.models.ghl_job import GhlJob
from odoo.modules.registry import Registry
from odoo.tools import config


def _job_probe_steps(self, run):
    """Create the partners Probe 0, 1, ... each in a transaction of its own, going on where the last run ended."""
    partners = run.env["res.partner"]
    for step in range(partners.search_count([("name", "like", "Probe %")]), run.payload["steps"]):
        partners.create({"name": f"Probe {step}"})
        _say(f"writing {step}")
        run.commit()
        run.progress(done=step + 1, total=run.payload["steps"])
        _say(f"committed {step}")
    return {"steps": run.payload["steps"]}


def _say(line):
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _job_probe_process(self, run):
    return {"pid": os.getpid(), "parent": os.getppid()}


def install_handlers(model_class):
    model_class._job_probe_steps = _job_probe_steps
    model_class._job_probe_process = _job_probe_process


def drain(arguments):
    config.parse_config(arguments, setup_logging=True)
    with Registry(config["db_name"][0]).cursor() as cr:
        api.Environment(cr, SUPERUSER_ID, {})["ghl.job"].drain()


if __name__ == "__main__":
    install_handlers(GhlJob)
    command, *arguments = sys.argv[1:]
    if command == "drain":
        drain(arguments)
    else:
        # Odoo starts its websocket process by calling the same script with "gevent" as first argument.
        sys.argv[1:] = [command, *arguments]
        odoo.cli.main()
