# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The users and the diff of a result, within its size."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from . import _outcomes as outcomes
from ._outcomes import Outcome

MOST_USERS = 1000
KEPT_CHANGED = 200
"""Users that changed, which are listed however many failed: a later step needs their ids."""

MOST_DIFFS = 200
USERS_BUDGET = 300_000
DIFF_BUDGET = 50_000
"""Characters of JSON. AWX stores a result above 700,000 as `{}`; ours stays below 400,000 with all else in it."""

_ORDER = {outcomes.FAILED: 0, outcomes.SKIPPED: 1, outcomes.REFUSED: 2, outcomes.CHANGED: 3}


def shown_users(
    run_outcomes: Iterable[Outcome], return_users: str, ahead: Callable[[Outcome], bool] = lambda outcome: False
) -> tuple[list[dict[str, Any]], int]:
    """The entries of the result: failed first, then skipped, refused, changed, the rest. And how many are left out.

    Among the rest those that `ahead` names come first.
    """
    kinds = {"all": outcomes.KINDS, "changed": tuple(_ORDER), "none": ()}[return_users]
    chosen = [outcome for outcome in run_outcomes if outcome.kind in kinds]
    chosen.sort(key=lambda one: (_ORDER.get(one.kind, len(_ORDER)), not ahead(one), one.user.casefold()))
    return _with_changed(chosen)


def _with_changed(chosen: Sequence[Outcome]) -> tuple[list[dict[str, Any]], int]:
    """The first of the `chosen` users, in their order; among them KEPT_CHANGED that changed, if so many did."""
    ahead = [outcome for outcome in chosen if _ORDER.get(outcome.kind, len(_ORDER)) < _ORDER[outcomes.CHANGED]]
    kept = [outcome for outcome in chosen if outcome.kind == outcomes.CHANGED][:KEPT_CHANGED]
    rest = chosen[len(ahead) + len(kept) :]
    places, budget, shown = MOST_USERS, USERS_BUDGET, []
    for part in (kept, ahead, rest):
        entries, _omitted = _fit((outcome.entry() for outcome in part[:places]), budget, len(part))
        places, budget = places - len(entries), budget - sum(_size(entry) for entry in entries)
        shown.append(entries)
    first, before, after = shown
    entries = [*before, *first, *after]
    return entries, len(chosen) - len(entries)


Difference = Callable[[Mapping[str, Any]], tuple[dict[str, Any], dict[str, Any]]]
"""Before and after of a user that changed, from its entry."""


def shown_diff(run_outcomes: Iterable[Outcome], difference: Difference) -> tuple[dict[str, Any], int]:
    """Ansible's `diff` of the users that changed, and how many are left out. Numbers are masked on both sides."""
    changed = sorted((outcome for outcome in run_outcomes if outcome.changed), key=lambda o: o.user.casefold())
    pairs, omitted = _fit(_pairs(changed[:MOST_DIFFS], difference), DIFF_BUDGET, len(changed))
    return {
        side: {user: shown for pair in pairs for user, shown in pair[side].items()} for side in ("before", "after")
    }, omitted


def _pairs(changed: Iterable[Outcome], difference: Difference) -> Iterator[dict[str, Any]]:
    taken: set[str] = set()
    for outcome in changed:
        entry = outcome.entry()
        name = _free(entry["user"], taken)
        taken.add(name)
        before, after = difference(entry)
        yield {"before": {name: before}, "after": {name: after}}


def _free(name: str, taken: Container[str]) -> str:
    """`name`, with a number if several users have the same shown name, because it was masked or cut."""
    names = itertools.chain([name], (f"{name} ({number})" for number in itertools.count(2)))
    return next(free for free in names if free not in taken)


def _fit(entries: Iterable[dict[str, Any]], budget: int, total: int) -> tuple[list[dict[str, Any]], int]:
    fitting = []
    for entry in entries:
        size = _size(entry)
        if size <= budget:
            budget -= size
            fitting.append(entry)
    return fitting, total - len(fitting)


def _size(entry: dict[str, Any]) -> int:
    """Characters of JSON with the comma that follows."""
    return len(json.dumps(entry)) + 2
