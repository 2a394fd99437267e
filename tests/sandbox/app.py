# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sandbox as an aiohttp application: the platform below its prefix, the control API beside it."""

from __future__ import annotations

from aiohttp import web

from . import middlewares, misbehaviour
from .routes import API_PREFIX, CONTROL_PREFIX, CONTROL_ROUTES, PLATFORM_ROUTES, add_routes
from .sandbox import Sandbox
from .wire import SANDBOX

# What a platform or hub call passes, from the outside in. From `media_types` on nothing waits any more, so each call
# sees the state as the call before left it.
PLATFORM_LAYERS = (
    middlewares.record,
    middlewares.rate_limit,
    middlewares.latency,
    misbehaviour.misbehave,
    middlewares.error_bodies,
    middlewares.media_types,
    middlewares.authorize,
)
CONTROL_LAYERS = (middlewares.error_bodies, middlewares.loopback_only)


def make_app(sandbox: Sandbox) -> web.Application:
    """The application that serves this sandbox."""
    # 0: bodies of any size; the caller is a test on the same machine.
    app = web.Application(client_max_size=0)
    app[SANDBOX] = sandbox
    platform = web.Application(middlewares=PLATFORM_LAYERS)
    add_routes(platform, PLATFORM_ROUTES)
    control = web.Application(middlewares=CONTROL_LAYERS)
    add_routes(control, CONTROL_ROUTES)
    app.add_subapp(API_PREFIX, platform)
    app.add_subapp(CONTROL_PREFIX, control)
    return app
