# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One user in one task, compared with one task and four tasks of `ansible.builtin.uri`."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmark.page import at_most, ratios, table, with_range
from benchmark.peers import Peers, off, on, play, tenant
from graph_simulator import Simulator

ROUNDS = 5
TASKS = 10
OURS = "`frontline.entra.sms_sign_in`"
MODULE = f"{OURS} in a process of its own"
TARGETS = ((OURS, "one uri task", 0.15), (OURS, "four uri tasks", 0.05), (MODULE, "one uri task", 1.25))
"""The time of this module divided by that of the tool, at most."""

LESS = {
    "a worker process of Ansible": ("a debug task", None),
    "the action plugin, reading the options": ("no users", "a debug task"),
    "MSAL, and two calls to the login": ("nothing to change", "a token given"),
    "the read of the user, with its connection": ("a token given", "no users"),
    "the write and the read back": (OURS, "nothing to change"),
}
"""Shares of a task of this module: the difference between two kinds of task."""


def measure(folder: Path) -> dict[str, list[float]]:
    """Seconds per task, by round: plays of ten tasks minus an empty play, divided by ten."""
    taken: dict[str, list[float]] = {}
    with Simulator(tenant(3 * TASKS, TASKS)) as simulator:
        peers = Peers(simulator)
        users, others, more = (off(range(first, first + TASKS)) for first in range(1, 3 * TASKS, TASKS))
        done = on(range(1, TASKS + 1))
        plays = {
            OURS: [peers.ours(user=user) for user in users],
            "one uri task": [peers.read(user) for user in users],
            "four uri tasks": [task for user in others for task in peers.four_tasks(user, "enable")],
            "a debug task": [{"ansible.builtin.debug": {"msg": ""}}] * TASKS,
            MODULE: [{**peers.ours(user=user), "vars": {"frontline_entra_in_process": False}} for user in more],
            "no users": [peers.ours(users=[])] * TASKS,
            "a token given": [peers.with_token(user=user) for user in done],
            "nothing to change": [peers.ours(user=user) for user in done],
        }
        for number in range(ROUNDS):
            simulator.reset()
            empty = play([], folder).seconds
            for name, tasks in plays.items():
                taken.setdefault(name, []).append((play(tasks, folder).seconds - empty) / TASKS)
            changed = sum(entry.effect for entry in simulator.journal())
            if changed != 3 * TASKS:
                raise RuntimeError(f"{changed} changes in round {number} instead of {3 * TASKS}")
    return taken


def section(folder: Path) -> list[str]:
    taken = measure(folder)
    names = (OURS, MODULE, "one uri task", "four uri tasks")
    rows = [[name, f"{statistics.median(taken[name]):.3f}"] for name in names]
    compared = []
    for ours, theirs, most in TARGETS:
        found = ratios(taken[ours], taken[theirs])
        compared.append([ours, theirs, with_range(found), at_most(most, statistics.median(found))])
    shares = []
    for share, (more, less) in LESS.items():
        rounds = taken[more] if less is None else [a - b for a, b in zip(taken[more], taken[less], strict=True)]
        shares.append([share, f"{1000 * statistics.median(rounds):.0f}"])
    return [
        "## One user in one task",
        "",
        f"A play of {TASKS} such tasks minus an empty play, divided by {TASKS}; {ROUNDS} rounds; no simulated latency.",
        "This module signs in through MSAL, reads, writes and reads back. The `ansible.builtin.uri` task sends one GET",
        "with a token obtained before. The four tasks sign in, read, write and read back.",
        "",
        *table(["tool", "seconds per user"], rows),
        "",
        *table(["tool", "compared with", "ratio", "target"], compared),
        "",
        "Time breakdown of this module, by comparison with smaller tasks down to `debug` in the same rounds:",
        "",
        *table(["share", "milliseconds"], shares),
        "",
        "The work runs in the worker process that Ansible makes for each task, with libraries that are imported once",
        "in a play. A module in a process of its own, such as `uri`, starts Python and compiles its files first.",
    ]
