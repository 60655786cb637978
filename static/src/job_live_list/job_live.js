import { onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListController } from "@web/views/list/list_controller";
import { listView } from "@web/views/list/list_view";

const RELOAD_EVERY_MS = 500;
const LOOK_EVERY_MS = 10000;

/**
 * Calls `reload(payload)` when a message of that type is pushed: at once for the first one, then at most twice a
 * second, and always once more after the last one, so that what stays on the screen is the last state.
 */
export function useLiveReload(type, reload) {
    const bus = useService("bus_service");
    let timer = null;
    let latest = null;

    function onMessage(payload) {
        if (timer) {
            latest = payload;
            return;
        }
        timer = setTimeout(() => {
            timer = null;
            if (latest) {
                const missed = latest;
                latest = null;
                onMessage(missed);
            }
        }, RELOAD_EVERY_MS);
        reload(payload);
    }

    onMounted(() => bus.subscribe(type, onMessage));
    onWillUnmount(() => {
        bus.unsubscribe(type, onMessage);
        clearTimeout(timer);
    });
}

/** Calls `look()` every few seconds while `isWaiting()`: for browsers that the server's pushes do not reach. */
export function useLook(isWaiting, look) {
    let timer = null;
    onMounted(() => {
        timer = setInterval(() => isWaiting() && look(), LOOK_EVERY_MS);
    });
    onWillUnmount(() => clearInterval(timer));
}

export class JobLiveListController extends ListController {
    setup() {
        super.setup();
        useLiveReload("ghl.job/progress", () => {
            // A reload would undo what the user is about to do with the selected rows.
            if (!this.model.root.selection?.length && !this.editedRecord) {
                return this.model.root.load();
            }
        });
    }
}

export class JobLiveKanbanController extends KanbanController {
    setup() {
        super.setup();
        useLiveReload("ghl.job/progress", () => this.model.root.load());
    }
}

export class JobLiveFormController extends FormController {
    setup() {
        super.setup();
        // Several jobs may report within one interval, so a form reloads on any job's message: it is one small read.
        useLiveReload("ghl.job/progress", async () => {
            // A reload would undo what the user is typing.
            if (this.model.root.resId && !(await this.model.root.isDirty())) {
                return this.model.load();
            }
        });
    }
}

registry.category("views").add("ghl_live_list", { ...listView, Controller: JobLiveListController });
registry.category("views").add("ghl_live_kanban", { ...kanbanView, Controller: JobLiveKanbanController });
registry.category("views").add("ghl_live_form", { ...formView, Controller: JobLiveFormController });
