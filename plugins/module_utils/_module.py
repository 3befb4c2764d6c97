# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The only file that knows AnsibleModule: builds it, connects the layers, turns errors into fail_json."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from ansible.module_utils.basic import AnsibleModule

from ._auth._login import Login
from ._auth._selector import build, select, tenant_of
from ._auth._source import TokenSource
from ._deps import require
from ._domain._redaction import redact, redact_name
from ._domain._words import NO_WORDS
from ._errors import EntraError, InternalError, Interrupted, InvalidOptions, NotAvailableInCloud, OutOfTime
from ._graph._client import BATCH_SIZE, Graph
from ._graph._clock import Threads
from ._graph._gate import Gate
from ._http import Session
from ._options import GRAPH_OPTIONS, connection, texts_of
from ._results._message import describe, run_reason
from ._results._outcomes import Outcome, summarise
from ._results._progress import ProgressFile, Step
from ._results._result import shown_diff, shown_users
from ._run._run import Order, Run
from ._run._selection import Warn
from ._signals import StopSignals
from ._version import VERSION

if TYPE_CHECKING:
    from ._results._report import ReportFile

MOST_CALLS = 8
"""HTTP calls in flight at the most."""

SHORTEST_SECRET = 8
"""Characters. Ansible stars a secret wherever it stands in a result; a shorter one would star half of the words."""

ReadOrder = Callable[[Mapping[str, Any], Set[str], bool, Warn], Order]
"""Makes an order of the options, the names of the given ones, check mode, and a way to warn. Raises EntraError."""

MOST_WARNINGS = 20
MOST_OF_A_WARNING = 1000
"""Warnings of a task, and characters of each. ansible-core before 2.19 keeps every copy of a warning."""

MOST_OF_AN_OPTION = 200
"""Characters of an option in `invocation`."""

_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

_IMPOSSIBLE = re.compile("[\0\ud800-\udb7f]")
"""No file system, URL or log takes these. The other surrogates stand for bytes of a path that are not UTF-8."""


class EntraModule(AnsibleModule):  # type: ignore[misc]
    """An Ansible module with the options that all of ours share."""

    def __init__(self, options: Mapping[str, Any], name_lists: Sequence[str] = ()) -> None:
        """`name_lists` are the options in which every entry is the name of a user or a group."""
        self._started = time.monotonic()
        self._name_lists = name_lists
        self._bad_values: list[str] = []
        self._options_given: set[str] = set()
        self._warned: set[str] = set()
        super().__init__(argument_spec={**GRAPH_OPTIONS, **options}, supports_check_mode=True)
        for value in [value for value in self.no_log_values if len(value) < SHORTEST_SECRET]:
            self.no_log_values.discard(value)
            self.warn(f"A secret has {len(value)} characters only, too few for a real one, so it is not masked.")

    def _load_params(self) -> None:
        """A null or blank option counts as not given, before Ansible's own checks and conversions see it.

        AWX injects empty texts for fields left blank. Names and numbers are checked here too: Ansible would make a text
        of a number, a number of `yes`, and cut a text at its commas.
        """
        super()._load_params()
        for name, option in self.argument_spec.items():
            for spelling in (name, *option.get("aliases", ())):
                value = self.params.get(spelling)
                if value is None or (isinstance(value, str) and not value.strip()):
                    self.params.pop(spelling, None)
                    continue
                if name in self._name_lists:
                    self.params[spelling], problem = texts_of(spelling, value)
                    if name in self._options_given:
                        # Ansible would take the alias and drop the other list.
                        del self.params[spelling]
                        problem = f"'{name}' and '{spelling}' are the same option, and both are set. Give one of them."
                    self._bad_values += [problem] if problem else []
                elif isinstance(value, bool) and option.get("type") in ("int", "float"):
                    self._bad_values.append(f"'{spelling}' is the boolean {str(value).lower()}, not a number.")
                elif isinstance(value, str) and _IMPOSSIBLE.search(value):
                    self.fail_json(f"'{spelling}' contains a NUL character or half of a surrogate pair.")
                self._options_given.add(name)

    def warn(self, warning: str, **more: Any) -> None:
        """As Ansible's, each text once and only so many: a warning can come from a loop over users."""
        text = redact(warning, most=MOST_OF_A_WARNING)
        if text in self._warned or len(self._warned) > MOST_WARNINGS:
            return
        self._warned.add(text)
        super().warn(text if len(self._warned) <= MOST_WARNINGS else "There are more warnings, not shown here.", **more)

    def fail_json(self, msg: str, **result: Any) -> None:
        """As Ansible's; Ansible's own complaints about options get the keys of every result as well."""
        if "reason" not in result:
            result = {**self._result(None, [], InvalidOptions(msg), None, None), **result}
            msg = result.pop("msg")
        super().fail_json(msg=msg, **result)

    def reconcile(self, read_order: ReadOrder) -> None:
        """Carry out the order that `read_order` makes of the options, and exit."""
        with StopSignals() as signals:
            result = self._carry_out(read_order, signals)
        if result["reason"] is None:
            self.exit_json(**result)
        self.fail_json(**result)

    def _carry_out(self, read_order: ReadOrder, signals: StopSignals) -> dict[str, Any]:
        order, run, graph, tokens, report, error = None, None, None, None, None, None
        auth: dict[str, str | None] = {"method": None, "source": None}
        try:
            if self._bad_values:
                raise InvalidOptions(" ".join(self._bad_values))
            order = read_order(self.params, self._options_given, self.check_mode, self.warn)
            to = connection(self.params, os.environ)
            report = self._report(order, to.cloud.name)
            if not to.cloud.sms_actions:
                raise NotAvailableInCloud(f"SMS sign-in cannot be enabled or disabled in the cloud '{to.cloud.name}'.")
            identity = select(self.params, os.environ)
            auth = {"method": identity.method, "source": identity.source}
            require(*identity.way.libraries)
            session = Session(to.verify, to.timeout, MOST_CALLS)
            for secret in (*identity.secrets, *session.secrets):
                self._conceal(secret)
            if not to.verify:
                self.warn(
                    "'validate_certs' is off: the credential and the token are sent to a host whose identity is not"
                    " verified. Set 'ca_path' instead."
                )
            run_timeout = order.limits.run_timeout
            deadline = None if run_timeout is None else self._started + run_timeout
            login = Login(
                session,
                to.authority,
                to.cloud.graph_url,
                deadline,
                clock=time.monotonic,
                timeout=to.timeout,
                conceal=self._conceal,
            )
            tokens = TokenSource(build(identity, login), self._conceal)
            graph = Graph(session, to.graph_url, tokens, Threads(), Gate(MOST_CALLS, BATCH_SIZE), deadline)
            run = Run(order, graph, tokens, self.warn, self._saver(report), self._shower())
            signals.ask = run.stop
            run.execute()
        except EntraError as failure:
            error = failure
        except Interrupted as told:
            error = OutOfTime(told.message)
        except Exception as unforeseen:  # noqa: BLE001 - whatever it is, the task gets a result
            error = InternalError(unforeseen)
        run_outcomes: list[Outcome] = []
        try:
            run_outcomes = run.outcomes if run else []
            if report is not None and run is not None:
                # What ended the run is more important than a report that cannot be written.
                unsaved = self._save(report, run_outcomes)
                ended = error.message if error else run.stopped
                if unsaved and ended and unsaved.message != ended:
                    self.warn(unsaved.message)
                error = error or (None if run.stopped else unsaved)
            counts = self._counts(graph, tokens)
            result = self._result(order, run_outcomes, error, run.stopped if run else None, counts)
        except Exception as unforeseen:  # noqa: BLE001 - a result without users is better than none
            result = self._result(order, [], InternalError(unforeseen), None, None)
            result["changed"] = any(outcome.changed for outcome in run_outcomes)
        result["auth"] = auth
        return result

    def _result(
        self,
        order: Order | None,
        run_outcomes: Sequence[Outcome],
        error: EntraError | None,
        stopped: str | None,
        counts: Mapping[str, Any] | None,
    ) -> dict[str, Any]:
        summary = summarise(run_outcomes)
        problem = error.message if error else stopped
        users, omitted = shown_users(run_outcomes, self.params.get("return_users") or "all")
        result: dict[str, Any] = {
            "changed": any(outcome.changed for outcome in run_outcomes),
            # ansible-core from 2.19 on prints the message of a failed task, with `no_log` too.
            "msg": describe(
                run_outcomes, order.goal.words if order else NO_WORDS, self.check_mode, problem, names=not self.no_log
            ),
            "reason": run_reason(error, stopped, summary),
            "support": error.support if error else None,
            "users": users,
            "users_omitted": omitted,
            "summary": summary,
            "requests": counts or self._counts(None, None),
            "auth": {"method": None, "source": None},
            "invocation": {"module_args": self._given()},
        }
        if self._diff:
            result["diff"], result["diff_omitted"] = shown_diff(
                run_outcomes, order.goal.difference if order else lambda entry: ({}, {})
            )
        return result

    def _given(self) -> dict[str, Any]:
        """The options for `invocation`: lists as counts, secrets masked."""
        given: dict[str, Any] = {}
        for name, option in self.argument_spec.items():
            value = self.params.get(name)
            if value and option.get("no_log"):
                value = _MASK
            elif name == "tenant_id" and value:
                # Its domain can have eight digits: Microsoft's tenants for demonstrations do.
                value = redact_name(value)
            elif isinstance(value, str):
                value = redact(value, most=MOST_OF_AN_OPTION)
            given[name] = len(value) if isinstance(value, list) else value
        return given

    def _counts(self, graph: Graph | None, tokens: TokenSource | None) -> dict[str, Any]:
        return {
            "sent": (graph.sent if graph else 0) + (tokens.sent if tokens else 0),
            "throttled": graph.throttled if graph else 0,
            "retried": graph.retried if graph else 0,
            "seconds": round(time.monotonic() - self._started, 3),
        }

    def _conceal(self, secret: str) -> None:
        if len(secret) >= SHORTEST_SECRET:
            self.no_log_values.add(secret)

    def _report(self, order: Order, cloud: str) -> ReportFile | None:
        path = self.params["report_path"]
        if not path:
            return None
        # Imported where asked for, as everything that few runs need: Ansible compiles it anew in every task.
        from ._results._report import ReportFile

        scope = order.subjects.scope
        head = {
            "tenant": tenant_of(self.params, os.environ),
            "cloud": cloud,
            "collection_version": VERSION,
            "scope": {
                "users": len(scope.users),
                "groups": [redact(name) for name in scope.groups],
                "exclude_users": len(scope.exclude_users),
                "exclude_groups": [redact(name) for name in scope.exclude_groups],
            },
        }
        return ReportFile(path, order.check_mode, order.goal.desired, head)

    def _saver(self, report: ReportFile | None) -> Callable[[Callable[[], Sequence[Outcome]]], None]:
        """Saves the plan, which must succeed, then outcomes now and then: a failure is one warning and ends no run."""
        planned = warned = False

        def save(run_outcomes: Callable[[], Sequence[Outcome]]) -> None:
            nonlocal planned, warned
            if report is None:
                return
            try:
                report.save_now_and_then(run_outcomes)
            except InvalidOptions as error:
                if not planned:
                    raise
                if not warned:
                    self.warn(error.message)
                warned = True
            planned = True

        return save

    def _shower(self) -> Callable[[Step], None]:
        """Keeps the progress file, which is a help to look at: no run ends because it cannot be written."""
        path = self.params["progress_path"]
        file = ProgressFile(path, time.monotonic) if path else None

        def show(step: Step) -> None:
            nonlocal file
            if file is None:
                return
            try:
                file.show(step)
            except OSError as error:
                self.warn(f"'progress_path' cannot be written: {path}: {error.strerror}.")
                file = None

        return show

    def _save(self, report: ReportFile, run_outcomes: Sequence[Outcome]) -> EntraError | None:
        """Save the last state of the report. What went wrong, if anything did."""
        try:
            report.save(run_outcomes, finished=True)
        except InvalidOptions as unsaved:
            return unsaved
        if report.notice:
            self.warn(report.notice)
        return None
