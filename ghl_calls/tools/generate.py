"""Make demonstration calls with their activity log: few by the ORM, many by COPY."""

import csv
import io
import json
import secrets
from dataclasses import dataclass
from itertools import islice

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .. import codes
from . import variety
from .guards import check_admin, check_between, check_company

MOST_CALLS = 100_000_000
BULK_FROM = 5_001  # calls: below, the ORM is as quick as anybody needs
BATCH, BULK_BATCH = 50, 10_000
LINES_AT_A_TIME = 100  # handed to PostgreSQL by COPY
KNOWN_RECORDS = 1_000  # of each model, to relate calls to


@dataclass
class Made:
    """What a run has written so far: `calls` of `of`, with ids from `first_id` to `last_id`."""

    of: int
    calls: int = 0
    first_id: int = 0
    last_id: int = 0


class Generator:
    """Demonstration calls of one company, ready to be shown (`sample`) and made (`run`).

    :param env: of an administrator; calls refer only to records that this user may see
    :param user: the person who makes the calls and most of whom own them
    :param seed: the same seed and ``until`` give the same calls; drawn when None
    :param days: how many days before ``until`` (a date, today by default) the calls are spread over
    :param batch: calls written at a time
    :param bulk: True COPY, False ORM, None whichever suits the count
    :raises UserError: a number out of range, no such company or user, or the user is not of the company
    :raises AccessError: not an administrator
    """

    def __init__(self, env, *, count, company, user, seed=None, days=30, batch=None, bulk=None, until=None):
        check_admin(env)
        check_company(env, company)
        check_between(env, env._("The number of calls"), count, 1, MOST_CALLS)
        check_between(env, env._("The number of days"), days, 1, 3650)
        if batch is not None:
            check_between(env, env._("The batch size"), batch, 1, 100_000)
        check_user(env, user, company)
        self.count, self.days = count, days
        self.bulk = count >= BULK_FROM if bulk is None else bulk
        self.batch = batch or (BULK_BATCH if self.bulk else BATCH)
        self.seed = secrets.randbelow(2**31) if seed is None else seed
        self.until = until or fields.Date.today()
        self.company, self.world = company, _world(env, company, user)
        # In the name of the user whose calls they are; su: the checks above are what is asked for, and a call may
        # be owned by somebody the user does not see.
        self.env = env(user=user.id, su=True, context=_quiet(env, company))

    def sample(self, number=5):
        """Field values of the first calls, without writing any."""
        return list(islice(self._draw(), min(number, self.count)))

    def run(self, after_batch=None):
        """Write all calls, in the order drawn.

        :param after_batch: called with the ``Made`` so far after each batch, for example to commit
        :return: ``Made``
        """
        made, write = Made(of=self.count), self._copy if self.bulk else self._create
        for rows in split_every(self.batch, islice(self._draw(), self.count)):
            ids = write(rows)
            made.first_id, made.last_id = made.first_id or ids[0], ids[-1]
            made.calls += len(rows)
            if after_batch:
                after_batch(made)
        return made

    def _draw(self):
        return variety.draw(self.world, seed=self.seed, days=self.days, until=self.until)

    def _create(self, rows):
        calls = self.env["ghl.call"].create([{**row, "company_id": self.company.id} for row in rows])
        self.env.flush_all()
        for model in ("ghl.call", "ghl.activity.log"):  # or a long run would keep every call in memory
            self.env[model].invalidate_model(flush=False)
        return calls.ids

    def _copy(self, rows):
        """As `_create`, by COPY. The triggers of the totals see COPY as any other INSERT."""
        cr, calls = self.env.cr, self.env["ghl.call"]
        cr.execute("SELECT nextval('ghl_call_id_seq') FROM generate_series(1, %s)", [len(rows)])
        ids = [call_id for (call_id,) in cr.fetchall()]
        numbers = calls._next_numbers(self.company.id, len(rows))
        stamp, uid, company_id = fields.Datetime.now(), self.env.uid, self.company.id
        common = {
            **{"company_id": company_id, "create_uid": uid, "create_date": stamp, "write_uid": uid},
            **{"write_date": stamp, "max_duration": calls.default_get(["max_duration"]).get("max_duration")},
        }
        columns = ["id", "number", *common, *rows[0]]
        fixed = tuple(common.values())
        lines = ((call_id, numbers.pop(), *fixed, *row.values()) for call_id, row in zip(ids, rows, strict=True))
        _copy_into(cr, "ghl_call", columns, lines)
        title = calls._activity_titles()["created"]
        fixed = {
            "activity_type": "call_created",
            "entity_model": "ghl.call",
            **{"user_id": uid, "company_id": company_id, "title": title},
            **{"create_uid": uid, "create_date": stamp, "write_uid": uid, "write_date": stamp},
        }
        lines = (
            (*fixed.values(), call_id, row["location_id"], row["subject"], _metadata(row))
            for call_id, row in zip(ids, rows, strict=True)
        )
        _copy_into(cr, "ghl_activity_log", [*fixed, "entity_id", "location_id", "description", "metadata"], lines)
        return ids


def check_user(env, user, company):
    """:raises UserError: there is no such active user of the company"""
    # sudo: an administrator of GoHighLevel need not be one of the users
    user = user.sudo()
    if len(user) != 1 or not user.exists() or not user.active:
        raise UserError(env._("There is no such user."))
    if company not in user.company_ids:
        raise UserError(
            env._("%(user)s does not work in %(company)s.", user=user.name, company=company.sudo().display_name)
        )


def _quiet(env, company):
    return {**env.context, "tracking_disable": True, "allowed_company_ids": company.ids}


def _world(env, company, user):
    own, shared = Domain("company_id", "=", company.id), Domain("company_id", "in", [False, company.id])
    env = env(context={**env.context, "allowed_company_ids": company.ids})

    def some(model, domain):
        return env[model].search(domain, limit=KNOWN_RECORDS, order="id")

    statuses = env["ghl.call.status"].search(shared, order="id")
    if not statuses:
        raise UserError(env._("There is no call status yet: make one first."))
    people = some("res.users", Domain("company_ids", "in", company.ids) & Domain("share", "=", False))
    leads = some("crm.lead", shared).ids if "crm.lead" in env and env["crm.lead"].has_access("read") else []
    deals = some("ghl.contact.opportunity", own & Domain("contact_id", "!=", False))
    return variety.World(
        user_id=user.id,
        statuses=tuple((status.id, status.kind) for status in statuses),
        other_user_ids=tuple((people - user).ids),
        contacts=tuple((contact.id, contact.location_id.id or None) for contact in some("ghl.contact", own)),
        opportunities=tuple((deal.id, deal.contact_id.id, deal.contact_id.location_id.id or None) for deal in deals),
        partner_ids=tuple(some("res.partner", shared & Domain("partner_share", "=", True)).ids),
        leads=tuple(f"crm.lead,{lead_id}" for lead_id in leads),
    )


def _metadata(row):
    """As ``ghl.call._activity_metadata``, of a call that is no record yet."""
    lead_id = int(row["lead_ref"].partition(",")[2]) if row["lead_ref"] else 0
    whom = "contacts" if row["contact_id"] else "leads" if lead_id else ""
    about = "deals" if row["opportunity_id"] else "accounts" if row["partner_id"] else ""
    return json.dumps(
        codes.activity_metadata(
            row["type"],
            row["purpose"],
            row["start_time"],
            call_for=(whom, row["contact_id"] or lead_id),
            related_to=(about, row["opportunity_id"] or row["partner_id"] or 0),
        )
    )


def _copy_into(cr, table, columns, rows):
    cr.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN WITH (FORMAT csv)", _CsvFile(rows))


class _CsvFile:
    """Rows as a file that is written while it is read: PostgreSQL stores rows while the next ones are made."""

    def __init__(self, rows):
        self._rows = iter(rows)

    def read(self, _size):  # pylint: disable=method-required-super
        """Some lines, whatever the size asked for; "" at the end."""
        text = io.StringIO()
        csv.writer(text).writerows(islice(self._rows, LINES_AT_A_TIME))  # None becomes an empty field: NULL
        return text.getvalue()
