# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The client for Graph, for one request or thousands: batches, pages, retries and tokens. Knows no phones."""

from __future__ import annotations

import heapq
import itertools
import json
import math
import random
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Callable, Protocol

from .._domain import _reasons as reasons
from .._domain._waiting import back_off
from .._errors import AuthenticationFailed, EntraError, OutOfTime, Unreachable, as_failure
from .._http import CONNECT, DROPPED, PROXY, TIMEOUT, NoAnswer, Session
from ._clock import Workers
from ._gate import LONGEST_WAIT, Answered, Gate
from ._messages import (
    LOST,
    OK,
    REFUSED,
    RETRY,
    THROTTLED,
    UNAUTHORIZED,
    Reply,
    Request,
    from_elsewhere,
    next_link,
    no_reply,
    reply,
    unreadable,
)
from ._patience import LONGEST_OUTAGE, LONGEST_PAUSE, Failures, Served

BATCH_SIZE = 20
"""Requests in a `$batch`: the limit of Graph (JSON batching page)."""

MOST_IDLE_PAGES = 50
"""Consecutive pages of a collection without new content, after which it counts as endless."""

TICK = 1.0
"""Seconds between two calls of `Graph.on_wait` while nothing else happens."""

OVERDUE = 1.0
"""Seconds after its limit until a call is given up, even if its worker still runs."""

LINGER = 0.1
"""Seconds that requests wait for others to fill a batch while calls are under way."""

_NEVER_ANSWERED = " Microsoft Graph did not answer once. Check the network, HTTPS_PROXY and 'graph_url'."

_SILENCE_AT_FIRST = {CONNECT: 2.0, PROXY: 2.0, DROPPED: 2.0}
"""Seconds of silence, by kind, until a host that has never answered is given up; at once for other kinds. After a first
answer it is LONGEST_OUTAGE.
"""

_INTERNAL = "internal"
"""Value of `lost` when a worker failed unexpectedly."""


class Tokens(Protocol):
    """The source of bearer tokens (`_auth`)."""

    def current(self) -> str:
        """A token that has not expired. Raises AuthenticationFailed or Unreachable."""

    @property
    def answers_claims(self) -> bool:
        """Whether a new token can have the claims that Graph asks for."""

    def renew(self, rejected: str, claims: str | None = None) -> None:
        """Replace `rejected`, which Graph does not accept, or not without these `claims`. Raises AuthenticationFailed
        if that is not possible.
        """


@dataclass
class Job:
    """A request on its way.

    `not_before` is a time of the clock. `again`: it repeats an earlier job. `sent`: it may have reached the service.
    `trouble` holds its failures so far, which a repetition takes over. `hopeless`: its failure is final and not
    retried. `rejected_token` is the last token that Graph did not accept for it; `refused_alone`: the same call served
    others. `ready_at` is the time since which it waits to be sent.
    """

    request: Request
    tag: Any = None
    not_before: float = 0.0
    again: bool = False
    sent: bool = False
    trouble: Failures | None = None
    hopeless: bool = False
    rejected_token: str | None = field(default=None, repr=False)
    refused_alone: bool = False
    ready_at: float = 0.0


@dataclass(eq=False)
class _Call:
    """One HTTP exchange: a request by itself, or a batch.

    `limit` is its time-out in seconds. `served` is how many requests of its kind were served when it was sent.
    `given_up`: its result is no longer needed.
    """

    jobs: list[Job]
    token: str = field(repr=False)
    sent_at: float
    limit: float
    served: int
    given_up: bool = False

    @property
    def writes(self) -> bool:
        """A batch holds reads only or writes only."""
        return self.jobs[0].request.writes


OnReply = Callable[[Job, Reply], Iterable[Job]]


class Graph:
    """A client for one Graph host under one identity.

    `url` has no final slash and no version. `deadline` is a time of the workers' clock after which nothing is sent and
    nothing is waited for. `sent` counts HTTP calls; `asked`, `throttled` and `retried` count requests, inside
    batches too. `on_wait` is called every TICK while nothing happens, with the seconds that the service makes the run
    wait, or 0 while an answer takes long. `on_listed` is called by a caller that reads a list of users, with
    the number of users on each page.
    """

    def __init__(
        self,
        session: Session,
        url: str,
        tokens: Tokens,
        workers: Workers,
        gate: Gate,
        deadline: float | None = None,
        jitter: random.Random | None = None,
    ) -> None:
        self._session = session
        self._root = url + "/v1.0"
        self._tokens = tokens
        self._workers = workers
        self._gate = gate
        self._separate_gate = gate.fresh()
        self._jitter = jitter or random.Random()
        self._answered = False
        self._silent_since: float | None = None
        self._outages = 0
        self._last_message = ""
        self._served = {False: Served(), True: Served()}
        # By kind, reads and writes: whether a call of that kind was answered.
        self._kind_answered = {False: False, True: False}
        # Whether the token was renewed and Graph has accepted nothing since.
        self._renewal_failed = False
        # The token that was asked for with the claims of a challenge, and whether Graph has challenged it or the login
        # has refused it.
        self._token_with_claims = ""
        self._claims_failed = False
        # Whether Graph rejected the token for one user while it accepted it for others.
        self._singles_out = False
        self.on_wait: Callable[[float], None] = lambda seconds: None
        self.on_listed: Callable[[int], None] = lambda users: None
        self.deadline = deadline
        self.sent = 0
        self.asked = 0
        self.throttled = 0
        self.retried = 0

    def now(self) -> float:
        return self._workers.now()

    def bearer(self) -> str:
        """The token of the next request, to read its claims. Raises AuthenticationFailed or Unreachable."""
        return self._tokens.current()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Use a separate gate inside the block. Reports have a separate quota, which is far smaller.

        The two gates learn independently.
        """
        self._gate, self._separate_gate = self._separate_gate, self._gate
        try:
            yield
        finally:
            self._gate, self._separate_gate = self._separate_gate, self._gate

    def ask(self, request: Request) -> Reply:
        """One request and its final reply; reads are retried. Raises EntraError when the run cannot continue."""
        replies: list[Reply] = []

        def keep(_job: Job, answer: Reply) -> Iterable[Job]:
            replies.append(answer)
            return ()

        self.exchange([Job(request)], keep)
        return replies[0]

    def pages(self, request: Request) -> Iterator[Reply]:
        """The replies of a collection, page by page, while they are OK.

        Raises Unreachable when a link points to another host, which must not get the token, or to an earlier page;
        EntraError after MOST_IDLE_PAGES pages without new content.
        """
        links, contents, idle = set(), set(), 0
        while True:
            page = self.ask(request)
            yield page
            link = next_link(page.body) if page.verdict == OK and isinstance(page.body, dict) else None
            if not link:
                return
            path = self._own_path(str(link))
            if path is None:
                raise Unreachable(
                    "Graph's answer links to a next page that is not its own; the token is not sent there. If"
                    " 'graph_url' is a reverse proxy, it must put its own address into the links."
                )
            if link in links:
                raise Unreachable("Graph's answer links back to an earlier page, so the list has no end. Run again.")
            content = _content(page.body.get("value"))
            idle = idle + 1 if content is None or content in contents else 0
            if idle >= MOST_IDLE_PAGES:
                raise EntraError(
                    f"Graph sent {idle} pages in a row without anything new and links to yet another. Run again.",
                    reason=reasons.INCOMPLETE,
                )
            links.add(link)
            contents.add(content)
            request = Request(request.method, path, request.headers)

    def _own_path(self, link: str) -> str | None:
        """The path of `link` below the version root; None if it points elsewhere."""
        host, version, path = link.partition("/v1.0/")
        own = self._root[: -len("/v1.0")]
        return "/" + path if version and _origin(host) == _origin(own) else None

    def exchange(
        self,
        jobs: Iterable[Job],
        on_reply: OnReply,
        admit: Callable[[Job], bool] | None = None,
        may_draw: Callable[[], bool] | None = None,
    ) -> None:
        """Send `jobs` and the jobs that `on_reply` returns, until none is left.

        `jobs` are due at once. They are taken one by one shortly before they are sent, so an iterator need not hold all
        of them. `not_before` counts for the jobs that `on_reply` returns.
        Reads are retried here and `on_reply` gets their last reply. A failed write is not repeated here, because that
        requires a read of the state. `admit` is called right before sending; a job that it refuses is dropped.
        `may_draw` is called before each of `jobs` is taken; while it is false, only follow-up jobs are sent.
        Raises EntraError when the run cannot continue, also for an unexpected exception. By then `on_reply` has got the
        replies of all calls under way, except at the deadline: then `sent` shows which jobs may have had an effect.
        """
        _Exchange(self, jobs, on_reply, admit or (lambda job: True), may_draw or (lambda: True)).run()


class _Exchange:
    """The loop of one `Graph.exchange`. All decisions are made here, in one thread; workers only do HTTP."""

    def __init__(
        self,
        graph: Graph,
        jobs: Iterable[Job],
        on_reply: OnReply,
        admit: Callable[[Job], bool],
        may_draw: Callable[[], bool],
    ) -> None:
        self._graph = graph
        self._jobs = iter(jobs)
        self._next: Job | None = None
        self._began = graph.now()
        self._on_reply = on_reply
        self._admit = admit
        self._may_draw = may_draw
        self._ready: dict[bool, deque[Job]] = {False: deque(), True: deque()}
        self._later: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._under_way: list[_Call] = []
        self._ended: EntraError | None = None

    def run(self) -> None:
        try:
            self._next = next(self._jobs, None)
            while self._ended is None:
                self._send_due()
                if self._ended is None:
                    if not self._pending():
                        return
                    self._receive()
        except Exception as error:  # noqa: BLE001 - calls under way are still to be received
            self._ended = self._ended or as_failure(error)
        while self._under_way:
            self._receive()
        if self._ended is not None:
            raise self._ended

    def _pending(self) -> bool:
        return bool(self._under_way or self._later or any(self._ready.values()))

    # -- sending

    def _fill_queue(self) -> None:
        """Queue the next jobs, as many as fill a batch."""
        while self._next is not None and len(self._ready[self._next.request.writes]) < BATCH_SIZE and self._may_draw():
            self._next.ready_at = self._began
            self._ready[self._next.request.writes].append(self._next)
            self._next = next(self._jobs, None)

    def _put(self, job: Job) -> None:
        heapq.heappush(self._later, (job.not_before, next(self._order), job))

    def _send_due(self) -> None:
        graph = self._graph
        self._fill_queue()
        while self._ended is None:
            now = graph.now()
            if graph.deadline is not None and now >= graph.deadline:
                self._ended = OutOfTime(f"The time of the run ('run_timeout') is over.{self._silence(now)}")
                self._abandon_calls()
                return
            while self._later and self._later[0][0] <= now:
                job = heapq.heappop(self._later)[2]
                job.ready_at = now
                self._ready[job.request.writes].append(job)
            batch = self._next_batch(now)
            if not batch:
                return
            self._send(batch, now)

    def _next_batch(self, now: float) -> list[Job]:
        """As many reads or writes as the gate permits. Waits for a full batch while calls are under way, up to LINGER.

        Reads come first, because they verify.
        """
        for writes, waiting in self._open_queues():
            permitted = self._graph._gate.permits(now, writes, min(len(waiting), BATCH_SIZE))
            due = (
                len(waiting) >= BATCH_SIZE
                or not self._under_way
                or bool(waiting and now >= waiting[0].ready_at + LINGER)
            )
            batch: list[Job] = []
            while due and waiting and len(batch) < permitted:
                job = waiting.popleft()
                self._fill_queue()
                if self._admit(job):
                    batch.append(job)
            if batch:
                return batch
        return []

    def _send(self, jobs: list[Job], now: float) -> None:
        graph = self._graph
        limit = graph._session.timeout
        if graph.deadline is not None:
            limit = min(limit, max(0.1, graph.deadline - now))
        try:
            call = _Call(jobs, graph._tokens.current(), now, limit, graph._served[jobs[0].request.writes].count)
            graph._workers.submit(lambda: (call, _outcome_of(graph, call)))
        except Exception as error:  # noqa: BLE001 - nothing was sent; calls under way are still to be received
            self._ended = as_failure(error)
            return
        graph.sent += 1
        graph.asked += len(jobs)
        graph._gate.sent(now, call.writes, len(jobs))
        for job in jobs:
            graph.retried += job.again
            job.sent = True
        self._under_way.append(call)

    # -- receiving

    def _receive(self) -> None:
        """Wait for the result of a call, or until something can be sent."""
        graph = self._graph
        now = graph.now()
        moments = [] if graph.deadline is None else [graph.deadline]
        if self._ended is None:
            moments += self._send_times(now)
            if graph.deadline is not None and not self._under_way and min(moments) >= graph.deadline:
                self._ended = OutOfTime(
                    f"The next request would be later than 'run_timeout' allows.{self._silence(now)}"
                )
                return
        elif graph.deadline is not None and now >= graph.deadline:
            self._abandon_calls()
            return
        overdue = [call.sent_at + call.limit + OVERDUE for call in self._under_way]
        wake = max(0.0, min([*moments, *overdue], default=math.inf) - now)
        waits = not self._under_way and wake > TICK
        if waits:
            graph.on_wait(wake)
        result = graph._workers.wait(min(wake, TICK))
        if result is not None:
            self._complete(*result)
            return
        if not waits and wake > TICK:
            graph.on_wait(0.0)
        now = graph.now()
        for call in [call for call in self._under_way if now >= call.sent_at + call.limit + OVERDUE]:
            call.given_up = True
            lost = no_reply(TIMEOUT, "The answer did not come in time.", None)
            self._complete(call, [lost] * len(call.jobs))

    def _complete(self, call: _Call, replies: list[Reply]) -> None:
        """Handle the result of a call. Ignores one that was given up or belongs to an earlier exchange."""
        if call in self._under_way:
            self._under_way.remove(call)
            self._graph._gate.finished(len(call.jobs))
            self._handle(call, replies)

    def _abandon_calls(self) -> None:
        """Give up all calls under way."""
        for call in self._under_way:
            call.given_up = True
            self._graph._gate.finished(len(call.jobs))
        self._under_way = []

    def _send_times(self, now: float) -> Iterator[float]:
        """The times at which something might be sent."""
        if self._later:
            yield self._later[0][0]
        for writes, waiting in self._open_queues():
            if waiting:
                count = min(len(waiting), BATCH_SIZE)
                due = now if count == BATCH_SIZE or not self._under_way else waiting[0].ready_at + LINGER
                yield max(due, self._graph._gate.opens_at(now, writes, count))

    def _open_queues(self) -> list[tuple[bool, deque[Job]]]:
        """The queues to send from. The first call of a kind is sent alone: it shows whether a permission is missing."""
        probing = {call.writes for call in self._under_way if not self._graph._kind_answered[call.writes]}
        return [(writes, waiting) for writes, waiting in self._ready.items() if writes not in probing]

    def _handle(self, call: _Call, replies: list[Reply]) -> None:
        try:
            self._observe(call, replies)
        except EntraError as error:
            self._ended = self._ended or error
        served = any(answer.verdict in (OK, REFUSED) for answer in replies)
        for job, answer in zip(call.jobs, replies):
            try:
                self._note_failure(job, call, answer, served)
                if self._ended is not None or not self._requeued(job, call, answer, served):
                    for follower in self._on_reply(job, answer):
                        self._put(follower)
            except Exception as error:  # noqa: BLE001 - the other replies are still to be handled
                self._ended = self._ended or as_failure(error)
        self._ended = self._ended or self._outage()

    def _note_failure(self, job: Job, call: _Call, answer: Reply, beside: bool) -> None:
        """Count a failure of `job`, and decide whether it is final. `beside`: its call served others."""
        graph, now = self._graph, self._graph.now()
        if answer.verdict == UNAUTHORIZED:
            job.sent = False
        if answer.verdict not in (THROTTLED, RETRY, LOST):
            return
        writes = call.writes
        served = graph._served[writes]
        # A call that hangs is significant while others are served. Otherwise the others were sent before it failed.
        before = call.served if answer.status == 0 else served.count
        job.trouble = trouble = job.trouble or Failures(call.sent_at, before)
        trouble.note(served, beside)
        if answer.verdict == THROTTLED:
            job.hopeless = trouble.throttled_for_good(now, served, lambda: self._alone(call))
        else:
            job.hopeless = trouble.is_conclusive(now, served, writes, lambda: self._alone(call))
        job.hopeless = job.hopeless or (beside and _asks_too_long(answer))

    def _alone(self, call: _Call) -> bool:
        """Whether all waiting requests of this kind have failed before, so that no other can be served meanwhile."""
        kind = call.writes
        if self._next is not None and self._next.request.writes is kind:
            return False
        waiting = itertools.chain(
            self._ready[kind],
            (job for _at, _number, job in self._later if job.request.writes is kind),
            (job for other in self._under_way if other.writes is kind for job in other.jobs),
        )
        return all(job.trouble is not None for job in waiting)

    def _outage(self) -> EntraError | None:
        """The error that ends a run whose service has not answered for LONGEST_OUTAGE."""
        graph = self._graph
        if graph._silent_since is None or not self._pending():
            return None
        lasted = graph.now() - graph._silent_since
        if lasted < LONGEST_OUTAGE:
            return None
        return Unreachable(f"Microsoft Graph has not answered for {lasted:.0f} s. Run again. {graph._last_message}")

    def _silence(self, now: float) -> str:
        """A sentence about a service that does not answer; nothing about one that does."""
        graph = self._graph
        if graph.sent and not graph._answered:
            return _NEVER_ANSWERED
        if graph._silent_since is None:
            return ""
        return f" Microsoft Graph has not answered for {now - graph._silent_since:.0f} s. {graph._last_message}"

    def _observe(self, call: _Call, replies: list[Reply]) -> None:
        """Learn from a call about the service as a whole."""
        graph, gate = self._graph, self._graph._gate
        verdicts = [answer.verdict for answer in replies]
        graph.throttled += verdicts.count(THROTTLED)
        served = verdicts.count(OK) + verdicts.count(REFUSED)
        if served:
            graph._served[call.writes] = Served(graph._served[call.writes].count + served, graph.now())
            graph._renewal_failed = graph._renewal_failed and call.token != graph._tokens.current()
        # If others in the batch were served, a wait beyond LONGEST_WAIT concerns that request only.
        waits = [
            answer.retry_after
            for answer in replies
            if answer.verdict in (THROTTLED, RETRY) and not (served and _asks_too_long(answer))
        ]
        percentages = [answer.percentage for answer in replies]
        # A service that is down is down for reads and writes.
        limits = {answer.limit for answer in replies if answer.verdict == THROTTLED}
        limits |= {None for answer in replies if answer.verdict == RETRY and answer.retry_after is not None}
        answered = Answered(
            sent_at=call.sent_at,
            writes=call.writes,
            requests=len(call.jobs),
            served=served,
            throttled=THROTTLED in verdicts,
            asked=max((wait for wait in waits if wait is not None), default=None),
            percentage=max((share for share in percentages if share is not None), default=None),
            limit=limits.pop() if len(limits) == 1 else None,
        )
        gate.answered(graph.now(), answered)
        if served:
            graph._outages = 0
        elif not set(verdicts) - {RETRY, LOST}:
            self._back_off(call)
        if all(answer.status == 0 for answer in replies):
            self._note_silence(call, replies[0])
        else:
            graph._silent_since = None
            graph._answered = True
            graph._kind_answered[call.writes] = True

    def _back_off(self, call: _Call) -> None:
        """A whole call failed. Calls that were under way together count once; the first one causes no pause."""
        graph, now = self._graph, self._graph.now()
        if graph._gate.opens_at(now, call.writes, 1) <= now:
            graph._outages += 1
            if graph._outages > 1:
                graph._gate.suspend(now, min(LONGEST_PAUSE, back_off(graph._outages - 1, graph._jitter)))

    def _note_silence(self, call: _Call, answer: Reply) -> None:
        """A call got no answer. Raises Unreachable if the host has never answered for the time in _SILENCE_AT_FIRST."""
        graph, now = self._graph, self._graph.now()
        if graph._silent_since is None:
            graph._silent_since = call.sent_at
        graph._last_message = answer.message
        lasted = now - graph._silent_since
        if not graph._answered and lasted >= _SILENCE_AT_FIRST.get(answer.lost or "", 0.0):
            reason = reasons.INTERNAL_ERROR if answer.lost == _INTERNAL else None
            raise Unreachable(f"Microsoft Graph: {answer.message}", answer.support, reason)

    def _requeued(self, job: Job, call: _Call, answer: Reply, served: bool) -> bool:
        """Whether `job` was queued again instead of being answered. `served`: its call served others.

        A write is not queued again: whether to repeat it depends on a read of the state.
        """
        graph = self._graph
        verdict = answer.verdict
        if verdict == UNAUTHORIZED:
            return self._requeued_with_new_token(job, call, answer, served)
        if verdict == REFUSED and answer.claims is not None:
            return self._requeued_with_claims(job, call, answer.claims)
        if job.request.writes or job.hopeless or verdict not in (THROTTLED, RETRY, LOST):
            return False
        if job.trouble is not None:
            job.not_before = graph.now() + job.trouble.pause(verdict == THROTTLED, graph._jitter)
        job.again = True
        self._put(job)
        return True

    def _requeued_with_new_token(self, job: Job, call: _Call, answer: Reply, served: bool) -> bool:
        """As `_requeued`, for a request whose token was rejected. It had no effect, so a write is sent again as well.

        If the token worked for other users, Graph refuses this user.
        """
        graph = self._graph
        if (served and (job.refused_alone or graph._singles_out)) or (
            job.refused_alone and job.rejected_token != call.token
        ):
            graph._singles_out = True
            return False
        current = call.token == graph._tokens.current()
        if (current and graph._renewal_failed) or job.rejected_token not in (None, call.token):
            raise AuthenticationFailed(
                f"Graph does not accept the token, nor a new one ({answer.said}). Check 'cloud', 'graph_url' and"
                " the clock of this machine.",
                answer.support,
            )
        job.rejected_token, job.refused_alone = call.token, served
        if current:
            try:
                graph._tokens.renew(call.token, answer.claims)
            except AuthenticationFailed as failure:
                if served:
                    graph._singles_out = True
                    return False
                if answer.claims is None:
                    raise
                raise AuthenticationFailed(f"{failure.message} {answer.quoted}", answer.support) from None
            graph._renewal_failed = True
        self._send_again_first(job)
        return True

    def _requeued_with_claims(self, job: Job, call: _Call, claims: str) -> bool:
        """As `_requeued`, for a request that Graph refuses with a claims challenge (403). It had no effect either.

        There is one new token in a run: if Graph asks again, or the login gives none, the sign-in cannot give what a
        policy wants. The token that there is may still serve others.
        """
        graph = self._graph
        current = call.token == graph._tokens.current()
        if job.rejected_token is not None or call.token == graph._token_with_claims:
            graph._claims_failed = True
            return False
        if not graph._tokens.answers_claims or (current and graph._claims_failed):
            return False
        if current:
            try:
                graph._tokens.renew(call.token, claims)
            except (AuthenticationFailed, Unreachable):
                graph._claims_failed = True
                return False
            graph._token_with_claims = graph._tokens.current()
        job.rejected_token, job.sent = call.token, False
        self._send_again_first(job)
        return True

    def _send_again_first(self, job: Job) -> None:
        """First in the queue, so that it is sent with the new token."""
        job.again, job.ready_at = True, self._graph.now()
        self._ready[job.request.writes].appendleft(job)


def _content(value: Any) -> int | None:
    """A hash of the content of a page; None without content."""
    if not isinstance(value, list) or not value:
        return None
    return hash(frozenset(str(item.get("id") or item) if isinstance(item, dict) else str(item) for item in value))


def _origin(url: str) -> str:
    """A scheme and host to compare, without differences of case and default port."""
    low = url.lower() if url.isascii() else url
    return low[: -len(":443")] if low.endswith(":443") else low


def _asks_too_long(answer: Reply) -> bool:
    """Whether the service asks to wait longer than LONGEST_WAIT."""
    return answer.retry_after is not None and answer.retry_after > LONGEST_WAIT


# -- in a worker's thread: makes no decisions


def _outcome_of(graph: Graph, call: _Call) -> list[Reply]:
    """The replies to `call`. An unexpected exception is a failure of this call only."""
    try:
        return _fetch(graph, call)
    except Exception as error:  # noqa: BLE001 - the run continues in any case
        return [no_reply(_INTERNAL, as_failure(error).message, None)] * len(call.jobs)


def _fetch(graph: Graph, call: _Call) -> list[Reply]:
    """The replies to `call`, one for each of its jobs and in their order."""
    identifier = str(uuid.uuid4())
    headers = {"Authorization": "Bearer " + call.token, "Accept": "application/json", "client-request-id": identifier}
    if len(call.jobs) == 1:
        request = call.jobs[0].request
        method, path, data = request.method, request.path, None
        headers.update(request.headers)
        if request.body is not None:
            data = json.dumps(request.body)
            headers["Content-Type"] = "application/json"
    else:
        method, path = "POST", "/$batch"
        data = json.dumps({"requests": [_item(number, job.request) for number, job in enumerate(call.jobs)]})
        headers["Content-Type"] = "application/json"
    if call.given_up:
        return [no_reply(TIMEOUT, "It was not sent in time.", identifier)] * len(call.jobs)
    try:
        answer = graph._session.fetch(method, graph._root + path, headers, data, timeout=call.limit)
    except NoAnswer as nothing:
        return [no_reply(nothing.kind, nothing.message, identifier)] * len(call.jobs)
    body = answer.json()
    outer = reply(answer.status, answer.headers, body, identifier)
    if outer.verdict != OK:
        return [from_elsewhere(outer, answer.headers, identifier) or outer] * len(call.jobs)
    batch = len(call.jobs) > 1
    readable = isinstance(body, dict) and (not batch or "responses" in body)
    if not readable and (batch or not call.writes):
        return [no_reply(DROPPED, unreadable(answer.status, answer.headers), identifier)] * len(call.jobs)
    if len(call.jobs) == 1:
        return [outer]
    replies = _unpack(body, len(call.jobs), identifier, answer.headers.get("date"))
    return [_readable(job.request, answer, identifier) for job, answer in zip(call.jobs, replies)]


def _readable(request: Request, answer: Reply, identifier: str) -> Reply:
    """`answer`, or no answer for a successful read of an item without a body."""
    if request.writes or answer.verdict != OK or isinstance(answer.body, dict):
        return answer
    return no_reply(DROPPED, "The answer is not the JSON object that Graph sends.", identifier)


def _item(number: int, request: Request) -> dict[str, Any]:
    item: dict[str, Any] = {"id": str(number), "method": request.method, "url": request.path}
    if request.headers:
        item["headers"] = dict(request.headers)
    if request.method in ("POST", "PATCH"):
        # The batching page requires a body even if the action has none.
        item["headers"] = {**request.headers, "Content-Type": "application/json"}
        item["body"] = {} if request.body is None else request.body
    return item


def _unpack(body: Any, count: int, identifier: str, date: str | None) -> list[Reply]:
    """The replies in a `$batch` answer, matched by id in any order. `date` is that of the whole answer.

    An item that is missing, unreadable or contradictory counts as no answer.
    """
    expected = {str(number) for number in range(count)}
    found: dict[str, Any] = {}
    items = body.get("responses") if isinstance(body, dict) else None
    for item in items if isinstance(items, list) else ():
        number = str(item.get("id")) if isinstance(item, dict) else None
        if number in expected and _is_status(item.get("status")):
            same = found.setdefault(number, item) == item
            found[number] = item if same else None
    missing = no_reply(DROPPED, "The batch came back without one answer to this request.", identifier)
    return [_reply_of(found.get(str(number)), identifier, date) or missing for number in range(count)]


def _is_status(value: Any) -> bool:
    return isinstance(value, int) and 200 <= value <= 599


def _reply_of(item: Any, identifier: str, date: str | None) -> Reply | None:
    if item is None:
        return None
    headers = item.get("headers")
    headers = headers if isinstance(headers, dict) else {}
    if date is not None and not any(str(name).lower() == "date" for name in headers):
        headers = {**headers, "date": date}
    return reply(item["status"], headers, item.get("body"), identifier)
