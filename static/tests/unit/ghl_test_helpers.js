import { animationFrame } from "@odoo/hoot";
import { Component, useState, xml } from "@odoo/owl";
import { makeServerError, MockServer, mountWithCleanup } from "@web/../tests/web_test_helpers";
import { getDefaultConfig } from "@web/views/view";

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
