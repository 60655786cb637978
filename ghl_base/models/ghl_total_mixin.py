from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

FOLD_FROM = 1000  # rows too many: below, folding costs more than it saves readers
FRESH = "fresh"
FEW = 10  # records of one statement: beyond, summing them up at once costs less than the rows that are saved
_LOCK = 0x67686C  # first key of the advisory locks: one fold of a table at a time


class Unchecked(fields.Many2one):
    """A many2one without foreign key.

    What is counted has one already. Checking it again for each row appended would cost writers more than counting does.
    """

    def update_db_foreign_key(self, model, column):
        pass


class GhlTotalMixin(models.AbstractModel):
    """How many living records of a table there are by some keys: the sum of this table's rows.

    Triggers on the table counted append what each statement added or took away, so that writers never wait for each
    other nor conflict, as they would over one row that all of them update. A statement of few records appends them as
    they are, one ``fresh`` row with all the keys; now and then these are folded into one row for each grain and key.
    A reader of a grain adds up its rows and the fresh ones. Exact in every snapshot, whether records were written by
    the ORM or by SQL.
    """

    _name = "ghl.total.mixin"
    _description = "GoHighLevel Total"
    _log_access = False

    _total_of = None  # the model counted; it has a column ``active``
    _total_keys = {}  # column of this table -> what it is in the table counted, in SQL
    _total_grains = {}  # name -> the keys that readers ask for together
    _total_number = "number"  # the column that is summed

    grain = fields.Char(help="Which keys the row has; fresh: all of them, and it counts for every grain.")

    def init(self):
        if not self._total_of:
            return
        table, counted = self._table, self.env[self._total_of]._table
        function = SQL.identifier(f"{table}_keep")
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        PERFORM FROM added OFFSET %(few)s;
                        IF FOUND THEN %(append)s %(added_sums)s; ELSE %(append)s %(added)s; END IF;
                    ELSIF TG_OP = 'DELETE' THEN
                        PERFORM FROM removed OFFSET %(few)s;
                        IF FOUND THEN %(append)s %(removed_sums)s; ELSE %(append)s %(removed)s; END IF;
                    ELSE
                        PERFORM FROM added OFFSET %(few)s;
                        IF FOUND THEN %(append)s %(moved_sums)s; ELSE %(append)s %(moved)s; END IF;
                    END IF;
                    RETURN NULL;
                END $body$;

                DROP TRIGGER IF EXISTS %(on_insert)s ON %(counted)s;
                DROP TRIGGER IF EXISTS %(on_delete)s ON %(counted)s;
                DROP TRIGGER IF EXISTS %(on_update)s ON %(counted)s;
                CREATE TRIGGER %(on_insert)s AFTER INSERT ON %(counted)s REFERENCING NEW TABLE AS added
                    FOR EACH STATEMENT EXECUTE FUNCTION %(function)s();
                CREATE TRIGGER %(on_delete)s AFTER DELETE ON %(counted)s REFERENCING OLD TABLE AS removed
                    FOR EACH STATEMENT EXECUTE FUNCTION %(function)s();
                CREATE TRIGGER %(on_update)s AFTER UPDATE ON %(counted)s
                    REFERENCING OLD TABLE AS removed NEW TABLE AS added
                    FOR EACH STATEMENT EXECUTE FUNCTION %(function)s();

                -- What was written while there were no triggers. Making them has locked the table until the end.
                DELETE FROM %(table)s;
                %(append)s %(all_sums)s;
                """,
                function=function,
                few=FEW,
                append=SQL("INSERT INTO %s (grain, %s)", SQL.identifier(table), self._total_columns()),
                added=self._changes("added", 1, fresh=True),
                added_sums=self._sums(self._changes("added", 1)),
                removed=self._changes("removed", -1, fresh=True),
                removed_sums=self._sums(self._changes("removed", -1)),
                moved=self._sums(self._moves(), fresh=True),
                moved_sums=self._sums(self._moves()),
                all_sums=self._sums(self._changes(counted, 1)),
                table=SQL.identifier(table),
                counted=SQL.identifier(counted),
                **{f"on_{change}": SQL.identifier(f"{table}_{change}") for change in ("insert", "delete", "update")},
            )
        )

    def _total_columns(self):
        return SQL(", ").join(map(SQL.identifier, (*self._total_keys, self._total_number)))

    def _changes(self, table, number, fresh=False):
        """SQL of the living records in ``table``, one by one: the keys and ``number``."""
        keys = SQL(", ").join(SQL("%s AS %s", SQL(key), SQL.identifier(name)) for name, key in self._total_keys.items())
        grain = SQL("%s, ", FRESH) if fresh else SQL()
        number = SQL("%s AS %s", number, SQL.identifier(self._total_number))
        return SQL("SELECT %s%s, %s FROM %s WHERE active", grain, keys, number, SQL.identifier(table))

    def _moves(self):
        return SQL("%s UNION ALL %s", self._changes("added", 1), self._changes("removed", -1))

    def _sums(self, changes, fresh=False):
        """SQL of the rows that ``changes`` add up to, of each grain or all ``fresh``; none that are nothing."""
        names = {name: SQL.identifier(name) for name in self._total_keys}
        every, number = SQL(", ").join(names.values()), SQL.identifier(self._total_number)
        if fresh:
            grain, groups = SQL("%s", FRESH), every
        else:
            whens, sets = [], []
            for kind, keys in self._total_grains.items():
                # A bit of GROUPING for each key, the first the highest: whether the row goes without it.
                bits = int("".join(str(int(name not in keys)) for name in names), 2)
                whens.append(SQL("WHEN %s THEN %s", bits, kind))
                sets.append(SQL("(%s)", SQL(", ").join(map(names.get, keys))))
            grain = SQL("CASE GROUPING(%s) %s END", every, SQL(" ").join(whens))
            groups = SQL("GROUPING SETS (%s)", SQL(", ").join(sets))
        return SQL(
            "SELECT %s, %s, sum(%s) FROM (%s) AS change GROUP BY %s HAVING sum(%s) <> 0",
            grain, every, number, changes, groups, number,
        )  # fmt: skip

    @api.model
    def _find(self, grain, where=Domain.TRUE):
        """Query of the totals by the keys of ``grain`` of what the reader may see, narrowed by ``where``.

        None when these totals cannot tell it: when that, or a record rule of what is counted, looks at anything else.
        """
        rules = Domain.TRUE
        if not self.env.su:
            rules = Domain(self.env["ir.rule"]._compute_domain(self._total_of, "read"))
        wanted, keys = rules & where, self._total_grains[grain]
        if any(condition.field_expr.partition(".")[0] not in keys for condition in wanted.iter_conditions()):
            return None
        # sudo: nobody may read the totals as such; the reader's rules of what is counted are applied to them.
        query = self.sudo()._search(wanted)
        query.add_where(SQL("%s IN %s", SQL.identifier(query.table, "grain"), (FRESH, grain)))
        return query

    @api.model
    def _cron_fold(self):
        """Scheduled action: fold every table of totals that has enough to fold."""
        for name in sorted(self.env.registry.descendants(["ghl.total.mixin"], "_inherit")):
            if not self.env[name]._abstract:
                # A transaction of its own: READ COMMITTED, so that a fold just done elsewhere is seen instead of
                # failing this.
                with self.env.registry.cursor() as cr:
                    cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    self.env[name].with_env(self.env(cr=cr))._fold()

    @api.model
    def _fold(self, least=FOLD_FROM):
        """Make one row of all rows of a grain and key, the fresh ones among them, if that saves ``least`` rows.

        Rows appended meanwhile are left alone. Gives how many rows were saved.
        """
        cr, table = self.env.cr, SQL.identifier(self._table)
        cr.execute(SQL("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", _LOCK, self._table))
        if not cr.fetchone()[0]:
            return 0
        columns = self._total_columns()
        keys = SQL(", ").join(map(SQL.identifier, self._total_keys))
        cr.execute(
            SQL("SELECT count(*) - count(DISTINCT (grain, %s)) FILTER (WHERE grain <> %s) FROM %s", keys, FRESH, table)
        )
        [spare] = cr.fetchone()
        if spare < least:
            return 0
        number = SQL.identifier(self._total_number)
        cr.execute(
            SQL(
                """
                WITH fresh AS (
                    DELETE FROM %(table)s WHERE grain = %(fresh)s RETURNING %(columns)s
                ), piece AS (
                    SELECT NULL::int AS id, sums.* FROM (%(sums)s) AS sums (grain, %(columns)s)
                    UNION ALL
                    SELECT id, grain, %(columns)s FROM %(table)s WHERE grain <> %(fresh)s
                ), whole AS (
                    SELECT array_agg(id) AS ids, grain, %(keys)s, sum(%(number)s) AS number FROM piece
                     GROUP BY grain, %(keys)s HAVING count(*) > 1 OR count(id) = 0
                ), gone AS (
                    DELETE FROM %(table)s WHERE id IN (SELECT unnest(ids) FROM whole)
                )
                INSERT INTO %(table)s (grain, %(columns)s)
                SELECT grain, %(keys)s, number FROM whole WHERE number <> 0
                """,
                table=table,
                fresh=FRESH,
                columns=columns,
                sums=self._sums(SQL("SELECT %s FROM fresh", columns)),
                keys=keys,
                number=number,
            )
        )
        return spare
