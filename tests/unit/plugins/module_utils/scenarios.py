# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run as one row of a table: what a platform does, what is wanted of it, and what becomes of that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.instance import Desired
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    Answer,
    FakeTime,
    Platform,
    desired,
    problem,
    run,
)

ALWAYS = 99
ONE = r"/instances/\d+"
POST, LISTING = "POST /instances", "GET /instances"

CREATED, UPDATED, DELETED = (True, "created", False), (True, "updated", False), (True, "deleted", False)
UNCHANGED, FAILED = (False, "none", False), (False, "none", True)
CREATED_AND_FAILED, UPDATED_AND_FAILED = (True, "created", True), (True, "updated", True)
"""The outcome of an instance: changed, the action, failed."""

BAD_LOGIN = problem(401, "Failed", providerMessage="bad login")

Given = Callable[[Platform], object]
"""Prepares a platform, or changes it while a run is under way."""


def setting(**attributes: Any) -> Given:
    """Let the platform be so."""

    def set_(platform: Platform) -> None:
        for name, value in attributes.items():
            setattr(platform, name, value)

    return set_


def there(**body: Any) -> Given:
    """Let there be an instance: as desired, but for what is given."""
    return lambda platform: platform.add(**body)


def gone(*numbers: int) -> Given:
    """Let instances be deleted."""
    return lambda platform: [platform.instances.pop(number) for number in numbers]


def becomes(number: int, **changes: Any) -> Given:
    """Let an instance change."""
    return lambda platform: platform.instances[number].update(changes)


def answers(line: str, *given: Answer | Exception | None, happens: bool = False) -> Given:
    """Let the next requests be answered with these; None is the usual answer."""
    return lambda platform: platform.once(line, *given, happens=happens)


def before(line: str, *changes: Given, answer: Answer | Exception | None = None) -> Given:
    """Let others change something just before the next such request is carried out."""
    return _meanwhile(line, changes, (), answer)


def afterwards(line: str, *changes: Given, answer: Answer | Exception | None = None) -> Given:
    """Let others change something just after the next such request was carried out."""
    return _meanwhile(line, (), changes, answer)


def instead(line: str, *changes: Given, answer: Answer | Exception) -> Given:
    """Let something else happen than what the next such request asks for."""
    return _meanwhile(line, changes, (), answer, happens=False)


def _meanwhile(
    line: str, early: Sequence[Given], late: Sequence[Given], answer: Answer | Exception | None, happens: bool = True
) -> Given:
    def respond(platform: Platform, usual: Callable[[], Answer]) -> Answer | None:
        prepare(platform, *early)
        made = usual() if happens else None
        prepare(platform, *late)
        if isinstance(answer, Exception):
            raise answer
        return answer or made

    return lambda platform: platform.respond(line, lambda usual: respond(platform, usual))


def answers_with(line: str, *changes: Given, **fields: Any) -> Given:
    """Let the answer to the next such request, after which something changes, show other fields; ... leaves one out."""

    def respond(platform: Platform, usual: Callable[[], Answer]) -> Answer:
        shown = {**usual().body, **fields}
        prepare(platform, *changes)
        return Answer(200, {key: value for key, value in shown.items() if value is not ...})

    return lambda platform: platform.respond(line, lambda usual: respond(platform, usual))


def leaves_out(line: str, *fields: str) -> Given:
    """Let the answer to the next such request lack these fields."""
    return answers_with(line, **dict.fromkeys(fields, ...))


def prepare(platform: Platform, *given: Given) -> None:
    """Prepare a platform."""
    for each in given:
        each(platform)


def only(client: Client, wanted: Desired, check_mode: bool = False) -> dict[str, Any]:
    """Return the result of a run for one instance."""
    (result,) = run(client, wanted, check_mode=check_mode)
    return result


def done(result: dict[str, Any]) -> tuple[bool, str, bool]:
    """Return what became of an instance: changed, the action, failed."""
    return result["changed"], result["action"], result.get("failed", False)


@dataclass(frozen=True)
class Scenario:
    """A row.

    :param says: what the message holds
    :param expected: what else is seen of the run, by the names in SEEN
    """

    given: tuple[Given, ...]
    wanted: Desired
    says: tuple[str, ...]
    expected: dict[str, Any]

    def seen(self, platform: Platform, client: Client, time: FakeTime) -> dict[str, Any]:
        """Run it, and return what there is to be compared with what is expected."""
        prepare(platform, *self.given)
        result = only(client, self.wanted)
        message = result.get("msg", "")
        seen = {name: SEEN[name](result, platform, time) for name in self.expected if name != "again"}
        # What a message lacks is seen best beside the message.
        unsaid = [words for words in self.says if words not in message]
        assert unsaid == [], message
        return {**seen, **({"again": only(client, self.wanted)["reasons"]} if "again" in self.expected else {})}


def row(*given: Given, wanted: Desired | None = None, says: str | tuple[str, ...] = (), **expected: Any) -> Scenario:
    """Return a row of a table: what is given, what is wanted, and what is expected."""
    return Scenario(given, wanted or desired(), (says,) if isinstance(says, str) else says, expected)


SEEN: dict[str, Callable[[dict[str, Any], Platform, FakeTime], Any]] = {
    "done": lambda result, _platform, _time: done(result),
    "code": lambda result, _platform, _time: result["code"],
    "reasons": lambda result, _platform, _time: result["reasons"],
    "warnings": lambda result, _platform, _time: result["warnings"],
    "id": lambda result, _platform, _time: result["instance"]["id"],
    "tags": lambda result, _platform, _time: result["instance"]["tags"],
    "enabled": lambda result, _platform, _time: result["instance"]["enabled"],
    "valid": lambda result, _platform, _time: result["instance"]["valid"],
    "ids": lambda _result, platform, _time: list(platform.instances),
    "writes": lambda _result, platform, _time: platform.writes,
    "waited": lambda _result, _platform, time: sum(time.sleeps),
    "verified": lambda _result, platform, _time: not any(tag.endswith(".-") for tag in platform.tags[0]),
}
"""The visible outcome of a run and its platform; `again`: the reasons of a second run."""
