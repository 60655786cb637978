import { registry } from "@web/core/registry";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";

/** A board whose columns come from elsewhere: without any, it says why instead of staying blank. */
export class BoardRenderer extends KanbanRenderer {
    get showNoContentHelper() {
        const { isGrouped, groups } = this.props.list;
        return super.showNoContentHelper || (isGrouped && !groups.length && !this.canCreateGroup());
    }
}

registry.category("views").add("ghl_board", { ...kanbanView, Renderer: BoardRenderer });
