# Copyright (c) Contributors to the cloud_elements.platform project
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search itself: it finds each canary in each encoding, and parts of it; else it would prove nothing."""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest
import yaml  # type: ignore[import-untyped,unused-ignore]

from tests.leak.canaries import Canary, made_up
from tests.leak.processes import CommandLines
from tests.leak.search import PIECE, Searcher

# Written without the functions of the search, the way that other programs would do it.
PLANTED: dict[str, Callable[[str], str]] = {
    "raw": lambda s: f"password={s}.",
    "upper case": lambda s: s.upper(),
    "lower case": lambda s: s.lower(),
    "JSON": lambda s: json.dumps({"password": s}),
    "JSON with Unicode": lambda s: json.dumps({"password": s}, ensure_ascii=False),
    "JSON in JSON": lambda s: json.dumps({"stdout": json.dumps([s])}),
    "JSON in repr": lambda s: repr(json.dumps({"password": s})),
    "repr": lambda s: repr({"password": s}),
    "repr in repr": lambda s: repr(repr([s])),
    "repr in JSON": lambda s: json.dumps(repr([s])),
    "bytes repr": lambda s: repr(s.encode()),
    "YAML": lambda s: yaml.safe_dump({"password": s}),
    "YAML with Unicode": lambda s: yaml.safe_dump({"a": ["long words " * 9 + s]}, allow_unicode=True),
    "YAML in double quotes": lambda s: yaml.safe_dump([s], default_style='"'),
    "YAML in single quotes": lambda s: yaml.safe_dump([s], default_style="'", allow_unicode=True),
    "HTML": lambda s: f"<p>{html.escape(s)}</p>",
    "shell": shlex.quote,
    "URL, nothing safe": lambda s: "https://example.com/?p=" + quote(s, safe=""),
    "URL, / safe": lambda s: quote(s, safe="/"),
    "URL, plus": quote_plus,
    "URL, lower case": lambda s: quote(s, safe="").lower(),
    "URL, upper case": lambda s: quote_plus(s).upper(),
    "URL in URL": lambda s: "?next=" + quote("https://example.com/?p=" + quote_plus(s), safe=""),
    "hexadecimal": lambda s: binascii.hexlify(s.encode()).decode().upper(),
    "JSON with escaped slashes": lambda s: json.dumps([s]).replace("/", "\\/"),
    "form": lambda s: urlencode({"password": s}),
    "URL of JSON": lambda s: quote(json.dumps({"password": s})),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64, one before": lambda s: base64.b64encode(b":" + s.encode()).decode(),
    "base64, two before": lambda s: base64.b64encode(b"u:" + s.encode() + b"!").decode(),
    "base64, in lines": lambda s: base64.encodebytes(b"0123456789" * 5 + s.encode() * 2).decode(),
    "base64 of JSON": lambda s: base64.b64encode(json.dumps({"password": s}).encode()).decode(),
    "urlsafe base64": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "urlsafe base64, one before": lambda s: base64.urlsafe_b64encode(b":" + s.encode() + b"?").decode(),
    "urlsafe base64, two before": lambda s: base64.urlsafe_b64encode(b"u:" + s.encode()).decode(),
    "the first half": lambda s: s[: len(s) // 2] + "********",
    "the second half": lambda s: "********" + s[len(s) // 2 :],
    "the middle": lambda s: s[len(s) // 2 - 7 : len(s) // 2 + 7],
    "a piece in JSON": lambda s: json.dumps(s[3 : 3 + 2 * PIECE]),
}


# Those that write each character by itself.
ESCAPING = (
    *("raw", "upper case", "JSON", "JSON with Unicode", "JSON in JSON", "JSON in repr", "repr", "repr in repr"),
    *("repr in JSON", "bytes repr", "YAML in double quotes", "HTML", "URL, nothing safe", "URL, plus", "URL in URL"),
    *("hexadecimal", "JSON with escaped slashes", "URL of JSON", "base64", "base64, one before", "base64, two before"),
)


@pytest.fixture(scope="module")
def searcher() -> Searcher:
    return Searcher(made_up().values())


@pytest.mark.parametrize("encoding", PLANTED)
@pytest.mark.parametrize("name", made_up())
def test_what_is_planted_is_found(searcher: Searcher, name: str, encoding: str) -> None:
    planted = PLANTED[encoding](made_up()[name].value)
    found = searcher.search("here", f"all is well\n... {planted} ...\n".encode())
    assert name in {leak.canary for leak in found} or _is_inner(name, {leak.canary for leak in found})


def test_any_ten_characters_are_found_however_they_are_escaped(searcher: Searcher) -> None:
    passed = [
        (name, encoding, start)
        for name, canary in made_up().items()
        for encoding in ESCAPING
        for start in range(len(canary.value) - PIECE + 1)
        if not searcher.search("here", f" {PLANTED[encoding](canary.value[start : start + PIECE])} ")
    ]
    assert passed == []


@pytest.mark.parametrize(
    "before",
    [
        *("\\&quot;", "&amp;quot;", "&#x27;", "&#39;", "&amp;#x27;", "\\u0027", "\\\\u0022", "\\\\\\&quot;"),
        *("%22", "%5C%22", "%2522", "%255C%2522", "\\x27", "\\U0001f511", "\\ud83d\\udd11", "{{ ", "\\\\\\u20ac{{ "),
        *("\\u20ac{{ ", "\\xe2\\x82\\xac{{ ", "%7B%7B%20", "+/\\U0001f511", "%25%26", "%&amp;"),
        *("%2525%2526", "\\u00e4\\&quot;"),
    ],
)
@pytest.mark.parametrize("letters", [3, 4])
def test_escapes_and_a_few_letters_are_no_canary(searcher: Searcher, before: str, letters: int) -> None:
    words = [word for canary in made_up().values() for word in re.findall("[0-9a-f]{7}", canary.value)]
    assert len(words) > 100
    texts = [f'x{before}{word[:letters]}"zz{word[-letters:]}{before}' for word in words]
    assert [leak for text in texts for leak in searcher.search("here", text)] == []


@pytest.mark.parametrize("before", ["\\&quot;", "\\\\\\u20ac{{ "])
def test_escapes_and_half_of_ten_characters_are_a_canary(searcher: Searcher, before: str) -> None:
    own = made_up()["misplaced"].value
    word = own[own.index("{{ ") + 3 :][:5] if before.endswith(" ") else own[own.index('"') + 1 :][:5]
    assert [leak.canary for leak in searcher.search("here", f"x{before}{word}zz")] == ["misplaced"]


def test_a_secret_with_many_names_is_found() -> None:
    names = [f"token of instance {number}" for number in range(5)]
    searcher = Searcher([*made_up().values(), *(Canary(name, "a-token-with-five-names") for name in names)])

    (leak,) = searcher.search("here", "token=a-token-with-five-names.")
    assert leak.canary in names


@pytest.mark.parametrize("value", ["short", "%&%&%&%&%&%&%&"])
def test_a_secret_that_could_not_be_found_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="to be found: hopeless"):
        Searcher([Canary("hopeless", value)])


def _is_inner(name: str, found: set[str]) -> bool:
    """A part of a secret that holds another may be a part of the other."""
    return {name, *found} == {"act365_api_key", "act365_developer_key"}


def test_what_is_clean_is_clean(searcher: Searcher) -> None:
    paths = Path(__file__).resolve().parents[1].glob("sandbox/*.py")
    texts = [path.read_bytes() for path in paths]
    assert texts
    assert [leak for text in texts for leak in searcher.search("here", text)] == []


def test_a_report_names_the_canary_and_does_not_show_it(searcher: Searcher) -> None:
    for canary in made_up().values():
        for encoding, plant in PLANTED.items():
            text = f"before {plant(canary.value)} after"
            for leak in searcher.search("the log", text):
                assert str(leak).startswith("the log: ")
                assert searcher.search("report", str(leak)) == [], f"{canary.name}, {encoding}"


def test_a_report_shows_what_stands_around(searcher: Searcher) -> None:
    (leak,) = searcher.search("here", f"fatal: msg={made_up()['misplaced'].value} is not a hub")
    assert leak.encoding == "raw"
    assert leak.context == "fatal: msg=[...] is not a hub"


def test_the_canaries_are_awkward_and_do_not_share_words() -> None:
    values = {name: canary.value for name, canary in made_up().items()}
    for wanted in ("'", '"', "\\", "ä", "€", "\U0001f511", "{{ ", "%", "&", "+", "/"):
        assert sum(wanted in value for value in values.values()) > 10
    assert values["act365_api_key"] in values["act365_developer_key"]
    assert len(set(values.values())) == len(values)
    assert not any(char in values[name] for name in ("wrong_user_secret", "wrong_organization_secret") for char in " ,")


def test_binary_data_and_broken_text_are_searched(searcher: Searcher) -> None:
    raw = made_up()["oauth_api_secret"].value.encode()
    assert searcher.search("here", b"\xff\xfe\x00" + raw + b"\x80")
    assert not searcher.search("here", binascii.hexlify(b"\xff\xfe\x00"))


def test_a_command_line_is_seen() -> None:
    canary = Canary("argument", "Kx7 canary-on-a-command-line")
    sleep = ["-c", "import time; time.sleep(1)", canary.value]
    code = f"import subprocess, sys; subprocess.run([sys.executable, *{sleep}])"
    process = subprocess.Popen([sys.executable, "-c", code])
    with CommandLines(process.pid) as lines:
        process.wait()
        time.sleep(0.1)
    grandchild = [line for line in lines.seen if "subprocess" not in line]
    assert Searcher([canary]).search("process list", "\n".join(grandchild))
