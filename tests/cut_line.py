"""A line to a local server whose live connections can be cut, while requests still come through."""

import contextlib
import socket
import threading

LIVE = b"GET /websocket"


class CutLine:
    """`url` leads to `port` of this machine. `cut()` breaks live connections and lets no new one through until
    `mend()`; `close()` ends everything."""

    def __init__(self, port):
        self._port = port
        self._whole = threading.Event()
        self._whole.set()
        self._lock = threading.Lock()
        self._live = set()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self._whole.clear()
        with self._lock:
            broken, self._live = self._live, set()
        for end in broken:
            _break(end)

    def mend(self):
        self._whole.set()

    def close(self):
        _break(self._door)
        self.cut()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _address = self._door.accept()
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near):
        with contextlib.suppress(OSError), near:
            first = near.recv(65536)
            live = first.startswith(LIVE)
            if not first or (live and not self._whole.is_set()):
                return
            with socket.create_connection(("127.0.0.1", self._port)) as far:
                if live:
                    with self._lock:
                        self._live |= {near, far}
                far.sendall(first)
                back = threading.Thread(target=_carry, args=(far, near), daemon=True)
                back.start()
                _carry(near, far)
                back.join()


def _carry(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _break(end):
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
