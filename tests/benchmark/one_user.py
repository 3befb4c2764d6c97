# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One user in one task, beside one task and four tasks of `ansible.builtin.uri`."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmark.page import at_most, ratios, table, with_range
from benchmark.peers import Peers, off, on, play, tenant
from graph_simulator import Simulator

ROUNDS = 5
TASKS = 10
OURS = "`frontline.entra.sms_sign_in`"
WANTED = {"one uri task": 1.15, "four uri tasks": 0.45}
"""Ours over theirs, at most."""

LESS = {
    "Ansible, Python and AnsibleModule": ("a ping", None),
    "our files, requests, and reading the options": ("nobody", "a ping"),
    "MSAL, and two calls to the login": ("nothing to change", "a token given"),
    "the read of the user, with its connection": ("a token given", "nobody"),
    "the write and the read back": (OURS, "nothing to change"),
}
"""Shares of ours: what one kind of task takes more than another."""


def measure(folder: Path) -> dict[str, list[float]]:
    """Seconds per task, round by round: plays of ten tasks less an empty play, divided by ten."""
    taken: dict[str, list[float]] = {}
    with Simulator(tenant(2 * TASKS, TASKS)) as simulator:
        peers = Peers(simulator)
        users, others = off(range(1, TASKS + 1)), off(range(TASKS + 1, 2 * TASKS + 1))
        done = on(range(1, TASKS + 1))
        plays = {
            OURS: [peers.ours(user=user) for user in users],
            "one uri task": [peers.read(user) for user in users],
            "four uri tasks": [task for user in others for task in peers.four_tasks(user, "enable")],
            "a ping": [{"ansible.builtin.ping": {}}] * TASKS,
            "nobody": [peers.ours(users=[])] * TASKS,
            "a token given": [peers.with_token(user=user) for user in done],
            "nothing to change": [peers.ours(user=user) for user in done],
        }
        for number in range(ROUNDS):
            simulator.reset()
            empty = play([], folder).seconds
            for name, tasks in plays.items():
                taken.setdefault(name, []).append((play(tasks, folder).seconds - empty) / TASKS)
            changed = sum(entry.effect for entry in simulator.journal())
            if changed != 2 * TASKS:
                raise RuntimeError(f"{changed} changes in round {number} instead of {2 * TASKS}")
    return taken


def section(folder: Path) -> list[str]:
    taken = measure(folder)
    rows = [[OURS, f"{statistics.median(taken[OURS]):.3f}", "", ""]]
    for name, most in WANTED.items():
        found = ratios(taken[OURS], taken[name])
        wanted = at_most(most, statistics.median(found))
        rows.append([name, f"{statistics.median(taken[name]):.3f}", with_range(found), wanted])
    too_much = statistics.median(taken[OURS]) - WANTED["one uri task"] * statistics.median(taken["one uri task"])
    shares = []
    for share, (more, less) in LESS.items():
        rounds = taken[more] if less is None else [a - b for a, b in zip(taken[more], taken[less], strict=True)]
        shares.append([share, f"{1000 * statistics.median(rounds):.0f}"])
    return [
        "## One user in one task",
        "",
        f"A play of {TASKS} such tasks less an empty play, divided by {TASKS}; {ROUNDS} rounds; no simulated latency.",
        "Ours signs in through MSAL, reads, writes and reads back. The one `ansible.builtin.uri` task sends one GET",
        "with a token got before. The four tasks sign in, read, write and read back.",
        "",
        *table(["contestant", "seconds per user", "ours / it", "wanted"], rows),
        "",
        "Where the time of ours goes: what tasks that do less, down to a ping, take less in the same rounds.",
        "",
        *table(["share", "milliseconds"], shares),
        "",
        "Ansible packs the files of a module into an archive for each task, and Python compiles what is in an archive",
        "each time that it is imported. So what counts most is how much is imported. Files that few runs need are",
        "imported by those runs only. The one `uri` task imports and compiles as well, and sends one request instead",
        "of five.",
        *([f"To be within what was wanted, a task would have to take {1000 * too_much:.0f} ms less."] * (too_much > 0)),
    ]
