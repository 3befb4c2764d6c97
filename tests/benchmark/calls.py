# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP calls of a task for users given by id, compared with those of full batches; reads for each write."""

from __future__ import annotations

import math
from pathlib import Path

from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of
from benchmark.page import at_most, table
from benchmark.peers import CALL, CLIENT_ID, Peers, off, on, play_ours, tenant
from driven import START, World
from graph_simulator import Simulator

CASES = ((1000, 300), (5000, 500), (200, 200), (20, 7))
"""Users, and how many of them change."""

DELAYS = (0.0, 0.5, 3.0)
"""Seconds until a write shows."""

WRITTEN, QUOTA = 600, 20
"""Users to change, and requests a second, where writes show late."""

LOGIN = 2
MOST = 1.05


def measure(users: int, to_change: int, folder: Path) -> int:
    """Calls that one task makes, including its login."""
    with Simulator(tenant(to_change, users - to_change, {"per_call": CALL})) as simulator:
        names = off(range(1, to_change + 1)) + on(range(1, users - to_change + 1))
        ids = [simulator.user_id(name) for name in names]
        _taken, result = play_ours(Peers(simulator).ours(users=ids, return_users="none"), folder)
        seen = sum(entry.kind != "item" for entry in simulator.journal())
    if result["summary"]["changed"] != to_change or result["requests"]["sent"] != seen:
        raise RuntimeError(f"{result['msg']} {seen} calls arrived, and the module reported {result['requests']}")
    return seen


def reads(delay: float) -> tuple[float, float]:
    """Reads back for each write, and the time as a multiple of one read back for each at the quota."""
    quota = {"phone_methods_per_second": QUOTA, "percentage": True}
    world = World({**tenant(WRITTEN, 0, {"per_call": CALL}), "quota": quota, "switches": {"visibility_lag": delay}})
    run, error = world.reconcile(order_of(Scope(off(range(1, WRITTEN + 1)))), CLIENT_ID)
    if error or any(outcome.kind != "changed" for outcome in run.outcomes):
        raise RuntimeError(f"not all were changed: {error}")
    seconds = world.loop.time() - START
    count = sum(method == "GET" for exchange in world.session.exchanges for method, _url in exchange.requests)
    world.close()
    return count / WRITTEN - 1, seconds / (3 * WRITTEN / QUOTA)


def section(folder: Path) -> list[str]:
    rows = []
    for users, to_change in CASES:
        found = measure(users, to_change, folder)
        needed = users / BATCH_SIZE + 2 * to_change / BATCH_SIZE + LOGIN
        whole = math.ceil(users / BATCH_SIZE) + 2 * math.ceil(to_change / BATCH_SIZE) + LOGIN
        rows.append([f"{users:,}", f"{to_change:,}", str(found), at_most(MOST * needed, found, ".1f"), str(whole)])
    return [
        "## HTTP calls",
        "",
        f"Calls of one task for n users by id, k of which change, including {LOGIN} of the login; a call takes"
        f" {CALL * 1000:g} ms.",
        f"The target is {MOST:g} x (n/{BATCH_SIZE} + 2k/{BATCH_SIZE} + {LOGIN}): one read for each user, one write and"
        " one read back for each change,",
        "in full batches. Batches are whole, so a handful of users needs more; the last column counts whole batches.",
        "",
        *table(["n", "k", "calls", "target", "in whole batches"], rows),
        "",
        "If writes become visible late, the delay of the first users decides when the others are read back. The first",
        f"users are read at once, and after 1, 3 and 7 seconds. {WRITTEN} users, all of which change, at {QUOTA}"
        " requests a second,",
        "on a virtual clock:",
        "",
        *table(
            ["a write is visible after", "reads back for each user", "time, relative to one read back each"],
            [[f"{delay:g} s", f"{back:.2f}", f"{time:.2f}"] for delay in DELAYS for back, time in [reads(delay)]],
        ),
    ]
