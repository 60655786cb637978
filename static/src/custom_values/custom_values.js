import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { reasonOf } from "../reason/reason";

/** The filled custom fields of a contact, in groups. */
export class CustomValues extends Component {
    static template = "ghl.CustomValues";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ groups: [], error: "" });
        this.turn = 0;
        onWillStart(() => this.show(this.props.record.resId));
        onWillUpdateProps((next) => next.record.resId !== this.props.record.resId && this.show(next.record.resId));
    }

    async show(contactId) {
        // Answers to what is no longer shown are dropped.
        const turn = ++this.turn;
        let [groups, error] = [[], ""];
        try {
            groups = contactId ? await this.orm.call("ghl.contact", "read_custom_values", [contactId]) : [];
        } catch (failure) {
            error = reasonOf(failure);
        }
        if (turn === this.turn) {
            Object.assign(this.state, { groups, error });
        }
    }
}

registry.category("view_widgets").add("ghl_custom_values", { component: CustomValues });
