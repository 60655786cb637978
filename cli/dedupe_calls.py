# pylint: disable=print-used  # what a command says is its result
import sys

from odoo.cli.command import Command


class DedupeCalls(Command):
    """Find calls that are there twice and merge them into the newest."""

    name = "dedupe_calls"
    epilog = "Without --execute nothing is changed. More: docs/tools.md"

    def run(self, arguments):
        # Not before: listing the commands must not load the addon.
        from odoo.addons.ghl.ghl_calls.tools import console, dedupe

        parser = self.parser
        console.add_database_options(parser)
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--analyze-only", action="store_true", help="only count (the default)")
        what.add_argument("--dry-run", action="store_true", help="list every call that would be merged, and into which")
        what.add_argument("--execute", action="store_true", help="merge them")
        parser.add_argument("--yes", "-y", action="store_true", help="do not ask")
        options = parser.parse_args(arguments)
        with console.environment(options) as env:
            company = console.find(env, "res.company", options.company)
            work = dedupe.Dedupe(env, company=company)
            groups = work.groups()
            merged = sum(len(group.other_ids) for group in groups)
            print(
                f"{company.name}: {len(groups):,} calls are there more than once, {merged:,} could be merged into them."
            )
            for group in groups if options.dry_run else groups[:5]:
                others = ", ".join(map(str, group.other_ids))
                print(f"  {group.kept_id} stays, takes over {others}: {group.start_time}  {group.subject}")
            if not options.execute or not groups:
                print("Nothing was changed.")
                return
            if not options.yes and not console.confirmed("MERGE", "The others become deleted calls."):
                sys.exit("Nothing was changed.")
            kept, merged = work.run(env.cr.commit)
            print(f"{merged:,} calls merged into {kept:,}.")
