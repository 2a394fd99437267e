# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Replace get-pip.py, which ansible-test would download from a host that many networks do not reach.

ansible-test runs ~/.ansible/test/cache/get_pip_<version>.py, when that file exists, in each environment that it
makes for a sanity test.  The pip that comes with Python is good enough for that; where uv is on PATH, a pip that
hands over to it makes those environments several times faster.
"""

import ensurepip
import shutil
import sysconfig
from pathlib import Path

HAND_OVER = """\
import os, sys
# Compiled now, or the first import of docutils prints a warning, which fails the sanity test that imports it.
# ansible-test passes no SSL_CERT_FILE on, so the certificates are the system's.
OPTIONS = ["--quiet", "--compile-bytecode", "--system-certs", "--python", sys.executable]
if sys.argv[1] == "install":
    arguments = [word for word in sys.argv[2:] if word != "--disable-pip-version-check"]
    os.execv({uv!r}, [{uv!r}, "pip", "install", *OPTIONS, *arguments])
# ansible-test also asks for the version, and uninstalls pip and setuptools at the end: there is nothing to do.
"""

uv = shutil.which("uv")
if uv:
    package = Path(sysconfig.get_paths()["purelib"]) / "pip"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(HAND_OVER.format(uv=uv), encoding="utf-8")
else:
    ensurepip.bootstrap()
