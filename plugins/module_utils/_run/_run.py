# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""One run over many users: gather -> read -> plan -> guard -> apply and verify."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from .._auth._source import TokenSource
from .._auth._token import Token
from .._domain import _reasons as reasons
from .._domain._numbers import digits_of, second_comers
from .._domain._targets import ME, Roster, Target, key, named
from .._entra._phone_methods import Phone, explain, parse_phone, read_request, why
from .._errors import EntraError, InternalError, Interrupted, InvalidOptions
from .._goals._sms_sign_in import (
    DISABLED,
    ENABLED,
    NO_MOBILE_PHONE,
    NOT_ALLOWED_BY_POLICY,
    READY,
    decide,
    predicted,
)
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from .._results import _outcomes as outcomes
from .._results._outcomes import Outcome, refusal, some_of
from .._results._progress import Step
from ._permissions import PermissionWatch
from ._selection import Scope, Warn, gather
from ._verifier import Case, Prover

_NOTHING_TO_DO: dict[str | None, str] = {
    READY: "SMS sign-in is enabled.",
    NO_MOBILE_PHONE: "There is no mobile phone to sign in with.",
    NOT_ALLOWED_BY_POLICY: "SMS sign-in is blocked by policy. It may work again if the policy changes.",
}


GRACE = 5.0
"""Seconds to verify the writes that are under way when a run is stopped."""


class ChangeLimit(NamedTuple):
    """A wave: `number` of users, or that many percent, rounded up, of the users that need a write."""

    number: int
    percent: bool = False

    def of(self, count: int) -> int:
        return min(count, math.ceil(count * self.number / 100) if self.percent else self.number)


def share_of(waves: Iterable[ChangeLimit], count: int) -> int:
    """How many of `count` users the waves reach, one after the other: each takes its share of those that are left."""
    left = count
    for wave in waves:
        left -= wave.of(left)
    return count - left


class Order(NamedTuple):
    """The order of a run. Times are in seconds; None is no limit."""

    scope: Scope
    wanted: str = ENABLED
    check_mode: bool = False
    tolerate: Sequence[str] = ()
    max_changes: int | None = None
    max_failures: int | None = None
    change_limit: Sequence[ChangeLimit] | None = None
    verify_timeout: float = 60.0
    run_timeout: float | None = None


Progress = Callable[[Callable[[], Sequence[Outcome]]], None]


class Run:
    """One run. `outcomes` is complete at any time: after `execute` has raised it still has an entry for each user."""

    def __init__(
        self,
        order: Order,
        graph: Graph,
        tokens: TokenSource,
        warn: Warn,
        progress: Progress,
        show: Callable[[Step], None] = lambda step: None,
    ) -> None:
        """`show` gets the progress after every reply, and every second while the run waits.

        `progress` is called once all is planned, before the first write, then after every reply and every second while
        the run waits. It can ask for all outcomes. That costs time with many users, so it should ask rarely.
        """
        self._order = order
        self._graph = graph
        self._tokens = tokens
        self._warn = warn
        self._progress = progress
        self._show = show
        self._targets: list[Target] = []
        # What each read showed: the phone, else the reply. Whole replies of all users would take too much memory.
        self._read_of: dict[str, Phone | Reply] = {}
        self._settled: dict[str, Outcome] = {}
        # Numbers that users of this run sign in with already.
        self._held: set[str] = set()
        self._step: Step | None = None
        self._cases: list[Case] = []
        self._prover: Prover | None = None
        self._over = False
        self._cause = ""
        self.stopped: str | None = None
        """Why users were skipped although no error was raised."""

    @property
    def outcomes(self) -> list[Outcome]:
        """One for each user, in the order in which they came."""
        cases = {case.target.name: case for case in self._cases}
        return [self._outcome(target, cases.get(target.name)) for target in self._targets]

    def execute(self) -> None:
        """Raises EntraError when the run cannot continue, InternalError for an unexpected exception.

        `outcomes` has what was done by then.

        Interrupted, raised by a signal while it runs, ends it in the same way.
        """
        order = self._order
        self._graph.on_wait = self._wait
        self._targets = Roster(named(name) for name in order.scope.users).targets
        try:
            self._refuse_me_without_a_user()
            self._targets = gather(order.scope, order.wanted, self._graph, self._warn)
            self._read()
            self._plan()
            self._guard()
            self._progress(lambda: self.outcomes)
            if order.check_mode:
                self._predict()
            else:
                self._prover = self._new_prover()
                self._prover.run(self._cases)
                self.stopped = self._prover.stopped
        except (EntraError, Interrupted) as error:
            self._cause = error.message
            raise
        except Exception as unforeseen:  # noqa: BLE001 - the outcomes of the other users are still good
            failure = InternalError(unforeseen)
            self._cause = failure.message
            raise failure from unforeseen
        finally:
            self._over = True
            for case in self._cases:
                if self._prover is not None and case.outcome is None:
                    self._prover.abandon(case, self._cause or self._prover.stopped or "")

    def stop(self, why: str) -> float | None:
        """Send no write from now on. Returns the seconds left to verify those sent; None when the run is over.

        May be called at any moment by a signal's handler.
        """
        if self._over:
            return None
        if self._prover is None:
            return 0.0
        self._prover.stop(why)
        return GRACE

    # -- read

    def _refuse_me_without_a_user(self) -> None:
        names = (*self._order.scope.users, *self._order.scope.exclude_users)
        if any(key(name) == ME for name in names) and self._tokens.token().app_only:
            raise InvalidOptions(
                "'me' is the signed-in user, and this token is an application's own. Name the user instead, or sign in"
                " as a user (auth_method azure_cli, or an access_token with delegated permissions)."
            )

    def _read(self) -> None:
        if not self._targets:
            return
        total = len(self._targets)
        token = self._tokens.token()
        if self._order.check_mode and token.permits(reasons.MAY_WRITE) is False:
            self._warn(f"The token does not hold the permission to apply this: {reasons.TO_WRITE}.")
        grant = reasons.TO_READ if self._order.check_mode else f"{reasons.TO_WRITE} (each covers reading too)"
        permitted = token.permits(reasons.MAY_READ)
        watch = PermissionWatch(total, permitted, token.app_only, token.how_to_grant(grant))

        def keep(job: Job, reply: Reply) -> tuple[()]:
            phone = parse_phone(reply) if reply.verdict == OK else None
            self._read_of[job.tag.name] = reply if phone is None else phone
            self._tell("reading", len(self._read_of), total)
            watch.see(reply)
            return ()

        self._graph.exchange((Job(read_request(target.address), target) for target in self._targets), keep)

    # -- plan

    def _plan(self) -> None:
        for target in self._targets:
            found = self._read_of.pop(target.name)
            if isinstance(found, Reply):
                self._refuse(target, why(found), Phone(None), found)
            else:
                self._judge(target, found)

    def _judge(self, target: Target, phone: Phone) -> None:
        decision = decide(phone.state, self._order.wanted)
        doubt = self._doubt(target)
        if decision.action == "nothing":
            said = _NOTHING_TO_DO.get(phone.state, f"SMS sign-in is not enabled ({phone.state}).")
            number = digits_of(phone.number) if phone.state == READY else None
            if number is not None:
                self._held.add(number)
            self._settle(target, outcomes.UNCHANGED, phone, said)
        elif decision.writes and doubt is None:
            self._cases.append(Case(target, phone, decision))
        else:
            self._refuse(target, doubt or decision.reason or reasons.UNKNOWN_STATE, phone)

    def _doubt(self, target: Target) -> str | None:
        """The reason not to enable a member of a group. A user named in `users` is enabled anyway."""
        if self._order.wanted == DISABLED or target.named:
            return None
        if target.account_enabled is False:
            return reasons.ACCOUNT_DISABLED
        return reasons.GUEST if target.guest else None

    # -- guard

    def _guard(self) -> None:
        """Waves first, then the limit on what this run would write. Raises EntraError with TOO_MANY_CHANGES.

        A wave goes by name. Users whose refusal is expected come last, so that they do not use up every wave.
        """
        order = self._order
        if order.change_limit is not None:
            self._cases.sort(key=lambda case: key(case.target.name))
        self._find_crowded()
        if order.change_limit is not None:
            self._cases.sort(key=lambda case: case.crowded or case.decision.reason is not None)
            share = share_of(order.change_limit, len(self._cases))
            for case in self._cases[share:]:
                self._settle(case.target, outcomes.DEFERRED, case.before, "Left for a later wave.")
            del self._cases[share:]
        if order.max_changes is not None and len(self._cases) > order.max_changes:
            raise EntraError(
                f"{len(self._cases)} users would be written to, 'max_changes' allows {order.max_changes}. Nothing was"
                f" written. Look at the users in check mode ({some_of([case.target.name for case in self._cases])}).",
                reason=reasons.TOO_MANY_CHANGES,
            )

    def _find_crowded(self) -> None:
        """A number signs in one user only: the user that already signs in with it, else the first to be enabled."""
        if self._order.wanted == DISABLED:
            return
        numbers = [None if case.decision.reason else digits_of(case.before.number) for case in self._cases]
        for case, second in zip(self._cases, second_comers(numbers, self._held)):
            case.crowded = second

    # -- apply

    def _predict(self) -> None:
        for case in self._cases:
            reason = case.decision.reason or (reasons.PHONE_NUMBER_NOT_UNIQUE if case.crowded else None)
            if reason:
                self._refuse(case.target, reason, case.before)
            else:
                foreseen = case.before._replace(state=predicted(self._order.wanted))
                message = f"SMS sign-in would be {self._order.wanted}."
                self._settle(case.target, outcomes.CHANGED, foreseen, message, previous=case.before.state)

    def _new_prover(self) -> Prover:
        order, graph = self._order, self._graph
        token = self._tokens.token() if self._cases else Token("")
        advice = token.how_to_grant(reasons.TO_WRITE)
        watch = PermissionWatch(len(self._cases), token.permits(reasons.MAY_WRITE), token.app_only, advice)
        write_until = None
        if graph.deadline is not None and order.run_timeout is not None:
            # Time to verify what is under way at the end.
            write_until = graph.deadline - min(5.0, order.run_timeout / 10)
        return Prover(
            graph,
            order.wanted,
            order.tolerate,
            order.verify_timeout,
            order.max_failures,
            write_until,
            watch,
            self._after_a_reply,
        )

    def _after_a_reply(self, settled: int) -> None:
        self._tell("switching", settled, len(self._cases))
        self._progress(lambda: self.outcomes)

    def _tell(self, phase: str, done: int, total: int) -> None:
        self._step = Step(phase, done, total, self._graph.throttled, self._graph.asked)
        self._show(self._step)

    def _wait(self, seconds: float) -> None:
        """The run waits `seconds` more because the service asks for it, or 0 for a slow response."""
        if self._step is not None:
            self._show(self._step._replace(waiting=math.ceil(seconds)))
        if self._prover is not None:
            self._progress(lambda: self.outcomes)

    # -- outcomes

    def _refuse(self, target: Target, reason: str, phone: Phone, reply: Reply | None = None) -> None:
        kind = refusal(reason, self._order.tolerate)
        self._settle(target, kind, phone, explain(reason, reply), reason, reply)

    def _settle(
        self,
        target: Target,
        kind: str,
        phone: Phone,
        message: str,
        reason: str | None = None,
        reply: Reply | None = None,
        previous: str | None = None,
    ) -> None:
        self._settled[target.name] = Outcome(
            user=target.name,
            id=target.id,
            kind=kind,
            state=phone.state,
            previous_state=previous or phone.state,
            reason=reason,
            msg=message,
            phone_number=phone.number,
            support=reply.support if reply is not None else None,
        )

    def _outcome(self, target: Target, case: Case | None) -> Outcome:
        settled = self._settled.get(target.name) or (case.outcome if case else None)
        if settled is not None:
            return settled
        blank = Outcome(
            target.name, target.id, outcomes.SKIPPED, reason=reasons.SKIPPED, msg=f"Not reached: {self._cause}"
        )
        if case is None:
            return blank
        known = blank._replace(
            state=case.before.state,
            previous_state=case.before.state,
            phone_number=case.before.number,
            written=case.sent,
        )
        if self._cause:
            return known
        return known._replace(kind=outcomes.PLANNED, reason=None, msg=f"To be {self._order.wanted}.")
