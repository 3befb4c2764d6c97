# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Whether a user could still sign in without SMS."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone

from .._auth._token import read_token
from .._domain import _reasons as reasons
from .._domain._targets import Target
from .._entra._authentication_methods import (
    MAY_READ_METHODS,
    TO_READ_METHODS,
    Methods,
    caveat,
    methods_request,
    of_use,
    parse_methods,
)
from .._entra._refusals import reason_of
from .._goals._goal import WRITE, Permission
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from ._doubts import Count, Finding, Planned
from ._permissions import PermissionWatch


class NoOtherMethod:
    """Users that have none of the `required` methods registered would be locked out."""

    needs = (Permission(MAY_READ_METHODS, f"{TO_READ_METHODS} (for 'require_methods')"),)

    def __init__(
        self, required: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)
    ) -> None:
        self._required = required
        self._now = now

    def concerns(self, planned: Planned) -> bool:
        return planned.step.verdict == WRITE

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        """Findings with `other_methods`. Raises PermissionMissing when Graph shows this identity no user's methods."""
        found: dict[str, Finding] = {}
        watch = PermissionWatch(len(planned), self.needs[0], read_token(graph.bearer()), reason_of)

        def keep(job: Job, reply: Reply) -> tuple[()]:
            target: Target = job.tag
            methods = parse_methods(reply, self._now()) if reply.verdict == OK else None
            found[target.name] = self._unknown(reply) if methods is None else self._judged(methods)
            watch.see(reply)
            show(len(found), len(planned))
            return ()

        graph.exchange((Job(methods_request(one.target.address), one.target) for one in planned), keep)
        return found

    def _judged(self, methods: Methods) -> Finding:
        more = {"other_methods": list(methods)}
        useful = of_use(methods, self._required)
        if useful:
            return Finding(says=caveat(useful), more=more)
        registered = f"Registered: {', '.join(methods)}." if methods else "Nothing else is registered."
        return Finding(reasons.NO_OTHER_METHOD, registered, more)

    def _unknown(self, reply: Reply) -> Finding:
        """The user's methods could not be read, so nothing is written to the user."""
        return Finding(reason_of(reply), "The user's other methods could not be read.", reply=reply)
