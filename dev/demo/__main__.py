"""bin/demo: see the README."""

import argparse
import json
import os
import sys
import time

from .play import Play
from .stage import HURRIED, LOGIN, PASSWORD, WATCHED, Stage, stop_remembered

BUILD = (
    "start_sandbox",
    "create_database",
    "start_odoo",
    "log_in",
    "connect_location",
    "synchronise",
    "make_api_key",
    "connect_telephone",
)
EMPTY = ("start_sandbox", "create_database", "start_odoo", "log_in", "switch_tour_on")
CHECKS = (
    "compare_counts",
    "refuse_without_key",
    "read_database",
    "read_fast",
    "read_fresh",
    "search",
    "open_screens",
    "generate_calls",
    "read_board",
    "prepare_campaign",
    "run_campaign",
    "compare_calls",
    "show_timelines",
    "place_bland_call",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/demo", description="Try the product on this machine.")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--check", action="store_true", help="run everything headless, print a summary, exit 0 or 1")
    mode.add_argument("--keep", action="store_true", help="leave it running, print one JSON line and return")
    mode.add_argument("--empty", action="store_true", help="connect nothing: print what to type to do it yourself")
    mode.add_argument("--stop", action="store_true", help="end what --keep left running")
    parser.add_argument("--contacts", type=int, default=2000, help="size of the demo location (default 2000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the demo data")
    options = parser.parse_args()
    if options.stop:
        print(f"{stop_remembered()} processes ended")
        return 0
    started = int(os.environ.get("GHL_STARTED_AT") or time.time_ns())
    if options.keep:
        stop_remembered()
    say = (lambda text: print(text, file=sys.stderr)) if options.keep else print
    calls = WATCHED if options.empty else HURRIED
    stage = Stage(options.contacts, options.seed, detached=options.keep, calls=calls)
    play = Play(stage, say)
    play.timings["set_up"] = round((time.time_ns() - started) / 1e6, 1)
    say(f"ok   {'set_up':<22} {play.timings['set_up']:9.1f} ms")
    names = EMPTY if options.empty else (*BUILD, *CHECKS) if options.check else BUILD
    steps = [getattr(play, name) for name in names]
    keep = False
    try:
        play.run(steps)
        if options.keep:
            stage.remember()
            print(json.dumps(play.connection()), flush=True)
            keep = True
        elif not options.check:
            _stay(_exercise(play) if options.empty else _invitation(play))
    except KeyboardInterrupt:
        pass
    except Exception as error:
        if not play.steps or play.steps[-1]["ok"]:
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        if not keep:
            stage.stop()
    ok = len(play.steps) == len(steps) and all(step["ok"] for step in play.steps)
    if options.check:
        print(json.dumps({"steps": play.steps, **play.facts, "timings_ms": play.timings, "ok": ok}))
    return 0 if ok else 1


def _invitation(play: Play) -> str:
    place = play.connection()
    return f"""
Odoo      {place["url"]}/odoo/ghl-contacts   (login {place["login"]}, password {place["password"]})
API       curl -H 'Authorization: Bearer {place["api_key"]}' \\
               '{place["url"]}/api/get-location-contacts-fast?location_id={place["location_id"]}&limit=2'
Sandbox   {place["sandbox"]["ghl"]["base_url"]}   control {place["sandbox"]["control_url"]}"""


def _exercise(play: Play) -> str:
    """What to type to get from an empty Odoo to contacts and a campaign."""
    ghl, twilio = play.sandbox["ghl"], play.sandbox["twilio"]
    return f"""
1. Open {play.url}/odoo/ghl-start   (login {LOGIN}, password {PASSWORD}) and connect a location;
   from {play.url}/odoo a tour shows the way there:
       Location IDs    {play.location_id}
       Token           {ghl["private_token"]}
       API address     {ghl["base_url"]}
2. Choose what to synchronise, start the first sync, and follow what the page offers next.
3. Connect a telephone account; after saving it: Test Connection.
       Provider        Twilio
       API address     {twilio["base_url"]}
       Account SID     {twilio["account_sid"]}
       Auth token      {twilio["auth_token"]}
       Caller number   {twilio["numbers"][0]}
4. Make a voice agent (a name and a first sentence), tick contacts, Actions / Start a Campaign.
5. The people of the sandbox live all over the world and may be asleep: in the campaign, under When, choose the time
   zone America/New_York and let today's hours begin at 00:00 and end at 24:00 (Sunday: Add a line).
   Check Again, Start, Live."""


def _stay(told: str) -> None:
    """Tell where everything is and wait for Ctrl-C."""
    print(f"{told}\nCtrl-C ends everything.", flush=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
