# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret shows in anything that a run leaves, whatever happens to it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.leak.evidence import REMOVAL, RUNS, Evidence
from tests.leak.running import Finished
from tests.leak.scenarios import Scenario, deviation, scenarios
from tests.leak.search import Leak

ALL_RUNS = (*RUNS, REMOVAL)
SCENARIOS = [(run.name, scenario) for run in ALL_RUNS for scenario in scenarios(run.playbook)]
NAMES = [run.name for run in ALL_RUNS]


@pytest.mark.parametrize(("run", "scenario"), SCENARIOS, ids=[f"{run}: {scenario.name}" for run, scenario in SCENARIOS])
def test_a_scenario_ends_as_it_says(evidence: Evidence, run: str, scenario: Scenario) -> None:
    said = deviation(scenario, evidence.finished[run])
    if said:
        leaks = evidence.searcher.search("message", said)
        pytest.fail(f"(the message leaks: {leaks})" if leaks else said, pytrace=False)


@pytest.mark.parametrize("run", NAMES)
def test_a_run_shows_no_secret(evidence: Evidence, run: str) -> None:
    finished = evidence.finished[run]
    leaks = [leak for where, found in finished.everything() for leak in evidence.searcher.search(where, found)]
    if leaks:
        pytest.fail("\n".join(map(str, [*leaks, *_by_scenario(finished, evidence)])), pytrace=False)


def _by_scenario(finished: Finished, evidence: Evidence) -> Iterator[Leak]:
    """Yield the leaks in results again, with the names of their tasks."""
    lines = finished.stream("results").decode("utf-8", "surrogateescape").splitlines()
    for line, event in zip(lines, finished.events):
        where = f"{finished.run.name}/results of task {event['scenario']!r}"
        yield from evidence.searcher.search(where, line)


@pytest.mark.parametrize("stream", ["stdout", "stderr", "log"])
@pytest.mark.parametrize("run", ["echoes", "fleet, echoes"])
def test_what_a_server_says_neither_controls_the_terminal_nor_forges_a_line(
    evidence: Evidence, run: str, stream: str
) -> None:
    text = evidence.finished[run].stream(stream).decode("utf-8", "surrogateescape")

    assert sorted({char for char in text if not char.isprintable()} - {"\n"}) == []
    assert [line for line in text.splitlines() if line.startswith("ok: [forged]")] == []
    assert stream == "stderr" or "ok: [forged]" in text


@pytest.mark.parametrize("run", NAMES)
def test_a_run_was_seen_everywhere(evidence: Evidence, run: str) -> None:
    finished = evidence.finished[run]
    for stream in ("stdout", "results", "log"):
        assert len(finished.stream(stream)) > 2_000, stream
    assert any("ansible-playbook" in line for line in finished.command_lines)
    assert any(path.startswith("junit/") for path in finished.left_behind())
    assert any(path.startswith("tree/") for path in finished.left_behind())
    # No module, no argument file and no archive of one is left.
    assert not [path for path in finished.left_behind() if path.startswith(("tmp/", "local/", "remote/"))]


@pytest.mark.parametrize("run", ["vendors", "echoes", "looks"])
def test_a_module_was_seen_in_the_process_list_where_one_is_run(evidence: Evidence, run: str) -> None:
    lines = {name: evidence.finished[name].command_lines for name in (run, f"{run}, as modules")}

    assert any("AnsiballZ_ce_instance" in line for line in lines[f"{run}, as modules"])
    assert not any("AnsiballZ_ce_instance" in line for line in lines[run])


def test_what_modules_send_to_the_system_log_is_caught(evidence: Evidence) -> None:
    assert b"Invoked with" in evidence.control.stream("syslog")


@pytest.mark.parametrize(
    "place", ["stdout", "results", "syslog", "log", "process list", "home/left", "facts/", "junit/", "tree/"]
)
def test_a_leak_is_found_in_each_place(evidence: Evidence, place: str) -> None:
    control = evidence.control
    found = [where for where, text in control.everything() if evidence.searcher.search(where, text)]
    assert any(where.startswith(f"{control.run.name}/{place}") for where in found)


def test_files_of_tokens_are_left_and_encrypted(evidence: Evidence) -> None:
    left = dict(evidence.finished["tokens"].everything())

    assert left["tokens/home/tokens.yml"] == left["tokens/home/role_tokens.yml"] == b"$ANSIBLE_VAULT;1.1;AES256\n"


def test_a_failed_play_leaves_its_retry_file(evidence: Evidence) -> None:
    assert any(path.startswith("retry/") for path in evidence.finished["fleet, options"].left_behind())


def test_the_size_of_the_search(evidence: Evidence, capsys: pytest.CaptureFixture[str]) -> None:
    searched = [len(found) for finished in evidence.finished.values() for _where, found in finished.everything()]
    canaries, encodings = len(evidence.searcher.canaries), len(evidence.searcher.encodings)
    with capsys.disabled():
        sys.stdout.write(
            f"\nsearched {sum(searched):,} bytes in {len(searched)} places for {canaries} canaries in {encodings} "
            f"encodings, after {len(SCENARIOS)} scenarios in {len(NAMES)} runs\n"
        )
    assert sum(searched) > 1_000_000
    assert canaries > 40
    assert encodings > 100
    assert len(SCENARIOS) > 150
