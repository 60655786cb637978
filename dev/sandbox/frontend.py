"""Serves the example page `docs/example-frontend` and the API client it uses, from an origin of their own."""

from pathlib import Path

from .http import Response

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = {"api_client": ROOT / "static/src/api_client", "": ROOT / "docs/example-frontend"}
TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}


class Frontend:
    """The files themselves, nothing else: `/` is index.html, `/api_client/...` the client's modules."""

    async def __call__(self, request) -> Response:
        folder, _, name = request.path.strip("/").rpartition("/")
        name = name or "index.html"
        path = FOLDERS.get(folder, ROOT) / name
        if request.method not in ("GET", "HEAD") or folder not in FOLDERS or path.suffix not in TYPES:
            return Response(404, b"not found", {"Content-Type": "text/plain"})
        # One name in one of two folders: nothing above them can be reached.
        if "\\" in name or name.startswith(".") or not path.is_file():
            return Response(404, b"not found", {"Content-Type": "text/plain"})
        headers = {"Content-Type": f"{TYPES[path.suffix]}; charset=utf-8", "Cache-Control": "no-store"}
        return Response(200, path.read_bytes(), headers)
