import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { advanceTime, animationFrame, click, Deferred, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";
import { Survey } from "@ghl/survey/survey";
import { openWidget, refusing, unreachable, waitFor } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const kind = (values = {}) => ({ name: "contacts", label: "Contacts", about: "", needs: [], on: true, rows: [], ...values });
const found = (values = {}) => ({ waiting: false, error: "", at: "", mirrored: false, kinds: [kind()], ...values });

async function openSurvey(answer, resId = 1) {
    const server = { answer, reads: 0 };
    onRpc("ghl.location", "read_survey", () => {
        server.reads++;
        return typeof server.answer === "function" ? server.answer() : server.answer;
    });
    server.show = await openWidget(Survey, { resId });
    return server;
}

const labels = () => queryAllTexts("tbody label");

test("before the first look it says what a look does", async () => {
    await openSurvey(found());
    expect(labels()).toEqual(["Contacts"]);
    expect(".o_ghl_survey").toHaveText(/Preview a sync[^]*Nothing is written\./);
});

test("while GoHighLevel is asked nobody asks twice, and the answer comes without being told of", async () => {
    const server = await openSurvey(found({ waiting: true }));
    expect(".o_ghl_compare").not.toBeEnabled();
    server.answer = found();
    await advanceTime(10000);
    await waitFor(".o_ghl_compare:enabled");
    server.reads = 0;
    await advanceTime(20000);
    expect(server.reads).toBe(0);
});

for (const [failure, words] of [
    [refusing("AccessError", "Not yours."), "Not yours."],
    [unreachable, "The server cannot be reached."],
]) {
    test(`a survey that cannot be read says so: ${words}`, async () => {
        await openSurvey(failure);
        expect(".alert").toHaveText(words);
        expect(".modal").toHaveCount(0);
    });
}

test("what GoHighLevel refused is told beside what was found before", async () => {
    await openSurvey(found({ error: "The token was refused." }));
    expect(".alert").toHaveText("The token was refused.");
    expect(labels()).toEqual(["Contacts"]);
});

test("an answer for the location shown before is dropped", async () => {
    const server = await openSurvey(found());
    const late = (server.answer = new Deferred());
    server.show({ resId: 2 });
    await animationFrame();
    server.answer = found({ kinds: [kind({ label: "Third" })] });
    server.show({ resId: 3 });
    await waitFor("label:contains(Third)");
    late.resolve(found({ kinds: [kind({ label: "Second" })] }));
    await animationFrame();
    expect(labels()).toEqual(["Third"]);
});

test("comparing asks for it and reads what came of it", async () => {
    const server = await openSurvey(found());
    onRpc("ghl.location", "action_compare", ({ args }) => {
        expect.step(`compare ${args[0]}`);
        return true;
    });
    server.answer = found({ waiting: true });
    await click(".o_ghl_compare");
    await waitFor(".o_ghl_compare:disabled");
    expect.verifySteps(["compare 1"]);
});

test("a look that is refused says why, and may be asked for again", async () => {
    await openSurvey(found());
    onRpc("ghl.location", "action_compare", refusing("UserError", "The location is not connected."));
    await click(".o_ghl_compare");
    await waitFor(".alert:contains(The location is not connected.)");
    expect(".o_ghl_compare").toBeEnabled();
    expect(".modal").toHaveCount(0);
});
