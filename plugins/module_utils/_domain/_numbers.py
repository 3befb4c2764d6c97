# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Phone numbers, parsed as they are usually written and compared. A number signs in one user only."""

from __future__ import annotations

import re
import unicodedata

from ._targets import visible

MOBILE, ALTERNATE_MOBILE, OFFICE = "mobile", "alternateMobile", "office"
PHONE_TYPES = (MOBILE, ALTERNATE_MOBILE, OFFICE)
"""Graph's `authenticationPhoneType`, the mobile first: an alternate mobile needs one."""

_NUMBER = re.compile(r"(\+?[0-9(][0-9 ().-]*)(?:x([0-9]+))?")
_SHORTEST, _LONGEST = 7, 15
"""Digits of a number with its country code (E.164 has 15 at the most)."""

_SHORT_CODE = re.compile("1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
"""Country codes of one and two digits (ITU-T E.164). All others have three."""

_WRITTEN = re.compile(r"(?ai)([+\d ().-]*?)(?: *[,;]? *(?:x|ext(?:ension|n)?\.?)=? *([\d ]+))?")
_MASK = re.compile(r"[*#\u2022\u25cf\u00d7]|(?i:x){2,}")
_SHORTENED = re.compile(r"(?ai)\+?\d+(?:[.,]\d+)?e\+?\d+")
_SHEET_ERROR = re.compile(r"#\W?[^\W\d].*")
_DECIMAL = re.compile(r"(?a)\+?\d{7,}[.,]0{1,2}")
_QUOTED = re.compile('=?"(.*)"')
_BRACKETED_CODE = re.compile(r"^\( *(\+\d{1,3}) *\)", re.ASCII)
_LONGEST_TEXT = 64
"""Characters of a number, without what is around it. A longer text is something else."""

_MOST_READ = 1000
_NO_NUMBER = "This is not a phone number."


class NumberError(ValueError):
    """A text is no phone number that Graph accepts. `message` says why and what to write, and repeats no digit."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def parse_number(text: str, phone_type: str = MOBILE) -> str:
    """A number as Graph documents it, `+1 2065550100` or, for an office phone, `+1 2065550100x12`.

    Blanks, hyphens, dots and parentheses between digits do not count. What is ambiguous is refused, never guessed: a
    number without a plus sign, one with a national zero in parentheses, two numbers in one text. Raises NumberError.
    """
    if len(text) > _MOST_READ:
        raise NumberError(_NO_NUMBER)
    written = _plain(text)
    if not written:
        raise NumberError("There is no phone number.")
    if _SHORTENED.fullmatch(written):
        raise NumberError("A spreadsheet shortened the number. Format the column as text and enter the number again.")
    if _SHEET_ERROR.fullmatch(written):
        raise NumberError(
            "A spreadsheet put an error in place of the number. Format the column as text and enter it again."
        )
    if _DECIMAL.fullmatch(written):
        raise NumberError("A program made a decimal number of it. Write it as text, without the digits behind the dot.")
    if _MASK.search(written):
        raise NumberError("The number is masked. Give the whole number.")
    found = _WRITTEN.fullmatch(written) if len(written) <= _LONGEST_TEXT else None
    body = found.group(1).strip() if found else ""
    if found is None or not re.search(r"\d", body) or "+" in body[1:] or body.endswith(")"):
        raise NumberError(_NO_NUMBER)
    if not body.startswith("+"):
        raise NumberError(_without_plus(body))
    if re.search(r"\( *0 *\)", body):
        raise NumberError("The number has a national zero in parentheses, which is not dialled. Leave it out.")
    digits = re.sub(r"\D", "", body)
    if digits.startswith("0") or not _SHORTEST <= len(digits) <= _LONGEST:
        raise NumberError(f"The number does not have {_SHORTEST} to {_LONGEST} digits that begin with a country code.")
    return _canonical(digits, re.sub(" ", "", found.group(2) or ""), phone_type)


def _plain(text: str) -> str:
    """`text` without what programs put around a number, and with the plain forms of digits, blanks and hyphens."""
    plain = "".join(
        "-" if unicodedata.category(character) == "Pd" or character == "\u2212" else character
        for character in " ".join(visible(unicodedata.normalize("NFKC", text)).split())
    )
    # A spreadsheet keeps a plus sign behind an apostrophe and in ="...".
    quoted = _QUOTED.fullmatch(plain.lstrip("'"))
    plain = (quoted.group(1) if quoted else plain).lstrip("'").strip()
    return _BRACKETED_CODE.sub(r"\1 ", plain[4:].strip() if plain[:4].casefold() == "tel:" else plain)


def _without_plus(body: str) -> str:
    if body.startswith("00"):
        return "The number begins with 00, which not every country dials. Write a plus sign in its place."
    if body.startswith(("0", "(")):
        return "This is a local number, without a country code."
    return (
        "The number has no plus sign, so its country code is not certain. Spreadsheets drop the sign, and so does YAML"
        " unless the number is in quotes."
    )


def _canonical(digits: str, extension: str, phone_type: str) -> str:
    if extension and phone_type != OFFICE:
        raise NumberError("Only an office number can have an extension. Leave it out.")
    if len(extension) > 10:
        raise NumberError("The extension has more than 10 digits.")
    short = _SHORT_CODE.match(digits)
    size = short.end() if short else 3
    return f"+{digits[:size]} {digits[size:]}" + (f"x{extension}" if extension else "")


def digits_of(number: str | None) -> str | None:
    """What two spellings of a number have in common; None for no number, and for one that the service masked."""
    found = _NUMBER.fullmatch(number.strip()) if number else None
    digits = re.sub("[^0-9]", "", found.group(1)) if found else ""
    if found is None or len(digits) < _SHORTEST:
        return None
    return digits if found.group(2) is None else f"{digits}x{found.group(2)}"


def same_number(stored: str | None, wanted: str) -> bool | None:
    """Whether Graph's spelling and ours are one number; None when the service masked its own."""
    digits = digits_of(stored)
    return None if digits is None else digits == digits_of(wanted)
