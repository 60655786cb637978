"""Everything that people read can be read in the languages the addon speaks."""

import polib

from odoo.tests import TransactionCase, tagged

from ..dev.i18n.terms import FOLDER, LANGUAGES, faults, template

ANEW = "run dev/bootstrap/launch run i18n"


@tagged("post_install", "-at_install", "ghl")
class TestTranslations(TransactionCase):
    def test_the_template_holds_every_term_and_no_other(self):
        known = {entry.msgid for entry in polib.pofile(str(FOLDER / "ghl.pot"))}
        found = {entry.msgid for entry in template(self.env)}
        self.assertGreater(len(found), 1000)
        self.assertEqual((sorted(found - known), sorted(known - found)), ([], []), ANEW)

    def test_every_language_has_every_term_with_its_placeholders(self):
        terms = {entry.msgid for entry in polib.pofile(str(FOLDER / "ghl.pot"))}
        for language in LANGUAGES:
            with self.subTest(language=language):
                translation = polib.pofile(str(FOLDER / f"{language}.po"))
                self.assertEqual({entry.msgid for entry in translation}, terms, ANEW)
                self.assertEqual(faults(translation), [])

    def test_people_see_their_language(self):
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"].search([("name", "=", "ghl")])._update_translations("de_DE")
        german = self.env(context={"lang": "de_DE"})
        states = dict(german["ghl.campaign"].fields_get(["state"])["state"]["selection"])
        self.assertEqual(states["paused"], "Pausiert")

    def test_a_sentence_left_in_english_is_a_fault_and_a_name_is_none(self):
        def copied(text):
            return faults([polib.POEntry(msgid=text, msgstr=text)])

        for text in (
            "The sync did not finish",
            '<i class="fa" title="The sync did not finish"/>',
            "<b>Try it again</b>",
        ):
            self.assertEqual(len(copied(text)), 1, text)
        for text in (
            "Bland AI",
            "In GoHighLevel",
            "completed, no-answer, busy, ...",
            '<i class="fa fa-x me-1 ms-1"/> SMS',
        ):
            self.assertEqual(copied(text), [], text)

    def test_a_lost_placeholder_is_a_fault(self):
        entry = polib.POEntry(msgid="%(count)s calls", msgstr="Anrufe")
        self.assertEqual(len(faults([entry, polib.POEntry(msgid="x", msgstr=" ")])), 2)
