import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { animationFrame, click, describe, expect, press, queryOne, test } from "@odoo/hoot";
import { campaign, openLive, progress } from "./campaign_live_data";

defineMailModels();
describe.current.tags("desktop");

test("who may only look has nothing to press but the wall and the campaign", async () => {
    await openLive(campaign({ can_manage: false }));
    expect("button[name=pause], button[name=stop], button[name=resume]").toHaveCount(0);
    expect("button[name=wall]").toHaveCount(1);
    expect("button[name=campaign]").toHaveText("Campaign");
});

test("Escape leaves the wall, whether the browser filled the screen or not", async () => {
    await openLive(campaign());
    await click("button[name=wall]");
    await animationFrame();
    expect(".o_ghl_wall").toHaveCount(1);
    expect("button[name=wall]").toHaveAttribute("title", "Back to the page");
    document.dispatchEvent(new Event("fullscreenchange")); // the browser tells of its own Escape by this alone
    await animationFrame();
    expect(".o_ghl_wall").toHaveCount(0);
    expect("button[name=wall]").toHaveAttribute("title", "For a screen on the wall");
    await click("button[name=wall]");
    await animationFrame();
    await press("Escape");
    await animationFrame();
    expect(".o_ghl_wall").toHaveCount(0);
});

/** Where a word of an element is drawn. */
function placeOf(element, word) {
    const [node] = [...element.childNodes].filter((child) => child.nodeType === Node.TEXT_NODE);
    const range = document.createRange();
    range.setStart(node, node.data.indexOf(word));
    range.setEnd(node, node.data.indexOf(word) + word.length);
    return range.getBoundingClientRect().left;
}

test("from right to left figures are read as they are meant", async () => {
    await openLive(campaign({ progress: progress({ current: 23, total: 600 }), eta_seconds: 2400 }));
    queryOne(".o_ghl_live").dir = "rtl";
    const through = queryOne(".o_ghl_figures bdi:contains(600)");
    expect(placeOf(through, "23")).toBeLessThan(placeOf(through, "600"));
    const left = queryOne(".o_ghl_figures bdi:contains(min)");
    expect(placeOf(left, "40")).toBeLessThan(placeOf(left, "min"));
});
