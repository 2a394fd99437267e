# Copyright (c) Contributors to the cloud_elements.platform project
# Simplified BSD License (see LICENSES/BSD-2-Clause.txt or https://opensource.org/licenses/BSD-2-Clause)
# SPDX-License-Identifier: BSD-2-Clause

"""Decide by its name whether a value is a secret. Pure. Private to this collection.

Many elements have passwords, keys and tokens in plain text fields, which the platform returns in clear. Only the name
of the configuration key shows it. The name is split into words, in any spelling, and the last meaningful word decides:
``sfdc.security.token`` is a token, ``oauth.token.url`` a URL, ``start_page_token`` a place in a list.

If in doubt, a value is hidden, because a secret that was shown cannot be taken back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache


def _word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOUNS = _word_set("""
    apikey apikeys assertion assertions bearer cert certificate certificates certs clave contrasena cookie cookies
    cred credential credentials creds cvc cvv dsn hash hmac jks jsessionid jwt kennwort keypair keyring keystore
    licence license nonce otp pass passcode passkey passphrase passwd password passwords passwort pem pfx pin psk psw
    pw pwd salt sas secret secrets senha session sessionid sig signature signatures ssn token tokens totp verifier
""")
"""Words for secrets, if they come last."""

_KEYS = frozenset(("key", "keys"))
_KEYS_OF_DATA = _word_set("""
    array attribute board cache candidate child column composite cursor date dedup dedupe duplicate element entity
    external field foreign grouping helper id idempotency index issue item join label list lookup map mapping merge
    natural next node object page pagination paging parent partition primary range record reference response result
    route routing row schema shard sort sorting space start status such surrogate table translation type unique upsert
""")
"""Words before `key` that make it a name or a place in data, and not a secret."""

_TOKENS = frozenset(("token", "tokens"))
_TOKENS_OF_LISTS = _word_set("""
    bookmark change changes continuation continue cursor delta incremental last max min next num number offset page
    pagination paging poll polling position prev previous resume scroll since skip start startpage sync total
""")
"""Words before `token` that make it a place in a list, or a count."""

_CODES_THAT_OPEN = _word_set("""
    access activation auth authentication authorisation authorization backup device grant invitation invite mfa oauth
    otp pairing pass pin recovery redemption secret security tan totp unlock user verification voucher
""")
_IDS_THAT_OPEN = frozenset(("cookie", "phpsess", "secret", "secrets", "session", "token", "tokens"))

_TRANSPARENT = _word_set("""
    alt base blob body bytes ciphertext clear cleartext content contents copy current data decrypted default dev
    digest encoded encrypted hex hidden input json legacy live md new obfuscated old plain plaintext prod production
    qa raw sandbox sha stage staging string test text txt utf v val value values xml
""")
"""Words at the end that describe the format or the use of a value, and not its meaning."""

_PLAIN = _word_set("""
    access account accounts active address age alg algorithm alias alignment allowed app arn attempt attempts
    attribute audience auth authentication authority auths available bucket case category change changed channel
    charset check checked claim claims class client company confirm confirmed console count counter country created
    customer date days delay delimiter description directory disabled display domain duration email enable enabled
    encoding encryption endpoint endpoints environment error errors exists exp expiration expire expired expires
    expiry factor field fields filename filter finder fingerprint folder format frequency function generated grace
    grant group header headers help hint history host hostname hour hours icon id ids in index info instance
    instructions interval issued issuer keyname keyword keywords kid kind label language last latency length level
    lifecycle lifespan lifetime limit limits link list locale location login logout loop management manager map
    mapping mask max maximum message method methods milliseconds min minimum minutes missing mode model modified month
    months ms name names namespace needed notification null nulls number offset on operation operator option optional
    options order org organisation organization origin owner page param parameter parameters params parser path
    pattern percent period permission permissions picture placeholder placement policies policy port position
    precision prefix present priority privilege privileges profile property protocol provider question realm reason
    redirect reference refresh refreshed regex region registration relation renew renewal renewed request required
    requirements requires reset response retention retries retry revocation revoke revoked role roles rotation rule
    rules schema scheme scope scopes screenname sec second seconds secs separator seq server servers service signing
    site size skew sort source sources status store strategy strength style subdomain subject suffix support supported
    table tag tags target template tenant threshold through thumbprint time timeout timestamp timezone title trigger
    ttl type types unit update updated uri uris url urls usage use used user userid username users valid validation
    validity variable variables vendor verification version view visibility visible webhook website week weeks window
    workspace year years zone
""")
"""Words for something about a secret, or for something else. The words before them do not matter."""

_QUESTIONS = _word_set("allow allows disable enable enabled has hide ignore is require requires show skip use uses")
"""Words at the start of a name whose value is yes or no."""

_OTHER = _word_set("""
    access amazon api app application authentication authorisation authorization aws azure basic bot bulk callback
    client code connection consumer csrf customer db developer encryption event ftp google grant hub id ids
    integration license login master merchant mws my notification oauth of org partner platform private public push
    query refresh request security server service shared signing site smtp sso string subscription temp temporary
    transaction user web webhook x xsrf
""")
_WORDS = _NOUNS | _KEYS | _KEYS_OF_DATA | _TOKENS_OF_LISTS | _CODES_THAT_OPEN | _TRANSPARENT | _PLAIN | _OTHER
_LONGEST = max(map(len, _WORDS))
_LONGEST_GLUED = 100

_ENDINGS = (
    *("apikey", "password", "passphrase", "passcode", "passwd", "pwd", "secret", "token"),
    *("signature", "credentials", "credential", "cookie", "key"),
)
"""Possible endings of an unknown glued word."""
_NO_KEYS = re.compile(".*monkeys?|(don|hoc|hot|joc|tur|turn|whis)keys?")

# `APIKey` is API Key, `clientSecret` client Secret, `oauth2Token` oauth Token.
_CAMEL = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LOGINS = _word_set("account email identifier login user userid username")
# In a label, the text after one of these is an explanation.
_ASIDE = re.compile(r"[(\[.:;,].*|\b(?:as|for|from|in|of|on|sent|that|to|used|which|with)\b.*", re.I | re.S)


@lru_cache(maxsize=4096)
def names_secret(name: str) -> bool:
    """Return whether the name of a configuration key shows that its value is a secret."""
    parts = [words for words in map(_words, re.split(r"[./:\s]+", _fold(name))) if words]
    words = [word for part in parts for word in part]
    if not words or (words[0] in _QUESTIONS and len(words) > 1):
        return False
    while len(words) > 1 and (words[-1] in _TRANSPARENT or len(words[-1]) == 1) and not _is_for_secret(words):
        words.pop()
    if _is_for_secret(words):
        return True
    # An unknown last word is no evidence, so the words before it decide.
    return words[-1] not in _PLAIN | _KEYS_OF_DATA and any(
        _is_for_secret(parts[-1][:end]) for end in range(1, len(parts[-1]))
    )


def labels_secret(name: str, label: str) -> bool:
    """Return whether a key for a login has a label that asks for a secret.

    Several vendors have an API key and no user name; their elements take it as ``username``, with the label "API Key".
    """
    return _words(re.split(r"[./:\s]+", _fold(name))[-1])[-1:] in [[login] for login in _LOGINS] and names_secret(
        _ASIDE.sub("", label)
    )


def _fold(text: str) -> str:
    """Return a text without accents, full-width letters and invisible characters."""
    return "".join(
        char for char in unicodedata.normalize("NFKD", text) if unicodedata.category(char) not in ("Mn", "Cf")
    )


def _words(text: str) -> list[str]:
    """Return the words of a text in lower case, separated as in the text or by known words."""
    return [word for chunk in re.findall("[A-Za-z]+", text) for word in _of_chunk(chunk)]


def _of_chunk(chunk: str) -> Sequence[str]:
    words = _split_glued(chunk.lower())
    if words:
        return words
    pieces = _CAMEL.findall(chunk)
    if len(pieces) > 1:
        return [word for piece in pieces for word in _split_glued(piece.lower()) or _split_ending(piece.lower())]
    return _split_ending(chunk.lower())


def _split_glued(chunk: str) -> tuple[str, ...]:
    """Return the known words, the longest first, that make up a glued word, or nothing."""
    if len(chunk) > _LONGEST_GLUED:
        return ()
    words: dict[int, tuple[str, ...]] = {len(chunk): ()}
    for start in range(len(chunk) - 2, -1, -1):
        for end in range(min(len(chunk), start + _LONGEST), start + 1, -1):
            if end in words and chunk[start:end] in _WORDS:
                words[start] = (chunk[start:end], *words[end])
                break
    return words.get(0, ())


def _split_ending(word: str) -> list[str]:
    """Return an unknown word as two words, if it ends with a word for a secret."""
    if not _NO_KEYS.fullmatch(word):
        for ending in _ENDINGS:
            for spelling in (ending, f"{ending}s"):
                if word.endswith(spelling) and word != spelling:
                    return [word[: -len(spelling)], *_split_glued(spelling)]
    return [word]


def _is_for_secret(words: Sequence[str]) -> bool:
    """Return whether the last word is one for a secret, given the word before it."""
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in _KEYS:
        return before not in _KEYS_OF_DATA
    if last in _TOKENS:
        return before not in _TOKENS_OF_LISTS
    if last in ("code", "codes"):
        return before in _CODES_THAT_OPEN or not before
    if last == "id":
        return before in _IDS_THAT_OPEN or tuple(words[-3:-1]) == ("access", "key")
    return last in _NOUNS or (before, last) in _PAIRS


_PAIRS = frozenset(
    (
        ("", "authorization"),
        ("auth", "string"),
        ("authorization", "header"),
        ("basic", "auth"),
        ("card", "number"),
        ("conn", "string"),
        ("connection", "string"),
        ("key", "pair"),
        ("key", "ring"),
        ("key", "store"),
        ("pin", "number"),
        ("secret", "answer"),
        ("service", "account"),
        ("security", "answer"),
    )
)
"""Pairs of words that together mean a secret, and one word that does if no other word comes before it."""
