"""Runs benches, prints a line for each case, writes JSON; the exit code is 1 when a goal was missed."""

import argparse
import importlib
import json
import sys
import time

from bootstrap import ensure

from .runner import Context

BENCHES = {
    "calls": "bench.calls",
    "campaign": "bench.campaign",
    "contacts": "bench.contacts",
    "dashboard": "bench.dashboard",
    "events": "bench.events",
    "generate": "bench.generate",
    "grouped": "bench.grouped",
    "messages": "bench.sync.messages",
    "sync": "bench.sync",
}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description="Benchmarks with their floors in the same run.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"which: {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="less data and fewer rounds: shows that it works, no more")
    parser.add_argument(
        "--huge",
        action="store_true",
        help="more: 5,000,000 calls (5 GB), 1,000,000 messages; of campaign only 10,000 recipients at 200 lines",
    )
    parser.add_argument("--json", metavar="FILE", help="write the results there")
    options = parser.parse_args(argv)
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    context = Context(ensure(), options.quick, options.huge)
    results = []
    for name in options.names or BENCHES:
        started = time.monotonic()
        print(f"{name}", flush=True)
        for result in importlib.import_module(BENCHES[name]).run(context):
            results.append(result)
            print(f"  {result.line()}", flush=True)
        print(f"  {time.monotonic() - started:.0f} s in all", flush=True)
    if options.json:
        with open(options.json, "w") as file:
            json.dump([result.as_dict() for result in results], file, indent=1)
    missed = [result for result in results if not result.ok]
    print(f"{len(results) - len(missed)} of {len(results)} goals reached" + (" (quick run)" if options.quick else ""))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
