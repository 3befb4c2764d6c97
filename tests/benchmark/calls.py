# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many HTTP calls a task makes for people given by id, beside what full batches need, and how often it looks."""

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
"""Users, and those of them to change."""

DELAYS = (0.0, 0.5, 3.0)
"""Seconds until a write shows."""

WRITTEN, QUOTA = 600, 20
"""Users to change, and requests a second, where writes show late."""

LOGIN = 2
MOST = 1.05


def measure(users: int, to_change: int, folder: Path) -> int:
    """Calls that one task makes, its login's among them."""
    with Simulator(tenant(to_change, users - to_change, {"per_call": CALL})) as simulator:
        names = off(range(1, to_change + 1)) + on(range(1, users - to_change + 1))
        people = [simulator.user_id(name) for name in names]
        _taken, result = play_ours(Peers(simulator).ours(users=people, return_users="none"), folder)
        seen = sum(entry.kind != "item" for entry in simulator.journal())
    if result["summary"]["changed"] != to_change or result["requests"]["sent"] != seen:
        raise RuntimeError(f"{result['msg']} {seen} calls arrived, and it told of {result['requests']}")
    return seen


def looks(delay: float) -> tuple[float, float]:
    """Reads back for each write, and the time as a multiple of what a single one for each would take at the quota."""
    quota = {"phone_methods_per_second": QUOTA, "percentage": True}
    world = World({**tenant(WRITTEN, 0, {"per_call": CALL}), "quota": quota, "switches": {"visibility_lag": delay}})
    run, error = world.reconcile(order_of(Scope(off(range(1, WRITTEN + 1)))), CLIENT_ID)
    if error or any(outcome.kind != "changed" for outcome in run.outcomes):
        raise RuntimeError(f"not all were changed: {error}")
    seconds = world.loop.time() - START
    reads = sum(method == "GET" for exchange in world.session.exchanges for method, _url in exchange.requests)
    world.close()
    return reads / WRITTEN - 1, seconds / (3 * WRITTEN / QUOTA)


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
        f"Those of one task for n users by id of whom k are to change, the login's {LOGIN} among them; a call takes"
        f" {CALL * 1000:g} ms.",
        f"Wanted are at most {MOST:g} x (n/{BATCH_SIZE} + 2k/{BATCH_SIZE} + {LOGIN}): a read for everybody, a write and"
        " a read back for those to change,",
        "in full batches. Batches are whole, so a handful of users needs more than that; the last column counts whole"
        " ones.",
        "",
        *table(["n", "k", "calls", "wanted", "in whole batches"], rows),
        "",
        f"Where writes show late, people are read back when the others have shown to be ready: {WRITTEN} users, all",
        f"to change, at {QUOTA} requests a second, on a driven clock. The first are read at once, after 1, 3 and 7",
        "seconds.",
        "",
        *table(
            ["a write shows after", "reads back for each", "time, of one read back each"],
            [[f"{delay:g} s", f"{back:.2f}", f"{time:.2f}"] for delay in DELAYS for back, time in [looks(delay)]],
        ),
    ]
