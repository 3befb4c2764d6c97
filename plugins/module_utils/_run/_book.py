# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Makes the outcomes of users, from the states that a goal has read. Nothing else makes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._domain import _reasons as reasons
from .._domain._targets import Target
from .._goals._goal import NOTHING, Step, View
from .._graph._messages import Reply
from .._results._message import explain
from .._results._outcomes import CHANGED, DEFERRED, PLANNED, SKIPPED, UNCHANGED, Outcome, refusal
from ._case import Case


class Book:
    """Makes the outcomes of a run. `tolerate` are reasons that do not fail the task."""

    def __init__(self, view: View, tolerate: Sequence[str]) -> None:
        self._view = view
        self._tolerate = frozenset(tolerate)

    def satisfied(self, target: Target, state: Any, step: Step, more: Mapping[str, Any] = NOTHING) -> Outcome:
        message = _sentences(step.says, step.note)
        return self._outcome(target, UNCHANGED, state, state, message, more)._replace(counts_as=step.counts_as)

    def refused(
        self,
        target: Target,
        reason: str,
        state: Any,
        reply: Reply | None = None,
        says: str = "",
        more: Mapping[str, Any] = NOTHING,
    ) -> Outcome:
        """A user that was not written to. `says` follows the sentence of the reason."""
        message = _sentences(explain(reason, reply), says)
        outcome = self._outcome(target, refusal(reason, self._tolerate), state, state, message, more)
        return outcome._replace(reason=reason, support=reply.support if reply is not None else None)

    def foreseen(self, case: Case) -> Outcome:
        """The prediction of check mode for a user that would be written to."""
        step = case.step
        message = _sentences(step.would, case.note)
        return self._outcome(case.target, CHANGED, case.before, step.foreseen, message, case.more)

    def deferred(self, case: Case, message: str) -> Outcome:
        return self._outcome(case.target, DEFERRED, case.before, case.before, _sentences(message, case.note), case.more)

    def changed(self, case: Case, note: str) -> Outcome:
        return self._written(case, CHANGED, _sentences(*case.said, note, case.note))

    def unchanged(self, case: Case, step: Step) -> Outcome:
        """A user that something else has changed meanwhile."""
        return self._written(case, UNCHANGED, _sentences(step.says, step.note))

    def failed(self, case: Case, reason: str, message: str, reply: Reply | None, moved: bool) -> Outcome:
        """A user that was written to, or should have been. `moved`: its state changed nevertheless."""
        outcome = self._written(
            case, refusal(reason, self._tolerate), _sentences(*case.said, message, case.remark, case.note)
        )
        return outcome._replace(reason=reason, moved=moved, support=reply.support if reply is not None else None)

    def skipped(self, case: Case, message: str, moved: bool) -> Outcome:
        """A user that was not written to, or not to the end."""
        outcome = self._written(case, SKIPPED, _sentences(*case.said, message))
        return outcome._replace(reason=reasons.SKIPPED, moved=moved)

    def unreached(self, target: Target, case: Case | None, cause: str, planned: str) -> Outcome:
        """A user without an outcome: planned while the run continues, skipped once it has ended for `cause`."""
        unread = self._view.unread
        blank = self._outcome(target, SKIPPED, unread, unread, f"Not reached: {cause}", NOTHING)
        blank = blank._replace(reason=reasons.SKIPPED)
        if case is None:
            return blank
        if cause:
            return self._written(case, SKIPPED, blank.msg)._replace(reason=reasons.SKIPPED)
        return self._written(case, PLANNED, planned)

    def _written(self, case: Case, kind: str, message: str) -> Outcome:
        by_id = case.address if case.address != case.target.name else None
        outcome = self._outcome(case.target, kind, case.before, case.now, message, case.more)
        return outcome._replace(id=case.target.id or by_id, written=case.sent)

    def _outcome(
        self, target: Target, kind: str, before: Any, now: Any, message: str, more: Mapping[str, Any]
    ) -> Outcome:
        facts = self._view.facts(before, now)
        return Outcome(
            user=target.shown_as,
            id=target.id,
            kind=kind,
            state=facts.state,
            previous_state=facts.previous_state,
            msg=message,
            phone_number=facts.phone_number,
            # There may be many users, and most have nothing of their own.
            more={**facts.more, **more} if more else facts.more,
        )


def _sentences(*texts: str) -> str:
    """The texts that say something, each once."""
    return " ".join(dict.fromkeys(filter(None, texts)))
