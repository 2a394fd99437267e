# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that a redirect leads to. It writes down every request, and answers what a hub would."""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        with (FOLDER / "seen").open("a", encoding="utf-8") as file:
            file.write(f"{self.requestline} {dict(self.headers)}\n")
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b"[]")

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    (FOLDER / "seen").touch()
    ready = FOLDER / "other_host.new"
    ready.write_text(f'{{"port": {server.server_port}, "pid": {os.getpid()}}}', encoding="utf-8")
    ready.rename(FOLDER / "other_host.json")
    server.serve_forever()
