# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rulebook `events_controller` against a stand-in for the few calls of a controller that ansible-rulebook makes."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collection import ROOT
from tests.eda.receiver import KEY, failing, notification, receiving

RULEBOOK = "cloud_elements.platform.events_controller"
# ansible-rulebook checks the form of a rulebook in a file, and not of one in a collection.
FILE = ROOT / "extensions/eda/rulebooks/events_controller.yml"
TEMPLATES = {1: "Contact changed", 2: "Cloud Elements - Drift"}


class Controller(http.server.ThreadingHTTPServer):
    """A controller with two job templates, whose jobs succeed. `launched` holds the id and the body of each launch."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.launched: list[tuple[int, dict[str, Any]]] = []
        self.changed = threading.Condition()

    def wait_for(self, count: int) -> list[tuple[int, dict[str, Any]]]:
        """Wait for so many launches, and return all."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.launched) >= count, timeout=60), self.launched
            return list(self.launched)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Controller

    def do_GET(self) -> None:
        if "/unified_job_templates/" in self.path:
            asked = {f"ask_{name}_on_launch": True for name in ("limit", "labels", "inventory", "variables")}
            organization = {"organization": {"name": "Acme"}}
            results = [
                {
                    "id": number,
                    "type": "job_template",
                    "name": name,
                    "summary_fields": organization,
                    "related": {"launch": f"/api/v2/job_templates/{number}/launch/"},
                    **asked,
                    "ask_labels_on_launch": False,
                }
                for number, name in TEMPLATES.items()
            ]
            self._reply({"count": len(results), "next": None, "results": results})
        elif "/config/" in self.path:
            self._reply({"version": "4.6.8"})
        else:
            jobs = [
                {"id": number, "status": "successful", "created": "2026-06-01T04:09:10Z"}
                for number, _launch in enumerate(self.server.launched, start=1)
            ]
            self._reply({"count": len(jobs), "results": jobs})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.changed:
            self.server.launched.append((int(self.path.strip("/").split("/")[-2]), body))
            number = len(self.server.launched)
            self.server.changed.notify_all()
        self._reply({"url": f"/api/v2/jobs/{number}/"}, 201)

    def _reply(self, body: object, status: int = 200) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_arguments: Any) -> None:
        """Print nothing."""


@pytest.fixture
def controller() -> Iterator[Controller]:
    with Controller() as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


def test_without_a_controller_it_does_not_start(tmp_path: Path) -> None:
    assert "needs controller url and token to be defined" in failing(tmp_path, rulebook=RULEBOOK)


def test_an_event_launches_a_job_that_gets_it(controller: Controller, tmp_path: Path) -> None:
    options = ("--controller-url", f"http://127.0.0.1:{controller.server_port}", "--controller-token", "canary-token")
    with receiving(tmp_path, *options, rulebook=FILE, cloud_elements_organization="Acme") as receiver:
        assert receiver.post(notification(1, "17", raw="canary-raw")) == 200
        receiver.post(notification(2, "12001", object_type="instances"))
        (contact, first), (drift, _second) = controller.wait_for(2)

    assert [TEMPLATES[contact], TEMPLATES[drift]] == [*TEMPLATES.values()]
    event = first["extra_vars"]["ansible_eda"]["event"]
    assert {name: event[name] for name in event if name != "meta"} == {
        "element": "autotaskcrm",
        "instance": "12001",
        "object_type": "contacts",
        "object_id": "17",
        "event_type": "UPDATED",
        "date": "2026-06-01T04:09:10Z",
        "event_id": "1",
    }
    sent = json.dumps(controller.launched)
    assert KEY not in sent
    assert "canary-raw" not in sent
