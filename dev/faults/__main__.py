"""bin/faults kill | mix | campaign | fuzz [--runs N] [--requests N] [--seed S] [--json FILE]"""

import argparse
import json
import sys
import time
from pathlib import Path

from bootstrap import SetupError, ensure

from . import campaign, kill, mix
from .fuzz import run as fuzz

WHICH = {"kill": kill, "mix": mix, "campaign": campaign, "fuzz": fuzz}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("which", choices=WHICH)
    parser.add_argument("--runs", type=int, default=20, help="of all but fuzz")
    parser.add_argument("--requests", type=int, default=5000, help="of fuzz")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the summary to this file as well")
    options = parser.parse_args()
    findings, started = [], time.monotonic()
    amount = options.requests if options.which == "fuzz" else options.runs
    for finding in WHICH[options.which].run(ensure(), amount, options.seed):
        findings.append(finding)
        print("ok  " if finding["ok"] else "FAIL", finding.pop("line"), flush=True)
    summary = {
        "faults": options.which,
        "requests" if options.which == "fuzz" else "runs": amount,
        "seed": options.seed,
        "ok": all(finding["ok"] for finding in findings),
        "failed": sum(not finding["ok"] for finding in findings),
        "seconds": round(time.monotonic() - started, 1),
        "findings": findings,
    }
    print(json.dumps(summary))
    if options.json:
        options.json.write_text(json.dumps(summary, indent=2))
    return 0 if summary["ok"] else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SetupError as error:
        sys.exit(f"[set-up] {error}")
