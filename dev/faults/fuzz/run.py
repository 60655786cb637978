"""Thousands of made-up requests against a real server on the loopback interface."""

import http.client
import json
import time
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

from bootstrap import Env, addon_template

from ..world import odoo_session, sql
from . import world as worlds
from .judge import BODY_LIMIT, Judge, is_refusal
from .maker import Maker, Request

DATABASE = "ghl_faults_fuzz"
PREFIXES = ("/crm", "/custom", "/listings", "/calls", "/api/")
TOLD = 25  # findings printed of each run


def run(env: Env, requests: int, seed: int):
    """Yield findings: one for each problem found, then the summary of the run."""
    env.drop_db(DATABASE)
    env.create_db(DATABASE, addon_template(env))
    try:
        with odoo_session(env, DATABASE) as odoo_env:
            world = worlds.build(odoo_env)
            # Only requests may change anything.
            odoo_env["ir.cron"].search([]).active = False
            odoo_env["ir.config_parameter"].set_param("ghl.job_executor", "cron")
            foreign_id = odoo_env["res.company"].search([("name", "=", worlds.FOREIGN)]).id
            odoo_env.cr.commit()
        with env.start_server(DATABASE) as server, sql(env, DATABASE) as cursor:
            yield from _Run(server, cursor, world, foreign_id, seed).run(requests)
            log = server.log_file.read_text(errors="replace")
        faults = [line for line in log.splitlines() if " ERROR " in line or " CRITICAL " in line or "Traceback" in line]
        yield {"ok": not faults, "line": f"{len(faults)} faults in the server's log {faults[:3] or ''}"}
    finally:
        env.drop_db(DATABASE)


class _Run:
    def __init__(self, server, cursor, world, foreign_id, seed):
        self.cursor, self.foreign_id = cursor, foreign_id
        self.address = urlsplit(server.url)
        document = self._document(world["keys"][0])
        self.maker = Maker(document, world, seed, PREFIXES)
        self.judge = Judge(document, worlds.FOREIGN)
        self.tables = worlds.tables(cursor)

    def run(self, requests):
        statuses, ways, problems, started = Counter(), Counter(), 0, time.monotonic()
        foreign = worlds.fingerprint(self.cursor, self.tables, self.foreign_id)
        before = worlds.fingerprint(self.cursor, self.tables)
        changes = refusals = accepted = 0
        for number in range(requests):
            request = self.maker.make()
            try:
                status, headers, body = self.send(request)
            except ConnectionError as error:
                # A server need not read all of what is too large.
                problems += len(request.body) < BODY_LIMIT
                yield {"ok": len(request.body) >= BODY_LIMIT, "line": f"{number} {request}\n     -> {error!r}"}
                continue
            after = worlds.fingerprint(self.cursor, self.tables)
            found = self.judge.problems(request, status, headers, body)
            refused = is_refusal(status, body)
            refusals += refused
            accepted += request.way == "right" and not refused
            if refused and after != before and self._changes_again(request):
                changed = [old[0] for old, new in zip(before, after, strict=True) if old != new]
                found.append(f"refused, but changed {', '.join(changed)}")
            changes += after != before
            before = after
            statuses[status] += 1
            ways[request.way] += 1
            problems += bool(found)
            if found and problems <= TOLD:
                yield {"ok": False, "line": f"{number} {request}\n     -> {status}: {'; '.join(found)}"}
        unseen = worlds.fingerprint(self.cursor, self.tables, self.foreign_id) == foreign
        yield {"ok": unseen, "line": "the other company's data is as it was" if unseen else "foreign data changed"}
        seconds = time.monotonic() - started
        yield {
            "ok": not problems,
            "line": f"{requests:,} requests to {len(self.maker.operations)} operations in {seconds:.0f} s: "
            f"{problems} with problems, {refusals:,} refused, {accepted:,} of {ways['right']:,} right ones accepted, "
            f"{changes:,} changed something; HTTP {dict(sorted(statuses.items()))}; {dict(ways)}",
            "requests": requests,
            "operations": len(self.maker.operations),
            "statuses": dict(statuses),
            "problems": problems,
        }

    def _changes_again(self, request):
        """Whether it is this refusal that changes something, not what an earlier request left to do behind."""
        before, last = worlds.fingerprint(self.cursor, self.tables), None
        while before != last:
            time.sleep(0.5)
            before, last = worlds.fingerprint(self.cursor, self.tables), before
        self.send(request)
        return worlds.fingerprint(self.cursor, self.tables) != before

    def send(self, request):
        connection = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=60)
        try:
            # Byte by byte as it is: no library shall mend what is wrong on purpose.
            connection.putrequest(request.method, request.path, skip_accept_encoding=True)
            for name, value in request.headers.items():
                connection.putheader(name, value)
            if request.body or request.method != "GET":
                connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders()
            with suppress(BrokenPipeError, ConnectionResetError):  # the server answered before it had read all
                connection.send(request.body)
            response = connection.getresponse()
            headers = {name.lower(): value for name, value in response.getheaders()}
            return response.status, headers, response.read()
        finally:
            connection.close()

    def _document(self, key):
        status, _headers, body = self.send(Request("GET", "/api/openapi.json", {"Authorization": f"Bearer {key}"}))
        if status != 200:
            raise RuntimeError(f"/api/openapi.json: {status} {body[:300]}")
        return json.loads(body)
