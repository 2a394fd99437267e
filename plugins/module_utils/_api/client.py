# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""The platform's API as functions. Server bodies stay here: callers get values. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, Callable, Generic, TypeVar
from urllib.parse import quote

from .._model.changes import Change, Create
from .._model.element import Element
from .._model.errors import BadInput, MaybeProcessed, RateLimited, Refused, ServiceError
from .._model.instance import Actual
from .._model.message import Own
from .._model.redact import Redactor, Tokens
from .responses import ApiResponse, Call, body_of, understand
from .sessions import Shared
from .throttle import Clock
from .transport import WAITED_MESSAGE, Response, Settings, Transport, retry_after
from .writes import request_of

T = TypeVar("T")

PAGE_SIZE = 200
"""The platform's largest page size (its Swagger document)."""
MAX_PAGES = 10_000
LONGEST_COUNT = 20
"""Digits. Python refuses to read thousands of them."""
LOOKS = (0.0, 0.0, 1.0, 2.0, 4.0, 8.0)
"""Seconds before each attempt at a complete listing. Others may create and delete instances while it is read."""
NOTHING = (b"", b"{}", b"null")
"""The possible bodies of a successful deletion. Any other body with a success status is no proof."""


@dataclass
class _Look(Generic[T]):
    """One attempt at a listing.

    :param total: how many items the platform counts; None if it returns no count
    :param pages: how many pages were read
    :param count_fell: the platform counted fewer items than on an earlier page. If pages are cut by position, the items
        after a deleted one move up, and one of them can slip past the next page unseen
    """

    items: dict[object, T] = field(default_factory=dict)
    total: int | None = None
    pages: int = 0
    count_fell: bool = False

    def add(self, page: Iterable[T], identity: Callable[[T], object]) -> None:
        """Add the items of a page, by their unique keys, because pages may overlap."""
        for item in page:
            self.items[identity(item)] = item

    def count(self, text: str) -> None:
        """Count a page, and record the number of all items that came with it.

        :param text: the header. The newest number is right. A page without one keeps the number of an earlier page
        """
        self.pages += 1
        if text.isdecimal() and len(text) < LONGEST_COUNT:
            self.count_fell = self.count_fell or int(text) < (self.total or 0)
            self.total = int(text)

    @property
    def is_complete(self) -> bool:
        """Return whether as many items were read as the platform counts."""
        return self.total in (None, len(self.items))

    def proves(self, earlier: _Look[T]) -> bool:
        """Return whether an earlier attempt was complete.

        If a deletion had made the earlier attempt skip an item, another item that it showed would be missing now. An
        equal count is no proof, because somebody may have created another item in the meantime.
        """
        return earlier.items.keys() <= self.items.keys()


class Client:
    """One session with the platform.

    :param settings: how to reach it
    :param clock: the clock; tests replace it
    :param tokens: collects the tokens of the instances that are read
    :param shared: connections and element descriptions of an earlier client with the same settings
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock | None = None,
        tokens: Tokens | None = None,
        shared: Shared | None = None,
    ) -> None:
        self.clock = clock or Clock()
        self.patience = settings.patience
        self._base_url = settings.base_url
        self._wire = Transport(settings, self.clock, shared.session if shared else None)
        self._tokens = tokens or Tokens()
        self.redactor = Redactor((settings.user_secret, settings.organization_secret), self._tokens)
        self._elements: dict[str, Element] = shared.elements if shared else {}

    def with_secrets(self, *secrets: str) -> Client:
        """Return a client on the same session that also hides these secrets in the server's messages."""
        other = Client.__new__(Client)
        # Each item of a large list has such a client, and copy.copy takes ten times as long.
        other.__dict__.update(self.__dict__, redactor=self.redactor.with_secrets(secrets))
        return other

    @property
    def base_url(self) -> str:
        """The address of the API, with its path."""
        return self._base_url

    @property
    def warnings(self) -> set[str]:
        """Warnings about the requests so far, in constant words."""
        return self._wire.warnings

    # Reading

    def instances(
        self,
        search: str | None = None,
        prove: Iterable[str] = (),
        is_missing: Callable[[Iterable[Actual]], bool] = lambda _instances: False,
    ) -> list[Actual]:
        """Return all instances, or all whose name or element key contains a text.

        :param search: a filter that the platform applies; its case sensitivity is unknown
        :param prove: element keys. If the platform answers 404 for an empty list, one of them must be readable, so
            that a wrong base URL is not mistaken for an empty account
        :param is_missing: returns whether a listing lacks an instance that the caller needs. A second listing then
            proves its absence
        :raises ServiceError: the listing could not be completed; never a part of it
        """
        query = {"hydrate": "true"} if search is None else {"hydrate": "true", "searchText": search}
        trust_empty = search is not None
        return self._listing(
            "/instances",
            query,
            Actual.read,
            attrgetter("id"),
            prove=prove,
            is_missing=is_missing,
            trust_empty=trust_empty,
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
        is_missing: Callable[[Iterable[T]], bool] = lambda _items: False,
        trust_empty: bool = False,
    ) -> list[T]:
        """Return all items of a listing.

        :param identity: returns the unique key of an item, because pages may overlap
        :param is_missing: returns whether a listing lacks an item that the caller needs
        :param trust_empty: whether an empty list without a total is accepted at once
        """
        look, earlier = _Look[T](), _Look[T]()
        for number, pause in enumerate(LOOKS):
            if pause and not self.clock.wait(pause):
                break
            look = self._pages(path, query, read, identity, prove)
            # A proxy or another service could also send an empty list without a total. So an account without instances
            # is listed twice, because every desired instance would be created in it.
            if not look.is_complete or not (look.items or trust_empty or number or look.total is not None):
                continue
            # A single page is a snapshot: no item can move past it.
            needs_proof = look.count_fell or (look.pages > 1 and is_missing(look.items.values()))
            if not needs_proof or (earlier.pages and look.proves(earlier)):
                return list(look.items.values())
            earlier = look
        reason = (
            "others are deleting at the same time"
            if look.is_complete
            else f"{len(look.items)} of {look.total} received"
        )
        raise ServiceError(
            "The listing of {what} at {base_url} is incomplete ({reason}), and listing again did not help. Nothing "
            "is decided from a part of it. Run again.",
            what=Own(path[1:]),
            base_url=self._base_url,
            reason=Own(reason),
        )

    def _pages(
        self,
        path: str,
        query: Mapping[str, Any],
        read: Callable[[Any], T],
        identity: Callable[[T], object],
        prove: Iterable[str],
    ) -> _Look[T]:
        look = _Look[T]()
        page: Future[list[T]] | None = None
        with ThreadPoolExecutor(1) as reader:
            for reply in self._replies(path, {**query, "pageSize": PAGE_SIZE}):
                if page is None and understand(reply, self.redactor).is_empty_list:
                    self._prove(prove)
                    return _Look(total=0, pages=1)
                # A page is read while the platform prepares the next one. An error in it ends the listing there.
                look.add(page.result() if page else (), identity)
                page = reader.submit(self._read_page, reply, path, read)
                look.count(reply.headers.get("elements-total-count", ""))
            look.add(page.result() if page else (), identity)
        return look

    def _read_page(self, reply: Response, path: str, read: Callable[[Any], T]) -> list[T]:
        return [self._read(read, item, "GET", path) for item in self._body(reply, "GET", path, list)]

    def _replies(self, path: str, query: Mapping[str, Any]) -> Iterator[Response]:
        """Yield the answers with the pages of a listing."""
        tokens: set[str] = set()
        pages = dict(query)
        for _page in range(MAX_PAGES):
            reply = self._wire.send("GET", path, pages)
            yield reply
            token = reply.headers.get("elements-next-page-token")
            if not token:
                return
            if token in tokens:
                raise ServiceError(
                    "Cloud Elements repeated a page of the listing of {what}. Run again.", what=Own(path[1:])
                )
            tokens.add(token)
            pages["nextPage"] = token
        raise ServiceError(
            "The listing of {what} does not end after {pages} pages. Check base_url.",
            what=Own(path[1:]),
            pages=MAX_PAGES,
        )

    def _prove(self, keys: Iterable[str]) -> None:
        last_error: BadInput | None = None
        for key in keys:
            try:
                self.element(key)
                return
            except BadInput as error:
                last_error = error
        if last_error:
            raise last_error

    def instance(self, instance_id: int) -> Actual | None:
        """Return the instance, or None if there is none with this id. No other read returns more fields."""
        path = f"/instances/{instance_id}"
        reply = self._wire.send("GET", path)
        answer = understand(reply, self.redactor)
        if answer.status == 404 and answer.from_platform:
            return None
        return replace(self._read(Actual.read, self._body(reply, "GET", path, dict), "GET", path), short=False)

    def element(self, key: str) -> Element:
        """Return the description of an element. Each is read once.

        :raises BadInput: there is no such element
        """
        if key not in self._elements:
            path = f"/elements/{quote(key, safe='')}"
            reply = self._wire.send("GET", path)
            answer = understand(reply, self.redactor)
            if answer.status == 404 and answer.from_platform:
                raise BadInput(
                    "Cloud Elements at {base_url} has no element with the key {key} ({description}). Use a key from "
                    "its catalogue, such as autotaskcrm or actessentials.",
                    base_url=self._base_url,
                    key=key,
                    description=answer.description,
                )
            self._elements[key] = self._read(Element.read, self._body(reply, "GET", path, dict), "GET", path)
        return self._elements[key]

    def ask_vendor(self, path: str, token: str) -> ApiResponse:
        """Send one call to the vendor through an instance, and return the answer, whatever its status.

        :raises ServiceError: no answer arrived
        """
        reply = self._wire.send("GET", path, token=token)
        answer = understand(reply, self.with_secrets(token).redactor)
        # An error body with a success status shows that something else answered and the vendor was not asked.
        is_error = isinstance(reply.json, dict) and reply.json.keys() >= {"message", "requestId"}
        return replace(answer, from_platform=False) if answer.status < 300 and is_error else answer

    # Writing

    def create(self, change: Create) -> Actual:
        """Send one POST that creates an instance.

        :raises NotSent, Refused: nothing was created
        :raises RateLimited: the platform asked for a pause; nothing was created. The next request waits
        :raises MaybeProcessed: it may have been created
        """
        method, path, body = request_of(change)
        reply = self._wire.send(method, path, body=body)
        if reply.status == 429 and retry_after(reply) is not None:
            self.warnings.add(WAITED_MESSAGE)
            raise RateLimited("Cloud Elements keeps asking for a pause (HTTP 429). Run again later.")
        return self._read_result(reply, method, path)

    def carry_out(self, change: Change, instance_id: int) -> Actual | None:
        """Send a change of an existing instance. Return the instance in the answer, or None if the answer has none.

        :raises NotSent, Refused: nothing was changed
        :raises MaybeProcessed: it may have been done
        """
        method, path, body = request_of(change, instance_id)
        reply = self._wire.send(method, path, body=body)
        if body is None and 200 <= reply.status < 300 and reply.body.strip() in NOTHING:
            return None
        actual = self._read_result(reply, method, path)
        return actual if body is not None else None

    def _read_result(self, reply: Response, method: str, path: str) -> Actual:
        try:
            return self._read(Actual.read, self._body(reply, method, path, dict), method, path)
        except Refused:
            raise
        except ServiceError as error:
            raise MaybeProcessed(error.message) from error

    # Understanding answers

    def _body(self, reply: Response, method: str, path: str, kind: type) -> Any:
        return body_of(reply, understand(reply, self.redactor), Call(method, path, self._base_url), kind)

    def _read(self, read: Callable[[Any], T], body: Any, method: str, path: str) -> T:
        try:
            value = read(body)
        except ValueError as error:
            raise ServiceError(
                "Cloud Elements answered {method} {path} with {error}. Check base_url, or report it.",
                method=Own(method),
                path=Call(method, path, self._base_url).shown_path,
                error=error,
            ) from None
        if isinstance(value, Actual):
            # From now on, any message of the platform may contain this token.
            self._tokens.add(value.token)
        return value
