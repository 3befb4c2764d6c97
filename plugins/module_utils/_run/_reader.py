# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Reads the state of every subject, in batches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .._auth._source import TokenSource
from .._domain._targets import Target
from .._goals._goal import View
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply
from ._permissions import PermissionWatch
from ._rereads import Rereads


def read_all(
    targets: Sequence[Target],
    view: View,
    graph: Graph,
    tokens: TokenSource,
    grant: str,
    show: Callable[[int], None],
    rereads: Rereads | None = None,
) -> dict[str, Any]:
    """What each read showed, by the name of the target: the state, else the reply.

    Whole replies of all users would take too much memory. `grant` is what to ask for when Graph refuses all users.
    `show` gets the number of subjects read so far. With `rereads` a state that may pass by itself is read again, and
    the last one counts. Raises EntraError when the run cannot continue.
    """
    read: dict[str, Any] = {}
    if not targets:
        return read
    watch = PermissionWatch(len(targets), view.may_read, tokens.token(), view.reason_of, grant)

    def keep(job: Job, reply: Reply) -> Sequence[Job]:
        state = view.parse(reply) if reply.verdict == OK else None
        if state is not None or job.tag not in read:
            read[job.tag] = reply if state is None else state
        show(len(read))
        watch.see(reply)
        moment = None if rereads is None or state is None else rereads.moment(job.tag, state)
        return () if moment is None else [Job(job.request, job.tag, moment)]

    graph.exchange((Job(view.read(target.address), target.name) for target in targets), keep)
    return read
