import * as hoot from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot";
import { Component, useState, xml } from "@odoo/owl";
import { makeServerError, MockServer, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { startBusService, waitNotifications } from "@bus/../tests/bus_test_helpers";
import { getWebSocketWorker } from "@bus/../tests/mock_websocket";
import { getDefaultConfig } from "@web/views/view";

// However busy the machine is.
const PATIENCE = { timeout: 5000 };

export const waitFor = (target) => hoot.waitFor(target, PATIENCE);

export const waitForNone = (target) => hoot.waitForNone(target, PATIENCE);

export const waitUntil = (isTrue) => hoot.waitUntil(isTrue, PATIENCE);

/** Show one of our pages, without the menus around it. */
export function openPage(Page, params = {}, props = {}) {
    const action = { type: "ir.actions.client", name: "Page", params };
    return mountWithCleanup(Page, { componentEnv: { config: getDefaultConfig() }, props: { action, ...props } });
}

/** Show a widget on a record; `show(record)` then shows it on another one. */
export async function openWidget(Widget, record) {
    class Parent extends Component {
        static components = { Widget };
        static props = {};
        static template = xml`<Widget record="state.record"/>`;

        setup() {
            this.state = useState({ record });
        }
    }
    const parent = await mountWithCleanup(Parent);
    return async (other) => {
        parent.state.record = other;
        await animationFrame();
    };
}

/** An answer of the server that refuses, as a function for `onRpc`. */
export const refusing = (type, message = "No.") => () => {
    throw makeServerError({ type, message });
};

/** No answer, as a function for `onRpc`. */
export const unreachable = () => new Response("", { status: 502 });

export const loggedOut = () => {
    throw makeServerError({ errorName: "odoo.http.SessionExpiredException", message: "Odoo Session Expired" });
};

/** Push news, [type, payload], to those who listen on `channel`. */
export function push(channel, ...news) {
    MockServer.env["bus.bus"]._sendmany(news.map(([type, payload]) => [channel, type, payload]));
}

/** Tell of a background job, and let who listens act on it. */
export async function tellJob(state) {
    const news = ["ghl.job/progress", { id: 1, state }];
    await startBusService();
    getWebSocketWorker().broadcast("BUS:NOTIFICATION", [{ id: 1, message: { type: news[0], payload: news[1] } }]);
    await waitNotifications(news);
    await advanceTime(500);
    await animationFrame();
}
