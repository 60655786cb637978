"""bin/faults kill | mix | campaign [--runs N] [--seed S] [--json FILE]"""

import argparse
import json
import sys
import time
from pathlib import Path

from bootstrap import SetupError, ensure

from . import campaign, kill, mix


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    parser.add_argument("which", choices=("kill", "mix", "campaign"))
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write the summary to this file as well")
    options = parser.parse_args()
    findings, started = [], time.monotonic()
    for finding in {"kill": kill, "mix": mix, "campaign": campaign}[options.which].run(
        ensure(), options.runs, options.seed
    ):
        findings.append(finding)
        print("ok  " if finding["ok"] else "FAIL", finding.pop("line"), flush=True)
    summary = {
        "faults": options.which,
        "runs": options.runs,
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
