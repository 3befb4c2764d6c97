# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What must never be shown, made unreadable. Used on every text that comes from a service or a user."""

from __future__ import annotations

import re

_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]*\.?[\w-]*")
_SECRET_FIELD = re.compile(
    r"(?i)\b(client_secret|client_assertion|assertion|password|access_token|refresh_token)([\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+"
)
# Spaced, dashed or bracketed digits, at least seven, that are not part of a word or an id.
_NUMBER = re.compile(r"(?<![\w-])\+?\(?\d(?:[ ().-]{0,3}\d){6,}(?:x\d+)?(?![\w-])")
_DATE_OR_ID = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d)?|\d{8}(?:-\d{4}){3}-\d{12}")


def mask_phone_number(number: str | None) -> str | None:
    """A phone number of which at most two last digits can be read, of one length whatever the number's was."""
    if not number:
        return None
    digits = re.sub(r"\D", "", re.split("[xX]", number)[0]) if number.lstrip().startswith("+") else ""
    # Too short to hide behind two digits; and Graph's own mask, of unknown shape, has few digits to show.
    return "********" + digits[-2:] if len(digits) > 6 else "********"


def redact(text: str) -> str:
    """`text` without phone numbers, tokens, secrets and control characters, 500 characters at most."""
    text = "".join(character if character.isprintable() else " " for character in text)
    text = _JWT.sub("********", text)
    text = _SECRET_FIELD.sub(r"\1\2********", text)
    text = _NUMBER.sub(lambda found: found.group() if _DATE_OR_ID.fullmatch(found.group()) else "********", text)
    return text if len(text) <= 500 else text[:497] + "..."
