import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("ghl_calls_tour", {
    steps: () => [
        {
            content: "every status is a column, empty ones too",
            trigger: ".o_kanban_view .o_kanban_group:contains('Over Due')",
        },
        {
            content: "drag the card to another status",
            trigger: ".o_kanban_group:contains('Scheduled') .o_kanban_record:contains('Renewal talk')",
            run: "drag_and_drop (.o_kanban_group:has(.o_column_title:contains('Connected Calls')))",
        },
        {
            content: "it is there; open it",
            trigger: ".o_kanban_group:contains('Connected Calls') .o_kanban_record:contains('Renewal talk')",
            run: "click",
        },
        {
            content: "the form knows the status",
            trigger: ".o_form_view .o_arrow_button_current:contains('Connected Calls')",
        },
        {
            content: "write what came out of it",
            trigger: ".o_form_view div[name=result] textarea",
            run: "edit They renew",
        },
        {
            content: "save",
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "what happened is in the timeline",
            trigger: ".o_form_saved .nav-link:contains('Timeline')",
            run: "click",
        },
        {
            content: "the move, for one",
            trigger: ".o_ghl_timeline li:contains('Status changed'):contains('Scheduled → Connected Calls')",
        },
    ],
});
