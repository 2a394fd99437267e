# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One sandbox process: it takes a port and a state directory, says where it is, serves, and cleans up behind itself."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from . import database
from .app import make_app
from .routes import API_PREFIX, CONTROL_PREFIX
from .sandbox import Sandbox, open_sandbox
from .screen import screen
from .settings import Settings

READY_FILE = "sandbox.json"
BACKLOG = 1024
# How long requests that are under way may still take once the sandbox is told to stop.
STOP_SECONDS = 1.0


class StartError(Exception):
    """Why the sandbox cannot start, in one sentence for the person at the keyboard."""


@dataclass(frozen=True)
class Options:
    """How to start. `port` 0 takes any free one; `fresh` forgets the state of earlier runs."""

    host: str
    port: int
    state: Path
    fresh: bool
    environment: str


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT; raises StartError."""
    # The state holds secrets, so nobody else gets to read it.
    os.umask(0o077)
    with _listening(options) as listener, _own_state(options.state):
        if options.fresh:
            database.remove(options.state)
        try:
            connection = database.connect(options.state)
        except database.OldStateError:
            raise StartError(
                f"The state in {options.state} is of another version of the sandbox: start with --fresh."
            ) from None
        with contextlib.closing(connection):
            asyncio.run(_serve(open_sandbox(connection, Settings(environment=options.environment)), listener, options))


async def _serve(sandbox: Sandbox, listener: socket.socket, options: Options) -> None:
    runner = web.AppRunner(make_app(sandbox), access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    ready = options.state / READY_FILE
    try:
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        facts = _facts(sandbox, listener)
        _write_whole(ready, json.dumps(facts, indent=2) + "\n")
        print(screen(facts, sandbox.directory.all()), flush=True)
        await stopped.wait()
    finally:
        ready.unlink(missing_ok=True)
        await runner.cleanup()


def _facts(sandbox: Sandbox, listener: socket.socket) -> dict[str, str | int]:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return {
        "base_url": f"{address}{API_PREFIX}",
        "control_url": f"{address}{CONTROL_PREFIX}",
        "user_secret": sandbox.secrets.user,
        "organization_secret": sandbox.secrets.organization,
        "pid": os.getpid(),
    }


@contextlib.contextmanager
def _listening(options: Options) -> Iterator[socket.socket]:
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            options.host, options.port, type=socket.SOCK_STREAM
        )[0]
    except socket.gaierror:
        raise StartError(f"{options.host} is not an address of this machine.") from None
    with socket.socket(family, kind, protocol) as listener:
        # Without this a restart would have to wait until the old connections are forgotten.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
            listener.listen(BACKLOG)
        except OSError as error:
            raise StartError(
                f"Cannot listen on {options.host} port {options.port} ({error.strerror}): "
                "is a sandbox running there already? Choose another with --port, or --port 0 for any free one."
            ) from None
        yield listener


@contextlib.contextmanager
def _own_state(directory: Path) -> Iterator[None]:
    """Hold the state directory: two processes on one state would not see each other's log and settings."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"Cannot use {directory} for the state: {error.strerror}.") from None
    with (directory / "lock").open("w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(
                f"Another sandbox is running with the state in {directory}: choose another --state."
            ) from None
        # Left behind by a process that was killed: a reader must not take it for this one's.
        (directory / READY_FILE).unlink(missing_ok=True)
        (directory / ".gitignore").write_text("*\n", encoding="ascii")
        yield


def _write_whole(path: Path, text: str) -> None:
    """Write a file that readers see complete or not at all."""
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o600)
    draft.replace(path)
