# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever happens, in whatever order: jobs, faults, outside changes, other jobs in between, and kills."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Callable

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._engine.create import UNCONFIRMED_MESSAGE
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import NotVerified, OutcomeUnknown
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.faults.table import LIST_FAULTS, faults
from tests.faults.world import BAD, FOREIGN, GOOD, OLD, STAMP_KEY, Ended, Killed, World, contents

SEEDS = (1, 2, 3, 4)
"""Each takes its part of the examples."""
ELEMENTS = {"Acme": "examplebasic", "Acme & Sons": "autotaskcrm"}
LAG = 0.03
ROUTES = (
    ("GET", "/instances"),
    ("GET", "/instances/{id}"),
    ("GET", "/elements/{element}"),
    ("GET", "/ping"),
    ("GET", "/hubs/{hub}/{resource}"),
    ("POST", "/instances"),
    ("PUT", "/instances/{id}"),
    ("PATCH", "/instances/{id}"),
    ("DELETE", "/instances/{id}"),
    ("PUT", "/instances/{id}/enabled"),
    ("DELETE", "/instances/{id}/enabled"),
)
WRITES = tuple(route for route in ROUTES if route[0] != "GET")
MODES = (
    {"page_size": 1},
    {"page_size": 200},
    {"hydrates": False},
    {"hydrates": True},
    {"short_items": True},
    {"short_items": False},
    {"order": "descending"},
    {"order": "ascending"},
    {"empty_list_status": 200},
    {"empty_list_status": 404},
    {"listing_lag": LAG},
    {"listing_lag": 0},
)
EDITS = (
    ("PATCH", "", {"tags": ["three", FOREIGN]}),
    ("PATCH", "", {"tags": []}),
    ("PUT", "/enabled", None),
    ("DELETE", "/enabled", None),
    ("DELETE", "", None),
)
FAULTS = {**faults(STAMP_KEY), **LIST_FAULTS}
CHOICES = {
    "state": st.sampled_from(("present", "present", "absent")),
    "tags": st.lists(st.sampled_from(("one", "two")), unique=True),
    "purge_tags": st.booleans(),
    "enabled": st.booleans(),
    "owner": st.sampled_from(("us", "them")),
    "verify": st.sampled_from(("on_change", "always", "never")),
    "update_secrets": st.sampled_from(("on_change", "always", "on_create")),
    "create_settle": st.just(5),
}
NAMES, WHEN = st.sampled_from(tuple(ELEMENTS)), st.sampled_from(("before", "after"))
OPTIONS = st.fixed_dictionaries({"password": st.sampled_from((GOOD, BAD, OLD))}, optional=CHOICES)


class AnyOrder(RuleBasedStateMachine):
    """One account, what is wanted of it, and all that can happen to it."""

    world: World

    @initialize(first=OPTIONS, second=OPTIONS)
    def begin(self, first: dict[str, Any], second: dict[str, Any]) -> None:
        self.world.reset()
        self.wanted = dict(zip(ELEMENTS, (first, second)))
        # Instances that no job made, and names of which a job has said, or could not say, that there may be two.
        self.by_hand: set[int] = set()
        self.uncertain: set[str] = set()
        self.wrong = 0

    # What may happen between two jobs

    @rule(name=NAMES, options=OPTIONS)
    def something_else_is_wanted(self, name: str, options: dict[str, Any]) -> None:
        self.wanted[name] = options

    @rule(route=st.sampled_from(ROUTES), fault=st.sampled_from(sorted(FAULTS)), skip=st.integers(0, 2))
    def something_will_go_wrong(self, route: tuple[str, str], fault: str, skip: int) -> None:
        self.world.fault(method=route[0], path=route[1], skip=skip, **FAULTS[fault])

    @rule(password=st.sampled_from((GOOD, OLD)))
    def the_vendor_takes_another_password(self, password: str) -> None:
        self.world.accept(password)

    @rule(mode=st.sampled_from(MODES))
    def the_service_has_another_mode(self, mode: dict[str, Any]) -> None:
        self.world.mode(**mode)

    @rule(name=NAMES)
    def somebody_else_creates(self, name: str) -> None:
        body = {"name": name, "element": {"key": ELEMENTS[name]}, "configuration": _configuration(name), "tags": []}
        there = set(self.world.there())
        self.world.outside_change("POST", "/instances", body)
        self.by_hand |= set(self.world.there()) - there

    @rule(edit=st.sampled_from(EDITS), which=st.integers(0, 3))
    def somebody_else_edits(self, edit: tuple[str, str, Any], which: int) -> None:
        method, leaf, body = edit
        for number in sorted(self.world.there())[which : which + 1]:
            self.world.outside_change(method, f"/instances/{number}{leaf}", body)

    @rule(which=st.integers(0, 3))
    def the_platform_calls_one_invalid(self, which: int) -> None:
        for number in sorted(self.world.there())[which : which + 1]:
            self.world.control("PUT", f"/instances/{number}", {"valid": False})

    # Jobs

    @rule(name=NAMES)
    def one_is_run(self, name: str) -> None:
        self._alone(name)

    @rule(name=NAMES, route=st.sampled_from((*ROUTES, *WRITES, *WRITES)), fault=st.sampled_from(sorted(FAULTS)))
    def one_is_run_and_something_goes_wrong(self, name: str, route: tuple[str, str], fault: str) -> None:
        self.world.fault(method=route[0], path=route[1], **FAULTS[fault])
        self._alone(name)

    @rule(name=NAMES, fault=st.sampled_from(sorted(FAULTS)), options=OPTIONS)
    def a_creation_goes_wrong(self, name: str, fault: str, options: dict[str, Any]) -> None:
        for number in self._named(name):
            self.world.outside_change("DELETE", f"/instances/{number}")
        self.uncertain.discard(name)
        self.wanted[name] = {**options, "state": "present"}
        self.world.fault(method="POST", path="/instances", **FAULTS[fault])
        self._alone(name)

    @rule()
    def all_are_run(self) -> None:
        self._alone(*ELEMENTS)

    @rule(name=NAMES, at=st.integers(0, 9), when=WHEN)
    def one_is_run_while_another_job_does_the_same(self, name: str, at: int, when: str) -> None:
        self._job(name, happen=_once(at, when, lambda: self._check(self.world.run(self._options(name)), name)))

    @rule(name=NAMES, at=st.integers(0, 9), when=WHEN)
    def one_is_killed(self, name: str, at: int, when: str) -> None:
        def die() -> None:
            raise Killed

        ended = self._job(name, happen=_once(at, when, die))
        if ended.killed and len(self._named(name)) > 1:
            self.uncertain.add(name)

    @rule(name=NAMES)
    def check_mode_tells_what_the_next_job_does(self, name: str) -> None:
        self._nothing_in_the_way()
        before = contents(self.world.there())
        told = self.world.run(self._options(name), check_mode=True)
        assert told.writes == []
        assert contents(self.world.there()) == before
        done = self._alone(name)
        if told.errors != [None]:
            assert _without_request_id(done.errors[0]) == _without_request_id(told.errors[0])
        elif done.errors == [None]:
            for key in ("changed", "action", "reasons", "diff"):
                assert told.results[0].get(key) == done.results[0].get(key)

    @rule(name=NAMES)
    def wrong_credentials_fail_each_time(self, name: str) -> None:
        self._nothing_in_the_way()
        self._leave_one(name)
        self.wrong += 1
        self.wanted[name] = {"password": f"{BAD} {self.wrong}", "enabled": True}
        self.world.accept(GOOD)
        for _time in range(2):
            assert isinstance(self._alone(name).errors[0], NotVerified)

    @rule(name=NAMES)
    def with_nothing_in_the_way_one_job_is_enough(self, name: str) -> None:
        self._nothing_in_the_way()
        self._leave_one(name)
        # What another owner has is left alone, and what must not be sent again cannot be put right.
        kept = {
            option: value for option, value in self.wanted[name].items() if option not in ("owner", "update_secrets")
        }
        self.wanted[name] = kept
        self.world.accept(kept["password"])
        assert self._alone(name).errors == [None]
        again = self._alone(name)
        assert (again.errors, again.results[0]["changed"]) == ([None], False)
        assert again.writes == []
        assert len(self._named(name)) == (0 if kept.get("state") == "absent" else 1)

    # What must hold

    def _alone(self, *names: str) -> Ended:
        """Run a job that nobody disturbs: then it knows what it changed."""
        before = self._there()
        ended = self._job(*names)
        if not any(isinstance(error, OutcomeUnknown) for error in ended.errors):
            changed = any(result["changed"] for result in ended.results)
            assert changed == (contents(self._there()) != contents(before)), ended
        for result in ended.results:
            assert result["changed"] == (result["action"] != "none") or result.get("failed")
        for name in names:
            self._posts_once(name, ended)
        return ended

    def _job(self, *names: str, happen: Callable[[str], None] | None = None) -> Ended:
        before = self._there()
        ended = self.world.run(*(self._options(name) for name in names), happen=happen)
        self._check(ended, *names)
        after = self._there()
        for number, one in before.items():
            present = self.wanted[one["name"]].get("state") != "absent"
            # Nobody but a job that is told so deletes what was there.
            assert number in after or not present
            assert number not in after or FOREIGN not in one["tags"] or FOREIGN in after[number]["tags"]
        for name in ELEMENTS:
            ours = [number for number in self._named(name) if number not in self.by_hand]
            assert len(ours) <= 1 or name in self.uncertain, ended
        return ended

    def _check(self, ended: Ended, *names: str) -> None:
        """Remember what the job could not tell."""
        said = Counter(type(error) for error in ended.errors)
        if said[OutcomeUnknown] or UNCONFIRMED_MESSAGE in ended.warnings:
            self.uncertain |= set(names)

    @staticmethod
    def _posts_once(name: str, ended: Ended) -> None:
        """Between two POSTs of one name there is a clear no, or the deletion of what the first one made."""
        last = None
        for sent in ended.requests:
            if sent["method"] == "POST" and sent["body"]["name"] == name:
                assert last in (None, 429), ended
                last = sent["status"] or 0
            elif sent["method"] == "DELETE" and not sent["path"].endswith("/enabled"):
                last = None

    # How it is done

    def _options(self, name: str) -> dict[str, Any]:
        options = dict(self.wanted[name])
        password = options.pop("password")
        configuration = _configuration(name)
        if ELEMENTS[name] == "autotaskcrm":
            server = configuration["crm.autotask.server.url"]
            vendor = {"hub": "crm", "username": "api user", "password": password, "server_url": server}
            return {"name": name, "autotask": vendor, **options}
        secrets = {"configuration": {"username": "example"}, "secrets": {"password": password}}
        return {"name": name, "element": ELEMENTS[name], **secrets, **options}

    def _there(self) -> dict[int, dict[str, Any]]:
        self.world.quiet()
        return self.world.there()

    def _named(self, name: str) -> list[int]:
        return [number for number, one in self._there().items() if one["name"] == name]

    def _nothing_in_the_way(self) -> None:
        self.world.settled()
        self.world.mode(listing_lag=0)

    def _leave_one(self, name: str) -> None:
        """Do what the error about several instances asks for."""
        for number in sorted(self._named(name))[1:]:
            self.world.outside_change("DELETE", f"/instances/{number}")
        self.uncertain.discard(name)

    def teardown(self) -> None:
        """The last example may have left something under way."""
        self.world.settled()


def _configuration(name: str) -> dict[str, str]:
    if ELEMENTS[name] == "autotaskcrm":
        keys = ("crm.autotask.username", "crm.autotask.password", "crm.autotask.server.url")
        return dict(zip(keys, ("api user", OLD, "https://ww2.autotask.net")))
    return {"username": "example", "password": OLD}


def _without_request_id(error: Exception | None) -> str:
    return re.sub("request id [0-9a-f]{24}", "", str(error))


def _once(at: int, when: str, happen: Callable[[], Any]) -> Callable[[str], None]:
    """Let something happen before or after the request of this number."""
    numbers: Mapping[str, itertools.count[int]] = {"before": itertools.count(), "after": itertools.count()}

    def called(moment: str) -> None:
        if next(numbers[moment]) == at and moment == when:
            happen()

    return called


@pytest.mark.parametrize("number", SEEDS)
def test_the_promises_hold_whatever_happens(everywhere: World, number: int) -> None:
    class Here(AnyOrder):
        world = everywhere

    examples = settings.default.max_examples // len(SEEDS)
    run_state_machine_as_test(seed(number)(Here), settings=settings(max_examples=examples, stateful_step_count=12))
