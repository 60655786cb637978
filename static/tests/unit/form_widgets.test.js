import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, Deferred, describe, expect, queryAllTexts, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";
import { CustomValues } from "@ghl/custom_values/custom_values";
import { FetchOnOpen } from "@ghl/fetch_on_open/fetch_on_open";
import { openWidget, refusing, tellJob, unreachable, waitFor } from "./ghl_test_helpers";

defineMailModels();
describe.current.tags("desktop");

const FAILURES = [
    [refusing("AccessError", "Not yours."), "Not yours."],
    [unreachable, "The server cannot be reached."],
];

describe("custom fields of a contact", () => {
    const group = (value) => [{ title: "Roof", values: [{ id: 1, label: "Age", value }] }];

    async function openValues(answer, resId = 1) {
        const server = { answer, reads: 0 };
        onRpc("ghl.contact", "read_custom_values", () => {
            server.reads++;
            return typeof server.answer === "function" ? server.answer() : server.answer;
        });
        server.show = await openWidget(CustomValues, { resId });
        return server;
    }

    test("stand in their groups, as text", async () => {
        await openValues(group("<b>12</b> years"));
        expect(queryAllTexts(".o_ghl_custom_values dt, .o_ghl_custom_values dd")).toEqual(["Age", "<b>12</b> years"]);
    });

    test("of nobody are not asked for", async () => {
        const server = await openValues(group("12"), false);
        expect(server.reads).toBe(0);
        expect(".o_ghl_custom_values section").toHaveCount(0);
    });

    for (const [failure, words] of FAILURES) {
        test(`that cannot be read leave the form usable: ${words}`, async () => {
            const server = await openValues(failure);
            expect(".alert").toHaveText(`The custom fields could not be read: ${words}`);
            expect(".modal").toHaveCount(0);
            server.answer = group("12");
            await server.show({ resId: 2 });
            await waitFor(".o_ghl_custom_values dd");
            expect(".alert").toHaveCount(0);
        });
    }

    test("of the contact shown before are dropped when they come late", async () => {
        const server = await openValues(group("1"));
        const late = (server.answer = new Deferred());
        server.show({ resId: 2 });
        await animationFrame();
        server.answer = group("3");
        await server.show({ resId: 3 });
        late.resolve(group("2"));
        await animationFrame();
        expect(".o_ghl_custom_values dd").toHaveText("3");
    });
});

describe("a text that is fetched when it is opened", () => {
    async function openMessage(answer, resId = 1) {
        const loads = [];
        onRpc("ghl.contact.message", "fetch_on_open", answer);
        await openWidget(FetchOnOpen, { resModel: "ghl.contact.message", resId, load: () => loads.push(resId) });
        await animationFrame();
        return loads;
    }

    test("is waited for, and shown when its job has ended", async () => {
        const loads = await openMessage(() => true);
        await waitFor(".fa-spin");
        await tellJob("running");
        expect(loads).toHaveLength(0);
        await tellJob("done");
        expect(loads).toHaveLength(1);
    });

    test("is not waited for when nobody fetches it", async () => {
        const loads = await openMessage(() => false);
        await waitFor("div:contains(The text is kept in GoHighLevel.)");
        await tellJob("done");
        expect(loads).toHaveLength(0);
        expect(".fa-spin").toHaveCount(0);
    });

    test("of a message that is not saved is not asked for", async () => {
        await openMessage(() => expect.step("asked"), false);
        expect.verifySteps([]);
    });

    for (const [failure, words] of FAILURES) {
        test(`that cannot be asked for says why, without a dialog: ${words}`, async () => {
            await openMessage(failure);
            await waitFor(`[role=alert]:contains(${words})`);
            expect(".modal, .fa-spin").toHaveCount(0);
        });
    }
});
