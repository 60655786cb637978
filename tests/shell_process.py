"""Runs in a process of its own, for RealServerCase: keeps a database open and runs the code it is given.

python shell_process.py <odoo options>

Takes one JSON string of code on each line of its input, and answers with a line of JSON, when all is committed:
`{"result": what the code left there}` or `{"error": text}`.
"""

import json
import sys
import traceback

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry
from odoo.tools import config


def run(database, code):
    registry = Registry(database).check_signaling()
    with registry.cursor() as cr:
        scope = {"env": api.Environment(cr, SUPERUSER_ID, {}), "result": None}
        exec(code, scope)
    registry.signal_changes()
    return scope["result"]


if __name__ == "__main__":
    config.parse_config(sys.argv[1:], setup_logging=True)
    for line in sys.stdin:
        try:
            answer = {"result": run(config["db_name"][0], json.loads(line))}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()
