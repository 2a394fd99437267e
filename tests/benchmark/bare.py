# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limit: bare Python that sends the least number of requests, knows what to do, and checks nothing else."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tests.benchmark.wanted import PAGE_SIZE, is_rotated

Item = dict[str, Any]


class Account:
    """The platform, through one session."""

    def __init__(self, concurrency: int) -> None:
        self._base_url = os.environ["CLOUD_ELEMENTS_BASE_URL"]
        user, organization = (os.environ[f"CLOUD_ELEMENTS_{who}_SECRET"] for who in ("USER", "ORGANIZATION"))
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"User {user}, Organization {organization}"
        self._session.mount("http://", HTTPAdapter(pool_maxsize=concurrency))

    def call(self, method: str, path: str, query: Item | None = None, body: Item | None = None) -> requests.Response:
        """Send one request; nothing but 200 and an empty list will do."""
        answer = self._session.request(method, self._base_url + path, params=query, json=body, timeout=60)
        if answer.status_code != 200 and (method, answer.status_code) != ("GET", 404):
            raise RuntimeError(f"{method} {path}: {answer.status_code}")
        return answer

    def ids(self) -> dict[str, int]:
        """List all instances, name to id."""
        query: Item = {"hydrate": "true", "pageSize": PAGE_SIZE}
        found: dict[str, int] = {}
        while True:
            answer = self.call("GET", "/instances", query)
            if answer.status_code == 200:
                found.update((instance["name"], instance["id"]) for instance in answer.json())
            if "elements-next-page-token" not in answer.headers:
                return found
            query["nextPage"] = answer.headers["elements-next-page-token"]


def main(state: str, path: str, concurrency: str) -> None:
    """List, then create what is absent and rotate what is told, so many at a time."""
    wanted: list[Item] = json.loads(Path(path).read_text(encoding="utf-8"))
    account = Account(int(concurrency))
    there = account.ids()

    def write(numbered: tuple[int, Item]) -> None:
        number, item = numbered
        body = {
            "element": {"key": item["element"]},
            "name": item["name"],
            "tags": [],
            "configuration": {**item["configuration"], **item["secrets"]},
        }
        if item["name"] not in there:
            account.call("POST", "/instances", body=body)
        elif state == "rotated" and is_rotated(number):
            account.call("PUT", f"/instances/{there[item['name']]}", body=body)

    with ThreadPoolExecutor(int(concurrency)) as pool:
        for _done in pool.map(write, enumerate(wanted)):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
