import { registry } from "@web/core/registry";

async function stopFirstJob(helpers) {
    const row = helpers.anchor.closest(".o_data_row");
    const name = row.querySelector("td[name=name]").textContent;
    const call = (method, args, kwargs = {}) =>
        fetch(`/web/dataset/call_kw/ghl.job/${method}`, {
            method: "POST",
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({ jsonrpc: "2.0", method: "call", params: { model: "ghl.job", method, args, kwargs } }),
        }).then((answer) => answer.json());
    const { result } = await call("search", [[["name", "=", name]]]);
    // Past the web client, as another user would: only the pushed message can tell this page.
    await call("action_stop", [result]);
}

registry.category("web_tour.tours").add("ghl_job_live_list", {
    steps: () => [
        {
            content: "the pending job is listed",
            trigger: ".o_list_view .o_data_row:contains('Live probe') .badge:contains('Pending')",
            run: stopFirstJob,
        },
        {
            content: "the list shows by itself that it was cancelled",
            trigger: ".o_list_view .o_data_row:contains('Live probe') .badge:contains('Cancelled')",
        },
        {
            content: "open it",
            trigger: ".o_data_row:contains('Live probe') td[name=name]",
            run: "click",
        },
        {
            content: "the form offers to retry",
            trigger: ".o_form_view button[name=action_retry]",
        },
    ],
});
