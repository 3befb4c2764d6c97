# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Masks what must never be shown. Used on every text that comes from a service or a user.

A text is cut before any pattern sees it, and no pattern can match the same characters in two ways, so the time that
a text takes grows with its length and no faster.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

MOST_READ = 4000
"""Characters of a text that are read. The rest is dropped."""

MOST_SHOWN = 500
"""Characters of a redacted text."""

MOST_OF_A_NAME = 256
"""Characters of a redacted name, id or state. User principal names have up to 113."""

STARS = "********"

# -- encodings

_ROUNDS = 3
"""Times that a text is decoded. An error message can quote a URL that was encoded twice."""

_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")
_ENTITY = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[a-zA-Z]{2,31};)")

# -- secrets

_SIGNS = (
    *("%", "&", "\\", "//", "-----", "eyj", "eya", "ewo", "ewk", "ew0", "phn", "secret", "assertion", "passw"),
    *("passp", "pwd", "_token", "stoken", "htoken", "idtoken", "bearer", "basic", "authorization", "code="),
    "is not a valid",
)
"""In lower case. A text without any of these holds no encoding and no secret that the patterns below match."""

_SECRETS = (
    (r"-----BEGIN [A-Z ]+-----.*?(?:-----END [A-Z ]+-----|$)", STARS),
    # JSON Web Tokens, also with white space around the dots or in the header, and SAML.
    (r"(?:eyJ|PHNhbWx)[\w+/=-]{5,}(?:\.[\w-]*|\s?\.\s?[\w-]{8,}){0,2}", STARS),
    (r"(?<![\w-])(?:eyA|ewo|ewk|ew0)(?=[a-z\d_-]*[A-Z])[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?", STARS),
    # User name and password before a host. A password can hold an unescaped slash.
    (r"//[^/\s@]*@", f"//{STARS}@"),
    (r"//[^/\s:@]+:(?!\d{1,5}(?:[/?#\s]|$))\S*@", f"//{STARS}@"),
    (r"(?i)'[^']*'( is not a valid (?:host|port))", rf"'{STARS}'\1"),
    (r"(?i)(authorization[\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic)\s+)?)[^\s\"',;]+", rf"\1{STARS}"),
    (r"(?i)\b(bearer\s+)(?!auth|credential|token\b|scheme|challenge)[\w~+/.-]{8,}={0,2}(?![\w=\"'])", rf"\1{STARS}"),
    (r"\b([Bb]asic\s+)(?=[a-zA-Z]*(?:\d|[a-z][A-Z]|=))[\w+/]{6,}={0,2}", rf"\1{STARS}"),
    (r"\b(code=)[01]\.[\w.-]{8,}", rf"\1{STARS}"),
    # A value in quotes ends with them, one after `=` at the next delimiter, one after `:` with the word.
    (
        r"(?i)((?:client_?|)(?:secret|assertion)|password|passwd|passphrase|pwd|(?:access_?|refresh_?|id_?)token)"
        r"([\\\"']*\s*(?:(=)|:)\s*\\*)(?:(\")[^\"]*|(')[^']*|(?(3)[^&\"',;}<>]+|[^\s&\"',;}]+))",
        rf"\1\2\4\5{STARS}",
    ),
)
_SECRET_PATTERNS = tuple((re.compile(pattern), shown) for pattern, shown in _SECRETS)

# -- numbers

_MONTH, _DAY = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_KEPT = re.compile(
    # Object and request ids.
    r"((?<![0-9a-zA-Z])[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?![0-9a-zA-Z])"
    # Dates and times: ISO 8601, and that of HTTP.
    rf"|(?<![\d+])(?:19|20)\d\d-{_MONTH}-{_DAY}(?:[T ]{_TIME})?(?!\d)"
    rf"|(?<![\d+])(?:19|20)\d\d{_MONTH}{_DAY}T[0-2]\d[0-5]\d[0-5]\dZ?(?!\d)"
    # In the name of a file: no other digits beside it, which could be those of a phone number.
    rf"|(?<![\d+])(?<!\d[\W_])(?<!\d[\W_][\W_])(?:19|20)\d\d{_MONTH}{_DAY}(?:[-_][0-2]\d[0-5]\d(?:[0-5]\d)?)?"
    r"(?![\W_]{0,3}\d)"
    rf"|(?<=[a-z] )(?:19|20)\d\d {_TIME}(?!\d)"
    rf"|(?<![\d:]){_TIME}(?![\d:])"
    # IPv4 addresses. Four groups of two digits each can be a phone number.
    rf"|(?<![\d.+])(?!(?:\d\d\.){{3}}\d\d(?!\d)){_OCTET}(?:\.{_OCTET}){{3}}(?::\d{{1,5}})?(?![\d.])"
    # Subjects of GitHub: ids of an owner and a repository.
    r"|(?<![\w:])repo:[\w.-]{1,100}@\d{1,12}/[\w.-]{1,100}@\d{1,12}(?=:)"
    # Error numbers.
    r"|AADSTS\d{4,8}(?!\d)"
    r"|(?i:(?:error|reason|status|result) code:? )\d{4,8}(?![\W_]{0,4}\d)"
    r"|0x[0-9a-fA-F]{1,16}(?![0-9a-zA-Z]))"
)
"""Digits that a support case needs, and that are no phone number."""

_NUMBER, _NUMBER_IN_A_NAME = (
    re.compile(rf"(?i)[+(]{{0,2}}\d(?:[\W_]{{0,4}}\d){{{more},}}(?:\s?(?:x|ext\.?)\s?\d{{1,6}})?") for more in (6, 8)
)
"""Seven digits or more with up to four other characters between two of them. In a name nine digits or more: many
user names are personnel numbers, of up to eight digits, and a name has to identify its user.
"""

_ORDINARY = re.compile(
    r"(?!e[wy])[A-Za-z._'#@-]{0,60}(?:\d{1,6}[A-Za-z._'#@-]{0,30})?"
    r"|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    re.ASCII,
)
"""Most names, states and ids: nothing in them needs a mask."""


def mask_phone_number(number: str | None) -> str | None:
    """A phone number of which at most two last digits can be read, of one length whatever the number's was."""
    if not number:
        return None
    digits = _digits(number) if number.lstrip().startswith("+") else ""
    # Too short to hide behind two digits; and Graph's own mask, of unknown shape, has few digits to show.
    return STARS + digits[-2:] if len(digits) > 6 else STARS


def redact(text: str, number: str | None = None, most: int = MOST_SHOWN) -> str:
    """`text` without phone numbers, tokens, secrets and control characters, `most` characters at most.

    `number` is the phone number of the user that the text is about. Its last seven digits are masked wherever they
    stand, whatever stands between them. A text in which something is masked is shown decoded.
    """
    return _cut(_without(number, *_redacted(text[:MOST_READ])), most)


def redact_name(name: str, number: str | None = None) -> str:
    """The name, id or state of a user as it is shown. Of a name that is a phone number the last two digits stay."""
    if _ORDINARY.fullmatch(name):
        return _without(number, name, name)
    return _cut(_without(number, *_redacted_name(name[:MOST_READ])), MOST_OF_A_NAME)


# A report repeats the same few messages and dates for many users, again and again.
@lru_cache(maxsize=256)
def _redacted(text: str) -> tuple[str, str]:
    return _masked(text, _NUMBER, STARS)


@lru_cache(maxsize=256)
def _redacted_name(name: str) -> tuple[str, str]:
    return _masked(name, _NUMBER_IN_A_NAME, _last_two)


def _masked(text: str, numbers: re.Pattern[str], shown: str | Callable[[re.Match[str]], str]) -> tuple[str, str]:
    """What to show of `text`, and what a reader can decode that to."""
    low = text.lower()
    signs = any(sign in low for sign in _SIGNS)
    decoded = masked = _plain(_decoded(text) if signs else text)
    for pattern, instead in _SECRET_PATTERNS if signs else ():
        masked = pattern.sub(instead, masked)
    if numbers.search(masked):
        pieces = _KEPT.split(masked)
        pieces[::2] = [numbers.sub(shown, piece) for piece in pieces[::2]]
        masked = "".join(pieces)
    return (_plain(text) if masked == decoded else masked), masked


def _decoded(text: str) -> str:
    """`text` with %XX, JSON's and HTML's escapes replaced by the characters they stand for."""
    # Imported where needed: few texts are encoded, and the table of entities is long.
    from html import unescape

    for _round in range(_ROUNDS):
        before = text
        text = unquote(text)
        text = _ESCAPE.sub(lambda found: chr(int(found.group(1) or found.group(2), 16)), text)
        text = _ENTITY.sub(lambda found: unescape(found.group()), text)
        if text == before:
            break
    return text


def _plain(text: str) -> str:
    """`text` with the digits of all scripts as 0 to 9, and a blank for what cannot be printed or turns text around."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        str(unicodedata.digit(character)) if character.isdigit() else character if character.isprintable() else " "
        for character in text
    )


def _without(number: str | None, shown: str, decoded: str) -> str:
    """`shown`, or `decoded` with a mask where that holds the last digits of `number`."""
    if not number or sum(map(decoded.count, "0123456789")) < 7:
        return shown
    last = _digits(number)[-7:]
    if len(last) < 7 or last not in re.sub(r"\D", "", decoded):
        return shown
    return re.sub(r"\D*".join(last), STARS, decoded)


def _last_two(found: re.Match[str]) -> str:
    return STARS + _digits(found.group())[-2:]


def _digits(number: str) -> str:
    """The digits of a phone number without its extension."""
    return re.sub(r"\D", "", re.split("[xX]", number)[0])


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 3] + "..."
