# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone numbers as Graph writes them: ``+{country code} {number}x{extension}``."""

from __future__ import annotations

import re

# E.164 country codes of one and two digits (ITU-T); all others have three.
_SHORT_CODES = frozenset(
    str(code)
    for code in (1, 7, 20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67))
    + (81, 82, 84, 86, *range(90, 96), 98)
)
_FORM = re.compile(
    r"\+(?:(?P<code>[1-9]\d{0,2}) (?P<number>\d[\d ]{3,17})|(?P<whole>[1-9]\d[\d ]{3,19}))(?:x(?P<extension>\d{1,10}))?"
)


class NumberError(ValueError):
    """The text is no phone number that Graph takes. The message does not repeat the number."""


def parse_number(text: str, *, extension: bool = False) -> str:
    """The stored form, ``+1 2065550101`` or ``+1 2065550101x12``; a number without the space is split by its code."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise NumberError("a phone number is written +{country code} {number}x{extension}")
    if match["extension"] and not extension:
        raise NumberError("only an office number has an extension")
    digits = (match["number"] or match["whole"]).replace(" ", "")
    code = match["code"]
    if code is None:
        code = next((digits[:size] for size in (1, 2) if digits[:size] in _SHORT_CODES), digits[:3])
        digits = digits[len(code) :]
    if not 4 <= len(digits) <= 15:
        raise NumberError("a phone number has 4 to 15 digits after its country code")
    return f"+{code} {digits}" + (f"x{match['extension']}" if match["extension"] else "")


def number_key(number: str) -> str:
    """What makes two numbers the same: spaces do not count."""
    return number.replace(" ", "")


def mask_number(number: str, character: str) -> str:
    """Country code and last two digits stay: ``+1 XXXXXXXX01``."""
    code, _space, rest = number.partition(" ")
    return f"{code} {character * (len(rest) - 2)}{rest[-2:]}"
