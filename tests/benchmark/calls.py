# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many HTTP calls a task makes for people given by id, beside what full batches need."""

from __future__ import annotations

import math
from pathlib import Path

from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE
from benchmark.page import at_most, table
from benchmark.peers import CALL, Peers, off, on, play_ours, tenant
from graph_simulator import Simulator

CASES = ((1000, 300), (5000, 500), (200, 200), (20, 7))
"""Users, and those of them to change."""

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
    ]
