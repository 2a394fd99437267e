# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that a controller keeps of a job, searched for secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from awx_plugins.interfaces._temporary_private_inject_api import build_safe_env

from tests.controller.jobs import Ended, Job
from tests.leak.search import Leak, Searcher

GIVEN = ("env", "inventory", "installed")
"""Folders of what a job is given; a controller removes them."""


@dataclass
class Tally:
    """How much was searched, and how large the events were."""

    jobs: int = 0
    places: int = 0
    size: int = 0
    events: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        largest = ", ".join(f"{size:,} ({name})" for size, name in sorted(self.events, reverse=True)[:3])
        return (
            f"searched {self.size:,} bytes in {self.places} files of {self.jobs} jobs; "
            f"of {len(self.events)} events the largest: {largest}"
        )


def kept(job: Job, ended: Ended) -> Iterator[tuple[str, bytes]]:
    """Yield every file that a job left, by its relative path: artifacts, output, and what it put anywhere else."""
    given = {ended.directory / "project" / name for name in ("site.yml", *job.files)}
    for path in sorted(ended.directory.rglob("*")):
        where = path.relative_to(ended.directory)
        if path.is_symlink() or not path.is_file() or where.parts[0] in GIVEN or path in given:
            continue
        yield str(where), _masked(path) if path == ended.artifacts / "command" else path.read_bytes()


def _masked(command: Path) -> bytes:
    """Return what a controller stores of the command.

    ansible-runner writes the environment down as it is, the injected secrets among it. A controller stores it with
    those values masked whose names say that they are secret: that is its own doing, with its own code here. Ours is
    that the names of our variables say so.
    """
    written = json.loads(command.read_text(encoding="utf-8"))
    return json.dumps({**written, "env": build_safe_env(written["env"])}, ensure_ascii=False).encode()


def leaks(job: Job, ended: Ended, searcher: Searcher, tally: Tally) -> list[Leak]:
    """Search all that a job left."""
    found: list[Leak] = []
    places = dict(kept(job, ended))
    names = {name.partition("/")[0] for name in places}
    if not {"artifacts", "said"} <= names or not any("/job_events/" in name for name in places):
        raise LookupError(f"the job left less than expected: {sorted(places)}")
    for where, content in places.items():
        found += searcher.search(where, content)
        tally.size += len(content)
        if "/job_events/" in where:
            tally.events.append((len(content), _title(content)))
    # The names of files are stored too.
    found += searcher.search("names", "\n".join(places))
    tally.jobs += 1
    tally.places += len(places)
    return found


def _title(event: bytes) -> str:
    told = json.loads(event)
    return f"{told['event']} {told.get('event_data', {}).get('task', '')}".strip()
