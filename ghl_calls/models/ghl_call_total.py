from odoo import api, fields, models

FOLD_FROM = 1000  # rows too many: below, folding costs more than it saves readers
BLOCK_BITS = 13  # a block is a run of 8,192 ids
_LOCK = 0x67686C_63616C6C  # key of the advisory lock: one fold at a time


class Unchecked(fields.Many2one):
    """A many2one without foreign key.

    The calls have one already. Checking it again for each row appended would cost writers more than counting does.
    """

    def update_db_foreign_key(self, model, column):
        pass


class GhlCallTotal(models.Model):
    """How many calls there are by company, status and block of ids: the sum of this table's rows.

    The blocks say where in a list a page begins, so that nobody has to walk there (see ``reading.pages``).

    Triggers on the calls append what each statement added or took away, so that writers never wait for each other nor
    conflict, as they would over one row that all of them update. Now and then the rows of a key are folded into one.
    Exact in every snapshot, whether calls were written by the ORM or by SQL.
    """

    _name = "ghl.call.total"
    _description = "GoHighLevel Call Total"
    _log_access = False

    company_id = Unchecked("res.company", required=True, ondelete="cascade")
    status_id = Unchecked("ghl.call.status", required=True, ondelete="cascade")
    block = fields.Integer(required=True, help="The first of its ids, divided by its size.")
    calls = fields.Integer(required=True)

    _key = models.Index("(company_id, status_id, block) INCLUDE (calls)")

    def init(self):
        self.env.cr.execute(
            """
            CREATE OR REPLACE FUNCTION ghl_call_count() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN
                IF TG_OP = 'INSERT' THEN
                    INSERT INTO ghl_call_total (company_id, status_id, block, calls)
                    SELECT company_id, status_id, id >> %(bits)s, count(*) FROM added WHERE active GROUP BY 1, 2, 3;
                ELSIF TG_OP = 'DELETE' THEN
                    INSERT INTO ghl_call_total (company_id, status_id, block, calls)
                    SELECT company_id, status_id, id >> %(bits)s, -count(*) FROM removed WHERE active
                     GROUP BY 1, 2, 3;
                ELSE
                    INSERT INTO ghl_call_total (company_id, status_id, block, calls)
                    SELECT company_id, status_id, id >> %(bits)s, sum(calls) FROM (
                        SELECT company_id, status_id, id, 1 AS calls FROM added WHERE active
                        UNION ALL
                        SELECT company_id, status_id, id, -1 FROM removed WHERE active
                    ) AS moved GROUP BY 1, 2, 3 HAVING sum(calls) <> 0;
                END IF;
                RETURN NULL;
            END $body$;

            DROP TRIGGER IF EXISTS ghl_call_count_insert ON ghl_call;
            DROP TRIGGER IF EXISTS ghl_call_count_delete ON ghl_call;
            DROP TRIGGER IF EXISTS ghl_call_count_update ON ghl_call;
            CREATE TRIGGER ghl_call_count_insert AFTER INSERT ON ghl_call REFERENCING NEW TABLE AS added
                FOR EACH STATEMENT EXECUTE FUNCTION ghl_call_count();
            CREATE TRIGGER ghl_call_count_delete AFTER DELETE ON ghl_call REFERENCING OLD TABLE AS removed
                FOR EACH STATEMENT EXECUTE FUNCTION ghl_call_count();
            CREATE TRIGGER ghl_call_count_update AFTER UPDATE ON ghl_call
                REFERENCING OLD TABLE AS removed NEW TABLE AS added
                FOR EACH STATEMENT EXECUTE FUNCTION ghl_call_count();

            -- Calls written while there were no triggers. Making them has locked the table until the end.
            DELETE FROM ghl_call_total;
            INSERT INTO ghl_call_total (company_id, status_id, block, calls)
            SELECT company_id, status_id, id >> %(bits)s, count(*) FROM ghl_call WHERE active GROUP BY 1, 2, 3;
            """,
            {"bits": BLOCK_BITS},
        )

    @api.model
    def _cron_fold(self):
        """Scheduled action: fold when there is enough to fold."""
        # A transaction of its own: READ COMMITTED, so that a fold just done elsewhere is seen instead of failing this.
        with self.env.registry.cursor() as cr:
            cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
            self.with_env(self.env(cr=cr))._fold()

    @api.model
    def _fold(self, least=FOLD_FROM):
        """Make one row of the rows of each company, status and block, if that saves at least ``least`` rows.

        Rows appended meanwhile are left alone. Gives how many rows were saved.
        """
        cr = self.env.cr
        cr.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cr.fetchone()[0]:
            return 0
        cr.execute("SELECT count(*) - count(DISTINCT (company_id, status_id, block)) FROM ghl_call_total")
        [spare] = cr.fetchone()
        if spare < least:
            return 0
        cr.execute(
            """
            WITH folded AS (DELETE FROM ghl_call_total RETURNING company_id, status_id, block, calls)
            INSERT INTO ghl_call_total (company_id, status_id, block, calls)
            SELECT company_id, status_id, block, sum(calls) FROM folded GROUP BY 1, 2, 3 HAVING sum(calls) <> 0
            """
        )
        return spare
