import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { useLiveReload, useLook } from "../job_live_list/job_live";
import { reasonOf } from "../reason/reason";
import { Survey } from "../survey/survey";

const ORDER = ["connect", "choose", "sync", "done"];

/** From an empty Odoo to synchronised contacts: connect, choose, watch the first sync, done. */
export class Start extends Component {
    static template = "ghl.Start";
    static components = { Layout, Survey };
    static props = { ...standardActionServiceProps };
    static path = "ghl-start";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.number = formatInteger;
        this.state = useState({ locations: [], loading: true, error: "", busy: false });
        this.env.config.setDisplayName(this.props.action.name || _t("Get Started"));
        this.steps = [
            ["connect", _t("Connect")],
            ["choose", _t("Choose")],
            ["sync", _t("First sync")],
            ["done", _t("Done")],
        ];
        onWillStart(async () => {
            [this.isAdmin, this.isManager, this.isAgent] = await Promise.all([
                user.hasGroup("ghl.group_ghl_admin"),
                user.hasGroup("ghl.group_ghl_campaign_manager"),
                user.hasGroup("ghl.group_ghl_agent"),
            ]);
            await this.load();
        });
        useLiveReload("ghl.job/progress", () => this.load());
        useLook(
            () => this.state.locations.some((location) => location.running),
            () => this.load()
        );
    }

    async load() {
        try {
            this.state.locations = await this.orm.silent.call("ghl.location", "read_start", []);
            this.state.error = "";
        } catch (error) {
            this.state.error = reasonOf(error);
        }
        this.state.loading = false;
    }

    /** The step of the location that is least far. */
    get step() {
        const steps = this.state.locations.map((location) => ORDER.indexOf(location.step));
        return steps.length ? Math.min(...steps) : 0;
    }

    /** Run something that changes a location; what is wrong is told above the locations. */
    async change(work) {
        this.state.busy = true;
        try {
            await work();
            await this.load();
        } catch (error) {
            this.state.error = reasonOf(error);
        }
        this.state.busy = false;
    }

    connect() {
        return this.action.doAction("ghl.action_ghl_connect_wizard", {
            additionalContext: { ghl_start: true, default_full_sync: false },
            onClose: () => this.load(),
        });
    }

    keepFresh(location, wanted) {
        return this.change(() => this.orm.write("ghl.location", [location.id], { sync_enabled: wanted }));
    }

    start(location) {
        return this.change(() => this.orm.call("ghl.location", "action_full_sync", [location.id]));
    }

    stop(location) {
        return this.change(() => this.orm.call("ghl.location", "action_stop_sync", [location.id]));
    }

    openContacts(location) {
        return this.action.doAction("ghl.action_ghl_contact", {
            additionalContext: { search_default_location_id: location.id },
        });
    }

    openIssues(location) {
        return this.action.doAction("ghl.action_ghl_sync_issue", {
            additionalContext: { search_default_location_id: location.id },
        });
    }

    openAnalytics() {
        return this.action.doAction("ghl.action_ghl_dashboard");
    }

    openNew(action) {
        return this.action.doAction(action, { viewType: "form" });
    }

    openLocation(location) {
        return this.action.doAction("ghl.action_ghl_location", { viewType: "form", props: { resId: location.id } });
    }
}

registry.category("actions").add("ghl.start", Start);
