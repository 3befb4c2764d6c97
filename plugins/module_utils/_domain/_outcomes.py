# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What became of one user, and the sum over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from . import _reasons as reasons
from ._redaction import mask_phone_number

CHANGED = "changed"
UNCHANGED = "unchanged"
REFUSED = "refused"
FAILED = "failed"
SKIPPED = "skipped"
DEFERRED = "deferred"
PLANNED = "planned"
"""Only in a report file of a run that is still going on."""

KINDS = (CHANGED, UNCHANGED, REFUSED, FAILED, SKIPPED, DEFERRED)


class Outcome(NamedTuple):
    """One user's line. `kind` is one of KINDS or PLANNED; `refused` is a refusal that was tolerated."""

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

    def __repr__(self) -> str:
        return f"Outcome({self.user!r}, {self.kind!r}, {self.reason!r})"

    def entry(self) -> dict[str, Any]:
        """As the result and the report show it."""
        return {
            "user": self.user,
            "id": self.id,
            "state": self.state,
            "previous_state": self.previous_state,
            "changed": self.kind == CHANGED,
            "failed": self.kind in (FAILED, SKIPPED),
            "reason": self.reason,
            "msg": self.msg,
            "phone_number": mask_phone_number(self.phone_number),
            "support": self.support,
        }


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
    return REFUSED if reason in reasons.TOLERABLE and reason in tolerated else FAILED


def some_of(names: Sequence[str]) -> str:
    """The first five names and how many more there are, for a sentence; long and odd names made harmless."""
    shown = ["".join(c if c.isprintable() else "?" for c in name[:100]) for name in names[:5]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
