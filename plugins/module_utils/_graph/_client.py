# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Graph, asked for one thing or for thousands. Knows batches, pages, retries and tokens, and nothing of phones."""

from __future__ import annotations

import heapq
import itertools
import json
import math
import random
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Callable, Protocol

from .._domain._waiting import back_off
from .._errors import AuthenticationFailed, EntraError, OutOfTime, Unreachable
from .._http import CONNECT, DROPPED, PROXY, TIMEOUT, TLS, NoAnswer, Session
from ._clock import Workers
from ._gate import Answered, Gate
from ._messages import LOST, OK, REFUSED, RETRY, THROTTLED, UNAUTHORIZED, Reply, Request, no_reply, reply

BATCH_SIZE = 20
"""Requests in a `$batch`, the most that Graph takes (JSON batching page)."""

MOST_FAILURES = 5
"""Times that a read is tried before its failure is believed."""

MOST_SILENCE = 8
"""Calls in a row without any answer, after which the service counts as gone."""

LINGER = 0.1
"""Seconds that requests wait for others to fill their batch while calls are under way."""

_PATIENCE_AT_FIRST = {TLS: 1, TIMEOUT: 1, CONNECT: 2, PROXY: 2, DROPPED: 3}
"""As MOST_SILENCE, while the host has not answered even once: most likely it never will."""


class Tokens(Protocol):
    """Where bearer tokens come from (`_auth`)."""

    def current(self) -> str:
        """A token that has not expired. Raises AuthenticationFailed or Unreachable."""

    def renew(self, rejected: str) -> None:
        """Graph does not accept `rejected`: get another if that can be done. Raises AuthenticationFailed if not."""


@dataclass
class Job:
    """A request on its way.

    `not_before` is a time of the clock. `again` tells that it repeats an earlier one. `sent` tells that it may have
    reached the service.
    """

    request: Request
    tag: Any = None
    not_before: float = 0.0
    again: bool = False
    sent: bool = False
    failures: int = 0
    rejected_token: str | None = field(default=None, repr=False)
    ready_at: float = 0.0


@dataclass(eq=False)
class _Call:
    """One HTTP exchange: a request by itself, or a batch."""

    jobs: list[Job]
    token: str = field(repr=False)
    sent_at: float

    @property
    def writes(self) -> bool:
        """A batch holds reads only or writes only."""
        return self.jobs[0].request.writes


OnReply = Callable[[Job, Reply], Iterable[Job]]


class Graph:
    """A client for one Graph host under one identity.

    `url` has no final slash and no version. `deadline` is a time of the workers' clock after which nothing is sent and
    nothing is waited for. `sent` counts HTTP calls; `asked`, `throttled` and `retried` count requests, inside
    batches too.
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
        self._jitter = jitter or random.Random()
        self._answered = False
        self._silence = 0
        # By kind, reads and writes: whether a call of that kind was answered.
        self._tried = {False: False, True: False}
        # Whether the token was renewed and Graph has taken nothing since.
        self._renewed_in_vain = False
        self.deadline = deadline
        self.sent = 0
        self.asked = 0
        self.throttled = 0
        self.retried = 0

    def now(self) -> float:
        return self._workers.now()

    def ask(self, request: Request) -> Reply:
        """One request and its final reply; reads are retried. Raises EntraError when the run cannot go on."""
        replies: list[Reply] = []

        def keep(_job: Job, answer: Reply) -> Iterable[Job]:
            replies.append(answer)
            return ()

        self.exchange([Job(request)], keep)
        return replies[0]

    def pages(self, request: Request) -> Iterator[Reply]:
        """The replies of a collection, page by page, as long as they are OK.

        Raises Unreachable when a link leads to another host, where the token must not go, or in a circle.
        """
        seen = set()
        while True:
            page = self.ask(request)
            yield page
            link = page.body.get("@odata.nextLink") if page.verdict == OK and isinstance(page.body, dict) else None
            if not link:
                return
            if not str(link).startswith(self._root + "/") or link in seen:
                raise Unreachable(
                    "Graph's answer links to a next page that is not its own; the token is not sent there."
                )
            seen.add(link)
            request = Request(request.method, str(link)[len(self._root) :], request.headers)

    def exchange(self, jobs: Iterable[Job], on_reply: OnReply, admit: Callable[[Job], bool] | None = None) -> None:
        """Send `jobs` and what `on_reply` returns to follow them, until none is left.

        `jobs` are due at once. They are taken one by one shortly before they are sent, so an iterator that makes them
        need not hold them all; `not_before` counts for those that follow.
        Reads are retried here and `on_reply` sees their last reply. A write is answered as it came out, since whether
        to repeat it takes a look at the state. `admit` is asked right before sending; what it refuses is dropped.
        Raises EntraError when the run cannot go on: by then all calls under way have been answered and handed over,
        save at the deadline, where a job's `sent` is what remains to be known.
        """
        _Exchange(self, jobs, on_reply, admit or (lambda job: True)).run()


class _Exchange:
    """The loop of one `Graph.exchange`: everything is decided here, in one thread; workers only do HTTP."""

    def __init__(self, graph: Graph, jobs: Iterable[Job], on_reply: OnReply, admit: Callable[[Job], bool]) -> None:
        self._graph = graph
        self._jobs = iter(jobs)
        self._next = next(self._jobs, None)
        self._began = graph.now()
        self._on_reply = on_reply
        self._admit = admit
        self._ready: dict[bool, deque[Job]] = {False: deque(), True: deque()}
        self._later: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._under_way: list[_Call] = []
        self._ended: EntraError | None = None

    def run(self) -> None:
        self._draw()
        while self._ended is None:
            self._send_what_may_go()
            if self._ended is None:
                if not (self._under_way or self._later or any(self._ready.values())):
                    return
                self._receive()
        while self._under_way:
            self._receive()
        raise self._ended

    # -- sending

    def _draw(self) -> None:
        """Line up the next of the jobs given, as many as fill a batch."""
        while self._next is not None and len(self._ready[self._next.request.writes]) < BATCH_SIZE:
            self._next.ready_at = self._began
            self._ready[self._next.request.writes].append(self._next)
            self._next = next(self._jobs, None)

    def _put(self, job: Job) -> None:
        heapq.heappush(self._later, (job.not_before, next(self._order), job))

    def _send_what_may_go(self) -> None:
        graph = self._graph
        while self._ended is None:
            now = graph.now()
            if graph.deadline is not None and now >= graph.deadline:
                self._ended = OutOfTime("The time of the run ('run_timeout') is over.")
                self._leave()
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
        """As many reads or writes as the gate permits; fewer only when there is nothing to wait for. Reads first: they
        prove.
        """
        for writes, waiting in self._free_to_go():
            permitted = self._graph._gate.permits(now, writes, min(len(waiting), BATCH_SIZE))
            ripe = (
                len(waiting) >= BATCH_SIZE
                or not self._under_way
                or bool(waiting and now >= waiting[0].ready_at + LINGER)
            )
            batch: list[Job] = []
            while ripe and waiting and len(batch) < permitted:
                job = waiting.popleft()
                self._draw()
                if self._admit(job):
                    batch.append(job)
            if batch:
                return batch
        return []

    def _send(self, jobs: list[Job], now: float) -> None:
        graph = self._graph
        try:
            call = _Call(jobs, graph._tokens.current(), now)
        except EntraError as error:
            self._ended = error
            return
        graph.sent += 1
        graph.asked += len(jobs)
        graph._gate.sent(now, call.writes, len(jobs))
        for job in jobs:
            graph.retried += job.again
            job.sent = True
        limit = None if graph.deadline is None else max(0.1, graph.deadline - now)
        self._under_way.append(call)
        graph._workers.submit(lambda: (call, _fetch(graph, call, limit)))

    # -- receiving

    def _receive(self) -> None:
        """Wait for a call to come back, or for the moment at which something can be sent."""
        graph = self._graph
        now = graph.now()
        moments = [] if graph.deadline is None else [graph.deadline]
        if self._ended is None:
            moments += self._ripening(now)
            if graph.deadline is not None and not self._under_way and min(moments) >= graph.deadline:
                self._ended = OutOfTime("The next request would be later than 'run_timeout' allows.")
                return
        elif graph.deadline is not None and now >= graph.deadline:
            self._leave()
            return
        wake = min(moments, default=math.inf)
        result = graph._workers.wait(None if wake == math.inf else max(0.0, wake - now))
        if result is None:
            return
        call, replies = result
        # A call that an earlier exchange left behind at its end is nobody's any more.
        if call in self._under_way:
            self._under_way.remove(call)
            graph._gate.landed(len(call.jobs))
            self._handle(call, replies)

    def _leave(self) -> None:
        """Nobody waits for the calls under way any more."""
        for call in self._under_way:
            self._graph._gate.landed(len(call.jobs))
        self._under_way = []

    def _ripening(self, now: float) -> Iterator[float]:
        """The moments at which something might be sent."""
        if self._later:
            yield self._later[0][0]
        for writes, waiting in self._free_to_go():
            if waiting:
                count = min(len(waiting), BATCH_SIZE)
                ripe = now if count == BATCH_SIZE or not self._under_way else waiting[0].ready_at + LINGER
                yield max(ripe, self._graph._gate.opens_at(now, writes, count))

    def _free_to_go(self) -> list[tuple[bool, deque[Job]]]:
        """The queues to send from. The first call of a kind goes alone: it finds out if a permission is missing."""
        pioneers = {call.writes for call in self._under_way if not self._graph._tried[call.writes]}
        return [(writes, waiting) for writes, waiting in self._ready.items() if writes not in pioneers]

    def _handle(self, call: _Call, replies: list[Reply]) -> None:
        try:
            self._feel(call, replies)
        except EntraError as error:
            self._ended = self._ended or error
        for job, answer in zip(call.jobs, replies):
            if answer.verdict == UNAUTHORIZED:
                job.sent = False
            try:
                if self._ended is not None or not self._again(job, call, answer):
                    for follower in self._on_reply(job, answer):
                        self._put(follower)
            except EntraError as error:
                self._ended = self._ended or error

    def _feel(self, call: _Call, replies: list[Reply]) -> None:
        """What a call tells about the service as a whole."""
        graph, gate = self._graph, self._graph._gate
        verdicts = [answer.verdict for answer in replies]
        graph.throttled += verdicts.count(THROTTLED)
        served = verdicts.count(OK) + verdicts.count(REFUSED)
        if served:
            graph._renewed_in_vain = graph._renewed_in_vain and call.token != graph._tokens.current()
        waits = [answer.retry_after for answer in replies if answer.verdict in (THROTTLED, RETRY)]
        percentages = [answer.percentage for answer in replies]
        # A service that is down is down for all, whatever else was throttled beside.
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
        if all(answer.status == 0 for answer in replies):
            graph._silence += 1
            _give_up_on(graph, replies[0])
        else:
            graph._silence = 0
            graph._answered = True
            graph._tried[call.writes] = True

    def _again(self, job: Job, call: _Call, answer: Reply) -> bool:
        """Whether `job` was put back in line instead of being answered."""
        graph = self._graph
        verdict = answer.verdict
        if verdict == UNAUTHORIZED:
            # Nothing was done, so a write may be sent again as well.
            current = call.token == graph._tokens.current()
            if (current and graph._renewed_in_vain) or job.rejected_token not in (None, call.token):
                raise AuthenticationFailed(
                    f"Graph does not accept the token, nor a new one ({answer.said}). Check 'cloud', 'graph_url' and"
                    " the clock of this machine.",
                    answer.support,
                )
            job.rejected_token = call.token
            if current:
                graph._tokens.renew(call.token)
                graph._renewed_in_vain = True
            # First in line, so that it is the new token that it meets.
            job.again, job.ready_at = True, graph.now()
            self._ready[job.request.writes].appendleft(job)
            return True
        if job.request.writes or verdict not in (THROTTLED, RETRY, LOST):
            return False
        if verdict != THROTTLED:
            job.failures += 1
            if job.failures >= MOST_FAILURES:
                return False
            job.not_before = graph.now() + back_off(job.failures, graph._jitter)
        job.again = True
        self._put(job)
        return True


def _give_up_on(graph: Graph, answer: Reply) -> None:
    """Raise Unreachable when no answer is to be hoped for."""
    patience = MOST_SILENCE if graph._answered else _PATIENCE_AT_FIRST.get(answer.lost or "", 1)
    if graph._silence >= patience:
        raise Unreachable(f"Microsoft Graph: {answer.message}", answer.support)


# -- in a worker's thread: nothing here decides


def _fetch(graph: Graph, call: _Call, limit: float | None) -> list[Reply]:
    """The replies to `call`, one for each of its jobs and in their order."""
    identifier = str(uuid.uuid4())
    headers = {"Authorization": "Bearer " + call.token, "Accept": "application/json", "client-request-id": identifier}
    if len(call.jobs) == 1:
        request = call.jobs[0].request
        method, path, data = request.method, request.path, None
        headers.update(request.headers)
    else:
        method, path = "POST", "/$batch"
        data = json.dumps({"requests": [_item(number, job.request) for number, job in enumerate(call.jobs)]})
        headers["Content-Type"] = "application/json"
    try:
        answer = graph._session.fetch(method, graph._root + path, headers, data, timeout=limit)
    except NoAnswer as nothing:
        return [no_reply(nothing.kind, nothing.message, identifier)] * len(call.jobs)
    body = answer.json()
    outer = reply(answer.status, answer.headers, body, identifier)
    if outer.verdict != OK:
        return [outer] * len(call.jobs)
    replies = [outer] if len(call.jobs) == 1 else _unpack(body, len(call.jobs), identifier)
    return [_readable(job.request, answer, identifier) for job, answer in zip(call.jobs, replies)]


def _readable(request: Request, answer: Reply, identifier: str) -> Reply:
    """`answer`, unless it is a read that succeeded with nothing to read: a proxy's page, a body cut short."""
    if request.writes or answer.verdict != OK or isinstance(answer.body, dict):
        return answer
    return no_reply(DROPPED, "The answer is not the JSON object that Graph sends.", identifier)


def _item(number: int, request: Request) -> dict[str, Any]:
    item: dict[str, Any] = {"id": str(number), "method": request.method, "url": request.path}
    if request.headers:
        item["headers"] = dict(request.headers)
    if request.writes:
        # The batching page asks for a body even where the action has none.
        item["headers"] = {**request.headers, "Content-Type": "application/json"}
        item["body"] = {}
    return item


def _unpack(body: Any, count: int, identifier: str) -> list[Reply]:
    """Replies out of a `$batch` answer: matched by id in any order; what is missing or unreadable got no answer."""
    found: dict[str, Reply] = {}
    items = body.get("responses") if isinstance(body, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and isinstance(item.get("status"), int):
            headers: Any = item.get("headers")
            answer = reply(item["status"], headers if isinstance(headers, dict) else {}, item.get("body"), identifier)
            found.setdefault(str(item.get("id")), answer)
    missing = no_reply(DROPPED, "The batch came back without an answer to this request.", identifier)
    return [found.get(str(number), missing) for number in range(count)]
