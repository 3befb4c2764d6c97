# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One user in one task, beside one task and four tasks of `ansible.builtin.uri`."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmark.page import at_most, ratios, table, with_range
from benchmark.peers import Peers, off, play, tenant
from graph_simulator import Simulator

ROUNDS = 5
TASKS = 10
WANTED = {"one uri task": 1.25, "four uri tasks": 0.45}
"""Ours over theirs, at most."""


def measure(folder: Path) -> dict[str, list[float]]:
    """Seconds per task, round by round: plays of ten tasks less an empty play, divided by ten."""
    taken: dict[str, list[float]] = {"ours": [], "one uri task": [], "four uri tasks": []}
    with Simulator(tenant(2 * TASKS, 0)) as simulator:
        peers = Peers(simulator)
        for number in range(ROUNDS):
            simulator.reset()
            users, others = off(range(1, TASKS + 1)), off(range(TASKS + 1, 2 * TASKS + 1))
            plays = {
                "ours": [peers.ours(user=user) for user in users],
                "one uri task": [peers.read(user) for user in users],
                "four uri tasks": [task for user in others for task in peers.four_tasks(user, "enable")],
            }
            empty = play([], folder).seconds
            for name, tasks in plays.items():
                taken[name].append((play(tasks, folder).seconds - empty) / TASKS)
            changed = sum(entry.effect for entry in simulator.journal())
            if changed != 2 * TASKS:
                raise RuntimeError(f"{changed} changes in round {number} instead of {2 * TASKS}")
    return taken


def section(folder: Path) -> list[str]:
    taken = measure(folder)
    rows = [["`frontline.entra.sms_sign_in`", f"{statistics.median(taken['ours']):.3f}", "", ""]]
    for name, most in WANTED.items():
        found = ratios(taken["ours"], taken[name])
        wanted = at_most(most, statistics.median(found))
        rows.append([name, f"{statistics.median(taken[name]):.3f}", with_range(found), wanted])
    return [
        "## One user in one task",
        "",
        f"A play of {TASKS} such tasks less an empty play, divided by {TASKS}; {ROUNDS} rounds; no simulated latency.",
        "Ours signs in through MSAL, reads, writes and reads back. The one `ansible.builtin.uri` task sends one GET",
        "with a token got before. The four tasks sign in, read, write and read back.",
        "",
        *table(["contestant", "seconds per user", "ours / it", "wanted"], rows),
    ]
