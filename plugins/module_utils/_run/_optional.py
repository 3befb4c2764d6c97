# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Reads that a run can do without, such as those that only explain. They do not hold up the run."""

from __future__ import annotations

from collections.abc import Callable

from .._domain import _reasons as reasons
from .._entra._sms_policy import reason_of
from .._graph._client import Graph, Job
from .._graph._messages import OK, Reply

LONGEST_RETRY = 10.0
"""Seconds in which such a read is retried. Then it is given up without a reply."""


def briefly(graph: Graph) -> Callable[[Job], bool]:
    """What `Graph.exchange` takes as `admit` to retry from now on for LONGEST_RETRY only."""
    until = graph.now() + LONGEST_RETRY
    return lambda job: not job.again or graph.now() < until


def why_unread(reply: Reply | None, permission: str) -> str:
    """Why such a read showed nothing, to follow a sentence. `reply` is None if none came in time."""
    if reply is None:
        return " The service was too busy."
    if reply.verdict == OK:
        return ""
    grant = f" Grant {permission}." if reason_of(reply) == reasons.FORBIDDEN else ""
    return f"{grant} {reply.quoted}"
