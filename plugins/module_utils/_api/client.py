# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The platform's API as functions. Server bodies stay here: what leaves is values. Private to this collection."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Callable, Generic, TypeVar
from urllib.parse import quote

from .._model.changes import Change, Create, Delete, Disable, Enable, Patch, Reauthenticate
from .._model.element import Element
from .._model.errors import BadInput, MaybeProcessed, RateLimited, Refused, ServiceError
from .._model.instance import Actual
from .._model.message import Message, Own
from .._model.redact import Redactor, Tokens, one_line
from .throttle import Clock
from .transport import WAITED_MESSAGE, Response, Settings, Transport, retry_after

T = TypeVar("T")

PAGE_SIZE = 200
"""The largest page that the platform gives (its Swagger document)."""
MAX_PAGES = 10_000
LONGEST_COUNT = 20
"""Digits. Python refuses to read thousands of them."""
LOOKS = (0.0, 0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each attempt at a complete listing: others may be creating and deleting while it is read."""
BODY_LIMIT = 300
"""Characters of a server's message that are shown."""

CREATE_REFUSED = frozenset({400, 401, 403, 404, 405, 409, 415, 422})
"""The answers to POST which prove that nothing was created."""
LISTINGS = frozenset({"/instances", "/elements"})
NO_SUCH_PATH = frozenset({404, 405})
"""The answers to a listing, which every account has, where base_url has a wrong path."""
NOTHING = (b"", b"{}", b"null")
"""What a deletion is answered with. Whatever else comes with a success is no proof."""
UNCITED_REFUSAL = "Failed to connect to the API URL"
"""How some elements, such as ConnectWise, say that the vendor refused a login or an address."""
ERROR_KEYS = frozenset({"message", "requestId", "providerMessage"})
OWN_KEYS = frozenset({"id", "key"})
"""What each instance or element has, and no error."""

REQUESTS: Mapping[type[Change], tuple[str, str]] = {
    Create: ("POST", "/instances"),
    Reauthenticate: ("PUT", "/instances/{id}?reAuthenticate=true"),
    Patch: ("PATCH", "/instances/{id}"),
    Enable: ("PUT", "/instances/{id}/enabled"),
    Disable: ("DELETE", "/instances/{id}/enabled"),
    Delete: ("DELETE", "/instances/{id}"),
}
"""How each change is sent: method and path."""


@dataclass(frozen=True)
class ApiResponse:
    """What may be known of an answer outside of this file.

    :param said: the server's words, scrubbed, in one line and cut, such as ``HTTP 400 "Failed", request id 5b04``
    :param message: the platform's message, or ''
    """

    status: int
    said: Message
    message: str
    from_vendor: bool
    """It passes on what the vendor said, in the vendor's words or not."""
    from_platform: bool
    """It has the platform's error body, or for a success an object or a list; a proxy's page has not."""
    proxy: str = ""
    """The variable that names the proxy which may have answered itself, or ''."""

    @property
    def nothing_found(self) -> bool:
        """Tell whether this 404 is how the platform says "an empty list"."""
        return self.status == 404 and self.from_platform and bool(re.match(r"No .* found", self.message, re.IGNORECASE))


@dataclass
class _Look(Generic[T]):
    """One attempt at a listing.

    :param total: how many items the platform counts; None when it does not say
    :param pages: how many pages came
    :param fell: the platform counted fewer items than on an earlier page. Where pages are cut by position, the items
        behind a deleted one move up, and one of them moves past the next page unseen
    """

    found: dict[object, T] = field(default_factory=dict)
    total: int | None = None
    pages: int = 0
    fell: bool = False

    @property
    def whole(self) -> bool:
        """Return whether as many items came as the platform counts."""
        return self.total in (None, len(self.found))

    def proves(self, earlier: _Look[T]) -> bool:
        """Return whether an earlier attempt showed all that there was.

        If a deletion had made it pass over something, an item that it did show would be gone now. The count cannot
        tell: somebody may have created another item meanwhile.
        """
        return earlier.found.keys() <= self.found.keys()


class Client:
    """One session with the platform.

    :param settings: how to reach it
    :param clock: time
    """

    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.patience = settings.patience
        self._base_url = settings.base_url
        self._wire = Transport(settings, self.clock)
        self._tokens = Tokens()
        self.redactor = Redactor((settings.user_secret, settings.organization_secret), self._tokens)
        self._elements: dict[str, Element] = {}

    def with_secrets(self, *secrets: str) -> Client:
        """Return this client, on the same session, hiding these secrets too in what the server says."""
        other = copy.copy(self)
        other.redactor = self.redactor.with_secrets(secrets)
        return other

    @property
    def warnings(self) -> set[str]:
        """What a person should know of the requests so far, in constant words."""
        return self._wire.warnings

    # Reading

    def instances(
        self,
        search: str | None = None,
        prove: Iterable[str] = (),
        missing: Callable[[Iterable[Actual]], bool] = lambda _listed: False,
    ) -> list[Actual]:
        """Return all instances, or all whose name or element key contains a text.

        :param search: a pre-filter on the platform; its case sensitivity is unknown
        :param prove: element keys: when the platform answers 404 for an empty list, one of them must be readable, so
            that a wrong base URL is not taken for an empty account
        :param missing: returns whether something that is looked for is not in a listing. Its absence is then proven,
            and not only seen
        :raises ServiceError: the listing could not be completed; never a part of it
        """
        query = {"hydrate": "true"} if search is None else {"hydrate": "true", "searchText": search}
        sure = search is not None
        return self._listing(
            "/instances", query, Actual.read, attrgetter("id"), prove=prove, missing=missing, sure=sure
        )

    def elements(self) -> list[Element]:
        """Return the catalogue: all elements, without their configuration keys.

        :raises ServiceError: the listing could not be completed; never a part of it
        """
        return self._listing("/elements", {}, Element.read, attrgetter("key"))

    def _listing(
        self,
        path: str,
        query: Mapping[str, Any],
        read: Callable[[Any], T],
        identity: Callable[[T], object],
        *,
        prove: Iterable[str] = (),
        missing: Callable[[Iterable[T]], bool] = lambda _listed: False,
        sure: bool = False,
    ) -> list[T]:
        """Return all items of a listing.

        :param identity: what no two items share: pages may overlap
        :param missing: returns whether something that is looked for is not there
        :param sure: whether an empty list without a total is believed at once
        """
        look, whole = _Look[T](), _Look[T]()
        for number, pause in enumerate(LOOKS):
            if pause and not self.clock.wait(pause):
                break
            look = self._pages(path, query, read, identity, prove)
            # An empty list that says nothing of a total may be anybody's: an account without instances is looked at
            # twice, for every desired instance would be created in it.
            if not look.whole or not (look.found or sure or number or look.total is not None):
                continue
            # One page is one moment: nothing can move past it.
            doubtful = look.fell or (look.pages > 1 and missing(look.found.values()))
            if not doubtful or (whole.pages and look.proves(whole)):
                return list(look.found.values())
            whole = look
        why = "others delete at the same time" if look.whole else f"{len(look.found)} of {look.total} arrived"
        raise ServiceError(
            "The listing of {what} at {base_url} is not complete ({why}), and listing again did not help. "
            "Nothing is decided from a part of it: run again.",
            what=Own(path[1:]),
            base_url=self._base_url,
            why=why,
        )

    def _pages(
        self,
        path: str,
        query: Mapping[str, Any],
        read: Callable[[Any], T],
        identity: Callable[[T], object],
        prove: Iterable[str],
    ) -> _Look[T]:
        query = {**query, "pageSize": PAGE_SIZE}
        look = _Look[T]()
        tokens: set[str] = set()
        for _page in range(MAX_PAGES):
            reply = self._wire.send("GET", path, query)
            if not tokens and self._answer(reply).nothing_found:
                self._prove(prove)
                return _Look(total=0, pages=1)
            for item in self._json(reply, "GET", path, list):
                one = self._read(read, item, "GET", path)
                look.found[identity(one)] = one
            token = reply.headers.get("elements-next-page-token")
            told = reply.headers.get("elements-total-count", "")
            if told.isdecimal() and len(told) < LONGEST_COUNT:
                # The newest counts; a page that does not tell does not take back what another told.
                look.fell = look.fell or int(told) < (look.total or 0)
                look.total = int(told)
            look.pages += 1
            if not token:
                return look
            if token in tokens:
                raise ServiceError(
                    "Cloud Elements repeats a page of the listing of {what}: run again.", what=Own(path[1:])
                )
            tokens.add(token)
            query["nextPage"] = token
        raise ServiceError(
            "The listing of {what} does not end after {pages} pages.", what=Own(path[1:]), pages=MAX_PAGES
        )

    def _prove(self, keys: Iterable[str]) -> None:
        unknown: BadInput | None = None
        for key in keys:
            try:
                self.element(key)
                return
            except BadInput as error:
                unknown = error
        if unknown:
            raise unknown

    def instance(self, instance_id: int) -> Actual | None:
        """Return the instance, or None when there is none with this id. No read says more than this one."""
        path = f"/instances/{instance_id}"
        reply = self._wire.send("GET", path)
        answer = self._answer(reply)
        if answer.status == 404 and answer.from_platform:
            return None
        return replace(self._read(Actual.read, self._json(reply, "GET", path, dict), "GET", path), short=False)

    def element(self, key: str) -> Element:
        """Return what the platform says of an element; read once.

        :raises BadInput: there is no such element
        """
        if key not in self._elements:
            path = f"/elements/{quote(key, safe='')}"
            reply = self._wire.send("GET", path)
            answer = self._answer(reply)
            if answer.status == 404 and answer.from_platform:
                raise BadInput(
                    "Cloud Elements at {base_url} has no element with the key {key} ({said}): take the "
                    "key from its catalogue, such as autotaskcrm or actessentials.",
                    base_url=self._base_url,
                    key=key,
                    said=answer.said,
                )
            self._elements[key] = self._read(Element.read, self._json(reply, "GET", path, dict), "GET", path)
        return self._elements[key]

    def ask_vendor(self, path: str, token: str) -> ApiResponse:
        """Make one call to the vendor through an instance, and return whatever comes back.

        :raises ServiceError: no answer arrived
        """
        reply = self._wire.send("GET", path, token=token)
        answer = self.with_secrets(token)._answer(reply)
        # Whatever answers in the vendor's place with the body of an error has not asked the vendor.
        is_error = isinstance(reply.json, dict) and reply.json.keys() >= {"message", "requestId"}
        return replace(answer, from_platform=False) if answer.status < 300 and is_error else answer

    # Writing

    def create(self, change: Create) -> Actual:
        """POST an instance, once.

        :raises NotSent, Refused: nothing was created
        :raises RateLimited: the platform asked to come back later; nothing was created. The next request waits
        :raises MaybeProcessed: it may have been created
        """
        method, path, body = request_of(change)
        reply = self._wire.send(method, path, body=body)
        if reply.status == 429 and retry_after(reply) is not None:
            self.warnings.add(WAITED_MESSAGE)
            raise RateLimited("Cloud Elements keeps asking to come back later (HTTP 429): run again later.")
        return self._written(reply, method, path)

    def carry_out(self, change: Change, instance_id: int) -> Actual | None:
        """Send a change of an instance that exists. Return it as the answer shows it, or None where that shows none.

        :raises NotSent, Refused: nothing was changed
        :raises MaybeProcessed: it may have been done
        """
        method, path, body = request_of(change, instance_id)
        reply = self._wire.send(method, path, body=body)
        if body is None and 200 <= reply.status < 300 and reply.body.strip() in NOTHING:
            return None
        written = self._written(reply, method, path)
        return written if body is not None else None

    def _written(self, reply: Response, method: str, path: str) -> Actual:
        try:
            return self._read(Actual.read, self._json(reply, method, path, dict), method, path)
        except Refused:
            raise
        except ServiceError as error:
            raise MaybeProcessed(error.message) from error

    # Understanding answers

    def _json(self, reply: Response, method: str, path: str, kind: type) -> Any:
        """Return the decoded body of a success, of the expected kind, or raise what the answer means."""
        answer = self._answer(reply)
        if not 200 <= answer.status < 300:
            raise self._refusal(answer, method, path)
        body = reply.json
        if isinstance(body, dict) and body.keys() & ERROR_KEYS and not body.keys() & OWN_KEYS:
            raise ServiceError(
                "Cloud Elements answered {method} {path} with {said} and the body of an error.",
                method=Own(method),
                path=_shown(path),
                said=answer.said,
            )
        if not isinstance(body, kind):
            raise self._strange(answer, method, path)
        return body

    def _read(self, read: Callable[[Any], T], body: Any, method: str, path: str) -> T:
        try:
            value = read(body)
        except ValueError as error:
            raise ServiceError(
                "The answer of Cloud Elements to {method} {path} holds {error}: check base_url, or report it.",
                method=Own(method),
                path=_shown(path),
                error=error,
            ) from None
        if isinstance(value, Actual):
            # Whatever the platform says from now on, it may say with this token.
            self._tokens.add(value.token)
        return value

    def _refusal(self, answer: ApiResponse, method: str, path: str) -> ServiceError:
        where, status = self._base_url, answer.status
        # A write may ask the vendor, who may refuse it. Then nothing is wrong with the platform's own secrets.
        by_vendor = answer.from_vendor and method != "GET"
        if status == 401 and not by_vendor:
            text = Message(
                "Cloud Elements at {where} does not accept the user secret or the organization secret ({said}): check "
                "user_secret and organization_secret, and that base_url is their environment.",
                where=where,
                said=answer.said,
            )
        elif 300 <= status < 400:
            text = Message(
                "{where} answered with a redirect (HTTP {status}), which is not followed: check base_url.",
                where=where,
                status=status,
            )
        elif not answer.from_platform:
            return self._strange(answer, method, path)
        elif status in NO_SUCH_PATH and path in LISTINGS:
            text = Message(
                "Cloud Elements at {where} has no {path} ({said}): check base_url, whose path is /elements/api-v2.",
                where=where,
                path=_shown(path),
                said=answer.said,
            )
        elif status == 403 and not by_vendor:
            text = Message(
                "Cloud Elements does not allow this user to {method} {path} ({said}): ask for the privilege, or use "
                "another user.",
                method=Own(method),
                path=_shown(path),
                said=answer.said,
            )
        else:
            text = Message(
                "Cloud Elements answered {method} {path} with {said}.",
                method=Own(method),
                path=_shown(path),
                said=answer.said,
            )
        # A gateway's 408 says that the platform did not answer in time, and many redirect after the work is done.
        definite = status in CREATE_REFUSED if method == "POST" else 400 <= status < 500 and status != 408
        return Refused(text, status, answer.from_vendor) if definite else ServiceError(text)

    def _strange(self, answer: ApiResponse, method: str, path: str) -> ServiceError:
        proxy = f"that the proxy in {answer.proxy} reaches this host" if answer.proxy else "any proxy"
        text = Message(
            "{where} answered {method} {path} with HTTP {status} and not with the JSON of Cloud Elements: check "
            "base_url, whose path is /elements/api-v2, and {proxy}.",
            where=self._base_url,
            method=Own(method),
            path=_shown(path),
            status=answer.status,
            proxy=Own(proxy),
        )
        return Refused(text, answer.status) if answer.status in CREATE_REFUSED else ServiceError(text)

    def _answer(self, reply: Response) -> ApiResponse:
        decoded = reply.json
        body = decoded if isinstance(decoded, dict) and reply.status >= 300 else {}

        def quoted(key: str) -> str:
            value = body.get(key)
            # Scrubbed before it is cut: a cut could leave a part of a secret that is no longer recognised.
            return one_line(self.redactor.redact_text(value))[:BODY_LIMIT] if isinstance(value, str) else ""

        message, provider, request_id = quoted("message"), quoted("providerMessage"), quoted("requestId")
        said = Message("HTTP {status}", status=reply.status)
        if message:
            said = Message('{said} "{message}"', said=said, message=message)
        if provider:
            said = Message('{said}, vendor: "{provider}"', said=said, provider=provider)
        if request_id:
            said = Message("{said}, request id {id}", said=said, id=request_id)
        known = isinstance(decoded, (dict, list)) if 200 <= reply.status < 300 else bool(message and request_id)
        from_vendor = bool(provider) or message.startswith(UNCITED_REFUSAL)
        return ApiResponse(reply.status, said, message, from_vendor, known, reply.proxy)


def _shown(path: str) -> str:
    """Return a path as it is filled into a message; the key of an element in it may be anything."""
    return Own(path) if path.startswith("/instances") else path


def request_of(change: Change, instance_id: int | str = "") -> tuple[str, str, dict[str, Any] | None]:
    """Return the method, the path and the JSON object that a change is sent as; None where it needs none."""
    method, path = REQUESTS[type(change)]
    return method, path.format(id=instance_id), _body(change)


def _body(change: Change) -> dict[str, Any] | None:
    """Return the JSON object that a change is sent as, None where it needs none."""
    if isinstance(change, Patch):
        tags = None if change.tags is None else list(change.tags)
        differing = {"name": change.name, "tags": tags, "configuration": dict(change.configuration) or None}
        return {key: value for key, value in differing.items() if value is not None}
    if not isinstance(change, (Create, Reauthenticate)):
        return None
    body: dict[str, Any] = {
        "element": {"key": change.element},
        "configuration": dict(change.configuration),
        "tags": list(change.tags or ()),
        "name": change.name,
    }
    if change.external_authentication is not None:
        body["externalAuthentication"] = change.external_authentication
    if isinstance(change, Create) and change.provider_data is not None:
        body["providerData"] = change.provider_data
    return body
