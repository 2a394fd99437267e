# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show lines for people next to the result of a task, never with a secret and never to a program. Private."""

from __future__ import annotations

from typing import Callable

from ansible import constants
from ansible.playbook.task import Task
from ansible.utils.display import Display

from ..module_utils._model.message import Message
from ..module_utils._model.redact import Redactor
from ..module_utils._model.release import release

Say = Callable[[Message], None]


def screen_of(task: Task, redactor: Redactor, rename: Callable[[str], str]) -> Say:
    """Return a function that shows a message on the terminal, or in a controller's job output.

    It shows nothing if a program reads the output, as with the callback ``ansible.posix.json``, or if the task's result
    is hidden.
    """
    if not has_reader(task):
        return _ignore

    def say(message: Message) -> None:
        Display().display(release(message, redactor, rename))

    return say


def has_reader(task: Task) -> bool:
    """Return whether a person reads the output, and may see the result of the task."""
    return not task.no_log and "json" not in str(constants.DEFAULT_STDOUT_CALLBACK)


def _ignore(_message: Message) -> None:
    """Show nothing."""
