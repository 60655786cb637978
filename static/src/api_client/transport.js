/** Requests with time limits, repeats and errors that say what went wrong. */

import { GhlApiError } from "./errors.js";

// The server refused before it did anything: safe to repeat, whatever the method.
const NOT_DONE = new Set([429, 503]);
// Answers of proxies in front of a server that may have done its work: safe to repeat for reading only.
const GATEWAY = new Set([502, 504]);
const READING = new Set(["GET", "HEAD"]);

/** Wait, unless `signal` is aborted: then its reason is thrown. */
export const pause = (ms, signal) =>
    new Promise((resolve, reject) => {
        const stop = () => {
            clearTimeout(timer);
            reject(signal.reason);
        };
        const timer = setTimeout(() => {
            signal?.removeEventListener("abort", stop);
            resolve();
        }, ms);
        if (signal?.aborted) {
            stop();
        }
        signal?.addEventListener("abort", stop, { once: true });
    });

/** The parameters that are set, under the names the API knows. */
function query(params) {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) {
        if (value !== undefined && value !== null && value !== "") {
            search.set(name, Array.isArray(value) ? value.join(",") : String(value));
        }
    }
    const text = search.toString();
    return text ? `?${text}` : "";
}

export class Transport {
    /**
     * @param {object} options
     * @param {string} options.baseUrl address of Odoo
     * @param {string} options.apiKey made under GoHighLevel / Configuration / API Keys
     * @param {string} [options.database] needed when the server has several
     * @param {number} [options.timeoutMs] for one attempt; 30,000
     * @param {number} [options.retries] further attempts after the first; 3
     * @param {number} [options.backoffMs] wait before the second attempt, doubled each time; 500
     * @param {typeof fetch} [options.fetch] to use instead of the global one
     * @param {(info: {attempt: number, delayMs: number, error: GhlApiError}) => void} [options.onRetry]
     */
    constructor({ baseUrl, apiKey, database, timeoutMs = 30000, retries = 3, backoffMs = 500, onRetry, ...rest }) {
        if (!baseUrl || !apiKey) {
            throw new GhlApiError("baseUrl and apiKey are needed.", { code: "not_configured" });
        }
        this.baseUrl = String(baseUrl).replace(/\/+$/, "");
        this.headers = { Authorization: `Bearer ${apiKey}`, Accept: "application/json" };
        if (database) {
            this.headers["X-Odoo-Database"] = database;
        }
        this.timeoutMs = timeoutMs;
        this.retries = retries;
        this.backoffMs = backoffMs;
        this.onRetry = onRetry;
        this.fetch = rest.fetch ?? globalThis.fetch.bind(globalThis);
    }

    get(path, params = {}, options = {}) {
        return this.request("GET", path + query(params), options);
    }

    post(path, body, options = {}) {
        return this.request("POST", path, { ...options, body });
    }

    /** Ask by POST: nothing is changed, so it is tried again as a GET is. */
    ask(path, body, options = {}) {
        return this.post(path, body, { ...options, reading: true });
    }

    /**
     * One request, tried again when that is safe: reading after any failure of the network or a gateway, writing only
     * when the server said that it has not begun (429, 503). `reading`: a POST that only asks, with its question as body.
     *
     * @param {string} method
     * @param {string} path with its query
     * @param {{body?: object, signal?: AbortSignal, timeoutMs?: number, retries?: number,
     *     reading?: boolean}} [options]
     * @returns {Promise<any>} the parsed answer
     * @throws {GhlApiError} or the reason of `signal` when it was aborted
     */
    async request(method, path, options = {}) {
        const retries = options.retries ?? this.retries;
        for (let attempt = 1; ; attempt++) {
            try {
                return await this.#attempt(method, path, options);
            } catch (error) {
                if (!(error instanceof GhlApiError) || !error.retryable || attempt > retries) {
                    throw error;
                }
                const backoff = this.backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random());
                const delayMs = error.retryAfter === null ? backoff : Math.max(backoff, 1000 * error.retryAfter);
                this.onRetry?.({ attempt, delayMs, error });
                await pause(delayMs, options.signal);
            }
        }
    }

    async #attempt(method, path, options) {
        const { body, signal, timeoutMs = this.timeoutMs, reading = READING.has(method) } = options;
        const late = AbortSignal.timeout(timeoutMs);
        const init = { method, headers: { ...this.headers }, signal: signal ? AbortSignal.any([signal, late]) : late };
        if (body !== undefined) {
            init.headers["Content-Type"] = "application/json";
            init.body = JSON.stringify(body);
        }
        let response, text;
        try {
            response = await this.fetch(this.baseUrl + path, init);
            text = await response.text();
        } catch (cause) {
            if (signal?.aborted) {
                throw signal.reason;
            }
            const message = late.aborted
                ? `No answer within ${timeoutMs / 1000} seconds.`
                : "The server cannot be reached, or does not allow this web origin.";
            const code = late.aborted ? "timeout" : "network";
            throw new GhlApiError(message, { code, cause, retryable: reading });
        }
        return understand(reading, response, text);
    }
}

/** The answer, or the GhlApiError it stands for: by HTTP status, or by `status` or `success` in the body. */
function understand(reading, response, text) {
    let data;
    try {
        data = text ? JSON.parse(text) : {};
    } catch {
        data = null;
    }
    const inBody = data && typeof data.status === "number" ? data.status : response.status;
    const status = response.ok ? inBody : response.status;
    if (data && response.ok && status < 400 && data.success !== false) {
        return data;
    }
    const repeat = NOT_DONE.has(status) || (reading && (GATEWAY.has(status) || (response.ok && !data)));
    const wait = Number(response.headers.get("Retry-After") ?? NaN);
    const about = {
        status: data?.status_code ?? status,
        code: data?.code ?? data?.error_details?.code ?? (data ? "refused" : "unreadable_answer"),
        details: data?.details ?? data?.error_details?.parameters ?? data?.data ?? null,
        requestId: data?.request_id ?? data?.error_details?.request_id ?? response.headers.get("X-Request-Id"),
        retryable: repeat,
        retryAfter: Number.isFinite(wait) ? wait : null,
    };
    const words = data?.error ?? data?.message ?? data?.error_message;
    throw new GhlApiError(words || `The server answered ${response.status} without saying why.`, about);
}
