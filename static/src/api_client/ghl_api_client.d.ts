/** Client of the HTTP API of GoHighLevel for Odoo. See ghl_api_client.js for what each method does. */

export class GhlApiError extends Error {
    /** HTTP status, or the one the body names; 0: no answer. */
    status: number;
    /** Stable, for programs: `invalid_key`, `location_not_found`, `timeout`, `network`, ... */
    code: string;
    details: Record<string, unknown> | null;
    requestId: string | null;
    retryable: boolean;
    /** Seconds the server asks to wait. */
    retryAfter: number | null;
}

export interface ClientOptions {
    baseUrl: string;
    apiKey: string;
    database?: string;
    timeoutMs?: number;
    retries?: number;
    backoffMs?: number;
    fetch?: typeof fetch;
    onRetry?: (info: { attempt: number; delayMs: number; error: GhlApiError }) => void;
}

export interface RequestOptions {
    signal?: AbortSignal;
    timeoutMs?: number;
    retries?: number;
}

export interface ContactOptions extends RequestOptions {
    limit?: number;
    page?: number;
    cursor?: string;
    selectedUser?: string | number;
    fields?: string | string[];
}

/** Times are ISO 8601 in UTC without a zone; missing text is "", missing numbers 0. */
export interface Contact {
    id: number;
    external_id: string;
    name: string;
    email: string;
    contact_tags: string[];
    crm_tasks: "overdue" | "upcoming" | "empty" | "no_tasks";
    touch_summary: string;
    speed_to_lead: string;
    last_message: { body: string; type: string; direction: string; source: string; date_added: string; id: string } | "";
    tasks: Record<string, unknown>[];
    conversations: Record<string, unknown>[];
    custom_fields?: { id: string; value: unknown }[];
    attributions?: Record<string, string>[];
    [key: string]: unknown;
}

export interface ContactList {
    success: true;
    contacts: Contact[];
    total_contacts: number;
    last_synced_at: string;
    sync_job_id: number;
    sync_status?: "background" | "fresh" | "running" | "error" | "not_connected";
    sync_error?: string;
    has_more?: boolean;
    next_cursor?: string;
    [key: string]: unknown;
}

export interface Call {
    id: number;
    ukey: string;
    subject: string;
    status_id: number;
    start_time: string;
    end_time: string;
    /** Minutes. */
    duration: number;
    [key: string]: unknown;
}

export interface CallFilters {
    view?: string;
    subject?: string;
    start_time?: string;
    duration?: string;
    related_to?: string;
    owner_id?: number;
    assigned_to_id?: number;
}

export interface BoardColumn {
    id: number;
    name: string;
    title: string;
    total_calls: number;
    calls: Call[];
    call_ids?: number[];
    [key: string]: unknown;
}

export interface Campaign {
    _id: string;
    name: string;
    status: "PENDING" | "RUNNING" | "PAUSED" | "COMPLETED" | "FAILED";
    totalLeads: number;
    completedLeads: number;
    successfulCalls: number;
    failedCalls: number;
    successRate: number;
    [key: string]: unknown;
}

export interface CampaignEvent {
    id: number;
    type: string;
    [key: string]: unknown;
}

type Answer = Record<string, any>;

export class GhlClient {
    constructor(options: ClientOptions);

    getContactsFast(locationId: string, options?: ContactOptions): Promise<ContactList>;
    getContactsFresh(locationId: string, options?: ContactOptions & { timeout?: number }): Promise<ContactList>;
    getContactsFromDB(locationId: string, options?: ContactOptions): Promise<ContactList>;
    eachContact(locationId: string, options?: ContactOptions): AsyncGenerator<Contact, void>;
    searchContacts(locationId: string, search: string, options?: ContactOptions): Promise<ContactList>;
    countContacts(locationId: string, options?: ContactOptions): Promise<Answer>;
    getLocations(options?: RequestOptions): Promise<Answer[]>;
    getUsers(locationId: string, options?: RequestOptions): Promise<Answer[]>;

    getBoard(
        options?: CallFilters & { limit?: number; enrich?: boolean; signal?: AbortSignal }
    ): Promise<{ data: BoardColumn[]; summary: Answer }>;
    getCalls(
        options?: CallFilters & { page?: number; limit?: number; signal?: AbortSignal }
    ): Promise<{ data: Call[]; pagination: Answer }>;
    eachCall(filters?: CallFilters & { limit?: number }): AsyncGenerator<Call, void>;
    getCall(id: number, options?: RequestOptions): Promise<Call>;
    saveCall(values: Partial<Call>, options?: RequestOptions): Promise<Call>;
    moveCall(id: number, statusId: number, options?: RequestOptions): Promise<Answer>;
    deleteCall(id: number, options?: RequestOptions): Promise<Answer>;
    restoreCall(id: number, options?: RequestOptions): Promise<Answer>;
    getCallStatistics(from: string, to: string, options?: RequestOptions): Promise<Answer>;

    startCampaign(
        campaign: { agentId: string | number; leadIds: (string | number)[]; campaignName?: string },
        options?: RequestOptions
    ): Promise<{ success: true; campaignId: string; message: string; estimatedTime: string }>;
    getCampaigns(options?: RequestOptions & { status?: string }): Promise<Campaign[]>;
    getCampaign(id: string | number, options?: RequestOptions): Promise<Campaign>;
    pauseCampaign(id: string | number, options?: RequestOptions): Promise<Answer>;
    resumeCampaign(id: string | number, options?: RequestOptions): Promise<Answer>;
    stopCampaign(id: string | number, options?: RequestOptions): Promise<Answer>;
    getCampaignLogs(
        id: string | number,
        options?: RequestOptions & { limit?: number; skip?: number }
    ): Promise<{ logs: Answer[]; total: number; limit: number; skip: number }>;
    watchCampaign(
        id: string | number,
        options?: { after?: string | number; signal?: AbortSignal; idleMs?: number }
    ): AsyncGenerator<CampaignEvent, void>;

    get<T = any>(path: string, params?: Record<string, unknown>, options?: RequestOptions): Promise<T>;
    post<T = any>(path: string, body: unknown, options?: RequestOptions): Promise<T>;
    request<T = any>(method: string, path: string, options?: RequestOptions & { body?: unknown }): Promise<T>;
}
