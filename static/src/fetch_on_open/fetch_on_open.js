import { Component, onMounted, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useLiveReload } from "../job_live_list/job_live";
import { reasonOf } from "../reason/reason";

/** Has what GoHighLevel keeps of the record asked for when it is opened, and shows it when it has come. */
export class FetchOnOpen extends Component {
    static template = "ghl.FetchOnOpen";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ fetching: false, asked: false, error: "" });
        onMounted(() => this.ask());
        useLiveReload("ghl.job/progress", (job) => {
            if (this.state.fetching && job.state !== "pending" && job.state !== "running") {
                return this.props.record.load();
            }
        });
    }

    async ask() {
        const { resModel, resId } = this.props.record;
        if (resId) {
            try {
                this.state.fetching = await this.orm.call(resModel, "fetch_on_open", [resId]);
            } catch (error) {
                this.state.error = reasonOf(error);
            }
        }
        this.state.asked = true;
    }
}

registry.category("view_widgets").add("ghl_fetch_on_open", { component: FetchOnOpen });
