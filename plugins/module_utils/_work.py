# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What modules do with a task: connect the layers, run, turn errors into reasons of a complete result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ._auth._destination import Destination
from ._auth._login import Login
from ._auth._selector import build, select, tenant_of
from ._auth._source import TokenSource
from ._deps import require
from ._domain._redaction import redact
from ._domain._words import NO_WORDS
from ._errors import MOST_OF_A_PROBLEM, EntraError, InternalError, Interrupted, as_failure
from ._graph._client import BATCH_SIZE, Graph
from ._graph._clock import Threads
from ._graph._gate import Gate
from ._http import Session
from ._options import connection
from ._results._message import describe, run_reason, without_names
from ._results._outcomes import OF_A_RUN, Outcome, summarise
from ._results._progress import ProgressFile, Step
from ._results._result import shown_diff, shown_users
from ._run._run import Order, Run
from ._run._selection import Scope
from ._task import Task
from ._version import VERSION

if TYPE_CHECKING:
    from ._results._report import ReportFile
    from ._run._inquiry import Inquiry, Survey

Summary = Callable[[Sequence[Outcome]], Mapping[str, Any]]
"""Makes the `summary` of a result and a report."""

MOST_CALLS = 8
"""HTTP calls in flight at the most."""


class Connected(NamedTuple):
    """The layers for one task."""

    graph: Graph
    tokens: TokenSource


class Digest(NamedTuple):
    """What an inquiry found: the outcomes to list in `users`, more keys of `summary`, and a sentence.

    Of users that were read, those that `ahead` names are listed first.
    """

    listed: Sequence[Outcome]
    summary: Mapping[str, Any]
    msg: str
    ahead: Callable[[Outcome], bool] = lambda outcome: False


class _Finished(NamedTuple):
    """A run or an inquiry that has ended, one way or the other. `order` is None if there was none."""

    order: Any
    outcomes: Sequence[Outcome]
    error: EntraError | None
    stopped: str | None
    connected: Connected | None

    @property
    def problem(self) -> str | None:
        """What ended it early."""
        return self.error.message if self.error else self.stopped

    @property
    def reason(self) -> str | None:
        return run_reason(self.error, self.stopped, summarise(self.outcomes))

    def said(self, task: Task) -> str | None:
        """`problem` for a message. ansible-core from 2.19 on prints that of a failed task, with `no_log` too."""
        return without_names(self.problem, self.reason) if task.no_log else self.problem


def reconcile(task: Task, make_order: Callable[[Task], Order]) -> dict[str, Any]:
    """The result of the run that `make_order` asks for; it may raise EntraError.

    The task fails if `reason` is not None. All keys are there whatever happens.
    """

    def show(finished: _Finished) -> dict[str, Any]:
        goal, found = finished.order.goal if finished.order else None, finished.outcomes
        users, omitted = shown_users(found, task.params.get("return_users") or "all")
        words = goal.words if goal else NO_WORDS
        result: dict[str, Any] = {
            "msg": describe(found, words, task.check_mode, finished.said(task), names=not task.no_log),
            "users": users,
            "users_omitted": omitted,
            "summary": summarise(found),
        }
        if task.diff:
            result["diff"], result["diff_omitted"] = shown_diff(found, goal.difference if goal else _no_difference)
        return result

    return _result(task, _carry_out(task, make_order, Run, summarise), show)


def inquire(
    task: Task, make_inquiry: Callable[[Task], Inquiry], digest: Callable[[Sequence[Outcome]], Digest]
) -> dict[str, Any]:
    """The result of an inquiry, which changes nothing. As `reconcile` otherwise; `digest` says what is shown of it."""

    def summary(found: Sequence[Outcome]) -> dict[str, Any]:
        counts = summarise(found)
        failed = counts["failed"] + counts["skipped"]
        return {"total": counts["total"], "failed": failed, "reasons": counts["reasons"], **digest(found).summary}

    # Imported where asked for: only modules that read need it.
    from ._run._inquiry import Survey

    def show(finished: _Finished) -> dict[str, Any]:
        found = digest(finished.outcomes)
        users, omitted = shown_users(found.listed, "all", found.ahead)
        reached = found.msg if finished.outcomes or not finished.problem else ""
        return {
            "msg": redact(" ".join(filter(None, (finished.said(task), reached))), most=MOST_OF_A_PROBLEM),
            "users": [{key: user[key] for key in user if key not in OF_A_RUN} for user in users],
            "users_omitted": omitted,
            "summary": summary(finished.outcomes),
        }

    return _result(task, _carry_out(task, make_inquiry, Survey, summary), show)


def connect(task: Task) -> Connected:
    """The layers, from the shared options and the environment. Sends nothing yet. Raises EntraError.

    `task.auth` names the credential from then on. Connections and threads end with the task.
    """
    to = connection(task.params, os.environ)
    identity = select(task.params, os.environ)
    task.auth = {"method": identity.method, "source": identity.source}
    require(*identity.way.libraries)
    session = Session(to.verify, to.timeout, MOST_CALLS)
    task.at_the_end(session.close)
    for secret in (*identity.secrets, *session.secrets):
        task.conceal(secret)
    if not to.verify:
        task.warn(
            "'validate_certs' is off: the credential and the token are sent to a host whose identity is not"
            " verified. Set 'ca_path' instead."
        )
    run_timeout = task.params.get("run_timeout")
    deadline = None if run_timeout is None else task.started + run_timeout
    login = Login(
        session,
        to.authority,
        to.cloud.graph_url,
        deadline,
        clock=time.monotonic,
        timeout=to.timeout,
        conceal=task.conceal,
    )
    destination = Destination(to.authority, (to.cloud.graph_url, to.graph_url), task.params.get("tenant_id"))
    tokens = TokenSource(build(identity, login), task.conceal, destination.admit)
    threads = Threads()
    task.at_the_end(threads.close)
    graph = Graph(session, to.graph_url, tokens, threads, Gate(MOST_CALLS, BATCH_SIZE), deadline)
    return Connected(graph, tokens)


def _carry_out(
    task: Task, make: Callable[[Task], Any], runner: Callable[..., Run | Survey], summary: Summary
) -> _Finished:
    order, run, report, connected, error = None, None, None, None, None
    try:
        task.require_valid()
        order = make(task)
        report = _report(task, order, summary)
        connected = connect(task)
        save = report.save_now_and_then if report else lambda outcomes: None
        run = runner(order, connected.graph, connected.tokens, task.warn, save, _progress_of(task))
        task.stop = run.stop
        run.execute()
    except (Exception, Interrupted) as problem:  # noqa: BLE001 - whatever it is, the task gets a result
        error = as_failure(problem)
    task.end()
    if run is None:
        return _Finished(order, [], error, None, connected)
    found: list[Outcome] = []
    try:
        found = run.outcomes
        finished = _Finished(order, found, error, run.stopped, connected)
        return _saved(task, finished, report) if report else finished
    except Exception as unforeseen:  # noqa: BLE001 - a result without users is better than none
        return _Finished(order, found, InternalError(unforeseen), None, connected)


def _saved(task: Task, finished: _Finished, report: ReportFile) -> _Finished:
    """What ended the run is more important than a report that cannot be written."""
    unsaved = report.finish(finished.outcomes)
    if unsaved and finished.problem is None:
        return finished._replace(error=unsaved)
    if unsaved and unsaved.message != finished.problem:
        task.warn(unsaved.message)
    return finished


def _result(task: Task, finished: _Finished, show: Callable[[_Finished], dict[str, Any]]) -> dict[str, Any]:
    """The keys of every result, and those of `show`."""
    try:
        shown = show(finished)
    except Exception as unforeseen:  # noqa: BLE001 - a result without users is better than none
        finished = finished._replace(error=InternalError(unforeseen), connected=None)
        shown = _shown_without_users(finished, show)
    return {
        "changed": _changed(finished),
        "reason": finished.reason,
        "support": finished.error.support if finished.error else None,
        "requests": _counts(task, finished.connected),
        "auth": task.auth,
        **shown,
    }


def _shown_without_users(finished: _Finished, show: Callable[[_Finished], dict[str, Any]]) -> dict[str, Any]:
    try:
        return show(finished._replace(outcomes=[], stopped=None))
    except Exception:  # noqa: BLE001 - then the error alone
        return {"msg": finished.problem}


def _changed(finished: _Finished) -> bool:
    return any(outcome.changed for outcome in finished.outcomes)


def _no_difference(_entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    return {}, {}


def _counts(task: Task, connected: Connected | None) -> dict[str, Any]:
    graph, tokens = connected or (None, None)
    return {
        "sent": (graph.sent if graph else 0) + (tokens.sent if tokens else 0),
        "throttled": graph.throttled if graph else 0,
        "retried": graph.retried if graph else 0,
        "seconds": round(time.monotonic() - task.started, 3),
    }


def _report(task: Task, order: Order | Inquiry, summary: Summary) -> ReportFile | None:
    path = task.params.get("report_path")
    if not path:
        return None
    # Imported where asked for: few runs need it.
    from ._results._report import ReportFile

    scope: Scope = order.subjects.scope
    head = {
        "tenant": tenant_of(task.params, os.environ),
        "cloud": connection(task.params, os.environ).cloud.name,
        "collection_version": VERSION,
        "scope": {
            "users": len(scope.users),
            "groups": [redact(name) for name in scope.groups],
            "exclude_users": len(scope.exclude_users),
            "exclude_groups": [redact(name) for name in scope.exclude_groups],
            "registered": scope.registered,
        },
        **({} if isinstance(order, Order) else order.about),
    }
    desired = order.goal.desired if isinstance(order, Order) else None
    return ReportFile(path, task.check_mode, desired, head, task.warn, summary)


def _progress_of(task: Task) -> Callable[[Step], None]:
    """Gets each step of the progress: for the terminal, and for `progress_path` too if that is given."""
    path = task.params.get("progress_path")
    if not path:
        return task.show
    file = ProgressFile(path, time.monotonic, task.warn)

    def show(step: Step) -> None:
        file.show(step)
        task.show(step)

    return show
