# pylint: disable=print-used  # what a command says is its result
import sys

from odoo.cli.command import Command


class CleanupCalls(Command):
    """Remove generated calls and their activity log for good. Calls of any other source are never removed."""

    name = "cleanup_calls"
    epilog = "Shows first what would go, then asks. More: docs/tools.md"

    def run(self, arguments):
        # Not before: listing the commands must not load the addon.
        from odoo.addons.ghl.ghl_calls.tools import cleanup, console

        parser = self.parser
        console.add_database_options(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        number = console.whole_number
        which.add_argument("--ids", nargs=2, type=number, metavar=("FIRST", "LAST"), help="those with these ids")
        which.add_argument("--last", type=number, metavar="N", help="the N newest")
        which.add_argument("--generated", action="store_true", help="all")
        which.add_argument("--statistics", action="store_true", help="only count what there is")
        parser.add_argument("--dry-run", action="store_true", help="show what would be removed")
        parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
        options = parser.parse_args(arguments)
        with console.environment(options) as env:
            company = console.find(env, "res.company", options.company)
            if options.statistics:
                return self._print_statistics(cleanup.statistics(env, company))
            first_id, last_id = options.ids or (None, None)
            work = cleanup.Cleanup(env, company=company, first_id=first_id, last_id=last_id, last=options.last)
            preview = work.preview()
            print(f"{company.name}: {preview.calls:,} generated calls with {preview.logs:,} log lines", end="")
            print(f", ids {preview.first_id} to {preview.last_id}." if preview.calls else ".")
            for call_id, start, subject in preview.sample:
                print(f"  {call_id}  {start}  {subject}")
            if preview.spared:
                print(f"{preview.spared:,} other calls with such ids stay: they were not generated.")
            if options.dry_run or not preview.calls:
                print("Nothing was removed.")
                return None
            if not options.yes and not console.confirmed("DELETE", "They are removed for good."):
                sys.exit("Nothing was removed.")
            calls, logs = work.run()
            env.cr.commit()
            print(f"{calls:,} calls and {logs:,} log lines removed.")
        return None

    def _print_statistics(self, found):
        print(f"{found['calls']:,} calls, {found['deleted']:,} of them deleted; {found['logs']:,} log lines")
        for title in ("by_source", "by_status"):
            print(title.replace("_", " ").capitalize())
            for name, count in found[title].items():
                print(f"  {name:20} {count:>12,}")
        count, first_id, last_id = found["generated"]
        if count:
            print(f"Generated: {count:,}, ids {first_id} to {last_id}")
