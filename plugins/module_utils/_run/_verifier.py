# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Write to users and read back until the wanted state shows, or the time is over. One small state machine per user."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from .._domain import _reasons as reasons
from .._domain._targets import ME, Target
from .._entra._phone_methods import Phone, explain, parse_phone, read_request, why, write_request
from .._entra._users import TO_RESOLVE, identity_request, parse_identity
from .._goals._sms_sign_in import Decision, decide, reached
from .._graph._client import Graph, Job
from .._graph._messages import OK, REFUSED, THROTTLED, UNAUTHORIZED, Reply
from .._results import _outcomes as outcomes
from .._results._outcomes import Outcome, refusal
from ._permissions import PermissionWatch

LONGEST_PAUSE = 8.0
"""Seconds between two reads of a user whose write was accepted; the pauses before are 1, 2 and 4."""

LONGEST_DELAY = 4.0
"""At most so many seconds pass from an accepted write to the first read, however late other writes showed. Less than a
stopped run has left for verification.
"""

_LEARNS, _FORGETS = 0.25, 0.001
"""What one user who showed late adds to the expected delay, as a share of what it lacked, and what one takes off who
showed at the first read.
"""

BY_NAME = 10.0
"""Seconds, or half of `verify_timeout` if that is less, after which a write accepted by name is repeated by id."""

UNVERIFIED_AT_FIRST = 20
UNVERIFIED_PER_VERIFIED = 2
"""With `max_failures`: users that are written to and not verified yet are at most 20 + 2 for each verified one."""

_PILOTS = 3
"""Users whose write by name is repeated by id to find out whether that helps."""

_FINAL = (REFUSED, UNAUTHORIZED)
"""Verdicts of a write that certainly had no effect, and that a repetition would not change."""

_IN_DOUBT = (reasons.UNVERIFIED, reasons.SERVICE_ERROR)
"""Reasons after which a write may still take effect."""


@dataclass
class Case:
    """One user to write to, from the decision to the outcome. Times are those of Graph's clock."""

    target: Target
    before: Phone
    decision: Decision
    # Whether another user of the run has, or gets, the same number.
    crowded: bool = False
    address: str = ""
    phone: Phone = field(default_factory=lambda: Phone(None))
    writes: int = 0
    job: Job | None = None
    proving_since: float | None = None
    looks: int = 0
    # The answer to the last write if that was no success, and whether a write may have taken effect all the same.
    setback: Reply | None = None
    uncertain: bool = False
    # Whether the state was read since the last write.
    read_back: bool = False
    identified: bool = False
    remark: str = ""
    outcome: Outcome | None = None

    def __post_init__(self) -> None:
        self.address = self.target.address
        self.phone = self.before

    @property
    def sent(self) -> bool:
        """Whether a write may have reached the service."""
        return self.writes > 1 or (self.job is not None and self.job.sent)


class Prover:
    """Writes to all `cases` and settles each with an Outcome.

    `verify_timeout` in seconds; `write_until` is a time of Graph's clock after which nothing is written, so that what
    is under way can still be verified. `after_each` is called after every reply, with the number of settled cases.
    """

    def __init__(
        self,
        graph: Graph,
        wanted: str,
        tolerated: Iterable[str],
        verify_timeout: float,
        max_failures: int | None,
        write_until: float | None,
        watch: PermissionWatch,
        after_each: Callable[[int], None],
    ) -> None:
        self._graph = graph
        self._wanted = wanted
        self._tolerated = frozenset(tolerated)
        self._verify_timeout = verify_timeout
        self._max_failures = max_failures
        self._write_until = write_until
        self._watch = watch
        self._after_each = after_each
        self._jitter = random.Random()
        self._delay = 0.0
        self._lag = 0.0
        self._faults = 0
        self._drawn = 0
        self._settled = 0
        self._given_up = 0
        self._verified = 0
        # Whether a write by name was seen to work; how many users wait for the effect of one by id that came after;
        # and after how many seconds in all such a one was verified.
        self._names_work = False
        self._pilots = 0
        self._helped_after = math.inf
        self._no_more: str | None = None
        self.stopped: str | None = None
        """The reason why a write was not sent, for a message."""

    def run(self, cases: Iterable[Case]) -> None:
        """Raises EntraError when the run cannot continue; call `abandon` for cases without an outcome."""
        self._stop_at_fault_limit()
        self._graph.exchange((self._write(case) for case in cases), self._on_reply, self._admit, self._may_draw)

    def stop(self, why: str) -> None:
        """Send no further write."""
        self._no_more = self._no_more or why

    def abandon(self, case: Case, cause: str) -> None:
        """Settle a case that the run did not finish."""
        setback = _telling(case)
        if not case.sent:
            case.outcome = _outcome(case, outcomes.SKIPPED, reasons.SKIPPED, f"Not written to: {cause}")
        elif setback is not None:
            self._settle_refused(case, setback)
        else:
            self._settle(
                case, reasons.UNVERIFIED, f"The change was sent, and the run ended before it was verified: {cause}"
            )

    # -- deciding what to send

    def _write(self, case: Case, pause: float = 0.0) -> Job:
        case.writes += 1
        request = write_request(case.address, case.decision.action)
        trouble = case.job.trouble if case.job is not None else None
        case.job = Job(
            request, (case, self._on_written), self._graph.now() + pause, again=case.writes > 1, trouble=trouble
        )
        return case.job

    def _look(self, case: Case, pause: float) -> Job:
        return Job(read_request(case.address), (case, self._on_read), self._graph.now() + pause)

    def _admit(self, job: Job) -> bool:
        if not job.request.writes:
            return True
        if self._write_until is not None and self._graph.now() >= self._write_until:
            self._no_more = "The time of the run ('run_timeout') is over."
        self.stopped = self._no_more
        return self._no_more is None

    def _may_draw(self) -> bool:
        """Whether another user may be written to: no limit, or one that is met, when all others are dropped.

        A user that was given up after a write stays unverified. More of them than the allowance are possible only if
        `max_failures` itself is larger.
        """
        under_way = self._drawn - self._settled
        allowance = UNVERIFIED_AT_FIRST + UNVERIFIED_PER_VERIFIED * self._verified
        if self._max_failures is not None and self._no_more is None:
            most = max(allowance, self._max_failures)
            if under_way >= allowance or under_way + self._given_up >= most:
                return False
        self._drawn += 1
        return True

    def _stop_at_fault_limit(self) -> None:
        if self._max_failures is not None and self._faults >= self._max_failures and self._no_more is None:
            self._no_more = f"Writing stopped after {self._faults} failures ('max_failures')."

    # -- replies

    def _on_reply(self, job: Job, reply: Reply) -> Iterable[Job]:
        case, then = job.tag
        follow = list(then(case, reply))
        if case.outcome is not None:
            self._settled += 1
            self._verified += case.outcome.kind == outcomes.CHANGED
            self._given_up += case.outcome.reason in _IN_DOUBT
            self._pilots -= case.identified
        self._after_each(self._settled)
        return follow

    def _on_written(self, case: Case, reply: Reply) -> Iterable[Job]:
        case.read_back = False
        if reply.verdict == OK:
            if case.proving_since is None:
                case.proving_since = self._graph.now()
            case.setback = None
        else:
            case.setback = reply
            case.uncertain = case.uncertain or reply.verdict not in _FINAL
        yield self._look(case, self._until_it_shows(case) if reply.verdict == OK else 0.0)
        # Last, so that the user that stops the run is settled by then.
        self._watch.see(reply)

    def _on_read(self, case: Case, reply: Reply) -> Iterable[Job]:
        case.looks += 1
        phone = parse_phone(reply) if reply.verdict == OK else None
        if phone is not None:
            case.phone = phone
            case.read_back = True
            if reached(phone.state, self._wanted):
                self._learn_delay(case)
                self._learn_names(case)
                case.outcome = _outcome(case, outcomes.CHANGED, None, f"SMS sign-in was {self._wanted}.")
                return ()
        setback = case.setback
        if setback is None:
            return self._wait(case, reply)
        if setback.verdict not in _FINAL:
            return self._repeat(case, setback, reply)
        if case.uncertain or case.proving_since is not None:
            # Perhaps refused because an earlier write did take effect, and reads lag behind.
            return self._wait(case, reply)
        self._settle_refused(case, setback)
        return ()

    def _repeat(self, case: Case, setback: Reply, reply: Reply) -> Iterable[Job]:
        """The last write got no clear answer, and the state is unchanged: write again, or wait for the last write."""
        throttled = setback.verdict == THROTTLED
        job = case.job
        if job is not None and job.hopeless and throttled:
            self._settle_refused(case, setback)
            return ()
        if job is not None and job.trouble is not None and reply.verdict == OK and not job.hopeless:
            return [self._write(case, job.trouble.pause(throttled, self._jitter))]
        return self._wait(case, reply)

    def _wait(self, case: Case, reply: Reply) -> Iterable[Job]:
        """A write was accepted, or may have been, and the state does not show it yet."""
        conclusive = self._conclusive(case)
        if conclusive:
            self._settle(case, conclusive)
        elif not self._within(case):
            self._give_up(case, reply)
        elif self._by_name(case) and self._doubts_the_name(case):
            case.identified = True
            self._pilots += 1
            return [Job(identity_request(case.address), (case, self._on_identified))]
        else:
            return [self._look(case, self._pause(case))]
        return ()

    def _give_up(self, case: Case, reply: Reply) -> None:
        """The time for reading back is over."""
        setback = _telling(case)
        if setback is not None:
            self._settle_refused(case, setback)
        elif reply.verdict != OK:
            self._settle(case, reasons.UNVERIFIED, f"The last answer was: {reply.said}.", reply)
        else:
            self._settle(case, case.decision.reason or reasons.UNVERIFIED, f"The state is still {case.phone.state}.")

    def _on_identified(self, case: Case, reply: Reply) -> Iterable[Job]:
        """A write by name can answer 204 without effect where a write by id works, so write once more by id."""
        identifier = parse_identity(case.target.name, reply).id if reply.verdict == OK else None
        if identifier is None:
            case.remark = (
                "The write addressed the user by name. It may only work by id, and Graph does not show the id"
                f" ({reply.said}). Grant {TO_RESOLVE}, or give the object id."
            )
            return [self._look(case, self._pause(case))]
        case.address = identifier
        return [self._write(case)]

    def _conclusive(self, case: Case) -> str | None:
        """The reason, if the state has changed to one that refuses; the service has then decided."""
        if case.phone.state == case.before.state:
            return None
        decision = decide(case.phone.state, self._wanted)
        return decision.reason if decision.reason in reasons.TOLERABLE else None

    def _refusal(self, case: Case, setback: Reply) -> str:
        """The reason why a write was refused: from the state, else from the answer."""
        return self._conclusive(case) or (
            case.decision.reason if why(setback) == reasons.SERVICE_ERROR and case.decision.reason else why(setback)
        )

    # -- time

    def _proving_for(self, case: Case) -> float:
        """Seconds since a write was accepted, or since this was first asked of one that may have taken effect."""
        if case.proving_since is None:
            case.proving_since = self._graph.now()
        return self._graph.now() - case.proving_since

    def _left(self, case: Case, time: float) -> float:
        """Seconds left of the `time` for verification; 0 if the rest is too short for the clock to move."""
        left = time - self._proving_for(case)
        return left if left > 1e-6 else 0.0

    def _within(self, case: Case) -> bool:
        return self._left(case, self._verify_timeout) > 0.0

    def _pause(self, case: Case) -> float:
        """Seconds until the next read. If writes show late, early reads are of no use."""
        usual = max(2.0 ** max(0, case.looks - 1), self._lag - self._proving_for(case))
        if self._by_name(case) and not self._left(case, self._patience_by_name):
            # The pilots decide; there has to be time left then.
            usual = min(usual, (self._verify_timeout - self._patience_by_name) / 4)
        return min(usual, LONGEST_PAUSE, self._left_to_look(case))

    def _left_to_look(self, case: Case) -> float:
        """Seconds until the next decision, which needs a read before it."""
        doubt = self._left(case, self._patience_by_name) if self._by_name(case) else 0.0
        return doubt or self._left(case, self._verify_timeout)

    def _until_it_shows(self, case: Case) -> float:
        """Seconds until the first read, early enough for another one if the run has a timeout."""
        deadline = self._graph.deadline
        rest = math.inf if deadline is None else max(0.0, deadline - self._graph.now()) / 2
        return min(self._delay, self._left_to_look(case), rest)

    def _learn_delay(self, case: Case) -> None:
        """Learn the delay until the service shows writes, to read the next users when theirs are likely to show."""
        if case.writes > 1 or case.setback is not None:
            return
        if case.looks == 1:
            self._delay *= 1.0 - _FORGETS
            self._lag *= 1.0 - _FORGETS
        else:
            took = self._proving_for(case)
            self._delay += _LEARNS * max(0.0, min(took, LONGEST_DELAY) - self._delay)
            self._lag += _LEARNS * (took - self._lag)

    def _learn_names(self, case: Case) -> None:
        """Writes by name work where one showed that was not repeated by id."""
        if case.identified and case.address != case.target.name:
            self._helped_after = min(self._helped_after, self._proving_for(case))
        elif not case.target.id and case.address != ME:
            self._names_work = True

    def _doubts_the_name(self, case: Case) -> bool:
        """Whether to repeat a write by id that was accepted by name and does not show.

        It may just show late. So a few pilots are tried by id first. The others are when it helped those: when they
        have waited for as long as a pilot in all, and still nothing shows.
        """
        if self._left(case, self._patience_by_name):
            return False
        return self._pilots < _PILOTS or self._proving_for(case) >= self._helped_after

    @property
    def _patience_by_name(self) -> float:
        return min(BY_NAME, self._verify_timeout / 2)

    def _by_name(self, case: Case) -> bool:
        """Whether a write was accepted that addressed the user by a name, which is not known to work here.

        Where a refusal is expected there is one attempt only, so the name has to do.
        """
        known = self._names_work or case.target.id or case.identified or case.address == ME
        return case.setback is None and not (known or case.decision.reason)

    # -- settling

    def _settle_refused(self, case: Case, setback: Reply) -> None:
        reason = self._refusal(case, setback)
        self._conclude(case, reason, explain(reason, setback), setback)

    def _settle(self, case: Case, reason: str, detail: str = "", support: Reply | None = None) -> None:
        self._conclude(case, reason, " ".join(filter(None, (reasons.SENTENCES[reason], detail))), support)

    def _conclude(self, case: Case, reason: str, message: str, support: Reply | None) -> None:
        kind = refusal(reason, self._tolerated)
        case.outcome = _outcome(case, kind, reason, " ".join(filter(None, (message, case.remark))), support)
        if kind == outcomes.FAILED and reason != case.decision.reason:
            self._faults += 1
            self._stop_at_fault_limit()


def _telling(case: Case) -> Reply | None:
    """The last setback, if it is conclusive: a lost write that was not read back may have worked."""
    setback = case.setback
    return setback if setback is not None and (case.read_back or setback.verdict in (*_FINAL, THROTTLED)) else None


def _outcome(case: Case, kind: str, reason: str | None, message: str, support: Reply | None = None) -> Outcome:
    return Outcome(
        user=case.target.name,
        id=case.target.id or (case.address if case.address != case.target.name else None),
        kind=kind,
        state=case.phone.state,
        previous_state=case.before.state,
        reason=reason,
        msg=message,
        phone_number=case.phone.number or case.before.number,
        support=support.support if support else None,
        written=case.sent,
    )
