"""Refusals in the shapes of the real service."""

TITLES = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 422: "Unprocessable Entity"}


class ApiError(Exception):
    """Becomes `{"statusCode", "message", "error"}`; the message of a 422 is always a list."""

    def __init__(self, status: int, message, payload=None):
        super().__init__(message)
        self.status = status
        if status == 422 and isinstance(message, str):
            message = [message]
        self.payload = payload or {"statusCode": status, "message": message, "error": TITLES.get(status, "Error")}
