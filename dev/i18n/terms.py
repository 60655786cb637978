"""What is translatable in the addon, as Odoo finds it."""

import io
import re
import shutil
import tempfile
from pathlib import Path
from unittest.mock import patch

import polib

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "i18n"
LANGUAGES = ("de", "es", "fr")
# Not part of what users see. The state of the development environment even holds a link back to the checkout.
LEFT_OUT = shutil.ignore_patterns(".*", "dev", "tests", "lib", "docs", "bin", "i18n", "__pycache__")
_SHOWN = re.compile(r"""<[^>]*?(?:title|aria-label|placeholder|alt)="([^"]*)"[^>]*>""")
_SENTENCE = re.compile(r"[A-Za-z']+(?: [A-Za-z']+){2,}")
# Attributes of tags may differ: some are shown, such as titles.
_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdif]|%%|\$\{[^}]*\}|</?\w+")


def template(env) -> polib.POFile:
    """The terms of the addon as it is installed in the database of ``env``, without translations."""
    import odoo.addons
    from odoo.tools.translate import TranslationFileWriter, TranslationModuleReader

    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT, Path(folder) / "ghl", ignore=LEFT_OUT)

        class Reader(TranslationModuleReader):
            def _export_translatable_resources(self):
                self._path_list = [(folder, True)]
                super()._export_translatable_resources()

        buffer = io.BytesIO()
        with patch.object(odoo.addons, "__path__", [*odoo.addons.__path__, folder]):
            TranslationFileWriter(buffer, fileformat="po", lang=None).write_rows(Reader(env.cr, modules=["ghl"]))
    found = polib.pofile(buffer.getvalue().decode())
    for name in ("POT-Creation-Date", "PO-Revision-Date"):
        found.metadata.pop(name, None)  # would change the file at each export
    for entry in found:
        # Lines move with every edit and help nobody; Odoo wants a number where code is meant.
        places = {(where, "0" if where.startswith("code:") else line) for where, line in entry.occurrences}
        entry.occurrences = sorted(places)
    found.sort(key=lambda entry: entry.msgid)
    return found


def merged(language: str, terms: polib.POFile) -> polib.POFile:
    """The translation of ``language`` with exactly the terms of ``terms``; new ones are empty."""
    path = FOLDER / f"{language}.po"
    known = {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} if path.exists() else {}
    result = polib.POFile()
    result.metadata = {**terms.metadata, "Language": language}
    for term in terms:
        entry = polib.POEntry(msgid=term.msgid, comment=term.comment, occurrences=term.occurrences)
        entry.msgstr = known.get(term.msgid, "")
        result.append(entry)
    return result


def faults(translation: polib.POFile) -> list[str]:
    """What is wrong with a translation: terms without text, sentences left in English, placeholders or tags that are
    not those of the term."""
    found = []
    for entry in translation:
        if not entry.msgstr.strip():
            found.append(f"not translated: {entry.msgid!r}")
        elif entry.msgstr == entry.msgid and _SENTENCE.search(
            re.sub(r"<[^>]*>", "|", _SHOWN.sub(r"|\1|", entry.msgid))
        ):
            found.append(f"left in English: {entry.msgid!r}")
        elif sorted(_PLACEHOLDER.findall(entry.msgid)) != sorted(_PLACEHOLDER.findall(entry.msgstr)):
            found.append(f"placeholders differ: {entry.msgid!r} -> {entry.msgstr!r}")
    return found
