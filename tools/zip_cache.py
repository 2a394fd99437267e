# Copyright (c) Contributors to the cloud_elements.platform project
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep what Python compiles from zip files, as it does for other files.

Ansible sends a module with all that it imports in a zip file, which Python compiles anew at each task: half of a short
module's time. In an environment that runs thousands of tasks, this makes tests a fifth faster.

A `.pth` file imports this at the start of Python, so nothing is imported that is not there anyway.
"""

import _imp
import marshal
import os
import sys
import zipimport

FOLDER = os.path.join(sys.prefix, "zip-cache")
compile_source = zipimport._compile_source  # type: ignore[attr-defined]


def compiled(path: str, source: bytes, *more: object) -> object:
    """Return the code of a source, by what is in it: the same is the same, wherever it is."""
    kept = os.path.join(FOLDER, _imp.source_hash(len(source), source).hex())
    try:
        with open(kept, "rb") as file:
            code = marshal.loads(file.read())
    except FileNotFoundError:
        code = compile_source(path, source, *more)
        own = f"{kept}.{os.getpid()}"
        with open(own, "wb") as file:
            file.write(marshal.dumps(code))
        os.replace(own, kept)
    else:
        # Tracebacks name the file that it comes from this time.
        _imp._fix_co_filename(code, path)  # type: ignore[attr-defined]
    return code


zipimport._compile_source = compiled  # type: ignore[attr-defined]
