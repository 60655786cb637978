import { registry } from "@web/core/registry";

/** A viewer reads the conversation with a contact from the newest entry to the first, and opens a call of it. */
registry.category("web_tour.tours").add("ghl_contact_form_tour", {
    steps: () => [
        { trigger: ".o_ghl_thread .o_ghl_call:contains('Outgoing · 1:15'):contains('Roof talk')" },
        { trigger: ".o_ghl_thread .o_ghl_inbound[data-channel=SMS]:contains('Text 1')" },
        {
            content: "the newest is at the bottom, in sight",
            trigger: ".o_ghl_thread",
            run: ({ anchor }) => {
                if (anchor.scrollTop + anchor.clientHeight < anchor.scrollHeight - 2) {
                    throw new Error("the newest entry is out of sight");
                }
            },
        },
        { trigger: ".o_ghl_call .o_ghl_listen", run: "click" },
        { trigger: ".o_ghl_call .o_ghl_talk:contains('hello')" },
        { trigger: ".o_ghl_call .o_ghl_listen:contains('Close')", run: "click" },
        { trigger: ".o_ghl_thread:not(:contains('Text 44'))" },
        { trigger: ".o_ghl_thread button:contains('Show earlier')", run: "click" },
        { trigger: ".o_ghl_thread:contains('Text 44'):not(:contains('Show earlier'))" },
        { trigger: ".badge:contains('2 overdue')" },
        { trigger: ".o_notebook .nav-link:contains('Custom Fields')", run: "click" },
        { trigger: ".o_ghl_custom_values dd" },
        { trigger: ".o_notebook .nav-link:contains('Attribution')", run: "click" },
        { trigger: ".o_field_widget[name=attribution_ids]:contains('campaign Spring')" },
        { trigger: ".o_notebook .nav-link:contains('Conversation')", run: "click" },
        { trigger: ".o_ghl_thread .o_ghl_call .o_ghl_entry_open", run: "click" },
        { trigger: ".o_breadcrumb:contains('Roof talk')" },
    ],
});
