# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How the rows that a page may have are shared between tenants."""

from __future__ import annotations

from collections.abc import Sequence


def shared(needs: Sequence[int], total: int) -> list[int]:
    """What each gets of `total`: equal parts; what one does not need goes to the others."""
    given = [0] * len(needs)
    left = max(0, total)
    ascending = sorted(range(len(needs)), key=lambda index: (needs[index], index))
    for position, index in enumerate(ascending):
        given[index] = min(needs[index], left // (len(needs) - position))
        left -= given[index]
    return given


def fitting(sizes: Sequence[int], budget: int) -> int:
    """How many of the first sizes fit."""
    for number, size in enumerate(sizes):
        budget -= size
        if budget < 0:
            return number
    return len(sizes)
