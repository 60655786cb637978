"""Runs in a process of its own, for test_voip_sandbox: places a call, and dies at a given point as by a power cut.

python place_process.py <point> <call id> <odoo options>     point: before_commit, before_send, after_send
"""

import os
import signal
import sys

from odoo.addons.ghl.ghl_calls.dialer import place
from odoo.modules.registry import Registry
from odoo.tools import config


def die(*_args, **_kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def install(point):
    send, log = place._send, place._claimed
    if point == "before_commit":
        place._claimed = lambda call, at: (log(call, at), call.env.flush_all(), die())
    elif point == "before_send":
        place._send = die
    elif point == "after_send":
        place._send = lambda claim, clock: (send(claim, clock), die())


if __name__ == "__main__":
    point, call_id, *arguments = sys.argv[1:]
    config.parse_config(arguments, setup_logging=True)
    install(point)
    database = config["db_name"][0]
    Registry(database)
    place.place(database, [int(call_id)])
