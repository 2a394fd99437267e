# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform without HTTP: the operations on its instances, and an answer to each request. No sockets, no waits."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import vendors
from .api import ROUTES
from .element_table import ELEMENTS
from .elements import Catalogue, Element
from .foreign import FOREIGN_ROUTES
from .instances import Held, Instance, clean_name, clean_tags, merged
from .settings import ENVIRONMENTS, Settings
from .state import State, random_token
from .wire import INSTANCE_ID, REQUEST_ID, ApiError, Needs, Reply, Request, Router, bad_request, header_parts, refusal

MAX_FAILED_REFRESHES = 5
# The first matching route answers a request. Foreign routes come first, because some are more specific.
ROUTER = Router(*FOREIGN_ROUTES, *ROUTES)
INVALID_SECRETS = "Invalid Organization or User secret, or invalid Element token provided."
NO_OAUTH_CODE = "You must provide an OAuth code in order to create an instance of this element"
NO_CONNECTION = "Failed to connect to the API URL. Validate that you are using the correct WSDL path."
_JSON = "application/json"
_ACCEPTED = (_JSON, "application/*", "*/*")

Body = Mapping[str, Any]


class Platform:
    """The instance API of one organization. `clock` returns seconds since the epoch."""

    def __init__(
        self,
        state: State | None = None,
        settings: Settings | None = None,
        *,
        elements: Sequence[Element] = ELEMENTS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.state = state or State()
        self.settings = settings or Settings()
        self.clock = clock
        self._catalogues = {name: Catalogue(name, elements) for name in ENVIRONMENTS}
        self._born: dict[int, float] = {}
        # Id of an instance to how often in a row the vendor did not renew its tokens.
        self._failed_refreshes: dict[int, int] = {}

    @property
    def catalogue(self) -> Catalogue:
        return self._catalogues[self.settings.environment]

    def element_of(self, instance: Instance) -> Element:
        return self.catalogue.find(instance.element_key)

    def reset(self, settings: Settings) -> None:
        """Forget everything but the secrets."""
        self.state.reset()
        self._born.clear()
        self._failed_refreshes.clear()
        self.settings = settings

    # Requests

    def answer(self, request: Request) -> Reply:
        """Answer a request as the platform does, refusals included."""
        request_id, instance = secrets.token_hex(12), None
        route, params = ROUTER.match(request.method, request.path)
        try:
            _check_media_types(request)
            instance = self._authorized(request, route.needs)
            reply = route.handler(self, replace(request, params=params, instance=instance))
        except ApiError as error:
            reply = refusal(error, request_id)
        through = {INSTANCE_ID: str(instance.id)} if instance and route.needs is Needs.HUB else {}
        return replace(reply, headers={**reply.headers, **through, REQUEST_ID: request_id})

    def _authorized(self, request: Request, needs: Needs) -> Instance | None:
        """Return the instance of the Element token; raise a 401 unless the request shows what it needs to."""
        if needs is Needs.NOTHING:
            return None
        parts = dict(header_parts(request.headers.get("authorization", "")))
        instance = self.state.by_token(parts["Element"]) if "Element" in parts else None
        right = {part: parts.get(part) == secret for part, secret in self.state.secrets.items()}
        right["Element"] = instance is not None
        if needs is Needs.ANY:
            enough = right["User"] and (right["Organization"] or right["Element"])
        elif needs is Needs.LIST:
            enough = right["User"] and right["Organization"] and right["Element"] == ("Element" in parts)
        else:
            enough = all(right[part] for part in needs.value)
        if not enough:
            raise ApiError(401, INVALID_SECRETS)
        return instance

    # Operations on instances

    def listed(self, text: str = "", tags: Iterable[str] = (), element_key: str = "") -> list[Instance]:
        """Return the instances that match all filters that are not empty, in the order of the ids."""
        instances: Iterable[Instance] = self.state.instances.values()
        if element_key:
            instances = [instance for instance in instances if instance.element_key == element_key]
        if text:
            folded = text.casefold()
            instances = [instance for instance in instances if folded in instance.searched]
        if required_tags := frozenset(tags):
            instances = [instance for instance in instances if required_tags.issubset(instance.tags)]
        if lag := self.settings.listing_lag:
            newest = self.clock() - lag
            instances = [instance for instance in instances if self._born.get(instance.id, 0) <= newest]
        return list(instances)

    def asked_element(self, body: Body) -> Element | None:
        """Return the element that a body names by `element.key` or `element.id`; raise a 404 for an unknown one."""
        element = body.get("element")
        asked = element.get("key") or element.get("id") if isinstance(element, Mapping) else None
        return self.catalogue.find(str(asked)) if asked else None

    def create(self, body: Body, element: Element | None = None) -> Instance:
        """Create an instance of the given element, or else of the element in the body.

        Raise a 400 for whatever the platform or the vendor does not accept. Names are not unique.
        """
        element = element or self.asked_element(body)
        if element is None:
            raise bad_request("element key or id is required")
        name = clean_name(body.get("name"), self.settings.names)
        # The platform tags an instance with its name, but only if the request has no tags.
        tags = clean_tags([name] if body.get("tags") is None else body["tags"], self.settings.tags)
        held = self._merged(element, {}, body)
        if element.oauth:
            held = self._granted(held, body)
        if element.validates:
            self._ask_vendor(element, held)
        external = _text(body, "externalAuthentication", "none")
        instance = self.state.add(
            Instance(0, name, element.key, random_token(), tags, held, external, created=self.now(), updated=self.now())
        )
        self._born[instance.id] = self.clock()
        return instance

    def update(self, instance: Instance, body: Body, *, asks: bool, heals: bool, put: bool = False) -> Instance:
        """Replace the given parts of an instance (merge for configuration), and keep the others.

        `asks`: credentials are validated, for elements that validate. `heals`: the update is a re-authentication, after
        which the platform has no reason left to call the credentials broken. `put`: it is a PUT, and no PATCH. Raise a
        400 for what is refused, of which nothing is kept.
        """
        element = self._element_after(instance, body)
        replaces = put and self.settings.put_replaces and body.get("configuration") is not None
        held = self._merged(element, {} if replaces else instance.held, body)
        if element.oauth and _code(body):
            held = self._exchanged(held, _code(body))
        if element.validates and asks:
            self._ask_vendor(element, held)
        name = (
            clean_name(body["name"], self.settings.names) if "name" in body and self.settings.renames else instance.name
        )
        updated = replace(
            instance,
            element_key=element.key,
            name=name,
            tags=self._tags(instance, body, put),
            held=held,
            external_authentication=_text(body, "externalAuthentication", instance.external_authentication),
            valid=instance.valid or heals,
            updated=self.now(),
        )
        self.state.save(updated)
        return updated

    def delete(self, instance: Instance) -> None:
        """Delete an instance, or raise a 409 if a formula instance needs it."""
        if instance.in_use:
            raise ApiError(409, f"Element instance {instance.id} is in use by a formula instance and cannot be deleted")
        self.state.remove(instance)

    def sign_in(self, instance: Instance) -> None:
        """Check the credentials with the vendor, and store the result in `valid`. Raise a 401 if it refuses."""
        element = self.element_of(instance)
        words = vendors.refusal(element, instance.held, self.state.accounts)
        verdict = replace(instance, valid=words is None)
        if element.oauth:
            verdict = self._refreshed(verdict)
        if verdict != instance:
            self.state.save(verdict)
        if words:
            raise self._refused(401, words)

    def now(self) -> str:
        """Return the current time in the platform's format: `2019-12-11T07:30:43Z`."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock()))

    # How

    def _tags(self, instance: Instance, body: Body, put: bool) -> tuple[str, ...]:
        if body.get("tags") is None:
            return instance.tags
        tags = clean_tags(body["tags"], self.settings.tags)
        return tuple(dict.fromkeys([*instance.tags, *tags])) if self.settings.patch_adds_tags and not put else tags

    def _element_after(self, instance: Instance, body: Body) -> Element:
        """Return the element after an update: the same or a clone of it. Raise a 400 for any other."""
        element = self.element_of(instance)
        other = self.asked_element(body) or element
        if other is not element and other.clone_of != element.key:
            raise bad_request("The element of an instance cannot be changed")
        return other

    def _merged(self, element: Element, held: Held, body: Body) -> dict[str, str | None]:
        configuration = body.get("configuration")
        return merged(element, held, {} if configuration is None else configuration, self.settings.strict_masks)

    def _granted(self, held: dict[str, str | None], body: Body) -> dict[str, str | None]:
        """Return the first configuration of an OAuth instance: from a code, or from an external authentication."""
        if _code(body):
            return self._exchanged(held, _code(body))
        if _text(body, "externalAuthentication", "none") == "initial" and held.get("oauth.user.refresh_token"):
            return held
        raise bad_request(NO_OAUTH_CODE)

    def _exchanged(self, held: dict[str, str | None], code: str) -> dict[str, str | None]:
        """Exchange a code for tokens. A code works once, as at real vendors."""
        if not self.state.use_code(code):
            raise self._refused(400, vendors.OAUTH_REFUSAL)
        return {**held, **_new_tokens()}

    def _ask_vendor(self, element: Element, held: Held) -> None:
        if words := vendors.refusal(element, held, self.state.accounts):
            raise self._refused(400, words)

    def _refused(self, status: int, words: str) -> ApiError:
        """Return the answer for credentials that the vendor refuses: 400 while provisioning, 401 on a hub call.

        Two forms, those of QuickBooks and ConnectWise, know no other status than 400.
        """
        if self.settings.refusals == "bad_request":
            return ApiError(400, "Bad Request", words)
        if self.settings.refusals == "no_connection":
            return ApiError(400, NO_CONNECTION)
        return ApiError(status, "Request failed", words)

    def _refreshed(self, verdict: Instance) -> Instance:
        """Renew the tokens of an instance, and return it. Disable it if that fails too often."""
        failures = 0 if verdict.valid else self._failed_refreshes.get(verdict.id, 0) + 1
        self._failed_refreshes[verdict.id] = failures % MAX_FAILED_REFRESHES
        if verdict.valid:
            # The stored tokens soon differ from those that a client sent.
            return replace(verdict, held={**verdict.held, **_new_tokens()})
        return replace(verdict, disabled=failures == MAX_FAILED_REFRESHES)


def _check_media_types(request: Request) -> None:
    """Raise a 415 for a body that is not JSON, and a 406 for a caller that accepts no JSON."""
    if request.body and request.headers.get("content-type", "").partition(";")[0].strip().lower() != _JSON:
        raise ApiError(415, "Unsupported Media Type")
    accept = request.headers.get("accept", "*/*")
    if not any(choice.partition(";")[0].strip().lower() in _ACCEPTED for choice in accept.split(",")):
        raise ApiError(406, "Not Acceptable")


def _new_tokens() -> dict[str, str | None]:
    """Return a fresh pair of OAuth tokens, as configuration."""
    return {"oauth.user.token": random_token(), "oauth.user.refresh_token": random_token()}


def _code(body: Body) -> str:
    provider_data = body.get("providerData")
    code = provider_data.get("code") if isinstance(provider_data, Mapping) else None
    return code if isinstance(code, str) else ""


def _text(body: Body, name: str, default: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) and value else default
