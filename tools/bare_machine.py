# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the commands of README and CONTRIBUTING in a minimal Debian, with only the packages that they name.

    python tools/bare_machine.py trixie [quickstart test]

It needs root and mmdebstrap. The new machine gets this checkout as a clone, and how this one reaches its package index.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = re.compile(r"`apt install ([^`]+)`")
NETWORK = ("PIP_", "SSL_", "http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")
OF_THIS_MACHINE = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pip.conf",
    "/etc/resolv.conf",
    "/etc/hosts",
    "/root/.config/pip",
)
CLEAN = {"HOME": "/root", "LC_ALL": "C.UTF-8", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}


def packages() -> list[str]:
    """Return the packages that README and CONTRIBUTING name."""
    pages = (ROOT / name for name in ("README.md", "CONTRIBUTING.md"))
    lines = [line for page in pages for line in PACKAGES.findall(page.read_text(encoding="utf-8"))]
    return sorted({package for line in lines for package in line.split()})


def package_index() -> list[str]:
    """Return the top-level folders of this machine that contain its package index, if any."""
    settings = " ".join(value for name, value in os.environ.items() if name.startswith("PIP_"))
    for file in (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf"):
        settings += f" {file.read_text(encoding='utf-8')}" if file.is_file() else ""
    paths = re.findall(r"(?:file://|\s)(/[^\s:]+)", settings)
    return sorted({f"/{Path(path).parts[1]}" for path in paths if Path(path).is_dir()} - {"/etc"})


def make(machine: Path, debian: str) -> None:
    """Create the machine: a minimal Debian, the packages, the checkout, the network settings."""
    include = ",".join(["ca-certificates", *packages()])
    subprocess.run(["mmdebstrap", "--variant=minbase", f"--include={include}", debian, str(machine)], check=True)
    for name in OF_THIS_MACHINE:
        source, target = Path(name), machine / name.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.is_file():
            target.unlink(missing_ok=True)
            shutil.copy2(source, target)
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(machine / "root/checkout")], check=True)


def run(machine: Path, command: str) -> float:
    """Run `make` there, and return its duration in seconds."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(NETWORK)}
    variables = [f"{name}={value}" for name, value in {**kept, **CLEAN}.items()]
    began = time.monotonic()
    outside = [f"mkdir -p {machine}{top} && mount --rbind {top} {machine}{top}" for top in ("/dev", *package_index())]
    inside = f"mount -t proc proc /proc && cd /root/checkout && make {command}"
    chroot = ["chroot", str(machine), "env", "--ignore-environment", *variables, "sh", "-c", inside]
    script = " && ".join([*outside, f"exec {shlex.join(chroot)}"])
    # The mounts end with the namespace.
    subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", script], check=True)
    return time.monotonic() - began


def main() -> None:
    """Create a machine, and run commands there: the arguments, or `quickstart` and `test`."""
    debian, *commands = sys.argv[1:]
    if not shutil.which("mmdebstrap"):
        sys.exit("Missing: mmdebstrap. Install it, such as with `apt install mmdebstrap`.")
    if os.geteuid():
        sys.exit("This needs root: mmdebstrap, mount and chroot do.")
    with tempfile.TemporaryDirectory() as scratch:
        machine = Path(scratch, "machine")
        make(machine, debian)
        for command in commands or ["quickstart", "test"]:
            print(f"Debian {debian}, with {' '.join(packages())}: make {command} took {run(machine, command):.0f} s")


if __name__ == "__main__":
    main()
