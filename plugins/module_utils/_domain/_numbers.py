# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Phone numbers that more than one user has. A number signs in one user only."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"(\+?[0-9(][0-9 ().-]*)(?:x([0-9]+))?")
_SHORTEST = 7


def digits_of(number: str | None) -> str | None:
    """What two spellings of a number have in common; None for no number, and for one that the service masked."""
    found = _NUMBER.fullmatch(number.strip()) if number else None
    digits = re.sub("[^0-9]", "", found.group(1)) if found else ""
    if found is None or len(digits) < _SHORTEST:
        return None
    return digits if found.group(2) is None else f"{digits}x{found.group(2)}"
