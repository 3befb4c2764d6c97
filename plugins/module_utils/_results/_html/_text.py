# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Values as text of an HTML page. Every value from a report goes through `escaped`."""

from __future__ import annotations

from html import escape

LONGEST = 500
"""Characters of a value that a page shows."""

_BLANKS = (*range(0x09, 0x0E), 0x20, 0x85, 0x2028, 0x2029)
_FORBIDDEN = (
    *range(0x20),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),  # they reorder the text around a name; names in right-to-left scripts do without
    *range(0x2066, 0x206A),
    *range(0xD800, 0xE000),
    0xFFFE,
    0xFFFF,
)
_CLEAN = {**dict.fromkeys(_FORBIDDEN, "\ufffd"), **dict.fromkeys(_BLANKS, " ")}


def escaped(value: str) -> str:
    """A value as text between tags or inside a quoted attribute, without control characters."""
    text = value.translate(_CLEAN)
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "\u2026", quote=True)


def name(value: str) -> str:
    """A name of a user, a group or a tenant; its direction does not reach the text around it."""
    return f"<bdi>{escaped(value)}</bdi>"


def names(values: list[str], most: int = 5) -> str:
    """The first few names, and how many more there are."""
    more = len(values) - most
    return ", ".join(name(value) for value in values[:most]) + (f" and {more:,} more" if more > 0 else "")


def count(number: int, one: str, many: str) -> str:
    """`1 user`, `1,204 users`."""
    return f"{number:,} {one if number == 1 else many}"


def share(part: int, total: int) -> str:
    """A percentage that is 0% and 100% only when it is exact."""
    if 0 < part * 100 < total:
        return "below 1%"
    if total and total > part and part * 100 > total * 99:
        return "above 99%"
    return f"{(part * 100 + total // 2) // total}%" if total else "0%"


def moment(time: str | None) -> str:
    """A time of a report, for a reader."""
    return escaped(time.replace("T", " ").replace("Z", " UTC")) if time else "a time that is not given"
