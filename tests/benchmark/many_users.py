# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""1,000 users in one task, 300 of which change, compared with a loop of `ansible.builtin.uri`."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path

from benchmark.page import at_least, ratios, table, with_range
from benchmark.peers import MODELS, Peers, off, on, play, play_ours, tenant
from graph_simulator import Simulator

ROUNDS = 2
USERS = 1000
TO_CHANGE = 300
SAMPLE = 50
TARGETS = {"100 ms per call": 30}
"""The time of the loop divided by that of this module, at least. Models without a target are for information."""


def measure(folder: Path, service_time: Mapping[str, float]) -> dict[str, list[float]]:
    """Seconds, by round. The loop handles 50 users, 15 of which change; its time is multiplied by 20."""
    taken: dict[str, list[float]] = {"ours": [], "loop": []}
    users = off(range(1, TO_CHANGE + 1)) + on(range(1, USERS - TO_CHANGE + 1))
    share = SAMPLE * TO_CHANGE // USERS
    sample = users[:share] + users[-(SAMPLE - share) :]
    with Simulator(tenant(TO_CHANGE, USERS - TO_CHANGE, service_time)) as simulator:
        peers = Peers(simulator)
        for _round in range(ROUNDS):
            simulator.reset()
            empty = play([], folder).seconds
            whole, result = play_ours(peers.ours(users=users, return_users="none"), folder)
            taken["ours"].append(whole.seconds - empty)
            if result["summary"]["changed"] != TO_CHANGE:
                raise RuntimeError(result["msg"])
            simulator.reset()
            tasks = [
                peers.sign_in(),
                peers.read("{{ item }}", loop=sample),
                peers.write("{{ item }}", "enable", loop=sample[:share]),
                peers.read("{{ item }}", loop=sample[:share]),
            ]
            taken["loop"].append((play(tasks, folder).seconds - empty) * USERS / SAMPLE)
    return taken


def section(folder: Path) -> list[str]:
    rows = []
    for name, service_time in MODELS.items():
        taken = measure(folder, service_time)
        found = ratios(taken["loop"], taken["ours"])
        target = at_least(TARGETS[name], statistics.median(found)) if name in TARGETS else "for information"
        seconds = [f"{statistics.median(taken[side]):.1f}" for side in ("ours", "loop")]
        rows.append([name, *seconds, with_range(found, ".0f"), target])
    return [
        f"## {USERS:,} users in one task, {TO_CHANGE} to change",
        "",
        f"A loop of `ansible.builtin.uri` does the same for {SAMPLE} users, and its time is multiplied by"
        f" {USERS // SAMPLE}; {ROUNDS} rounds.",
        "The ratio is the time of the loop divided by that of this module.",
        "",
        *table(
            ["service time", "this module, seconds", "loop, seconds (scaled)", "ratio", "target"],
            rows,
        ),
    ]
