# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""How far a run may go: waves, the number of users to write to, faults, time."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from typing import NamedTuple

from .._domain import _reasons as reasons
from .._domain._targets import key
from .._errors import EntraError
from .._results._outcomes import some_of
from ._case import Case


class ChangeLimit(NamedTuple):
    """A wave: `number` of users, or that many percent, rounded up, of the users that need a write."""

    number: int
    percent: bool = False

    def of(self, count: int) -> int:
        return min(count, math.ceil(count * self.number / 100) if self.percent else self.number)


class Limits(NamedTuple):
    """Times are in seconds; None is no limit. `tolerate` are reasons that do not fail the task."""

    tolerate: Sequence[str] = ()
    max_changes: int | None = None
    max_failures: int | None = None
    change_limit: Sequence[ChangeLimit] | None = None
    verify_timeout: float = 60.0
    run_timeout: float | None = None


def share_of(waves: Iterable[ChangeLimit], count: int) -> int:
    """How many of `count` users the waves reach, one after the other: each takes its share of those that are left."""
    left = count
    for wave in waves:
        left -= wave.of(left)
    return count - left


def by_name(cases: Sequence[Case]) -> list[Case]:
    """The order in which waves take users."""
    return sorted(cases, key=lambda case: key(case.target.shown_as))


def refused_last(cases: Sequence[Case]) -> list[Case]:
    """Users whose refusal is expected come last, so that they do not use up every wave."""
    return sorted(cases, key=lambda case: case.clashes or case.step.reason is not None)


def require_few(cases: Sequence[Case], max_changes: int | None) -> None:
    """Raises EntraError with TOO_MANY_CHANGES when more users than `max_changes` would be written to."""
    if max_changes is not None and len(cases) > max_changes:
        raise EntraError(
            f"{len(cases)} users would be written to ({some_of([case.target.shown_as for case in cases])}), and"
            f" 'max_changes' allows {max_changes}. Nothing was written. Look at the users in check mode without"
            " 'max_changes'.",
            reason=reasons.TOO_MANY_CHANGES,
        )


def second_comers(claims: Iterable[Hashable | None], held: Iterable[Hashable]) -> list[bool]:
    """For each claim to something that only one subject can have, in order: whether another one has it.

    That is one who has it already (`held`), or one who comes earlier in the order.
    """
    taken = set(held)
    found = []
    for claim in claims:
        found.append(claim is not None and claim in taken)
        if claim is not None:
            taken.add(claim)
    return found
