/**
 * Client of this addon's HTTP API: contacts, calls, campaigns and live events.
 *
 * A standalone ES module without dependencies; runs in browsers of 2023 or later and in Node 20.3 or later.
 *
 *     import { GhlClient } from "./ghl_api_client.js";
 *     const ghl = new GhlClient({ baseUrl: "https://odoo.example.com", apiKey: "..." });
 *     const { contacts } = await ghl.getContactsFast("LOCATION_ID", { limit: 100 });
 */

import { GhlApiError } from "./errors.js";
import { pause, Transport } from "./transport.js";

export { GhlApiError };

function contactParams(locationId, options = {}) {
    if (!locationId) {
        throw new GhlApiError("A location id is needed.", { code: "location_id_missing" });
    }
    const { limit, page, cursor, selectedUser, fields, timeout, search } = options;
    return { location_id: locationId, limit, page, cursor, selected_user: selectedUser, fields, timeout, search };
}

export class GhlClient extends Transport {
    // ---- contacts ----------------------------------------------------------------------------------------

    /** Contacts from the database at once; a sync starts behind (`sync_status`). For screens. */
    getContactsFast(locationId, options) {
        return this.get("/api/get-location-contacts-fast", contactParams(locationId, options), options);
    }

    /** Contacts after a sync: for when freshness matters more than time. `options.timeout`: seconds to wait, 1 to 110. */
    getContactsFresh(locationId, options = {}) {
        const wait = 1000 * ((options.timeout ?? 60) + 20);
        const patient = { ...options, timeoutMs: options.timeoutMs ?? Math.max(wait, this.timeoutMs) };
        return this.get("/api/get-location-contacts", contactParams(locationId, options), patient);
    }

    /** Contacts from the database; nothing else happens. */
    getContactsFromDB(locationId, options) {
        return this.get("/api/location-contacts", contactParams(locationId, options), options);
    }

    /** Every contact of a location, one after another, read page by page from the database. */
    async *eachContact(locationId, options = {}) {
        let cursor;
        do {
            const page = await this.getContactsFromDB(locationId, { limit: 500, ...options, page: undefined, cursor });
            yield* page.contacts;
            cursor = page.has_more ? page.next_cursor : "";
        } while (cursor);
    }

    searchContacts(locationId, search, options) {
        return this.get("/api/location-contacts-search", contactParams(locationId, { ...options, search }), options);
    }

    countContacts(locationId, options) {
        return this.get("/api/location-contacts-count", contactParams(locationId, options), options);
    }

    /** The locations the key may see. */
    async getLocations(options) {
        return (await this.get("/api/installed-locations", {}, options)).locations;
    }

    /** The GoHighLevel users of a location. */
    async getUsers(locationId, options) {
        return (await this.get("/api/location-users", { location_id: locationId }, options)).users;
    }

    // ---- calls -------------------------------------------------------------------------------------------

    /** The board: `data` holds one entry for each status with its newest calls; `summary` the totals. */
    getBoard({ limit, enrich = true, signal, ...filters } = {}) {
        return this.ask(
            "/crm/calls/get-grouped-by-status",
            { limit, include_enrichment: String(enrich), ...filters },
            { signal }
        );
    }

    /** A page of calls: `data`, `pagination`. Filters: view, subject, start_time, duration, related_to, owner_id, ... */
    getCalls({ page = 1, limit = 20, signal, ...filters } = {}) {
        return this.ask("/crm/calls/get", { page, limit, ...filters }, { signal });
    }

    /** Every call that matches, one after another. */
    async *eachCall(filters = {}) {
        for (let page = 1, pages = 1; page <= pages; page++) {
            const answer = await this.getCalls({ limit: 200, ...filters, page });
            pages = answer.pagination.total_pages;
            yield* answer.data;
        }
    }

    async getCall(id, options) {
        return (await this.ask(`/crm/calls/get/${Number(id)}`, {}, options)).data;
    }

    /** Create (`id` absent or 0) or update a call; gives it as it is now. A duplicate is refused with code `conflict`. */
    async saveCall(values, options) {
        return (await this.post("/crm/calls/save", values, options)).data;
    }

    /** Move a call to another column of the board. */
    async moveCall(id, statusId, options) {
        return (await this.post("/crm/calls/update-status", { id, status_id: statusId }, options)).data;
    }

    deleteCall(id, options) {
        return this.post(`/crm/calls/delete/${Number(id)}`, {}, options);
    }

    restoreCall(id, options) {
        return this.get(`/crm/calls/${Number(id)}/deleted/0`, {}, options);
    }

    /** The four cards of a period; `from` and `to` are ISO dates. */
    getCallStatistics(from, to, options) {
        return this.ask("/crm/calls/get-statistics", { from, to }, options);
    }

    // ---- campaigns ---------------------------------------------------------------------------------------

    /** Start calling: `{agentId, leadIds, campaignName?}`. Gives `{campaignId, message, estimatedTime}`. */
    startCampaign(campaign, options) {
        return this.post("/campaigns", campaign, options);
    }

    getCampaigns({ status, ...options } = {}) {
        return this.get("/campaigns", { status }, options);
    }

    getCampaign(id, options) {
        return this.get(`/campaigns/${encodeURIComponent(id)}`, {}, options);
    }

    pauseCampaign(id, options) {
        return this.request("PATCH", `/campaigns/${encodeURIComponent(id)}/pause`, { ...options, body: {} });
    }

    resumeCampaign(id, options) {
        return this.request("PATCH", `/campaigns/${encodeURIComponent(id)}/resume`, { ...options, body: {} });
    }

    stopCampaign(id, options) {
        return this.request("DELETE", `/campaigns/${encodeURIComponent(id)}`, options);
    }

    /** What happened in a campaign, the newest first: `{logs, total, limit, skip}`. */
    getCampaignLogs(id, { limit = 50, skip = 0, ...options } = {}) {
        return this.get(`/campaigns/${encodeURIComponent(id)}/logs`, { limit, skip }, options);
    }

    /**
     * The events of a campaign as they happen, until it has ended or `signal` is aborted. Goes on behind the last event
     * when the connection was lost: no event is missed or given twice.
     *
     * @param {string|number} id
     * @param {{after?: string|number, signal?: AbortSignal, idleMs?: number}} [options] `idleMs`: wait between two
     *     looks while nothing happens; 1,000
     */
    async *watchCampaign(id, { after, signal, idleMs = 1000 } = {}) {
        let last = after;
        for (;;) {
            const path = `/campaigns/${encodeURIComponent(id)}/events`;
            const { events, next, ended } = await this.get(path, { after: last }, { signal });
            yield* events;
            last = next;
            if (ended && !events.length) {
                return;
            }
            if (!events.length) {
                await pause(idleMs, signal);
            }
        }
    }
}
