# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver of events. It refuses a signature by another key than that in the file `key`, and keeps other bodies."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        key = (FOLDER / "key").read_bytes()
        digest = base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode()
        known = self.headers["Elements-Webhook-Signature"] == f"sha256={digest}"
        if known:
            with (FOLDER / "received").open("ab") as file:
                file.write(body + b"\n")
        self.send_response(204 if known else 401)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[2])), Handler)
    ready = FOLDER / "receiver.new"
    ready.write_text(str(os.getpid()), encoding="utf-8")
    ready.rename(FOLDER / "receiver.pid")
    server.serve_forever()
