"""What the commands share: the database, the options of a file, the progress bar, the confirmation."""

import argparse
import configparser
import json
import sys
import time
from contextlib import contextmanager
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tools import config

BAR = 30  # characters


def add_database_options(parser):
    """The options every command has: the configuration file and the database."""
    parser.add_argument("-c", "--config", help="Odoo's configuration file")
    parser.add_argument("-d", "--database", help="database; the configured one if there is only one")
    parser.add_argument("--company", default="1", help="id or name of the company")


@contextmanager
def environment(options):
    """The environment of the system on the chosen database; rolled back unless committed.

    What a person can put right ends the program with one sentence and exit code 1.
    """
    arguments = ["-c", options.config] if options.config else []
    config.parse_config(
        [*arguments, "--no-http", "--log-level=warn", *(["-d", options.database] if options.database else [])]
    )
    names = config["db_name"]
    if len(names) != 1:
        sys.exit("Say which database with -d.")
    try:
        registry = Registry(names[0])
    except Exception as error:
        # Whatever it is, the person at the terminal needs the reason and no traceback.
        sys.exit(f"The database {names[0]} cannot be opened: {str(error).strip()}")
    if "ghl.call" not in registry:
        sys.exit(f"The addon is not installed in the database {names[0]}.")
    with registry.cursor() as cr:
        try:
            yield api.Environment(cr, SUPERUSER_ID, {})
        except UserError as error:
            cr.rollback()
            sys.exit(str(error))
        except KeyboardInterrupt:
            cr.rollback()
            sys.exit("\nStopped. What was committed stays.")


def find(env, model, text):
    """The record with this id or name (login for users).

    :raises UserError: there is none, or several
    """
    records = env[model].with_context(active_test=False)
    text = str(text)
    if text.isascii() and text.isdigit():
        found = records.browse(int(text)).exists() if len(text) < 10 else records
    else:
        found = records.search([("login" if model == "res.users" else "name", "=", text)])
    if len(found) != 1:
        what = env._("user") if model == "res.users" else env._("company")
        raise UserError(env._("There is no %(what)s %(name)s.", what=what, name=text))
    return found


def parse(parser, arguments):
    """The options of the command line; those of ``--options`` (JSON, or the first section of an INI file) before them.

    A file may say what the command line may, by the long names; anything else ends the program.
    """
    first = parser.parse_args(arguments)
    if not first.options:
        return first
    known = {action.dest: action for action in parser._actions if action.dest not in ("help", "options")}
    try:
        given = {name.replace("-", "_"): value for name, value in _read_options(Path(first.options)).items()}
    except (OSError, ValueError, configparser.Error) as error:
        parser.error(f"{first.options} cannot be read: {error}")
    if unknown := sorted(given.keys() - known.keys()):
        parser.error(f"{first.options}: unknown {', '.join(unknown)}")
    words = []
    for name, value in given.items():
        flag = known[name].option_strings[-1]
        if known[name].nargs == 0:
            if str(value).lower() in ("true", "yes", "1", "on"):
                words.append(flag)
        else:
            words.append(f"{flag}={value}")
    return parser.parse_args([*words, *arguments])


def _read_options(path):
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("{"):
        return json.loads(text)
    ini = configparser.ConfigParser()
    ini.read_string(text)
    return dict(ini[ini.sections()[0]]) if ini.sections() else {}


def confirmed(word, question, ask=input):
    """Whether the person types exactly ``word``. No terminal is a no."""
    try:
        return ask(f"{question} Type {word} to go on: ").strip() == word
    except EOFError:
        return False


class Progress:
    """A bar with the rate, for ``Made``: one line on a terminal, ten lines elsewhere."""

    def __init__(self, out=None, clock=time.monotonic):
        self.out, self.clock = out or sys.stdout, clock
        self.start, self.tenth = clock(), 0

    def __call__(self, made):
        rate = made.calls / max(self.clock() - self.start, 1e-6)
        full = BAR * made.calls // made.of
        line = f"[{'#' * full}{'.' * (BAR - full)}] {made.calls:,}/{made.of:,}  {rate:,.0f} calls/s"
        if self.out.isatty():
            self.out.write(f"\r{line}" + ("\n" if made.calls == made.of else ""))
        elif made.calls * 10 // made.of > self.tenth:
            self.tenth = made.calls * 10 // made.of
            self.out.write(f"{line}\n")
        self.out.flush()


def whole_number(text):
    """For argparse: a whole number, which may be written 1_000_000."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
