"""The demo's calls: made by the command, read from the board as the CRM clients do."""

import statistics
import time

import requests

from .step import expect

CALLS = 500
ROUNDS = 20


class BoardSteps:
    """Steps of ``Play``."""

    def generate_calls(self):
        """The command a developer would use, beside the running server."""
        done = self.stage.env.run_odoo(
            ["generate_calls", "-d", self.stage.database, "--count", str(CALLS), "--seed", "1", "--yes"],
            self.stage.database,
        )
        everything = [["source", "=", "generator"], ["active", "in", [True, False]]]  # some are deleted
        calls = self.odoo.call("ghl.call", "search_count", everything)
        logs = self.odoo.call("ghl.activity.log", "search_count", [["activity_type", "=", "call_created"]])
        expect(calls == CALLS, f"{calls} calls were made")
        expect(logs >= CALLS, f"{logs} lines of the activity log")
        self.facts["counts"]["generated_calls"] = calls
        return done.stdout.strip().splitlines()[-1]

    def read_board(self):
        """Totals count everything, columns hold the newest first, nothing is there twice."""
        times = []
        for _round in range(ROUNDS):
            started = time.perf_counter()
            board = self._board(limit=100)
            times.append((time.perf_counter() - started) * 1000)
        total = self.odoo.call("ghl.call", "search_count", [])
        expect(
            board["summary"]["total_calls"] == total, f"the board counts {board['summary']['total_calls']} of {total}"
        )
        expect(sum(column["total_calls"] for column in board["data"]) == total, "the columns do not add up")
        ids = [call["id"] for column in board["data"] for call in column["calls"]]
        expect(len(ids) == len(set(ids)), "a call is there twice")
        for column in board["data"]:
            starts = [call["start_time"] for call in column["calls"]]
            expect(starts == sorted(starts, reverse=True), f"{column['name']} is not newest first")
        p50 = self.timings["board_p50"] = round(statistics.median(times), 1)
        return f"{total} calls in {len(board['data'])} columns, p50 {p50} ms"

    def _board(self, **form) -> dict:
        answer = requests.post(
            f"{self.url}/crm/calls/get-grouped-by-status",
            data=form,
            headers={"Authorization": f"Bearer {self.api_key}"},
            timeout=60,
        )
        body = answer.json()
        expect(body["status"] == 200, f"the board answers {body['status']}: {body['message']}")
        return body
