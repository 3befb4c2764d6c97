# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The outcome of each user, and the counts over all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._domain import _reasons as reasons
from .._domain._redaction import mask_phone_number, redact, redact_name
from .._domain._targets import is_object_id

CHANGED = "changed"
UNCHANGED = "unchanged"
REFUSED = "refused"
FAILED = "failed"
SKIPPED = "skipped"
DEFERRED = "deferred"
PLANNED = "planned"
"""Only in a report file, while the run is still going on."""

KINDS = (CHANGED, UNCHANGED, REFUSED, FAILED, SKIPPED, DEFERRED)

OF_A_RUN = ("previous_state", "changed")
"""Keys of an entry that say nothing where nothing is changed."""

MOST_OF_A_MESSAGE = 1500
"""Characters of a user's message. The sentences of a reason come before what the service said."""


class Outcome(NamedTuple):
    """One user's line. `kind` is one of KINDS or PLANNED; `refused` is a refusal that was tolerated.

    Fields hold what was read and are not for display; `shown_name` and `entry` are.
    """

    user: str
    id: str | None
    kind: str
    state: str | None = None
    previous_state: str | None = None
    reason: str | None = None
    msg: str = ""
    phone_number: str | None = None
    support: dict[str, Any] | None = None
    written: bool = False
    """Whether a write may have reached the service, verified or not."""

    moved: bool = False
    """Whether the setting changed, although the outcome is none of a change."""

    counts_as: str = ""
    """The word that the summary counts it under, instead of that of its kind."""

    more: Mapping[str, Any] = MappingProxyType({})
    """Further keys of the entry, already masked."""

    def __repr__(self) -> str:
        return f"Outcome({self.shown_name!r}, {self.kind!r}, {self.reason!r})"

    @property
    def changed(self) -> bool:
        return self.kind == CHANGED or self.moved

    @property
    def shown_name(self) -> str:
        return redact_name(self.user, self.phone_number)

    def entry(self) -> dict[str, Any]:
        """As the result and the report show it: short, and without the user's phone number in any notation."""
        number = self.phone_number
        return {
            "user": self.shown_name,
            # Digits of the number in an object id are there by chance.
            "id": self.id if self.id and is_object_id(self.id) else _shown(self.id, number),
            "state": _shown(self.state, number),
            "previous_state": _shown(self.previous_state, number),
            "changed": self.changed,
            "failed": self.kind in (FAILED, SKIPPED),
            "reason": self.reason,
            "msg": redact(self.msg, number, MOST_OF_A_MESSAGE),
            "phone_number": mask_phone_number(number),
            **self.more,
            "support": self.support and {name: _shown(value, number) for name, value in self.support.items()},
        }


def _shown(value: Any, number: str | None) -> Any:
    return redact_name(value, number) if isinstance(value, str) else value


def summarise(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """`total`, one count per kind (they add up to `total`), and `reasons`: a count for each reason met."""
    outcomes = list(outcomes)
    kinds = Counter(outcome.kind for outcome in outcomes)
    met = Counter(outcome.reason for outcome in outcomes if outcome.reason)
    summary: dict[str, Any] = {"total": len(outcomes)}
    summary.update({kind: kinds[kind] for kind in KINDS})
    summary["reasons"] = dict(sorted(met.items()))
    return summary


def refusal(reason: str, tolerated: Iterable[str]) -> str:
    """The kind of an outcome that has `reason`: tolerated ones do not fail the task. Faults are never tolerated."""
    return REFUSED if reason in reasons.REFUSALS and reason in tolerated else FAILED


def some_of(names: Sequence[str]) -> str:
    """The first five names and how many more there are, for a sentence."""
    shown = [redact_name(name) for name in names[:5]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
