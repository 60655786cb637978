import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("ghl_call_form_tour", {
    steps: () => [
        {
            content: "what was said has a page",
            trigger: ".o_form_view .nav-link:contains('Recording & Transcript')",
            run: "click",
        },
        {
            content: "the agent speaks first, on the right",
            trigger: ".o_ghl_talk .o_ghl_entry.o_ghl_outbound:first-child:contains('Good morning'):contains('0:00')",
        },
        {
            content: "the contact answers, on the left",
            trigger: ".o_ghl_talk .o_ghl_entry.o_ghl_inbound:nth-child(2):contains('who is calling')",
        },
        {
            content: "there is no recording to play",
            trigger: ".o_ghl_talk:not(:has(audio))",
        },
        {
            content: "what happened has one, too",
            trigger: ".nav-link:contains('Timeline')",
            run: "click",
        },
        {
            content: "the move comes after the making",
            trigger: ".o_ghl_timeline li:first-child:contains('Status changed'):contains('Scheduled → Missed')",
        },
        {
            content: "the views of figures open: pivot",
            trigger: ".breadcrumb-item a:contains('Calls'), .o_back_button",
            run: "click",
        },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { content: "graph", trigger: ".o_pivot_view table", run: () => {} },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { content: "calendar", trigger: ".o_graph_view canvas", run: () => {} },
        { trigger: ".o_switch_view.o_calendar", run: "click" },
        { content: "and the call stands in it", trigger: ".o_calendar_view .fc-event:contains('Leaking tap')" },
    ],
});
