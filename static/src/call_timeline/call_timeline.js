import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { reasonOf } from "../reason/reason";

/** What happened to a call, the latest first. */
export class CallTimeline extends Component {
    static template = "ghl.CallTimeline";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ entries: [], error: "" });
        this.turn = 0;
        onWillStart(() => this.read(this.props.record));
        // Another call, or this one as it was saved just now.
        onWillUpdateProps((next) => this.read(next.record));
    }

    async read(record) {
        const shown = `${record.resId} ${record.data.write_date}`;
        if (shown === this.shown) {
            return;
        }
        this.shown = shown;
        const turn = ++this.turn;
        this.state.error = "";
        if (!record.resId) {
            this.state.entries = [];
            return;
        }
        try {
            const entries = await this.orm.call("ghl.call", "read_timeline", [record.resId]);
            if (turn === this.turn) {
                this.state.entries = entries;
            }
        } catch (error) {
            if (turn === this.turn) {
                this.state.error = reasonOf(error);
            }
        }
    }

    moment(entry) {
        return formatDateTime(deserializeDateTime(entry.at));
    }
}

registry.category("view_widgets").add("ghl_call_timeline", {
    component: CallTimeline,
    fieldDependencies: [{ name: "write_date", type: "datetime" }],
});
