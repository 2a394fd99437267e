# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A platform that says back what it was told: no server should, and some do.

The base URL chooses where and how: `/<where>-<form>`, such as `/create-raw` or `/hub-base64`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

FORMS: Mapping[str, Callable[[str], str]] = {
    "raw": str,
    "upper": str.upper,
    "json": json.dumps,
    "unicode": lambda text: json.dumps(text, ensure_ascii=False),
    "repr": repr,
    "url": lambda text: quote(text, safe=""),
    "plus": quote_plus,
    "lowerhex": lambda text: quote_plus(text).lower(),
    "twice": lambda text: quote(quote(text, safe=""), safe=""),
    "hex": lambda text: text.encode().hex(),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "urlsafe": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "offset1": lambda text: base64.b64encode(b":" + text.encode()).decode(),
    "lines": lambda text: " / ".join(reversed(text.splitlines())),
    "controls": lambda text: f"\x1b[2K\r\nok: [forged]\x9b1m\u2028\u202e{text}\u2066\x07",
    "offset2": lambda text: base64.urlsafe_b64encode(b"u:" + text.encode() + b".").decode(),
}
ELEMENT = {
    "key": "autotaskcrm",
    "configuration": [
        {"key": "crm.autotask.username", "type": "TEXTFIELD_128", "required": True},
        {"key": "crm.autotask.password", "type": "PASSWORD", "required": True},
        {"key": "crm.autotask.server.url", "type": "TEXTFIELD_1000", "required": False},
    ],
}
REQUEST_ID = "5b04a3c1f6d27e9081b2c3d4"
NUMBER = 12153


class _Handler(BaseHTTPRequestHandler):
    server: EchoServer
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        if self._path.startswith("/elements/"):
            self._send(200, ELEMENT)
        elif self._path.startswith(("/hubs/", "/ping")):
            self._refuse(401) if self._where == "hub" else self._send(200, [])
        elif self._where in ("list", "recall"):
            self._refuse(401)
        elif self._where in ("html", "redirect", "headers"):
            self._strange()
        elif self._path == "/instances":
            self._list()
        else:
            # Each by its own id: one item's secrets are hidden in what is said of that item.
            known = self.server.by_id.get((self._mode, self._path.rpartition("/")[2]))
            self._send(200, known or self._instances()[0])

    def do_POST(self) -> None:
        if self._where in ("create", "broken"):
            self._refuse(400 if self._where == "create" else 500)
            return
        made = {**self._existing(str(self._body["name"])), "tags": self._body["tags"]}
        made["configuration"] = self._body["configuration"]
        if self._where == "stored":
            # As if the platform had put the secrets where they do not belong.
            made.update(name=self._echo(), createdDate=self._echo(), tags=[*self._body["tags"], self._echo()])
        if self._where == "element":
            made["element"] = {"key": self._echo()}
        if self._where == "number":
            made["id"] = self._echo()
        self.server.made[self._mode] = made
        self.server.by_id[self._mode, str(made["id"])] = made
        self._send(200, made)

    def do_PUT(self) -> None:
        self._refuse(422)

    do_PATCH = do_PUT  # noqa: N815

    def do_DELETE(self) -> None:
        if self._where == "stored":
            self._send(200, {})
        else:
            self._refuse(409)

    @property
    def _mode(self) -> str:
        return urlsplit(self.path).path.split("/")[1]

    @property
    def _where(self) -> str:
        return self._mode.partition("-")[0]

    @property
    def _path(self) -> str:
        return "/" + "/".join(urlsplit(self.path).path.split("/")[2:])

    @property
    def _body(self) -> Any:
        if not hasattr(self, "_read"):
            self._read = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        return self._read

    def _existing(self, name: str) -> dict[str, Any]:
        element = {"key": "autotaskcrm"}
        return {
            "id": NUMBER + len(name),
            "name": name,
            "element": element,
            "token": self.server.token,
            "tags": [],
            "configuration": {},
        }

    def _list(self) -> None:
        if self._instances():
            self._send(200, self._instances())
        else:
            self._send(404, {"requestId": REQUEST_ID, "message": "No element instances found"})

    def _instances(self) -> list[dict[str, Any]]:
        """Return the last one that was made, or what was always there."""
        made = self.server.made.get(self._mode)
        names = ("Canary echo", "Canary echo too") if self._where in ("update", "delete", "forget", "told") else ()
        return [made] if made else [self._existing(name) for name in names]

    def _refuse(self, status: int) -> None:
        words = self._words()
        backwards = " and ".join(reversed(words))
        self._send(status, {"requestId": REQUEST_ID, "message": " and ".join(words), "providerMessage": backwards})

    def _strange(self) -> None:
        """Answer with what is not JSON at all, or with secrets in the headers."""
        page = f"<html><body><h1>Refused</h1>{self._echo()}</body></html>"
        location = {"Location": "http://127.0.0.1/login?" + quote(self._echo())}
        cookie = {"Elements-Next-Page-Token": quote(self._echo()), "Retry-After": quote(self._echo())}
        status, headers = {"html": (502, {}), "redirect": (302, location), "headers": (429, cookie)}[self._where]
        self._send(status, page, headers)

    def _words(self) -> list[str]:
        """Return all that came with the request and may be a secret, in the form that the path asks for.

        Some modes also say what came with an earlier one, or the token that they answered.
        """
        header = self.headers.get("Authorization", "").encode("latin-1").decode("utf-8", "replace")
        parts = [part.strip().partition(" ")[2] for part in header.split(",")]
        given = self._body.get("configuration", {}) if self.command != "GET" else {}
        form = FORMS[self._mode.partition("-")[2] or "raw"]
        kept: Iterable[str] = self.server.secrets.values() if self._where == "recall" else ()
        if self._where == "told":
            kept = [self.server.token]
        if self._where == "forget":
            ids = {str(NUMBER + len(name)): secret for name, secret in self.server.secrets.items()}
            kept = [secret for number, secret in ids.items() if self._path.endswith(number)]
        return [form(word) for word in (*kept, *(str(value) for value in given.values()), *parts, header)]

    def _echo(self) -> str:
        return " ".join(self._words())

    def _send(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        self._body  # noqa: B018  # what is not read would be taken for the next request
        raw = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(raw)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)
        del self._read


class EchoServer(ThreadingHTTPServer):
    """Listens on this machine.

    `made`: the last instance of each mode; `by_id`: all of them. `secrets`: by the names of instances, what it was told
    earlier.
    """

    daemon_threads = True

    def __init__(self, token: str, secrets: Mapping[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.token = token
        self.secrets = secrets
        self.made: dict[str, dict[str, Any]] = {}
        self.by_id: dict[tuple[str, str], dict[str, Any]] = {}

    @property
    def url(self) -> str:
        """The address, to which a mode is appended."""
        return f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def echoing(token: str, secrets: Mapping[str, str]) -> Iterator[EchoServer]:
    """Run an echo server for the length of a `with` block; every instance has this token."""
    with EchoServer(token, secrets) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
