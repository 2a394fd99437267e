# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.sandbox`: start the sandbox in the foreground."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from .settings import ENVIRONMENTS


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sandbox", description="A stand-in for the Cloud Elements instance API on this machine."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8765, help="port, 0 for any free one (default: %(default)s)")
    parser.add_argument(
        "--state", type=Path, default=Path(".sandbox"), help="where the state is (default: %(default)s)"
    )
    parser.add_argument("--fresh", action="store_true", help="forget the state of earlier runs, secrets included")
    parser.add_argument(
        "--environment", choices=ENVIRONMENTS, default=ENVIRONMENTS[0], help="whose element ids (default: %(default)s)"
    )
    return parser.parse_args(arguments)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: a number from 0 to 65535")
    return int(text)


def main() -> int:
    """Run until stopped, and return the exit status: 1 if the sandbox cannot start."""
    options = _options(sys.argv[1:])
    if sys.version_info < (3, 10):  # noqa: UP036 - this file reports an old Python
        return _cannot_start("it needs Python 3.10 or later.")
    if importlib.util.find_spec("aiohttp") is None:
        return _cannot_start(f"it needs aiohttp: {sys.executable} -m pip install aiohttp")
    from .server import StartError, run  # noqa: PLC0415 - an old Python could not import it

    try:
        run(**vars(options))
    except StartError as error:
        return _cannot_start(str(error))
    return 0


def _cannot_start(why: str) -> int:
    print(f"The sandbox cannot start: {why}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
