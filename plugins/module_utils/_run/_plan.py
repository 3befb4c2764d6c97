# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The plan of a run: the next step of each subject, before anything is written."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

from .._domain import _reasons as reasons
from .._domain._targets import Target
from .._goals._goal import SATISFIED, WRITE, Goal
from .._graph._client import Graph
from .._graph._messages import Reply
from .._results._outcomes import Outcome
from ._book import Book
from ._case import Case
from ._doubts import Count, Doubt, Finding, Planned, ask_all
from ._limits import Limits, by_name, refused_last, require_few, second_comers, share_of


class Plan:
    """Subjects that need no write are in `settled`, by name; the others are `cases`."""

    def __init__(self, goal: Goal, doubts: Sequence[Doubt], limits: Limits, book: Book) -> None:
        self._goal = goal
        self._doubts = doubts
        self._limits = limits
        self._book = book
        # What subjects of this run have to themselves already.
        self._held: set[Hashable] = set()
        self.settled: dict[str, Outcome] = {}
        self.cases: list[Case] = []

    def make(self, targets: Sequence[Target], read: dict[str, Any], graph: Graph, show: Count) -> None:
        """From what was `read` of each target: the state, or the reply if there was none. Raises EntraError."""
        planned: list[Planned] = []
        for target in targets:
            state = read.pop(target.name)
            if isinstance(state, Reply):
                self.settled[target.name] = self._book.refused(
                    target, self._goal.reason_of(state), self._goal.unread, state
                )
                continue
            one = Planned(target, state, self._goal.decide(target, state))
            if one.step.verdict == SATISFIED and not any(doubt.concerns(one) for doubt in self._doubts):
                self._judge(one, Finding())
            else:
                planned.append(one)
        findings = ask_all(self._doubts, planned, graph, show)
        for one in planned:
            self._judge(one, findings.get(one.target.name, Finding()))

    def _hold(self, state: Any) -> None:
        claim = self._goal.claim(state)
        if claim is not None:
            self._held.add(claim)

    def _judge(self, planned: Planned, finding: Finding) -> None:
        target, state, step = planned
        if step.verdict == SATISFIED:
            self._hold(state)
            says = " ".join(filter(None, (step.says, finding.says)))
            self.settled[target.name] = self._book.satisfied(target, state, step._replace(says=says), finding.more)
            return
        if step.verdict == WRITE and finding.reason is None:
            self.cases.append(Case(target, state, step, finding.more, finding.says))
            return
        reason = finding.reason or step.reason or reasons.UNKNOWN_STATE
        says = " ".join(filter(None, ("" if finding.reason else step.says, finding.says)))
        self.settled[target.name] = self._book.refused(target, reason, state, finding.reply, says, finding.more)

    def limit(self) -> None:
        """Waves first, then the limit on what this run would write. Raises EntraError with TOO_MANY_CHANGES."""
        waves = self._limits.change_limit
        if waves is not None:
            self.cases = by_name(self.cases)
        self._find_clashes()
        if waves is not None:
            self.cases = refused_last(self.cases)
            share = share_of(waves, len(self.cases))
            for case in self.cases[share:]:
                self.settled[case.target.name] = self._book.deferred(case, "Left for a later wave.")
            self.cases = self.cases[:share]
        require_few(self.cases, self._limits.max_changes)

    def _find_clashes(self) -> None:
        """What one subject has to itself goes to the one that has it already, else to the first that gets it."""
        claims = [None if case.step.reason else self._goal.claim(case.step.foreseen) for case in self.cases]
        for case, second in zip(self.cases, second_comers(claims, self._held)):
            case.clashes = second

    def predict(self) -> None:
        """Settles the cases as check mode foresees them."""
        for case in self.cases:
            reason = case.step.reason or (self._goal.clash if case.clashes else None)
            case.outcome = (
                self._book.refused(case.target, reason, case.before, says=case.note, more=case.more)
                if reason
                else self._book.foreseen(case)
            )
