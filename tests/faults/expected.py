# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes of each fault at each step, in words. Data."""

from __future__ import annotations

from collections.abc import Mapping

from tests.faults.table import UNREADABLE

Outcomes = Mapping[str, tuple[str, ...]]

NO = (*(f"HTTP {status}" for status in (400, 401, 403, 404, 405, 409, 415, 422)), "HTTP 404 of a proxy")
BUSY = ("HTTP 429", "HTTP 429 with Retry-After")
BUSY_ALWAYS = ("HTTP 429, always", "HTTP 429 with Retry-After, always")
GATEWAY = ("HTTP 502", "HTTP 502 of a proxy", "HTTP 503", "HTTP 503 with Retry-After")
GATEWAY_AFTER = ("HTTP 502 after it was done", "HTTP 503 after it was done")
BROKEN = ("HTTP 500", "HTTP 504")
BROKEN_AFTER = ("HTTP 500 after it was done", "HTTP 504 after it was done")
LATE, LATE_AFTER = ("HTTP 408",), ("HTTP 408 after it was done",)
DOWN = ("HTTP 503, always",)
LOST, LOST_ALWAYS = ("no connection kept",), ("no connection kept, always",)
LOST_AFTER = (
    *("no connection kept after it was done", "a delay after it was done", "half an answer"),
    *(f"{name} after it was done" for name in UNREADABLE),
)
SLOW = ("a delay, then it is done",)
PROXY = ("HTML with 200", "an error with 200")
PROXY_AFTER = ("HTML with 200 after it was done", "an error with 200 after it was done")
OBJECT, LIST = ("{} with 200 after it was done",), ("[] with 200 after it was done",)
NOTHING = ("null with 200 after it was done", "nothing with 200 after it was done")
REDIRECT, REDIRECT_AFTER = ("a redirect",), ("a redirect to nowhere after it was done",)
AGAIN, TOTAL, TOTAL_ALWAYS = ("a page again",), ("a wrong total",), ("a wrong total, always",)

WAITED = (*BUSY, *BROKEN, *BROKEN_AFTER, *GATEWAY, *GATEWAY_AFTER, *LOST, *LOST_AFTER, *SLOW)
"""What a read survives."""
IN_VAIN = (*BUSY_ALWAYS, *DOWN, *LOST_ALWAYS)
NO_ANSWER = (*PROXY, *PROXY_AFTER, *NOTHING, *REDIRECT, *REDIRECT_AFTER)
FATAL = (*NO, *LATE, *LATE_AFTER, *IN_VAIN, *NO_ANSWER)
"""What no read survives."""

WRITE: Outcomes = {
    # Surely not done.
    "fails, nothing was done": (*NO, *BUSY_ALWAYS),
    # Read back, and it is not there. The engine does not say that it never will be.
    "fails, not known, nothing was done": (*LATE, *BROKEN, *DOWN, *LOST, *LOST_ALWAYS, *PROXY, *REDIRECT),
    # It came later than the read.
    "fails, not known, was done": SLOW,
    "done, after a wait": (*BUSY, *GATEWAY, *GATEWAY_AFTER),
    # Read back, and it is there.
    "done": (*LATE_AFTER, *BROKEN_AFTER, *LOST_AFTER, *PROXY_AFTER, *REDIRECT_AFTER, *OBJECT, *LIST, *NOTHING),
}
SWITCH: Outcomes = {**WRITE, "done": tuple(fault for fault in WRITE["done"] if fault != "half an answer")}
# Nothing is decided from a part of the listing, and nothing is created without all of it.
LIST_FIRST: Outcomes = {
    "fails, nothing was done": (*FATAL, *OBJECT),
    "done, after a wait": WAITED,
    # An empty list is looked at twice; the newest total counts.
    "done": (*LIST, *AGAIN, *TOTAL, *TOTAL_ALWAYS),
}
LIST_SECOND: Outcomes = {
    "fails, nothing was done": (*FATAL, *OBJECT, *AGAIN, *TOTAL_ALWAYS),
    "done, after a wait": WAITED,
    "done": (*LIST, *TOTAL),
}
VERIFY: Outcomes = {
    # The stamp is withdrawn, so that the next run tries again.
    "fails, not verified, was done": FATAL,
    "done, after a wait": WAITED,
    "done": (*OBJECT, *LIST),
}

EXPECTED: Mapping[str, Outcomes] = {
    "search": {
        "fails, nothing was done": (*FATAL, *OBJECT, *TOTAL_ALWAYS),
        "done, after a wait": WAITED,
        # What a search does not find is looked for in the whole listing.
        "done": (*LIST, *AGAIN, *TOTAL),
    },
    "list, first page": LIST_FIRST,
    "list, second page": LIST_SECOND,
    "proof of absence, first page": LIST_FIRST,
    "proof of absence, second page": LIST_SECOND,
    "read by id": {
        # Of the other instance in the fleet.
        "fails, was done": (*FATAL, *OBJECT, *LIST),
        "done, after a wait": WAITED,
    },
    "element": {
        # The platform says that there is no such element.
        "fails, nothing was done": ("HTTP 404",),
        # It only helps to find mistakes early; a warning says that it did not.
        "done": (*(fault for fault in (*FATAL, *OBJECT, *LIST) if fault not in ("HTTP 404", *IN_VAIN)),),
        "done, after a wait": (*WAITED, *IN_VAIN),
    },
    "create": {
        "fails, nothing was done": (*NO, "HTTP 429 with Retry-After, always"),
        # Looked for, and not there within create_confirm_timeout.
        "fails, not known, nothing was done": (
            *(*LATE, "HTTP 429", "HTTP 429, always", *BROKEN, *GATEWAY, *DOWN),
            *(*LOST, *LOST_ALWAYS, *PROXY, *REDIRECT),
        ),
        "fails, not known, was done": SLOW,
        "done, after a wait": ("HTTP 429 with Retry-After",),
        "done, found by its stamp": (
            *(*LATE_AFTER, *BROKEN_AFTER, *GATEWAY_AFTER, *LOST_AFTER),
            *(*PROXY_AFTER, *REDIRECT_AFTER, *OBJECT, *LIST, *NOTHING),
        ),
    },
    "look for the new one": {
        # It was made; whether somebody else made it too is told by a later look, or a warning says that none worked.
        "done": (
            *(*NO, *LATE, *LATE_AFTER, *PROXY, *PROXY_AFTER, *OBJECT, *LIST, *NOTHING, *REDIRECT, *REDIRECT_AFTER),
            *(*AGAIN, *TOTAL, *TOTAL_ALWAYS),
        ),
        "done, after a wait": (*WAITED, *IN_VAIN),
    },
    "update": WRITE,
    "rotate": WRITE,
    "enable": SWITCH,
    "disable": SWITCH,
    "delete": SWITCH,
    "verify after create": VERIFY,
    "verify after rotate": VERIFY,
}
