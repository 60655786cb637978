from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

FOLD_FROM = 1000  # rows too many: below, folding costs more than it saves readers
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
    other nor conflict, as they would over one row that all of them update. Now and then the rows of a key are folded
    into one. Exact in every snapshot, whether records were written by the ORM or by SQL.
    """

    _name = "ghl.total.mixin"
    _description = "GoHighLevel Total"
    _log_access = False

    _total_of = None  # the model counted; it has a column ``active``
    _total_keys = {}  # column of this table -> what it is in the table counted, in SQL
    _total_sums = ()  # some of the keys: there are rows by these alone too, with NULL for the others
    _total_number = "number"  # the column that is summed

    def init(self):
        if not self._total_of:
            return
        table, counted = self._table, self.env[self._total_of]._table
        names = SQL(", ").join(map(SQL.identifier, self._total_keys))
        place = {name: SQL(str(number)) for number, name in enumerate(self._total_keys, 1)}
        places = SQL(", ").join(place.values())
        if self._total_sums:
            sums = SQL(", ").join(place[name] for name in self._total_sums)
            places = SQL("GROUPING SETS ((%s), (%s))", places, sums)
        keys = SQL(", ").join(SQL("%s AS %s", SQL(key), SQL.identifier(name)) for name, key in self._total_keys.items())
        append = SQL("INSERT INTO %s (%s, %s)", SQL.identifier(table), names, SQL.identifier(self._total_number))
        function = SQL.identifier(f"{table}_keep")
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION %(function)s() RETURNS trigger LANGUAGE plpgsql AS $body$
                BEGIN
                    IF TG_OP = 'INSERT' THEN
                        %(append)s SELECT %(keys)s, count(*) FROM added WHERE active GROUP BY %(places)s;
                    ELSIF TG_OP = 'DELETE' THEN
                        %(append)s SELECT %(keys)s, -count(*) FROM removed WHERE active GROUP BY %(places)s;
                    ELSE
                        %(append)s SELECT %(names)s, sum(moved_number) FROM (
                            SELECT %(keys)s, 1 AS moved_number FROM added WHERE active
                            UNION ALL
                            SELECT %(keys)s, -1 FROM removed WHERE active
                        ) AS moved GROUP BY %(places)s HAVING sum(moved_number) <> 0;
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
                %(append)s SELECT %(keys)s, count(*) FROM %(counted)s WHERE active GROUP BY %(places)s;
                """,
                function=function,
                append=append,
                names=names,
                places=places,
                keys=keys,
                table=SQL.identifier(table),
                counted=SQL.identifier(counted),
                **{f"on_{change}": SQL.identifier(f"{table}_{change}") for change in ("insert", "delete", "update")},
            )
        )

    @api.model
    def _find(self, where=Domain.TRUE):
        """Query of the totals of what the reader may see, narrowed by ``where``; None when totals cannot tell it:
        when that, or a record rule of what is counted, looks at anything but the keys."""
        rules = Domain.TRUE
        if not self.env.su:
            rules = Domain(self.env["ir.rule"]._compute_domain(self._total_of, "read"))
        wanted = rules & where
        if any(condition.field_expr not in self._total_keys for condition in wanted.iter_conditions()):
            return None
        # sudo: nobody may read the totals as such; the reader's rules of what is counted are applied to them.
        return self.sudo()._search(wanted)

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
        """Make one row of the rows of each key that has several, if that saves at least ``least`` rows.

        Rows appended meanwhile are left alone. Gives how many rows were saved.
        """
        cr, table = self.env.cr, SQL.identifier(self._table)
        cr.execute(SQL("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", _LOCK, self._table))
        if not cr.fetchone()[0]:
            return 0
        keys = SQL(", ").join(map(SQL.identifier, self._total_keys))
        cr.execute(SQL("SELECT count(*) - count(DISTINCT (%s)) FROM %s", keys, table))
        [spare] = cr.fetchone()
        if spare < least:
            return 0
        number = SQL.identifier(self._total_number)
        cr.execute(
            SQL(
                """
                WITH several AS (
                    SELECT array_agg(id) AS ids, %(keys)s, sum(%(number)s) AS number FROM %(table)s
                     GROUP BY %(keys)s HAVING count(*) > 1
                ), gone AS (
                    DELETE FROM %(table)s WHERE id IN (SELECT unnest(ids) FROM several)
                )
                INSERT INTO %(table)s (%(keys)s, %(total)s) SELECT %(keys)s, number FROM several WHERE number <> 0
                """,
                keys=keys,
                number=number,
                total=number,
                table=table,
            )
        )
        return spare
