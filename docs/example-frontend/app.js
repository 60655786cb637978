/** What a program outside Odoo does with the API: see ../../static/src/api_client. */

import { GhlApiError, GhlClient } from "./api_client/ghl_api_client.js";

const $ = (selector) => document.querySelector(selector);
const PAGE = 50;

let ghl;
let next; // how to read the page of contacts behind the one shown
let watching; // AbortController of the campaign whose events are shown

/** An element with text and children; text is never taken for HTML. */
function element(tag, text = "", ...children) {
    const made = document.createElement(tag);
    made.textContent = text;
    made.append(...children);
    return made;
}

function say(text, isError = false) {
    $("#message").textContent = text;
    $("#message").classList.toggle("error", isError);
}

/** Run what a button asks for; buttons wait, errors are shown in words. */
async function act(button, work) {
    button.disabled = true;
    try {
        await work();
    } catch (error) {
        const reason = error instanceof GhlApiError ? error.message : `Unexpected: ${error.message}`;
        say(error.requestId ? `${reason} (${error.requestId})` : reason, true);
    } finally {
        button.disabled = false;
    }
}

function showContacts({ contacts, total_contacts: total, last_synced_at: synced, sync_status: status }, append) {
    const rows = contacts.map((contact) => {
        const message = contact.last_message ? `${contact.last_message.type}: ${contact.last_message.body}` : "";
        const cells = [contact.name, contact.contact_tags.join(", "), contact.crm_tasks, contact.touch_summary, message];
        return element("tr", "", ...cells.map((text) => element("td", text)));
    });
    $("#contacts")[append ? "append" : "replaceChildren"](...rows);
    $("#total").textContent = `${$("#contacts").rows.length} of ${total}`;
    $("#freshness").textContent = [status, synced && `as of ${synced.replace("T", " ")} UTC`].filter(Boolean).join(", ");
}

async function loadContacts(method) {
    const options = { limit: PAGE, fields: "name,contact_tags,crm_tasks,touch_summary,last_message" };
    const page = await ghl[method]($("#location").value, options);
    showContacts(page, false);
    next = page.has_more ? { ...options, cursor: page.next_cursor } : null;
    $("#more").hidden = !next;
    say("");
}

async function loadMore() {
    const page = await ghl.getContactsFromDB($("#location").value, next);
    showContacts(page, true);
    next = page.has_more ? { ...next, cursor: page.next_cursor } : null;
    $("#more").hidden = !next;
}

async function loadBoard() {
    const { data } = await ghl.getBoard({ limit: 5 });
    const columns = data.map((status) => {
        const cards = status.calls.map((call) => element("p", call.subject || `Call ${call.id}`));
        const column = element("article", "", element("h3", `${status.title} (${status.total_calls})`), ...cards);
        column.style.setProperty("--status", status.color);
        return column;
    });
    $("#board").replaceChildren(...columns);
}

async function loadCampaigns() {
    const campaigns = await ghl.getCampaigns();
    const items = campaigns.map((campaign) => {
        const watch = element("button", "Watch");
        watch.addEventListener("click", () => watchCampaign(campaign._id));
        const words = `${campaign.name}: ${campaign.status}, ${campaign.completedLeads} of ${campaign.totalLeads} `;
        return element("li", words, watch);
    });
    $("#campaigns").replaceChildren(...(items.length ? items : [element("li", "No campaigns yet.")]));
}

async function watchCampaign(id) {
    watching?.abort();
    watching = new AbortController();
    const { signal } = watching;
    $("#events").replaceChildren();
    try {
        for await (const event of ghl.watchCampaign(id, { signal })) {
            $("#events").prepend(element("li", `${event.type} ${event.leadName ?? ""} ${event.status ?? ""}`));
        }
    } catch (error) {
        if (!signal.aborted) {
            say(error.message, true);
        }
    }
}

$("#connect").addEventListener("submit", (submit) => {
    submit.preventDefault();
    const { baseUrl, apiKey } = Object.fromEntries(new FormData(submit.target));
    act(submit.submitter ?? submit.target.querySelector("button"), async () => {
        ghl = new GhlClient({
            baseUrl,
            apiKey,
            onRetry: ({ attempt, error }) => say(`${error.message} Trying again (${attempt}).`),
        });
        const locations = await ghl.getLocations();
        $("#location").replaceChildren(
            ...locations.map(({ location_id: id, location: name }) => new Option(name || id, id))
        );
        $("main").hidden = false;
        say(locations.length ? "Connected." : "Connected. No location is synchronised yet.");
        await loadBoard();
    });
});
for (const button of document.querySelectorAll("[data-load]")) {
    button.addEventListener("click", () => act(button, () => loadContacts(button.dataset.load)));
}
$("#more").addEventListener("click", (click) => act(click.target, loadMore));
$("#reload-board").addEventListener("click", (click) => act(click.target, loadBoard));
$("#reload-campaigns").addEventListener("click", (click) => act(click.target, loadCampaigns));
