# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A run that only reads, for the info modules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from .._auth._source import TokenSource
from .._domain._targets import Target
from .._goals._goal import SATISFIED, Step, View
from .._graph._client import Graph
from .._graph._messages import Reply
from .._results._outcomes import Outcome
from ._book import Book
from ._course import Course, Show
from ._doubts import Doubt, Finding, Planned, ask_all
from ._preflight import require_permissions
from ._reader import read_all
from ._run import Save
from ._selection import Subjects, Warn

_READ = Step(SATISFIED)


class Inquiry(NamedTuple):
    """What to read. `doubts` are asked about every subject that was read; their reasons fail it.

    `about` is what a report says of it besides.
    """

    view: View
    subjects: Subjects
    tolerate: Sequence[str] = ()
    run_timeout: float | None = None
    doubts: Sequence[Doubt] = ()
    about: Mapping[str, Any] = MappingProxyType({})


class Survey:
    """As `Run`, without a write: each subject that was read has an outcome that changed nothing."""

    def __init__(
        self,
        inquiry: Inquiry,
        graph: Graph,
        tokens: TokenSource,
        warn: Warn,
        save: Save,
        show: Show = lambda position: None,
    ) -> None:
        self._inquiry = inquiry
        self._graph = graph
        self._tokens = tokens
        self._warn = warn
        self._save = save
        self._course = Course(graph, show)
        self._book = Book(inquiry.view, inquiry.tolerate)
        self._targets: list[Target] = []
        self._settled: dict[str, Outcome] = {}
        self.stopped: str | None = None
        """Always None: nothing is skipped without an error."""

    @property
    def outcomes(self) -> list[Outcome]:
        """One for each subject, in the order in which they came."""
        return [
            self._settled.get(target.name) or self._book.unreached(target, None, self._course.cause, "")
            for target in self._targets
        ]

    def execute(self) -> None:
        """Raises EntraError when the run cannot continue; `outcomes` has what was read by then."""
        inquiry, graph = self._inquiry, self._graph
        graph.on_wait, graph.on_listed = self._course.wait, self._course.list_more
        with self._course.ending():
            self._targets = inquiry.subjects.known
            if self._targets or inquiry.subjects.needs:
                more = [*inquiry.subjects.needs, *(need for doubt in inquiry.doubts for need in doubt.needs)]
                require_permissions([inquiry.view.may_read, *more], self._tokens.token())
            self._targets = inquiry.subjects.gather(graph, self._tokens, self._warn)
            grant, total = inquiry.view.may_read.grant, len(self._targets)
            self._save(lambda: self.outcomes)
            read = read_all(
                self._targets,
                inquiry.view,
                graph,
                self._tokens,
                grant,
                lambda done: self._course.report("reading", done, total),
            )
            found = []
            for target in self._targets:
                state = read.pop(target.name)
                if isinstance(state, Reply):
                    reason = inquiry.view.reason_of(state)
                    self._settled[target.name] = self._book.refused(target, reason, inquiry.view.unread, state)
                else:
                    found.append(Planned(target, state, _READ))
            findings = ask_all(inquiry.doubts, found, graph, self._course.check)
            for one in found:
                self._settled[one.target.name] = self._settle(one, findings.get(one.target.name, Finding()))

    def stop(self, why: str) -> float | None:
        """Ends at once, since nothing has to be verified; None when the run is over."""
        return None if self._course.over else 0.0

    def _settle(self, planned: Planned, finding: Finding) -> Outcome:
        target, state, step = planned
        if finding.reason:
            return self._book.refused(target, finding.reason, state, finding.reply, finding.says, finding.more)
        says = " ".join(filter(None, (self._inquiry.view.facts(state, state).says, finding.says)))
        return self._book.satisfied(target, state, step._replace(says=says), finding.more)
