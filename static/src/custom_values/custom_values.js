import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** The filled custom fields of a contact, in groups. */
export class CustomValues extends Component {
    static template = "ghl.CustomValues";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ groups: [] });
        onWillStart(() => this.show(this.props.record.resId));
        onWillUpdateProps((next) => next.record.resId !== this.props.record.resId && this.show(next.record.resId));
    }

    async show(contactId) {
        this.state.groups = contactId ? await this.orm.call("ghl.contact", "read_custom_values", [contactId]) : [];
    }
}

registry.category("view_widgets").add("ghl_custom_values", { component: CustomValues });
