"""Write `i18n/ghl.pot` anew and bring the translations in step with it; say what is not translated.

Run with `dev/bootstrap/launch run i18n` after texts have changed. Exit code 1 when a translation has faults.
"""

import sys

from bootstrap import addon_template, ensure

from .terms import FOLDER, LANGUAGES, faults, merged, template


def main() -> int:
    odoo = ensure()
    name = "i18n" + odoo.database_mark
    odoo.drop_db(name)
    odoo.create_db(name, addon_template(odoo))
    try:
        terms = _terms(name)
    finally:
        odoo.drop_db(name)
    FOLDER.mkdir(exist_ok=True)
    terms.save(str(FOLDER / "ghl.pot"))
    print(f"{len(terms)} terms")
    wrong = 0
    for language in LANGUAGES:
        translation = merged(language, terms)
        translation.save(str(FOLDER / f"{language}.po"))
        found = faults(translation)
        wrong += len(found)
        print(f"{language}: {len(found)} faults", *found[:5], sep="\n  ")
    return int(bool(wrong))


def _terms(database):
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http", "--log-level=error"], setup_logging=True)
    with Registry(database).cursor() as cr:
        return template(api.Environment(cr, SUPERUSER_ID, {}))


if __name__ == "__main__":
    sys.exit(main())
