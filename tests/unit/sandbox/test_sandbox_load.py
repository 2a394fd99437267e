# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many connections and many instances."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.sandbox.catalogue import Catalogue
from tests.sandbox.database import connect, random_token
from tests.sandbox.instance import Instance, View, list_json
from tests.sandbox.settings import MAX_PAGE_SIZE
from tests.sandbox.store import Filter, Store
from tests.unit.sandbox.calling import EXAMPLE, Caller

CONNECTIONS = 200
LATENCY = 1.0


def test_200_connections_are_served_at_the_same_time(caller: Caller) -> None:
    caller.control("PUT", "/settings", {"latency": LATENCY})
    together = threading.Barrier(CONNECTIONS)

    def create(number: int) -> int:
        body = {"name": f"n{number}", "element": {"key": "examplebasic"}, "configuration": EXAMPLE}
        with requests.Session() as session:
            session.trust_env = False
            together.wait(timeout=60)
            mine = Caller(caller.sandbox)
            mine.session = session
            return mine.api("POST", "/instances", body).status_code

    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        statuses = list(pool.map(create, range(CONNECTIONS)))
    took = time.monotonic() - began
    caller.control("PUT", "/settings", {"latency": 0})
    assert statuses == [200] * CONNECTIONS
    # One after the other they would take 200 s.
    assert took < 20
    assert caller.api("GET", "/instances/count").json()["totalInstances"] == CONNECTIONS


def test_2100_instances_are_listed_in_pages_of_200_each_once_and_in_order(caller: Caller) -> None:
    number = 2100

    def create(index: int) -> int:
        body = {"name": f"n{index}", "element": {"key": "examplebasic"}, "configuration": EXAMPLE, "tags": ["many"]}
        made: int = caller.api("POST", "/instances", body).json()["id"]
        return made

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(create, range(number)))
    found: list[int] = []
    sizes: list[int] = []
    params = {"tags[]": "many", "hydrate": "true", "pageSize": "1000"}
    while True:
        answer = caller.api("GET", "/instances", params=params)
        assert answer.headers["elements-total-count"] == str(number)
        sizes.append(len(answer.json()))
        found += [item["id"] for item in answer.json()]
        params["nextPage"] = answer.headers.get("elements-next-page-token", "")
        if not params["nextPage"]:
            break
    assert sizes == [200] * 10 + [100]
    assert found == sorted(made)


def test_listing_20000_instances_takes_time_in_proportion_to_their_number() -> None:
    small, large = _seconds_to_list(2_000), _seconds_to_list(20_000)
    # Ten times as many: quadratic would be a hundred times as long.
    assert large < 40 * max(small, 0.01)


def _seconds_to_list(number: int) -> float:
    connection = connect(None)
    store, catalogue = _filled(connection, number), Catalogue("production")
    began = time.perf_counter()
    listed, after = 0, 0
    while True:
        found = store.page(Filter(search_text="N"), after, MAX_PAGE_SIZE)
        if not found:
            break
        assert store.count(Filter(search_text="N")) == number
        assert list_json(found, catalogue, View.WHOLE)
        listed += len(found)
        after = found[-1].id
    took = time.perf_counter() - began
    connection.close()
    assert listed == number
    return took


def _filled(connection: sqlite3.Connection, number: int) -> Store:
    store = Store(connection)
    for index in range(number):
        store.add(
            Instance(0, f"n{index}", "autotaskcrm", random_token(), (f"n{index}",), {"crm.autotask.username": "u"})
        )
    return store
