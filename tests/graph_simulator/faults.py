# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults as data: which requests they affect, how often, and what happens to those."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from .clock import Clock
from .errors import GraphError
from .exchange import Call, Reply

if TYPE_CHECKING:
    from .state import State

logger = logging.getLogger("graph_simulator")

# Code and message of an injected status that brings none of its own.
_WORDS = {
    401: ("InvalidAuthenticationToken", "Access token has expired or is not yet valid."),
    403: ("accessDenied", "Request Authorization failed"),
    404: ("Request_ResourceNotFound", "Resource does not exist or one of its queried reference-property objects."),
    409: ("Directory_ConcurrencyViolation", "The operation failed due to concurrent requests made to the tenant."),
    424: ("FailedDependency", "A request that this one depends on failed."),
    429: ("TooManyRequests", "Please retry again later."),
    503: ("serviceNotAvailable", "The service is unavailable."),
}


class FaultError(ValueError):
    """A fault that the simulator does not understand."""


@dataclass(frozen=True)
class Match:
    """The requests that a fault affects; all given conditions match. The ``$batch`` call itself only with ``outer``."""

    kind: str | None = None
    method: str | None = None
    path: str | None = None
    user: str | None = None
    outer: bool = False

    def matches(self, call: Call) -> bool:
        if self.kind in (None, "any"):
            if self.kind is None and call.kind == "login":
                return False
        elif call.kind != self.kind:
            return False
        if call.is_batch != self.outer:
            return False
        if self.method and call.method != self.method.upper():
            return False
        if self.path and not re.search(self.path, call.shown_path):
            return False
        if self.user:
            target = call.target
            return target is not None and self.user.lower() in (target.id, target.name.lower())
        return True


@dataclass(frozen=True)
class Then:
    """What happens to an affected request. See README.md for each key."""

    status: int | None = None
    code: str | None = None
    message: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | Mapping[str, Any] | None = None
    content_type: str | None = None
    delay: float = 0.0
    hang: float | None = None
    apply: bool = False
    drop: str | None = None
    truncate: int | None = None
    gzip: bool = False
    drip: float = 0.0
    redirect: str | None = None
    items: str | None = None
    expire_tokens: bool = False
    challenge: int | None = None
    state: Mapping[str, Any] | None = None

    @property
    def answers(self) -> bool:
        """Whether the fault brings its own answer."""
        return self.status is not None or self.body is not None or self.redirect is not None


_ITEMS = re.compile(r"(shuffle|upper_ids|no_body)|(drop|twice):(\d+)")


# What can happen without a request.
_AT_ANY_TIME = {"challenge", "expire_tokens", "state"}


@dataclass(eq=False)
class Fault:
    """One fault. It affects ``times`` matching requests (None: all) after ``skip`` were let through; or it happens
    ``at`` so many seconds after it was injected, without a request.

    ``injected_at`` is a time of the clock. ``seen`` and ``affected`` count matching requests.
    """

    name: str
    match: Match
    then: Then
    skip: int = 0
    times: int | None = 1
    within: tuple[float, float] | None = None
    at: float | None = None
    injected_at: float = 0.0
    seen: int = 0
    affected: int = 0

    @classmethod
    def parse(cls, given: Mapping[str, Any], now: float) -> Fault:
        """A fault from its mapping, in force from ``now``; raises FaultError for anything it does not know."""
        _check(given, {"name", "match", "skip", "times", "within", "at", "then"}, "fault")
        match, then = given.get("match") or {}, given.get("then") or {}
        _check(match, {one.name for one in fields(Match)}, "match")
        _check(then, {one.name for one in fields(Then)}, "then")
        if match.get("kind") not in (None, "graph", "item", "login", "any"):
            raise FaultError(f"match: kind {match['kind']} does not exist")
        if then.get("challenge") not in (None, 401, 403):
            raise FaultError("then: challenge is 401 or 403")
        if then.get("drop") not in (None, "before", "after", "tls"):
            raise FaultError("then: drop is before, after or tls")
        if then.get("items") is not None and not _ITEMS.fullmatch(str(then["items"])):
            raise FaultError("then: items is shuffle, drop:N, twice:N, upper_ids or no_body")
        if not isinstance(then.get("status", 200), int):
            raise FaultError("then: status is a number")
        try:
            re.compile(match.get("path") or "")
        except re.error as error:
            raise FaultError(f"match: path is no regular expression: {error}") from error
        if not then:
            raise FaultError("then: nothing would happen")
        at = given.get("at")
        if at is not None and (set(given) - {"name", "at", "then"} or set(then) - _AT_ANY_TIME):
            raise FaultError(f"fault: with at there is no match, and then is of {', '.join(sorted(_AT_ANY_TIME))}")
        within = given.get("within")
        return cls(
            name=str(given.get("name", "fault")),
            match=Match(**match),
            then=Then(**{**then, "headers": {k: str(v) for k, v in (then.get("headers") or {}).items()}}),
            skip=int(given.get("skip", 0)),
            times=given.get("times", 1),
            within=(float(within[0]), float(within[1])) if within else None,
            at=None if at is None else float(at),
            injected_at=now,
        )

    def affects(self, call: Call, now: float) -> bool:
        """Whether this request is affected; counts it."""
        if self.at is not None:
            return False
        if self.within and not self.within[0] <= now - self.injected_at <= self.within[1]:
            return False
        if (self.times is not None and self.affected >= self.times) or not self.match.matches(call):
            return False
        self.seen += 1
        if self.seen <= self.skip:
            return False
        self.affected += 1
        return True


def _check(given: Any, known: set[str], where: str) -> None:
    if not isinstance(given, Mapping):
        raise FaultError(f"{where}: a mapping is expected")
    if unknown := sorted(set(given) - known):
        raise FaultError(f"{where}: unknown keys {', '.join(map(str, unknown))}")


class Faults:
    """The active faults; the first that matches a request affects it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._faults: list[Fault] = []

    def read(self, given: Mapping[str, Any]) -> Fault:
        """A fault that would be in force from now on; raises FaultError."""
        return Fault.parse(given, self._clock.now())

    def add(self, faults: Iterable[Fault]) -> None:
        self._faults += faults

    def clear(self) -> None:
        self._faults.clear()

    def due(self) -> list[Fault]:
        """The faults that happen without a request and whose moment has come, in order; each once."""
        now = self._clock.now()
        due = [fault for fault in self._faults if fault.at is not None and fault.injected_at + fault.at <= now]
        self._faults = [fault for fault in self._faults if fault not in due]
        return sorted(due, key=lambda fault: fault.injected_at + (fault.at or 0.0))

    def take(self, call: Call) -> Fault | None:
        now = self._clock.now()
        return next((fault for fault in self._faults if fault.affects(call, now)), None)


async def conduct(state: State, call: Call, execute: Callable[[Call], Awaitable[Reply]]) -> Reply:
    """Journal a request, apply a matching fault, and answer it."""
    call.seq = state.journal.begin(
        call.kind,
        call.method,
        call.shown_path,
        batch=call.batch,
        write=call.write,
        request_id=call.request_id,
        client_request_id=call.client_request_id,
    )
    call.began = state.clock.now()
    try:
        state.catch_up()
        fault = state.faults.take(call)
        if fault:
            call.fault = fault.name
            state.journal.update(call.seq, fault=fault.name)
        reply = await (_faulty_answer(fault.then, state, call, execute) if fault else execute(call))
    except GraphError as error:
        reply = state.refused(call, error)
    except Exception:
        logger.exception("the simulator failed on %s %s", call.method, call.shown_path)
        call.reason = "the simulator failed"
        reply = Reply(500, {"error": {"code": "generalException", "message": "The simulator failed; see its log."}})
    state.journal.update(
        call.seq,
        status=0 if reply.drop else reply.status,
        user=call.user,
        effect=call.effect,
        reason=call.reason,
        authorization=call.authorization,
    )
    return reply


async def _faulty_answer(then: Then, state: State, call: Call, execute: Callable[[Call], Awaitable[Reply]]) -> Reply:
    """The answer to a request that a fault affects."""
    state.apply(then)
    if (then.expire_tokens or then.challenge) and call.caller:
        call.caller, call.authorization = None, "bad"
        call.refusal = state.tokens.challenged() if then.challenge else state.tokens.revoked()
    await state.work(call, then.delay)
    if then.hang is not None:
        await state.sleep(then.hang)
        return Reply(0, drop=True)
    if then.drop == "before":
        return Reply(0, drop=True)
    if then.answers and not then.apply and then.drop is None:
        reply = _own_answer(then, state, call)
    else:
        reply = await execute(call)
        if then.answers:
            reply = _own_answer(then, state, call)
    if then.drop:
        reply.drop, reply.no_tls = True, then.drop == "tls"
    reply.headers.update(then.headers)
    reply.truncate, reply.gzip, reply.drip = then.truncate, then.gzip, then.drip
    if then.items:
        _alter_batch(reply, then.items)
    return reply


def _own_answer(then: Then, state: State, call: Call) -> Reply:
    if then.redirect is not None:
        return Reply(then.status or 302, None, {"Location": then.redirect})
    status = then.status if then.status is not None else 200
    if then.body is not None:
        if isinstance(then.body, Mapping):
            return Reply(status, dict(then.body), {"Content-Type": then.content_type or "application/json"})
        return Reply(status, then.body.encode(), {"Content-Type": then.content_type or "text/html"})
    if status < 400:
        return Reply(status)
    code, message = _WORDS.get(status, ("UnknownError", ""))
    code = code if then.code is None else then.code
    message = message if then.message is None else then.message
    if call.kind == "login":
        return Reply(status, {"error": then.code or "temporarily_unavailable", "error_description": message})
    return state.refused(call, GraphError(status, code, message, reason="fault"))


def _alter_batch(reply: Reply, how: str) -> None:
    """Change a batch answer: its order, its first N items, its ids or its bodies."""
    if not isinstance(reply.body, dict) or "responses" not in reply.body:
        return
    answers: list[dict[str, Any]] = list(reply.body["responses"])
    match = _ITEMS.fullmatch(how)
    if match is None:
        raise FaultError(how)
    if match[2]:
        count = int(match[3])
        answers = answers[count:] if match[2] == "drop" else answers + answers[:count]
    elif how == "shuffle":
        random.shuffle(answers)
    elif how == "upper_ids":
        answers = [{**one, "id": one["id"].upper()} for one in answers]
    else:
        answers = [{key: value for key, value in one.items() if key != "body"} for one in answers]
    reply.body = {**reply.body, "responses": answers}
