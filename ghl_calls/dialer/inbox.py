"""The inbox of reports: what a door has stored is worked off in the order it came, each delivery with one effect.

A delivery that is not signed is only a hint: the provider is asked what became of the call. One about a call that is
not known is looked at again for some minutes: a report may be faster than the answer that tells us the call's id.
"""

from __future__ import annotations

import base64
import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta

from odoo import api, fields
from odoo.sql_db import BaseCursor

from ...ghl_base.net.redaction import is_secret_name, redact
from ..providers.base import Delivery
from . import reconcile, reports, signals, transactions
from .background import Background

_logger = logging.getLogger(__name__)

SOURCE = "voip"
BATCH = 50
MOST_ATTEMPTS = 6
FIRST_WAIT = timedelta(seconds=5)
# Headers that say how a delivery came about. No others are kept: they may hold secrets.
KEPT_HEADERS = ("content-type", "user-agent", "i-twilio-idempotency-token", "x-home-region", "x-request-id")


# ---- the door --------------------------------------------------------------------------------------------


def store(
    cr: BaseCursor, *, account_id: int, company_id: int, kind: str, delivery: Delivery, path: str, trusted: bool
) -> bool:
    """Put a delivery into the inbox; False when it is there already. One statement, in the caller's transaction."""
    content = (delivery.method.encode(), kind.encode(), delivery.reference.encode(), delivery.body)
    key = hashlib.sha256(b"\0".join(content))
    cr.execute(
        """INSERT INTO ghl_webhook_event (company_id, source, res_id, kind, delivery_key, trusted, method, url, headers,
                                          content_type, body, reference, received_at, state, attempts,
                                          create_uid, create_date, write_uid, write_date)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'UTC', 'pending', 0,
                   1, now() AT TIME ZONE 'UTC', 1, now() AT TIME ZONE 'UTC')
           ON CONFLICT (source, res_id, delivery_key) DO NOTHING""",
        [
            company_id,
            SOURCE,
            account_id,
            kind,
            key.hexdigest(),
            trusted,
            delivery.method,
            path,
            json.dumps(kept_headers(delivery.headers)),
            delivery.content_type,
            base64.b64encode(delivery.body),
            delivery.reference,
        ],
        log_exceptions=False,  # a delivery that races with itself is no fault
    )
    return bool(cr.rowcount)


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT_HEADERS if headers.get(name) and not is_secret_name(name)}


# ---- working it off --------------------------------------------------------------------------------------


def drain(source: api.Environment | str, *, limit: int | None = None) -> int:
    """Work off what waits and is due; how many deliveries were looked at."""
    tx = transactions.of(source)
    done = 0
    while limit is None or done < limit:
        looked_at, hints = _one_batch(tx)
        if hints:
            reconcile.soon(tx)
        done += looked_at
        if looked_at < BATCH:
            break
    return done


def _one_batch(tx: transactions.Transactions) -> tuple[int, bool]:
    try:
        with tx.env() as env:
            rows = _claim(env, BATCH)
            result = _process(env, rows)
    except Exception:
        # One delivery spoils the batch: each alone, so that only that one waits.
        _logger.info("A batch of deliveries failed and is worked off one by one", exc_info=True)
        return _one_by_one(tx)
    signals.campaigns_moved(tx.dbname, result.campaigns)
    return len(rows), result.hints


def _one_by_one(tx: transactions.Transactions) -> tuple[int, bool]:
    looked_at, hints, seen = 0, False, set()
    while looked_at < BATCH:
        try:
            with tx.env() as env:
                rows = _claim(env, 1, without=seen)
                if not rows:
                    break
                seen.add(rows[0]["id"])
                result = _process(env, rows)
            hints |= result.hints
            signals.campaigns_moved(tx.dbname, result.campaigns)
        except Exception as error:
            _logger.exception("Delivery %s could not be worked off", rows[0]["id"])
            with tx.env() as env:
                _again(env, rows[0], "failed", redact(f"{type(error).__name__}: {error}")[:500])
        looked_at += 1
    return looked_at, hints


class _Result:
    def __init__(self) -> None:
        self.campaigns: set[int] = set()
        self.hints = False


def _claim(env: api.Environment, count: int, without: set[int] = frozenset()) -> list[dict]:
    env.cr.execute(
        """SELECT id, res_id, kind, method, url, headers, content_type, body, reference, trusted, attempts
             FROM ghl_webhook_event
            WHERE source = %s AND state = 'pending' AND id <> ALL(%s)
              AND (not_before IS NULL OR not_before <= %s)
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED""",
        [SOURCE, list(without), fields.Datetime.now(), count],
    )
    return env.cr.dictfetchall()


def _process(env: api.Environment, rows: list[dict]) -> _Result:
    """Take over what the rows say, account by account; they are marked in the same transaction."""
    result = _Result()
    by_account: dict[int, list[dict]] = {}
    for row in rows:
        by_account.setdefault(row["res_id"], []).append(row)
    for account_id, own in by_account.items():
        account = env["ghl.voip.account"].browse(account_id).exists()
        if not account:
            _mark(env, own, "orphan", "The account was removed.")
            continue
        provider = account._provider()
        said, of_row = [], []
        for row in own:
            try:
                found = provider.parse(_delivery(account, row))
            except ValueError as fault:
                _mark(env, [row], "failed", redact(str(fault))[:500])
                continue
            said += found
            of_row += [row] * len(found)
            if not found:
                _mark(env, [row], "done")
        trusted = [n for n, row in enumerate(of_row) if row["trusted"] or not provider.capabilities.fetch]
        hints = [n for n in range(len(of_row)) if n not in set(trusted)]
        applied = reports.apply(env, account, [said[n] for n in trusted])
        verdicts = dict(zip(trusted, applied.verdicts, strict=True))
        for n in hints:
            known = reconcile.note_hint(env, account, said[n])
            verdicts[n] = "applied" if known else "orphan"
            result.hints |= known
        _mark_all(env, of_row, verdicts)
        if applied.moved and "campaign_id" in applied.moved._fields:
            result.campaigns |= set(applied.moved.mapped("campaign_id").ids)
    return result


def _delivery(account, row: dict) -> Delivery:
    return Delivery(
        method=row["method"],
        url=account._public_base_url() + row["url"],
        headers=row["headers"] or {},
        body=base64.b64decode(row["body"] or b""),
        content_type=row["content_type"] or "",
        reference=row["reference"] or "",
    )


def _mark_all(env: api.Environment, rows: list[dict], verdicts: dict[int, str]) -> None:
    """One state for each row, of the verdicts on its reports: what is of no call yet waits, whatever the others say."""
    by_row: dict[int, tuple[dict, set[str]]] = {}
    for n, row in enumerate(rows):
        by_row.setdefault(row["id"], (row, set()))[1].add(verdicts[n])
    done = [row for row, found in by_row.values() if "orphan" not in found and found != {"duplicate"}]
    _mark(env, done, "done")
    _mark(env, [row for row, found in by_row.values() if found == {"duplicate"}], "duplicate")
    for row, found in by_row.values():
        if "orphan" in found:
            _again(env, row, "orphan", "No call of this account is known by what it says.")


def _mark(env: api.Environment, rows: list[dict], state: str, error: str | None = None) -> None:
    if rows:
        env.cr.execute(
            """UPDATE ghl_webhook_event SET state = %s, error = %s, processed_at = %s, attempts = attempts + 1
                WHERE id = ANY(%s)""",
            [state, error, fields.Datetime.now(), [row["id"] for row in rows]],
        )


def _again(env: api.Environment, row: dict, at_last: str, error: str) -> None:
    """Look at it again later; after the last time it stays in the state ``at_last``."""
    if row["attempts"] + 1 >= MOST_ATTEMPTS:
        _mark(env, [row], at_last, error)
        return
    env.cr.execute(
        "UPDATE ghl_webhook_event SET attempts = attempts + 1, error = %s, not_before = %s WHERE id = %s",
        [error, fields.Datetime.now() + FIRST_WAIT * 2 ** row["attempts"], row["id"]],
    )


def next_due(env: api.Environment) -> datetime | None:
    """When the next waiting delivery is to be looked at; None when none waits."""
    env.cr.execute(
        "SELECT min(coalesce(not_before, received_at)) FROM ghl_webhook_event WHERE source = %s AND state = 'pending'",
        [SOURCE],
    )
    return env.cr.fetchone()[0]


drainer = Background("ghl.inbox", drain)
