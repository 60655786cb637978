import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { allowTranslations } from "@web/../tests/web_test_helpers";
import { word } from "@ghl/word/word";

describe.current.tags("headless");
beforeEach(allowTranslations);

test("words of GoHighLevel are told as people say them", () => {
    expect(word("to_do")).toBe("To do");
    expect(word("no-answer")).toBe("No answer");
    expect(word("No answer")).toBe("No answer");
    expect(word("FILE_UPLOAD")).toBe("Files");
});

test("a word nobody has heard of is shown, not hidden", () => {
    expect(word("bulk_actions")).toBe("Bulk actions");
    expect(word("SOMETHING_NEW")).toBe("Something new");
    expect(word("Overdue")).toBe("Overdue");
});

test("nothing is no word", () => {
    for (const nothing of [null, undefined, false, ""]) {
        expect(word(nothing)).toBe("");
    }
});
