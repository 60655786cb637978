# pylint: disable=print-used  # what a command says is its result
import sys
from datetime import date

from odoo.cli.command import Command


class GenerateCalls(Command):
    """Make demonstration calls with their activity log, or import calls from a CSV file."""

    name = "generate_calls"
    epilog = "Calls made here can be removed again with cleanup_calls. More: docs/tools.md"

    def run(self, arguments):
        # Not before: listing the commands must not load the addon.
        from odoo.addons.ghl.ghl_calls.tools import console, csv_calls, generate

        parser = self.parser
        console.add_database_options(parser)
        number = console.whole_number
        parser.add_argument("--count", type=number, default=500, help="calls to make (default 500)")
        parser.add_argument("--user", default="2", help="id or login of who makes the calls (default 2)")
        parser.add_argument("--seed", type=number, help="the same seed makes the same calls")
        parser.add_argument("--days", type=number, default=30, help="spread over so many days (default 30)")
        parser.add_argument("--until", type=date.fromisoformat, help="last day, exclusive (default today)")
        parser.add_argument("--batch", type=number, help="calls written and committed at a time")
        parser.add_argument("--bulk", action="store_true", default=None, help="COPY even for few calls")
        parser.add_argument("--csv", help="import these calls instead of inventing them")
        parser.add_argument("--dry-run", action="store_true", help="show what would be made")
        parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
        parser.add_argument("--options", help="file with these options, JSON or INI")
        options = console.parse(parser, arguments)
        with console.environment(options) as env:
            company = console.find(env, "res.company", options.company)
            user = console.find(env, "res.users", options.user)
            if options.csv:
                work = self._read_csv(csv_calls, env, options, company, user)
            else:
                work = generate.Generator(
                    env,
                    count=options.count,
                    company=company,
                    user=user,
                    seed=options.seed,
                    days=options.days,
                    batch=options.batch,
                    bulk=options.bulk,
                    until=options.until,
                )
                print(f"Seed {work.seed}, {'COPY' if work.bulk else 'ORM'}, {work.batch} calls at a time")
            print(f"{work.count:,} calls for {company.name}, by {user.name}. The first of them:")
            for values in work.sample():
                print(f"  {values['start_time']}  {values['type']:8}  {values['subject']}")
            if options.dry_run:
                print("Dry run: nothing was written.")
                return
            if not options.yes and not console.confirmed("yes", "Make them?"):
                sys.exit("Nothing was written.")
            self._write(console, env, work)

    def _read_csv(self, csv_calls, env, options, company, user):
        try:
            with open(options.csv, encoding="utf-8-sig", newline="") as file:
                return csv_calls.CsvCalls(env, file, company=company, user=user, batch=options.batch)
        except OSError as error:
            sys.exit(f"{options.csv} cannot be read: {error.strerror}")

    def _write(self, console, env, work):
        progress = console.Progress()

        def after_batch(made):
            env.cr.commit()
            progress(made)

        made = work.run(after_batch)
        print(f"{made.calls:,} calls made, ids {made.first_id} to {made.last_id}.")
