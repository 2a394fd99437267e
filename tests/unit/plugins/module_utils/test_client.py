# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The platform's API as functions: complete listings or an error, and what each answer means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Callable

import pytest
from ansible_collections.cloud_elements.platform.plugins.module_utils._api import client as _client
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.client import Client
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.failure import Route
from ansible_collections.cloud_elements.platform.plugins.module_utils._api.writes import request_of
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.changes import (
    Change,
    Create,
    Delete,
    Disable,
    Enable,
    Patch,
    Reauthenticate,
)
from ansible_collections.cloud_elements.platform.plugins.module_utils._model.errors import (
    BadInput,
    MaybeProcessed,
    NotSent,
    RateLimited,
    Refused,
    ServiceError,
)
from ansible_collections.cloud_elements.platform.tests.unit.plugins.module_utils.builders import (
    BASE_URL,
    ELEMENT,
    ORGANIZATION_SECRET,
    SECRET,
    TOKEN,
    USER_SECRET,
    Answer,
    FakeTime,
    Platform,
    lost,
    page,
    problem,
    refused,
)

LISTING = "GET /instances"
ALWAYS = 99


def items(*ids: int) -> list[dict[str, Any]]:
    return [{"id": number, "name": "Acme", "element": {"key": ELEMENT}} for number in ids]


def pages(*answers: tuple[list[int], str | None], total: int | None = None) -> list[Answer]:
    """Return a listing in pages, each with its ids and the token of the next."""
    count = {} if total is None else {"elements-total-count": str(total)}
    return [
        Answer(200, items(*ids), {**({"elements-next-page-token": token} if token else {}), **count})
        for ids, token in answers
    ]


def cut(*listings: Sequence[Sequence[int]]) -> list[Answer]:
    """Return listings that are read in pages of two, and are others at each page."""
    return [
        answer
        for listing in listings
        for number, ids in enumerate(listing)
        for answer in pages(
            (list(ids[2 * number : 2 * number + 2]), f"t{number}" if number + 1 < len(listing) else None),
            total=len(ids),
        )
    ]


def lacks(*ids: int) -> Callable[[Iterable[Any]], bool]:
    """Return a function that returns whether one of these is not listed."""
    return lambda listed: not {actual.id for actual in listed}.issuperset(ids)


def ids_of(found: Any) -> list[int]:
    return [actual.id for actual in found]


# Listing


def test_a_listing_is_asked_for_whole_and_hydrated(platform: Platform, client: Client) -> None:
    client.instances()
    client.instances("Ac me")

    assert [sent.query for sent in platform.sent] == [
        {"hydrate": "true", "pageSize": "200"},
        {"hydrate": "true", "pageSize": "200", "searchText": "Ac me"},
    ]


def test_all_pages_are_followed(platform: Platform, client: Client) -> None:
    platform.once(LISTING, *pages(([1, 2], "t1"), ([3, 4], "t2"), ([5], None), total=5))

    assert ids_of(client.instances("Acme")) == [1, 2, 3, 4, 5]
    assert [sent.query.get("nextPage") for sent in platform.sent] == [None, "t1", "t2"]
    assert {sent.query["searchText"] for sent in platform.sent} == {"Acme"}


ABSENT = [1, 2, 3]
EXCHANGED = [[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [2, 3, 4, 5, 6]]
"""1 is deleted and 6 is created after the first page: 5 of 5 arrive, and 3 does not."""
AFTERWARDS = [[2, 3, 4, 5, 6]] * 3
GROWN = [[2, 3, 4, 5, 6, 7]] * 3
FALLING = [*pages(([1, 2], "t0"), total=7), *pages(([3], None), total=3)]


def believed(given: list[Answer], ids: list[int], requests: int, **asked: Any) -> tuple[Any, ...]:
    """Return a row: what is answered, which ids are believed after how many requests, and what is asked."""
    return given, ids, requests, asked


LISTINGS = {
    "a count that disagrees is listed once more": believed(
        [*pages(([1, 2], None), total=3), *pages(([1, 2, 3], None), total=3)], [1, 2, 3], 2
    ),
    # After the deletion of 1, the second page begins with 4: 3 is on neither, and 4 of 4 arrived.
    "a deletion between two pages is noticed by the total": believed(
        cut([[1, 2, 3, 4, 5], [2, 3, 4, 5], [2, 3, 4, 5]], [[2, 3, 4, 5]] * 2), [2, 3, 4, 5], 5
    ),
    "a total that always falls is no reason to give up": believed(FALLING * 2, [1, 2, 3], 4),
    "creations between two pages are no reason to list again": believed(
        cut([[1, 2, 3], [1, 2, 3, 4]]), [1, 2, 3, 4], 2
    ),
    "an absence is proven although the total stays the same": believed(
        cut(EXCHANGED, AFTERWARDS), [2, 3, 4, 5, 6], 6, is_missing=lacks(3)
    ),
    "an absence is believed when nothing went away meanwhile": believed(
        cut(AFTERWARDS, GROWN), [2, 3, 4, 5, 6, 7], 6, is_missing=lacks(9)
    ),
    "what a third look does not contradict is absent": believed(
        cut(EXCHANGED, AFTERWARDS, AFTERWARDS), [2, 3, 4, 5, 6], 9, is_missing=lacks(9)
    ),
    "one page with a count proves an absence": believed(pages((ABSENT, None), total=3), ABSENT, 1, is_missing=lacks(9)),
    "one page without a count proves an absence": believed(pages((ABSENT, None)), ABSENT, 1, is_missing=lacks(9)),
    "what is not missing is listed once": believed(cut(AFTERWARDS), [2, 3, 4, 5, 6], 3, is_missing=lacks(4)),
    **{
        f"a count that is {what} is not compared": believed(
            [Answer(200, items(1), {"elements-total-count": text})], [1], 1
        )
        for what, text in (("empty", ""), ("a word", "many"), ("negative", "-1"), ("too long", "9" * 5000))
    },
    "an empty list is believed when it is seen twice": believed([Answer(200, [])] * 2, [], 2, prove=["unknown"]),
    "an empty list is not believed when the next is not": believed(
        [Answer(200, []), *pages(([1], None))], [1], 2, prove=["unknown"]
    ),
    "an empty list that counts itself is believed": believed(pages(([], None), total=0), [], 1),
    "a search that finds nothing is believed": believed([Answer(200, [])], [], 1, search="Acme"),
    "a last page without a count does not hide that instances are missing": believed(
        [*pages(([1], "t1"), total=2), Answer(200, []), *pages(([1], "t1"), ([2], None), total=2)], [1, 2], 4
    ),
}


@pytest.mark.parametrize("sentence", LISTINGS)
def test_of_a_listing(platform: Platform, client: Client, sentence: str) -> None:
    given, ids, requests, asked = LISTINGS[sentence]
    platform.once(LISTING, *given)

    assert ids_of(client.instances(**asked)) == ids
    assert platform.lines == [LISTING] * requests


NO_LISTING = "Check base_url"
LISTING_ERRORS: dict[str, tuple[list[Answer], str]] = {
    "repeated a page": (pages(([1], "t1"), ([2], "t2"), ([3], "t1")), "repeated a page"),
    "does not end": (pages(([1], "t1"), ([2], "t2"), ([3], "t3"), ([4], None)), "does not end after 3 pages"),
    "is a 404 after the first page": (
        [*pages(([1], "t1")), problem(404, "No Element Instances found")],
        "No Element Instances found",
    ),
    "is an object": ([Answer(200, {})], NO_LISTING),
    "is no JSON": ([Answer(200, "nonsense")], NO_LISTING),
    "is null": ([Answer(200, None)], NO_LISTING),
    "has no instances": ([Answer(200, [{"id": 1}])], NO_LISTING),
    "is HTML": ([page(200)], NO_LISTING),
    "is nothing": ([Answer(204, "")], NO_LISTING),
    "is the HTML of a 404": ([page(404)], "HTTP 404"),
    "is a 404 without a request id": ([Answer(404, {"message": "No Element Instances found"})], "HTTP 404"),
    "is a 404 without a message": ([Answer(404, {"requestId": "5b04"})], "HTTP 404"),
    "is a 404 with a list": ([Answer(404, [])], "HTTP 404"),
    "is a 404 in other words": ([problem(404, "Not found")], "HTTP 404"),
    "is a 404 with words before": ([problem(404, "There are No instances found")], "HTTP 404"),
}


@pytest.mark.parametrize("listing", LISTING_ERRORS)
def test_it_is_an_error_that_a_listing(
    platform: Platform, client: Client, monkeypatch: pytest.MonkeyPatch, listing: str
) -> None:
    given, sentence = LISTING_ERRORS[listing]
    monkeypatch.setattr(_client, "MAX_PAGES", 3)
    platform.once(LISTING, *given)
    with pytest.raises(ServiceError, match=sentence):
        client.instances(prove=[ELEMENT])


@pytest.mark.parametrize("ids", [[1, 2], [1, 2, 2], [1, 2, 3, 4], []])
def test_a_count_that_always_disagrees_is_an_error(
    platform: Platform, client: Client, time: FakeTime, ids: list[int]
) -> None:
    platform.once(LISTING, *pages((ids, None), total=3) * ALWAYS)
    sentence = rf"incomplete \({len(set(ids))} of 3 received\), and listing again did not"
    with pytest.raises(ServiceError, match=sentence):
        client.instances()

    assert len(platform.sent) == 6
    assert time.sleeps == [1, 2, 4, 8]


def test_an_absence_that_cannot_be_proven_is_an_error(platform: Platform, client: Client) -> None:
    platform.once(LISTING, *cut(*[[list(range(number, 20))] * 10 for number in range(6)]))
    with pytest.raises(
        ServiceError, match=r"incomplete \(others are deleting at the same time\), and listing again did"
    ):
        client.instances(is_missing=lacks(99))


def test_the_platform_s_404_is_an_empty_list_when_an_element_can_be_read(platform: Platform, client: Client) -> None:
    platform.once(LISTING, problem(404, "No Element Instances found"))

    assert client.instances(prove=["unknown", ELEMENT]) == []
    assert platform.lines == [LISTING, "GET /elements/unknown", f"GET /elements/{ELEMENT}"]


def test_the_platform_s_404_is_an_error_when_no_element_can_be_read(platform: Platform, client: Client) -> None:
    with pytest.raises(BadInput, match="has no element with the key unknown"):
        client.instances(prove=["unknown"])
    platform.once("GET /elements/.*", page(404))
    with pytest.raises(ServiceError, match="not with the JSON of Cloud Elements"):
        client.instances(prove=[ELEMENT])


# One instance, one element


def test_an_instance_is_read_and_one_that_is_not_there_is_none(platform: Platform, client: Client) -> None:
    found = client.instance(platform.add()["id"])

    assert found is not None
    assert (found.id, found.name, found.token) == (101, "Acme", TOKEN)
    assert client.instance(7) is None


@pytest.mark.parametrize("answer", [page(404), problem(400), page(200), Answer(200, []), Answer(200, {"id": "x"})])
def test_an_instance_that_cannot_be_read_is_an_error(platform: Platform, client: Client, answer: Answer) -> None:
    platform.once("GET /instances/7", answer)
    with pytest.raises(ServiceError):
        client.instance(7)


def test_the_catalogue_is_listed_without_configuration_keys(platform: Platform, client: Client) -> None:
    platform.once("GET /elements", Answer(200, [{"key": "b", "name": "B"}, {"key": "a", "name": "A"}]))

    assert [(element.key, element.name, element.table) for element in client.elements()] == [
        ("b", "B", ()),
        ("a", "A", ()),
    ]


def test_an_element_is_read_once(platform: Platform, client: Client) -> None:
    platform.elements[ELEMENT] = [{"key": "user", "required": True}]

    assert client.element(ELEMENT).required == {"user"}
    assert client.element(ELEMENT).required == {"user"}
    assert platform.lines == [f"GET /elements/{ELEMENT}"]


def test_an_element_key_is_quoted_into_its_path(platform: Platform, client: Client) -> None:
    platform.once("GET /elements/a%2F..%3Fb", problem(404))
    with pytest.raises(BadInput, match=r"no element with the key a/[.][.][?]b"):
        client.element("a/..?b")


# What answers mean


NO_PATH = (
    f"Cloud Elements at {BASE_URL} has no /instances (HTTP %s, request id 5b0437c6). Check base_url, whose path is "
    "/elements/api-v2."
)
NO_JSON = (
    f"{BASE_URL} answered GET /instances with HTTP %s, but not with the JSON of Cloud Elements. Check base_url, whose "
    "path is /elements/api-v2, and any proxy."
)
SENTENCES = [
    (
        problem(401, "Wrong secret"),
        f'Cloud Elements at {BASE_URL} rejected the user secret or the organization secret (HTTP 401 "Wrong '
        'secret", request id 5b0437c6). Check user_secret and organization_secret, and that '
        "base_url is the address of their environment.",
    ),
    (
        problem(403, "No"),
        'Cloud Elements does not allow this user to GET /instances (HTTP 403 "No", request id 5b0437c6). Ask for '
        "the privilege, or use another user.",
    ),
    (Answer(302, ""), f"{BASE_URL} answered with a redirect (HTTP 302), which is not followed. Check base_url."),
    (page(403), NO_JSON % 403),
    (page(404), NO_JSON % 404),
    (problem(404, "No endpoint"), NO_PATH % '404 "No endpoint"'),
    (problem(405, "Not here"), NO_PATH % '405 "Not here"'),
    (
        problem(409, "In use", providerMessage="by a formula"),
        'Cloud Elements answered GET /instances with HTTP 409 "In use", vendor: "by a formula", request id 5b0437c6.',
    ),
    (problem(500, "Oops"), 'Cloud Elements answered GET /instances with HTTP 500 "Oops", request id 5b0437c6.'),
]


@pytest.mark.parametrize(("answer", "sentence"), SENTENCES)
def test_an_answer_is_reported_in_this_sentence(
    platform: Platform, client: Client, answer: Answer, sentence: str
) -> None:
    platform.once(LISTING, *[answer] * ALWAYS)
    with pytest.raises(ServiceError) as caught:
        client.instances()

    assert str(caught.value) == sentence


@pytest.mark.parametrize("status", [401, 403])
def test_a_write_may_fail_by_the_vendor_and_a_listing_by_the_platform_alone(
    platform: Platform, client: Client, status: int
) -> None:
    answer = problem(status, "Request failed", providerMessage="bad login")
    platform.once("PUT /instances/101", answer)
    platform.once(LISTING, answer)
    with pytest.raises(Refused) as written:
        client.carry_out(Reauthenticate(), 101)
    with pytest.raises(Refused, match=r"(rejected the user secret|does not allow this user)"):
        client.instances()

    said = f'HTTP {status} "Request failed", vendor: "bad login", request id 5b0437c6'
    assert str(written.value) == f"Cloud Elements answered PUT /instances/101?reAuthenticate=true with {said}."


def test_the_server_s_words_are_scrubbed_and_then_cut(platform: Platform, client: Client) -> None:
    words = f"{USER_SECRET} {ORGANIZATION_SECRET} " + "x" * 246 + SECRET
    platform.once(LISTING, problem(400, words, providerMessage=words))
    with pytest.raises(Refused) as caught:
        client.with_secrets(SECRET).instances()

    assert "canary" not in str(caught.value)
    assert len(str(caught.value)) < 2 * 300 + 150


def test_the_token_is_scrubbed_from_a_vendor_s_words(platform: Platform, client: Client) -> None:
    platform.vendor = problem(401, "bad token canary-token")

    assert "canary" not in str(client.ask_vendor("/ping", "canary-token").description)


@pytest.mark.parametrize("look", [lambda client: client.instances(), lambda client: client.instance(101)])
def test_the_tokens_that_this_run_has_seen_are_scrubbed_from_all_that_is_said(
    platform: Platform, client: Client, look: Callable[[Client], object]
) -> None:
    platform.add(token="canary-token-of-101")
    other = client.with_secrets("more")
    look(client)
    words = "canary-token-of-101 and Y2FuYXJ5LXRva2VuLW9mLTEwMQ=="
    platform.once("DELETE /instances/101", problem(409, words), problem(403, words))
    for redactor in (client, other):
        with pytest.raises(Refused) as caught:
            redactor.carry_out(Delete(), 101)
        assert '"<secret> and <secret>' in str(caught.value)
    assert other.redactor.redact_text("canary-token-of-101") == "<secret>"


def test_the_token_in_the_answer_to_a_write_is_known_too(platform: Platform, client: Client) -> None:
    platform.respond("POST /instances", lambda usual: replace(usual(), body={**usual().body, "token": "canary-fresh"}))
    client.create(CREATE)

    assert client.redactor.redact_text("canary-fresh") == "<secret>"


@pytest.mark.parametrize("key", ["message", "providerMessage", "requestId"])
def test_the_server_s_words_are_one_printable_line(platform: Platform, client: Client, key: str) -> None:
    words = "No\x1b[2K\r\nok: [localhost]\u2028\u202e" + "\x07" * 400
    platform.once(LISTING, Answer(400, {"message": "No", "requestId": "5b04", key: words}))
    with pytest.raises(ServiceError) as caught:
        client.instances()

    assert str(caught.value).isprintable()
    assert "No\\x1b[2K\\r\\nok: [localhost]\\u2028\\u202e\\x07" in str(caught.value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("status", [200, 401, 404, 500])
def test_any_answer_of_a_vendor_is_returned_and_the_body_of_an_error_is_none_whatever_its_status(
    platform: Platform, client: Client, status: int
) -> None:
    platform.vendor = problem(status, "Try again later")
    reply = client.ask_vendor("/ping", "t")

    assert (reply.status, reply.from_platform) == (status, status != 200)


@pytest.mark.parametrize(
    ("answer", "empty"),
    [
        (problem(404, "No contacts found"), True),
        (problem(404, "no users found for x"), True),
        (problem(400, "No contacts found"), False),
        (problem(404, "Contact not found"), False),
        (page(404), False),
    ],
)
def test_the_404_of_an_empty_list_is_distinguished_from_others(
    platform: Platform, client: Client, answer: Answer, empty: bool
) -> None:
    platform.vendor = answer

    assert client.ask_vendor("/ping", "t").is_empty_list == empty


# Writing

CREATE = Create("Acme", (), {"password": SECRET}, ELEMENT)
CREATES = [
    *[(problem(status), Refused) for status in (400, 401, 403, 404, 405, 409, 415, 422)],
    *[(page(status), Refused) for status in (400, 403, 404)],
    *[(problem(status), MaybeProcessed) for status in (402, 406, 408, 410, 429, 500, 502, 503, 504)],
    *[(page(status), MaybeProcessed) for status in (429, 500, 502, 503)],
    (Answer(302, ""), MaybeProcessed),
    (Answer(200, {"name": "Acme"}), MaybeProcessed),
    (Answer(200, "{cut off"), MaybeProcessed),
    (Answer(200, []), MaybeProcessed),
    (Answer(204, ""), MaybeProcessed),
    (lost(), MaybeProcessed),
    (refused(), NotSent),
    (problem(429, headers={"Retry-After": "9"}), RateLimited),
    (page(429), MaybeProcessed),
]


@pytest.mark.parametrize(("answer", "meaning"), CREATES)
def test_what_an_answer_to_a_create_means(
    platform: Platform, client: Client, answer: Answer | Exception, meaning: type[Exception]
) -> None:
    platform.once("POST /instances", *[answer] * (ALWAYS if isinstance(answer, Exception) else 1))
    with pytest.raises(meaning) as caught:
        client.create(CREATE)

    assert caught.type is meaning
    # Once, but for what surely was not sent.
    assert len(platform.sent) == (5 if meaning is NotSent else 1)


WRITES = [
    *[(Answer(status, ""), MaybeProcessed) for status in (301, 302, 303, 307, 308)],
    (problem(200), MaybeProcessed),
    *[(problem(status), Refused) for status in (400, 401, 403, 404, 409, 422, 429)],
    *[(problem(status), MaybeProcessed) for status in (500, 502, 503, 504)],
    (page(500), MaybeProcessed),
    (Answer(200, "{cut off"), MaybeProcessed),
    (Answer(200, {}), MaybeProcessed),
    (lost(), MaybeProcessed),
    (refused(), NotSent),
]


@pytest.mark.parametrize("change", [Reauthenticate("New"), Patch("New")], ids=["PUT", "PATCH"])
@pytest.mark.parametrize(("answer", "meaning"), WRITES)
def test_what_an_answer_to_an_update_means(
    platform: Platform, client: Client, change: Change, answer: Answer | Exception, meaning: type[Exception]
) -> None:
    platform.once(line_of(change), *[answer] * ALWAYS)
    with pytest.raises(meaning) as caught:
        client.carry_out(change, 7)

    assert caught.type is meaning


def line_of(change: Change) -> str:
    """Return the first line of the request that changes the instance 7."""
    method, path, _body = request_of(change, 7)
    return f"{method} {path.partition('?')[0]}"


INSTANCE = {"id": 7, "name": "Acme", "element": {"key": ELEMENT}}


@pytest.mark.parametrize(
    "answer", [Answer(200), Answer(200, {}), Answer(200, " "), Answer(204, ""), Answer(200, INSTANCE)]
)
def test_a_write_without_a_body_needs_no_answer(platform: Platform, client: Client, answer: Answer) -> None:
    platform.once("DELETE /instances/7", answer)

    assert client.carry_out(Delete(), 7) is None


ERROR = "answered {line} with HTTP 200, but the body describes an error"
STRANGE = "answered {line} with HTTP 200, but not with the JSON of Cloud"
NO_PROOF = [
    (problem(200, "In use by a formula"), ERROR),
    (Answer(200, {"message": "In use by a formula"}), ERROR),
    (Answer(200, {"requestId": "5b04"}), ERROR),
    (Answer(200, {"providerMessage": "No"}), ERROR),
    (Answer(200, {"error": "No"}), "with something that is not an element instance"),
    (Answer(200, []), STRANGE),
    (Answer(200, "No"), STRANGE),
    (Answer(200, '"No"'), STRANGE),
    (Answer(200, "false"), STRANGE),
    (page(200), STRANGE),
]


@pytest.mark.parametrize("change", [Delete(), Disable(), Enable()], ids=["delete", "disable", "enable"])
@pytest.mark.parametrize(("answer", "sentence"), NO_PROOF)
def test_another_answer_with_a_success_is_no_proof(
    platform: Platform, client: Client, change: Change, answer: Answer, sentence: str
) -> None:
    platform.once(line_of(change), answer)
    with pytest.raises(MaybeProcessed, match=sentence.format(line=line_of(change))):
        client.carry_out(change, 7)


def test_a_proxy_that_forwards_is_named_where_something_else_answers(
    platform: Platform, client: Client, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("HTTPS_PROXY", "http://user:canary@proxy.example.com")
    environment.setattr(Route, "forwarding_proxy", "HTTP_PROXY")
    platform.once(LISTING, page(403))
    with pytest.raises(ServiceError, match=r"and that the proxy in HTTP_PROXY reaches this host\.$") as caught:
        client.instances()

    assert "canary" not in str(caught.value)
