import { Component, onWillStart, onWillUpdateProps, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { duration } from "../duration_field/duration_field";
import { useLiveReload } from "../job_live_list/job_live";
import { reasonOf } from "../reason/reason";

/** A call's recording with what was said as bubbles; a click on a bubble plays from there. */
export class CallTalk extends Component {
    static template = "ghl.CallTalk";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.player = useRef("player");
        this.duration = duration;
        this.state = useState({ turns: [], recording: false, fetching: false, silent: false, error: "", now: -1 });
        this.turn = 0;
        onWillStart(() => this.read(this.props.record.resId));
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.props.record.resId) {
                return this.read(next.record.resId);
            }
        });
        useLiveReload("ghl.job/progress", (job) => {
            if (this.state.fetching && job.state !== "pending" && job.state !== "running") {
                return this.read(this.props.record.resId);
            }
        });
    }

    async read(callId) {
        // Answers to what is no longer shown are dropped.
        const turn = ++this.turn;
        Object.assign(this.state, { error: "", silent: false, now: -1 });
        if (!callId) {
            Object.assign(this.state, { turns: [], recording: false, fetching: false });
            return;
        }
        try {
            const found = await this.orm.call("ghl.call", "read_talk", [callId]);
            if (turn === this.turn) {
                Object.assign(this.state, found);
            }
        } catch (error) {
            if (turn === this.turn) {
                this.state.error = reasonOf(error);
            }
        }
    }

    /** The last turn that has begun is the one being spoken. */
    onTime() {
        const { currentTime } = this.player.el;
        this.state.now = this.state.turns.findLastIndex((turn) => turn.at !== null && turn.at <= currentTime + 0.05);
    }

    /** The browser could not play: most often there is no recording after all. */
    onFailure() {
        this.state.silent = true;
    }

    playLabel(turn) {
        return _t("Play from %s", duration(turn.at));
    }

    playFrom(turn) {
        const player = this.player.el;
        if (player && turn.at !== null) {
            player.currentTime = turn.at;
            player.play();
        }
    }
}

registry.category("view_widgets").add("ghl_call_talk", { component: CallTalk });
