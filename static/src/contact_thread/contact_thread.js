import { Component, onWillStart, onWillUpdateProps, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDateTime, formatDate, formatDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { CallTalk } from "../call_talk/call_talk";
import { duration } from "../duration_field/duration_field";
import { useLiveReload } from "../job_live_list/job_live";
import { reasonOf } from "../reason/reason";
import { word } from "../word/word";

const PAGE = 30;

/** The conversation with a contact as bubbles, the newest at the bottom; earlier pages are read on demand. */
export class ContactThread extends Component {
    static template = "ghl.ContactThread";
    static components = { CallTalk };
    static props = { ...standardWidgetProps, contact: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.box = useRef("box");
        this.state = useState({ entries: [], before: null, loading: true, error: "", talking: "" });
        this.turn = 0;
        onWillStart(() => {
            this.show(this.contactId); // the form does not wait for it
        });
        onWillUpdateProps((next) => {
            if (this.contactOf(next) !== this.contactId) {
                this.show(this.contactOf(next));
            }
        });
        // To the newest entry when there is a new one, and to where one was reading when earlier ones come in.
        useEffect(
            () => {
                const box = this.box.el;
                if (box) {
                    box.scrollTop = this.distance === undefined ? box.scrollHeight : box.scrollHeight - this.distance;
                    this.distance = undefined;
                }
            },
            () => [this.state.entries]
        );
        useLiveReload("ghl.job/progress", (job) => {
            if (job.state === "done" && !this.state.loading) {
                return this.refresh();
            }
        });
    }

    /** The contact itself, or the one a record belongs to: `contact` names the field. */
    contactOf({ record, contact }) {
        return contact ? record.data[contact]?.id : record.resId;
    }

    get contactId() {
        return this.contactOf(this.props);
    }

    async read(contactId, before) {
        // Answers to what is no longer shown are dropped.
        const turn = ++this.turn;
        this.state.loading = true;
        this.state.error = "";
        try {
            const page = await this.orm.call("ghl.contact", "read_thread", [contactId], { before, limit: PAGE });
            return turn === this.turn ? page : null;
        } catch (error) {
            if (turn === this.turn) {
                this.state.error = reasonOf(error);
            }
            return null;
        } finally {
            if (turn === this.turn) {
                this.state.loading = false;
            }
        }
    }

    async show(contactId) {
        this.state.talking = "";
        this.state.entries = [];
        this.state.before = null;
        if (!contactId) {
            this.state.loading = false;
            return;
        }
        const page = await this.read(contactId, null);
        if (page) {
            this.state.entries = page.entries.reverse();
            this.state.before = page.before;
        }
    }

    async showEarlier() {
        const page = await this.read(this.contactId, this.state.before);
        if (page) {
            this.distance = this.box.el.scrollHeight - this.box.el.scrollTop;
            this.state.entries = [...page.entries.reverse(), ...this.state.entries];
            this.state.before = page.before;
        }
    }

    /** What came since; the reader stays where they are unless there is something new. */
    async refresh() {
        const page = await this.read(this.contactId, null);
        if (!page) {
            return;
        }
        const fresh = new Map(page.entries.map((entry) => [entry.key, entry]));
        const known = new Set(this.state.entries.map((entry) => entry.key));
        const added = page.entries.filter((entry) => !known.has(entry.key)).reverse();
        for (const [index, entry] of this.state.entries.entries()) {
            if (fresh.has(entry.key)) {
                this.state.entries[index] = fresh.get(entry.key);
            }
        }
        if (added.length === page.entries.length) {
            // More than a page is new: start over, so that nothing is missing in between.
            this.state.entries = page.entries.reverse();
            this.state.before = page.before;
        } else if (added.length) {
            this.state.entries = [...this.state.entries, ...added];
        }
    }

    /** Entries of one day under its date. */
    get days() {
        const days = [];
        for (const entry of this.state.entries) {
            const moment = deserializeDateTime(entry.at);
            const title = formatDate(moment);
            if (days.at(-1)?.title !== title) {
                days.push({ title, rows: [] });
            }
            days.at(-1).rows.push({
                ...entry,
                time: moment.toFormat("HH:mm"),
                moment: formatDateTime(moment),
                opens: _t("Open: %(channel)s %(moment)s", { channel: entry.channel, moment: formatDateTime(moment) }),
                label: this.callLabel(entry),
                status: word(entry.status),
            });
        }
        return days;
    }

    callLabel(entry) {
        if (entry.kind !== "call") {
            return "";
        }
        const direction = entry.direction === "inbound" ? _t("Incoming") : _t("Outgoing");
        const length = entry.seconds ? duration(entry.seconds) : "";
        return [direction, length, word(entry.result)].filter(Boolean).join(" · ");
    }

    /** Play and read one call at a time, in place. */
    toggleTalk(entry) {
        this.state.talking = this.state.talking === entry.key ? "" : entry.key;
    }

    open(entry) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: entry.model,
            res_id: entry.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("ghl_contact_thread", {
    component: ContactThread,
    extractProps: ({ attrs }) => ({ contact: attrs.contact }),
});
