# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection against the simulator in one thread, on a clock that moves only while all of it waits.

Hours pass at once, and the same input has the same result. Everything above HTTP is the collection's own code, all
below it the simulator's; only sockets and threads are left out.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import selectors
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import greenlet

from ansible_collections.frontline.entra.plugins.module_utils._auth._source import TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import Token, read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, Interrupted, OutOfTime
from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE, Graph
from ansible_collections.frontline.entra.plugins.module_utils._graph._gate import Gate
from ansible_collections.frontline.entra.plugins.module_utils._http import DROPPED, TIMEOUT, Answer, NoAnswer
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order, Run
from ansible_collections.frontline.entra.plugins.module_utils._work import MOST_CALLS
from graph_simulator.clock import Clock
from graph_simulator.directory import Directory
from graph_simulator.service import Service

GRAPH_URL = Service.graph_url
START = 1000.0
"""The start of the clock, an arbitrary time."""

EPOCH = 1_800_000_000.0


class _Selector(selectors.DefaultSelector):
    """Does not wait: the time that the loop wants to sleep passes at once."""

    now = START

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everything waits, and nothing will happen")
        self.now += max(0.0, timeout)
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._driven = _Selector()
        super().__init__(self._driven)

    def time(self) -> float:
        return self._driven.now


async def _spawn(call: Callable[[], Any]) -> Any:
    """Run synchronous code that may `_wait_for` coroutines of this loop."""
    task = greenlet.greenlet(call)
    result = task.switch()
    while not task.dead:
        try:
            value = await result
        except Exception as error:  # noqa: BLE001 - it belongs to the code that waits
            result = task.throw(error)
        else:
            result = task.switch(value)
    return result


def _wait_for(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return greenlet.getcurrent().parent.switch(coroutine)


class Workers:
    """The Workers of `_graph/_clock.py` on the driven loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._results: deque[Any] = deque()
        self._news = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        return self._loop.time()

    def submit(self, call: Callable[[], Any]) -> None:
        task = self._loop.create_task(self._do(call))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, call: Callable[[], Any]) -> None:
        try:
            self._results.append(await _spawn(call))
        except Exception as error:  # noqa: BLE001 - carried to the code that waits
            self._results.append(error)
        self._news.set()

    def wait(self, seconds: float | None) -> Any:
        if not self._results:
            self._news.clear()
            _wait_for(self._until_news(seconds))
        if not self._results:
            return None
        result = self._results.popleft()
        if isinstance(result, Exception):
            raise result
        return result

    async def _until_news(self, seconds: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._news.wait(), seconds)


@dataclass
class Exchange:
    """One HTTP call as the client saw it, times in seconds of the clock.

    `requests` are what was asked, those of a batch or the one; `replies` what came back to each: a status (None: no
    answer), headers in lower case, and the parsed body.
    """

    sent_at: float
    requests: list[tuple[str, str]]
    done_at: float = float("inf")
    replies: list[tuple[int | None, Mapping[str, str], Any]] = field(default_factory=list)


class Session:
    """Replaces `_http.Session` for the client, without a network. `exchanges` are the calls and their answers."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.timeout = 75.0
        self.exchanges: list[Exchange] = []

    def fetch(
        self, method: str, url: str, headers: Any = None, data: Any = None, params: Any = None, timeout: Any = None
    ) -> Answer:
        now = self._world.loop.time
        path = url.removeprefix(GRAPH_URL + "/v1.0")
        inner = json.loads(data)["requests"] if path == "/$batch" else [{"method": method, "url": path}]
        exchange = Exchange(now(), [(item["method"], item["url"]) for item in inner])
        self.exchanges.append(exchange)
        limit = min(self.timeout, timeout) if timeout is not None else self.timeout
        try:
            answer = _wait_for(self._bounded(method, url, dict(headers or {}), data, limit))
            exchange.replies = _seen(answer, [item.get("id") for item in inner])
            return answer
        finally:
            exchange.done_at = now()
            exchange.replies = exchange.replies or [(None, {}, None)] * len(inner)

    async def _bounded(self, method: str, url: str, headers: dict[str, str], data: Any, limit: float) -> Answer:
        content = data.encode() if isinstance(data, str) else data or b""
        serving = asyncio.ensure_future(self._world.exchange(method, url, headers, content))
        # The service continues after its client has timed out.
        done, _pending = await asyncio.wait([serving], timeout=limit)
        if not done:
            raise NoAnswer(TIMEOUT, "no answer in time")
        answer = serving.result()
        if answer.drop or answer.truncate is not None:
            raise NoAnswer(DROPPED, "the connection broke")
        lowered = {name.lower(): str(value) for name, value in answer.headers.items()}
        return Answer(answer.status, lowered, answer.body.decode("utf-8", "replace"))


class _Signal:
    """Acts as `_signals.StopSignals` after `after` seconds, at the first reply or pause from then on."""

    _WHY = "The task was stopped (SIGTERM)."

    def __init__(self, now: Callable[[], float], after: float | None) -> None:
        self._now = now
        self._at = None if after is None else now() + after
        self._signalled = False

    def reach(self, run: Run) -> None:
        if self._at is None or self._now() < self._at:
            return
        seconds = run.stop(self._WHY)
        if seconds and not self._signalled:
            self._signalled, self._at = True, self._now() + seconds
        elif seconds is not None:
            raise Interrupted(self._WHY)


class _Login:
    """A login that takes `seconds` and always succeeds."""

    sent = 0
    answers_claims = False

    def __init__(self, world: World, client_id: str, seconds: float) -> None:
        self._world = world
        self._client_id = client_id
        self._seconds = seconds

    def token(self, claims: str | None = None) -> Token:
        self._world.sleep(self._seconds)
        return read_token(self._world.token(client_id=self._client_id))


def _seen(answer: Answer, identifiers: list[str | None]) -> list[tuple[int | None, Mapping[str, str], Any]]:
    body = answer.json()
    if answer.status != 200 or identifiers == [None] or not isinstance(body, dict):
        return [(answer.status, answer.headers, body)] * len(identifiers)
    found: dict[Any, tuple[int | None, Mapping[str, str], Any]] = {}
    for item in body.get("responses", []):
        low = {name.lower(): str(value) for name, value in (item.get("headers") or {}).items()}
        found.setdefault(item.get("id"), (item.get("status"), low, item.get("body")))
    return [found.get(identifier, (None, {}, None)) for identifier in identifiers]


class World(Service):
    """A tenant and a clock. `run` lets ordinary code use workers of it, and `session`."""

    def __init__(self, tenant: Mapping[str, Any]) -> None:
        self.loop = _Loop()
        super().__init__(tenant, clock=Clock(monotonic=self.loop.time, epoch=lambda: EPOCH + self.loop.time()))
        self.session = Session(self)

    @property
    def directory(self) -> Directory:
        return self._state.directory

    def run(self, code: Callable[[Workers], Any]) -> Any:
        async def main() -> Any:
            return await _spawn(lambda: code(Workers(self.loop)))

        return self.loop.run_until_complete(main())

    def reconcile(
        self,
        order: Order,
        client_id: str,
        login_takes: float = 0.0,
        warn: Callable[[str], None] = print,
        progress: Callable[[Callable[[], Sequence[Outcome]]], None] = lambda outcomes: None,
        stop_after: float | None = None,
    ) -> tuple[Run, EntraError | None]:
        """A run as in the module, from its login to its end, and its error. Random numbers are the same in each run.

        After `stop_after` seconds a signal stops it.
        """

        def carry_out(workers: Workers) -> tuple[Run, EntraError | None]:
            deadline = None if order.limits.run_timeout is None else workers.now() + order.limits.run_timeout
            tokens = TokenSource(_Login(self, client_id, login_takes), lambda _token: None)
            gate = Gate(MOST_CALLS, BATCH_SIZE, random.Random(1))
            graph = Graph(self.session, GRAPH_URL, tokens, workers, gate, deadline, random.Random(2))
            signal = _Signal(workers.now, stop_after)
            run = Run(order, graph, tokens, warn, progress, lambda _step: signal.reach(run))
            try:
                run.execute()
            except EntraError as error:
                return run, error
            except Interrupted as stopped:
                return run, OutOfTime(stopped.message)
            return run, None

        found: tuple[Run, EntraError | None] = self.run(carry_out)
        return found

    def sleep(self, seconds: float) -> None:
        """For code that `run` runs."""
        _wait_for(asyncio.sleep(seconds))

    def pass_time(self, seconds: float) -> None:
        self.loop.run_until_complete(asyncio.sleep(seconds))

    def end_faults(self) -> None:
        """Remove all faults."""
        self._state.faults.clear()

    def close(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()
