# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One user to write to, from the decision to the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._domain._targets import Target
from .._goals._goal import Step
from .._graph._client import Job
from .._graph._messages import Reply
from .._results._outcomes import Outcome


@dataclass
class Attempt:
    """One step of a case: its writes, and what was read since. Times are those of Graph's clock."""

    step: Step
    started_from: Any
    writes: int = 0
    job: Job | None = None
    accepted_at: float | None = None
    reads: int = 0
    # The answer to the last write if that was no success, and whether a write may have taken effect all the same.
    setback: Reply | None = None
    uncertain: bool = False
    # Whether the state was read since the last write.
    read_back: bool = False

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the service."""
        return self.writes > 1 or (self.job is not None and self.job.sent)

    def since(self, now: float) -> float:
        """Seconds since a write was accepted, or since this was first asked of one that may have taken effect."""
        if self.accepted_at is None:
            self.accepted_at = now
        return now - self.accepted_at


@dataclass
class Case:
    """`before` and `now` are states of the goal; `more` holds further keys of the user's entry.

    `note` is what doubts say of a user that they do not refuse.
    """

    target: Target
    before: Any
    step: Step
    more: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""
    # Whether another user of the run has, or gets, what only one can have.
    clashes: bool = False
    address: str = ""
    now: Any = None
    attempt: Attempt = field(init=False)
    # The sentences and actions of the steps that were verified.
    said: list[str] = field(default_factory=list)
    done: list[Any] = field(default_factory=list)
    written: bool = False
    # Whether the user was looked up to write by id.
    identified: bool = False
    remark: str = ""
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        self.address = self.target.address
        self.now = self.before
        self.attempt = Attempt(self.step, self.before)

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the service."""
        return self.written or self.attempt.sent

    def verified(self) -> None:
        """The step of the attempt shows in what was read."""
        self.said.append(self.attempt.step.says)
        self.done.append(self.attempt.step.action)

    def advance(self, step: Step) -> None:
        """Begin another step."""
        self.written = self.sent
        self.step = step
        self.attempt = Attempt(step, self.now)
