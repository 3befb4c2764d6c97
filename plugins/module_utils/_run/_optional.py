# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Reads that a run can do without, such as those that only explain. They do not hold up the run."""

from __future__ import annotations

from collections.abc import Callable

from .._graph._client import Graph, Job

LONGEST_RETRY = 10.0
"""Seconds in which such a read is retried. Then it is given up without a reply."""


def briefly(graph: Graph) -> Callable[[Job], bool]:
    """What `Graph.exchange` takes as `admit` to retry from now on for LONGEST_RETRY only."""
    until = graph.now() + LONGEST_RETRY
    return lambda job: not job.again or graph.now() < until
