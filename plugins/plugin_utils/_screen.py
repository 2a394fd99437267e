# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that a person sees beside the result of a task. Never a secret, and nothing that a program reads. Private."""

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
    """Return what shows a message on the terminal, or in a controller's job output.

    Nothing is shown where a program reads the output, as with the callback ``ansible.posix.json``, nor for a task whose
    result is hidden.
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
