# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run one sandbox process: take a port and a state directory, print the address, serve, and clean up."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import shlex
import signal
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path

from aiohttp import web

from .app import API_PREFIX, CONTROL_PREFIX, make_app
from .control import Sandbox
from .platform import Platform
from .process import READY_FILE
from .settings import Settings
from .state import FILE_NAME, OldStateError, State, write_whole
from .vendors import Accounts

BACKLOG = 1024
# How long running requests may still take after the sandbox was asked to stop.
STOP_SECONDS = 1.0


class StartError(Exception):
    """The sandbox cannot start. The message is one sentence for the user."""


def run(host: str, port: int, state: Path, environment: str, *, fresh: bool) -> None:
    """Serve until SIGTERM or SIGINT; raise StartError.

    `port`: 0 takes any free one. `state`: its directory. `fresh`: forget the state of earlier runs.
    """
    # The state contains secrets, so nobody else may read it.
    os.umask(0o077)
    with _listening(host, port) as listener, _own_directory(state):
        if fresh:
            (state / FILE_NAME).unlink(missing_ok=True)
        try:
            stored_state = State(state)
        except OldStateError:
            raise StartError(
                f"The state in {state} is of another version of the sandbox: start with --fresh."
            ) from None
        with contextlib.closing(stored_state):
            asyncio.run(_serve(stored_state, Settings(environment=environment), listener, state))


async def _serve(stored_state: State, settings: Settings, listener: socket.socket, state: Path) -> None:
    ready = state / READY_FILE
    app = make_app(Sandbox(Platform(stored_state, settings), settings))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_SECONDS)
    await runner.setup()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        await web.SockSite(runner, listener, backlog=BACKLOG).start()
        facts = _facts(stored_state.secrets, listener)
        write_whole(ready, json.dumps(facts, indent=2) + "\n")
        print(_screen(facts, stored_state.accounts), flush=True)
        await stopped.wait()
    finally:
        ready.unlink(missing_ok=True)
        await runner.cleanup()


def _facts(secrets: Mapping[str, str], listener: socket.socket) -> dict[str, str | int]:
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    return {
        "base_url": f"{address}{API_PREFIX}",
        "control_url": f"{address}{CONTROL_PREFIX}",
        "user_secret": secrets["User"],
        "organization_secret": secrets["Organization"],
        "pid": os.getpid(),
    }


def _screen(facts: Mapping[str, str | int], accounts: Accounts) -> str:
    """Return the address, the secrets, the valid vendor accounts, and the lines that set them in a shell."""
    exports = {
        "CLOUD_ELEMENTS_BASE_URL": facts["base_url"],
        "CLOUD_ELEMENTS_USER_SECRET": facts["user_secret"],
        "CLOUD_ELEMENTS_ORGANIZATION_SECRET": facts["organization_secret"],
    }
    lines = [
        f"Cloud Elements sandbox at {facts['base_url']}",
        f"  user secret          {facts['user_secret']}",
        f"  organization secret  {facts['organization_secret']}",
        "",
        "Vendor accounts that are right:",
        *(f"  {accounts[key].described()}" for key in sorted(accounts)),
        "",
        *(f"export {name}={shlex.quote(str(value))}" for name, value in exports.items()),
        "",
        "Stop it with Ctrl+C.",
    ]
    return "\n".join(lines)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        # Allow the address to be reused at once, although old connections may still linger.
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except socket.gaierror:
        raise StartError(f"{host} is not an address of this machine.") from None
    except OSError as error:
        raise StartError(
            f"Cannot listen on {host} port {port} ({os.strerror(error.errno or 0)}): "
            "is a sandbox running there already? Choose another with --port, or --port 0 for any free one."
        ) from None


@contextlib.contextmanager
def _own_directory(directory: Path) -> Iterator[None]:
    """Lock the state directory, because two processes on one state would not see each other's changes."""
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
        # Left behind by a killed process. A reader must not mistake it for this one's.
        (directory / READY_FILE).unlink(missing_ok=True)
        (directory / ".gitignore").write_text("*\n", encoding="ascii")
        yield
