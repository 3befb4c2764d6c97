# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Write to users and read back until the desired state shows, or the time is over. One small state machine per user."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

from .._domain import _reasons as reasons
from .._domain._permissions import TO_RESOLVE
from .._entra._users import identity_request, parse_identity
from .._goals._goal import REFUSE, SATISFIED, WRITE, Goal, Step
from .._graph._client import Graph, Job
from .._graph._messages import OK, THROTTLED, Reply
from .._results import _outcomes as outcomes
from .._results._message import explain
from .._results._outcomes import Outcome
from ._allowance import Allowance
from ._book import Book
from ._case import Case
from ._delays import Delays
from ._limits import Limits
from ._names import Names
from ._permissions import PermissionWatch

MOST_STEPS = 20
"""Steps for one user. A goal needs a few; more mean that something else changes the user at the same time."""


class Verifier:
    """Writes to all `cases` and settles each with an Outcome.

    `write_until` is a time of Graph's clock after which nothing is written, so that what is under way can still be
    verified. `after_each` is called after every reply, with the number of settled cases.
    """

    def __init__(
        self,
        graph: Graph,
        goal: Goal,
        limits: Limits,
        write_until: float | None,
        watch: PermissionWatch,
        after_each: Callable[[int], None],
    ) -> None:
        self._graph = graph
        self._goal = goal
        self._write_until = write_until
        self._watch = watch
        self._after_each = after_each
        self._book = Book(goal, limits.tolerate)
        self._allowance = Allowance(limits.max_failures)
        self._names = Names(limits.verify_timeout)
        self._delays = Delays(limits.verify_timeout, self._names)
        self._jitter = random.Random()
        self.stopped: str | None = None
        """The reason why a write was not sent, for a message."""

    def run(self, cases: Iterable[Case]) -> None:
        """Raises EntraError when the run cannot continue; call `abandon` for cases without an outcome."""
        self._graph.exchange(
            (self._first(case) for case in cases), self._on_reply, self._admit, self._allowance.may_draw
        )

    def stop(self, why: str) -> None:
        """Send no further write."""
        self._allowance.stop(why)

    def abandon(self, case: Case, cause: str) -> None:
        """Settle a case that the run did not finish."""
        setback = self._conclusive_setback(case)
        if not case.attempt.sent:
            left = "The rest was not written" if case.sent else "Not written to"
            self._conclude(case, self._book.skipped(case, f"{left}: {cause}", self._moved(case)))
        elif setback is not None:
            self._fail_refused(case, setback)
        else:
            self._fail(
                case, reasons.UNVERIFIED, f"The change was sent, and the run ended before it was verified: {cause}"
            )

    # -- deciding what to send

    def _first(self, case: Case) -> Job:
        if self._goal.reads_again:
            return Job(self._goal.read(case.address), (case, self._on_read_again), self._graph.now())
        return self._write(case)

    def _write(self, case: Case, pause: float = 0.0) -> Job:
        attempt = case.attempt
        attempt.writes += 1
        request = self._goal.write(case.address, attempt.step.action)
        trouble = attempt.job.trouble if attempt.job is not None else None
        attempt.job = Job(
            request, (case, self._on_written), self._graph.now() + pause, again=attempt.writes > 1, trouble=trouble
        )
        return attempt.job

    def _read(self, case: Case, pause: float) -> Job:
        return Job(self._goal.read(case.address), (case, self._on_read), self._graph.now() + pause)

    def _admit(self, job: Job) -> bool:
        if not job.request.writes:
            return True
        if self._write_until is not None and self._graph.now() >= self._write_until:
            self._allowance.stop("The time of the run ('run_timeout') is over.")
        self.stopped = self._allowance.no_more
        return self.stopped is None

    # -- replies

    def _on_reply(self, job: Job, reply: Reply) -> Iterable[Job]:
        case, then = job.tag
        follow = list(then(case, reply))
        if case.outcome is not None:
            self._allowance.settle(case.outcome)
            self._names.settle(case)
        self._after_each(self._allowance.settled)
        return follow

    def _on_read_again(self, case: Case, reply: Reply) -> Iterable[Job]:
        """The state right before the first write, which others may have changed since the run has read it."""
        state = self._goal.parse(reply) if reply.verdict == OK else None
        if state is None:
            reason = reasons.SERVICE_ERROR if reply.verdict == OK else self._goal.reason_of(reply)
            self._fail(case, reason, "" if reply.verdict == OK else reply.quoted, reply)
            return ()
        case.before = case.now = state
        step = self._goal.decide(case.target, state)
        if step.verdict == SATISFIED:
            self._conclude(case, self._book.unchanged(case, step))
        elif step.verdict == REFUSE:
            self._fail(case, step.reason or reasons.UNKNOWN_STATE, step.says)
        else:
            case.advance(step)
            return [self._write(case)]
        return ()

    def _on_written(self, case: Case, reply: Reply) -> Iterable[Job]:
        attempt, now = case.attempt, self._graph.now()
        attempt.read_back = False
        if reply.verdict == OK:
            if attempt.accepted_at is None:
                attempt.accepted_at = now
            attempt.setback = None
        else:
            attempt.setback = reply
            attempt.uncertain = attempt.uncertain or not self._goal.had_no_effect(reply)
        pause = self._delays.until_first_read(case, now, self._graph.deadline) if reply.verdict == OK else 0.0
        yield self._read(case, pause)
        # Last, so that the user that stops the run is settled by then.
        self._watch.see(reply)

    def _on_read(self, case: Case, reply: Reply) -> Iterable[Job]:
        attempt = case.attempt
        attempt.reads += 1
        state = self._goal.parse(reply) if reply.verdict == OK else None
        if state is not None:
            case.now = state
            attempt.read_back = True
            step = self._goal.decide(case.target, state)
            if step.verdict == SATISFIED:
                self._learn(case)
                case.verified()
                self._conclude(case, self._book.changed(case, step.note))
                return ()
            if self._is_next(case, step):
                self._learn(case)
                case.verified()
                case.advance(step)
                return [self._write(case)]
        setback = attempt.setback
        if setback is None:
            return self._wait(case, reply)
        if not self._goal.had_no_effect(setback):
            return self._repeat(case, setback, reply)
        if attempt.uncertain or attempt.accepted_at is not None:
            # Perhaps refused because an earlier write did take effect, and reads lag behind.
            return self._wait(case, reply)
        self._fail_refused(case, setback)
        return ()

    def _is_next(self, case: Case, step: Step) -> bool:
        """Whether the state asks for a step that is still to be done, so the one of the attempt is.

        A read that lags behind can ask for an earlier one again.
        """
        asked = step.action
        return (
            step.verdict == WRITE
            and asked != case.attempt.step.action
            and asked not in case.done
            and len(case.done) < MOST_STEPS
        )

    def _repeat(self, case: Case, setback: Reply, reply: Reply) -> Iterable[Job]:
        """The last write got no clear answer, and the state is unchanged: write again, or wait for the last write."""
        throttled = setback.verdict == THROTTLED
        job = case.attempt.job
        if job is not None and job.hopeless and throttled:
            self._fail_refused(case, setback)
            return ()
        if job is not None and job.trouble is not None and reply.verdict == OK and not job.hopeless:
            return [self._write(case, job.trouble.pause(throttled, self._jitter))]
        return self._wait(case, reply)

    def _wait(self, case: Case, reply: Reply) -> Iterable[Job]:
        """A write was accepted, or may have been, and the state does not show it yet."""
        now = self._graph.now()
        conclusive = self._conclusive(case)
        if conclusive:
            self._fail(case, conclusive)
        elif not self._delays.left(case, now):
            self._give_up(case, reply)
        elif self._doubts_the_name(case, now):
            self._names.try_id(case)
            return [Job(identity_request(case.address), (case, self._on_identified))]
        else:
            return [self._read(case, self._delays.until_next_read(case, now))]
        return ()

    def _doubts_the_name(self, case: Case, now: float) -> bool:
        if not self._names.in_question(case) or self._delays.left_by_name(case, now):
            return False
        return self._names.should_try_id(case.attempt.since(now))

    def _on_identified(self, case: Case, reply: Reply) -> Iterable[Job]:
        """A write by name can answer 204 without effect where a write by id works, so write once more by id."""
        identifier = parse_identity(case.target.name, reply).id if reply.verdict == OK else None
        if identifier is None:
            case.remark = (
                "The write addressed the user by name. It may only work by id, and Graph does not show the id"
                f" ({reply.said}). Grant {TO_RESOLVE}, or give the object id."
            )
            return [self._read(case, self._delays.until_next_read(case, self._graph.now()))]
        case.address = identifier
        return [self._write(case)]

    def _learn(self, case: Case) -> None:
        now = self._graph.now()
        self._delays.learn(case, now)
        self._names.learn(case, case.attempt.since(now))

    # -- reasons

    def _give_up(self, case: Case, reply: Reply) -> None:
        """The time for reading back is over."""
        setback = self._conclusive_setback(case)
        if setback is not None:
            self._fail_refused(case, setback)
        elif reply.verdict != OK:
            self._fail(case, reasons.UNVERIFIED, f"The last answer was: {reply.said}.", reply)
        else:
            self._fail(case, case.attempt.step.reason or reasons.UNVERIFIED, self._goal.still(case.now))

    def _conclusive(self, case: Case) -> str | None:
        """The reason, if the state has changed to one that refuses; the service has then decided."""
        if case.now == case.attempt.started_from:
            return None
        reason = self._goal.decide(case.target, case.now).reason
        return reason if reason in reasons.REFUSALS else None

    def _conclusive_setback(self, case: Case) -> Reply | None:
        """The last setback, if it is conclusive: a lost write that was not read back may have worked."""
        attempt, setback = case.attempt, case.attempt.setback
        if setback is None:
            return None
        known = attempt.read_back or setback.verdict == THROTTLED or self._goal.had_no_effect(setback)
        return setback if known else None

    def _refusal(self, case: Case, setback: Reply) -> str:
        """The reason why a write was refused: from the state, else from the answer."""
        step, answered = case.attempt.step, self._goal.reason_of(setback)
        expected = step.reason or step.refused_as.get(setback.status)
        return self._conclusive(case) or (
            expected if answered == reasons.SERVICE_ERROR and expected is not None else answered
        )

    # -- settling

    def _fail_refused(self, case: Case, setback: Reply) -> None:
        reason = self._refusal(case, setback)
        self._conclude(case, self._book.failed(case, reason, explain(reason, setback), setback, self._moved(case)))

    def _fail(self, case: Case, reason: str, detail: str = "", support: Reply | None = None) -> None:
        message = " ".join(filter(None, (explain(reason, None), detail)))
        self._conclude(case, self._book.failed(case, reason, message, support, self._moved(case)))

    def _moved(self, case: Case) -> bool:
        return self._goal.moved(case.before, case.now)

    def _conclude(self, case: Case, outcome: Outcome) -> None:
        case.outcome = outcome
        if outcome.kind == outcomes.FAILED and outcome.reason != case.attempt.step.reason:
            self._allowance.fault()
