# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deliver notifications over HTTP, next to the sandbox's requests: a few at once, and again after a failure."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import aiohttp

from .notifications import Notification, retry_wait
from .platform import Platform

AT_ONCE = 10
ATTEMPT_SECONDS = 10.0


@dataclass(frozen=True)
class Attempt:
    """One POST. `status`: None without a response, and then `error` is the reason."""

    at: str
    status: int | None
    error: str = ""

    @property
    def succeeded(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass
class Delivery:
    """The progress of one notification. It does not hold the notification, which may be large."""

    event_id: int
    instance: int
    objects: int
    state: str = "waiting"
    attempts: list[Attempt] = field(default_factory=list)


class Deliveries:
    """All deliveries since the start, in memory only.

    Use it as an asynchronous context, whose end cancels what still waits. `give_up` is called with the id of an
    instance, one of whose notifications could not be delivered.
    """

    def __init__(self, platform: Platform, give_up: Callable[[int], None]) -> None:
        self._platform = platform
        self._give_up = give_up
        self._deliveries: list[Delivery] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._again = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Deliveries:
        # Without cookies: one receiver's response must not change what another one gets.
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout(ATTEMPT_SECONDS)
        )
        return self

    async def __aexit__(self, *_error: object) -> None:
        ended = list(self._tasks)
        self.clear()
        await asyncio.gather(*ended, return_exceptions=True)
        if self._session:
            await self._session.close()

    def send(self, notifications: Sequence[Notification]) -> None:
        """Begin to deliver notifications, and return at once."""
        for notification in notifications:
            delivery = Delivery(notification.event_id, notification.instance_id, notification.objects)
            self._deliveries.append(delivery)
            task = asyncio.get_running_loop().create_task(self._deliver(notification, delivery))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def retry(self) -> None:
        """End the waits of all deliveries."""
        self._again.set()
        self._again = asyncio.Event()

    def clear(self) -> None:
        """Forget all deliveries, and end those that wait."""
        for task in self._tasks:
            task.cancel()
        self._deliveries = []

    def described(self) -> dict[str, Any]:
        waiting = sum(delivery.state == "waiting" for delivery in self._deliveries)
        return {"waiting": waiting, "deliveries": [asdict(delivery) for delivery in self._deliveries]}

    async def _deliver(self, notification: Notification, delivery: Delivery) -> None:
        while delivery.state == "waiting":
            async with self._slots:
                attempt = await self._attempt(notification)
            delivery.attempts.append(attempt)
            wait = retry_wait(len(delivery.attempts), self._platform.settings.event_retry)
            if attempt.succeeded:
                delivery.state = "delivered"
            elif wait is None:
                delivery.state = "given up"
                self._give_up(delivery.instance)
            else:
                await self._pause(wait)

    async def _attempt(self, notification: Notification) -> Attempt:
        assert self._session
        at = self._platform.now()
        try:
            async with self._session.post(
                notification.url,
                data=notification.body,
                headers=notification.headers,
                allow_redirects=False,
                ssl=self._platform.settings.verify_callbacks,
            ) as response:
                return Attempt(at, response.status)
        except asyncio.TimeoutError:
            return Attempt(at, None, f"no response within {ATTEMPT_SECONDS:.0f} seconds")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Attempt(at, None, f"{type(error).__name__}: {error}")

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._again.wait(), seconds)
