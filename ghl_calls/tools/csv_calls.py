"""Calls from a CSV file: every row is checked before the first one is written."""

import csv
from datetime import datetime, timezone

from odoo.exceptions import UserError
from odoo.tools import split_every

from .. import codes, durations
from .generate import BATCH, Made, _quiet, check_user
from .guards import check_admin, check_company

COLUMNS = (
    "subject start_time type purpose status duration agenda description result tag from_number to_number owner"
).split()
REQUIRED = ("subject", "start_time")
SHOWN = 20  # problems


class CsvCalls:
    """The calls of a CSV file with a header of ``COLUMNS``, for one company.

    `owner` is a login, `status` the name of a status, `duration` as in 5m 30s. They get the source "import": the
    clean-up of generated calls does not touch them.

    :param file: text file, opened with newline=""
    :raises UserError: the file has bad rows; the message lists them with their reasons
    """

    def __init__(self, env, file, *, company, user, batch=None):
        check_admin(env)
        check_company(env, company)
        check_user(env, user, company)
        self.company, self.batch = company, batch or BATCH
        self.env = env(user=user.id, su=True, context=_quiet(env, company))  # su: as in ``Generator``
        statuses = self.env["ghl.call.status"].search([("company_id", "in", [False, company.id])])
        self._statuses = {status.name.lower(): status.id for status in statuses}
        people = self.env["res.users"].search([("company_ids", "in", company.ids)])
        self._logins = {person.login: person.id for person in people}
        self.rows, self.problems = [], []
        try:
            self._read(file)
        except (csv.Error, UnicodeDecodeError) as error:
            raise UserError(env._("This is not a CSV file in UTF-8: %s", error)) from error
        if self.problems:
            shown, more = self.problems[:SHOWN], len(self.problems) - SHOWN
            if more > 0:
                shown.append(env._("... and %s more", more))
            raise UserError(env._("Nothing was imported.\n%s", "\n".join(shown)))
        if not self.rows:
            raise UserError(env._("The file has no calls."))
        self.count = len(self.rows)

    def sample(self, number=5):
        """Field values of the first calls."""
        return self.rows[:number]

    def run(self, after_batch=None):
        """As ``Generator.run``."""
        made = Made(of=self.count)
        for rows in split_every(self.batch, self.rows):
            calls = self.env["ghl.call"].create([{**row, "company_id": self.company.id} for row in rows])
            self.env.flush_all()
            made.first_id, made.last_id = made.first_id or calls.ids[0], calls.ids[-1]
            made.calls += len(rows)
            self.env.invalidate_all()
            if after_batch:
                after_batch(made)
        return made

    def _read(self, file):
        reader = csv.DictReader(file, strict=True)
        header = [name.strip().lower() for name in reader.fieldnames or []]
        unknown, missing = set(header) - set(COLUMNS), set(REQUIRED) - set(header)
        if unknown or missing or len(set(header)) < len(header):
            raise UserError(
                self.env._(
                    "The first line must name the columns, each once. Known: %(known)s. Required: %(required)s.",
                    known=", ".join(COLUMNS),
                    required=", ".join(REQUIRED),
                )
            )
        reader.fieldnames = header
        for row in reader:
            try:
                self.rows.append(self._values(row))
            except ValueError as error:
                self.problems.append(self.env._("Line %(line)s: %(reason)s", line=reader.line_num, reason=error))

    def _values(self, row):
        if None in row or None in row.values():
            raise ValueError(self.env._("has another number of values than the first line"))
        row = {name: value.strip() for name, value in row.items()}
        if any("\0" in value for value in row.values()):
            raise ValueError(self.env._("holds a NUL character"))
        if not row["subject"]:
            raise ValueError(self.env._("has no subject"))
        values = {"source": "import", "subject": row["subject"], "start_time": self._moment(row["start_time"])}
        for name in ("agenda", "description", "result", "tag", "from_number", "to_number"):
            values[name] = row.get(name) or False
        values["type"] = self._one_of("type", row, dict.fromkeys(codes.TYPE_CODES)) or "outbound"
        values["purpose"] = self._one_of("purpose", row, dict.fromkeys(codes.PURPOSE_CODES))
        if row.get("duration"):
            values["duration_seconds"] = durations.seconds(row["duration"])
        if status_id := self._one_of("status", row, self._statuses):
            values["status_id"] = status_id
        login = row.get("owner")
        if login and login not in self._logins:
            raise ValueError(self.env._("owner %s works not in this company", login))
        values["owner_id"] = self._logins[login] if login else self.env.uid
        return values

    def _moment(self, text):
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo:
                moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
        except (ValueError, OverflowError):
            raise ValueError(self.env._("start_time must be like 2026-01-31 09:30")) from None
        return moment.replace(microsecond=0)

    def _one_of(self, name, row, known):
        """The value that ``known`` has for the row's word: the word itself where it has None; False for no word."""
        word = (row.get(name) or "").lower()
        if word and word not in known:
            raise ValueError(self.env._("%(name)s must be one of %(known)s", name=name, known=", ".join(known)))
        return (known[word] or word) if word else False
