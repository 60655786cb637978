/** Anything that went wrong. `code` is for programs, `message` for people. */
export class GhlApiError extends Error {
    /**
     * @param {string} message
     * @param {{status?: number, code?: string, details?: object, requestId?: string, retryable?: boolean,
     *     retryAfter?: number, cause?: unknown}} [about]
     */
    constructor(message, about = {}) {
        super(message, { cause: about.cause });
        this.name = "GhlApiError";
        this.status = about.status ?? 0;
        this.code = about.code ?? "unknown";
        this.details = about.details ?? null;
        this.requestId = about.requestId ?? null;
        this.retryable = about.retryable ?? false;
        this.retryAfter = about.retryAfter ?? null;
    }
}
