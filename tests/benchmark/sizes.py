# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Memory and time of the module's process, from 1,000 users to 100,000, half of which change."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from benchmark.page import LICENCE, at_most, details, picture, table
from benchmark.peers import Peers, off, on, run, tenant
from benchmark.plot import Panel, svg
from graph_simulator import Simulator

SIZES = (1_000, 10_000, 50_000, 100_000)
MOST_MEMORY = 250.0
"""MiB, at any size."""

MOST_GROWTH = 1.2
"""CPU time per user relative to 10,000 users; above this, growth counts as not linear."""

MOST_CHARACTERS = 400_000
"""Characters of the result as the module prints it."""

PLOT = "performance-sizes.svg"
TREE = Path(__file__).parents[5]
MODULE = Path(__file__).parents[2] / "plugins" / "modules" / "sms_sign_in.py"


class Measured(NamedTuple):
    """Seconds, CPU seconds and MiB of the module's process; the characters that it printed."""

    seconds: float
    cpu: float
    mib: float
    characters: int


def measure(users: int, folder: Path) -> Measured:
    """Raises RuntimeError unless half of the users changed and the report has each of them once."""
    half = users // 2
    names = off(range(1, half + 1)) + on(range(1, half + 1))
    arguments, taken, report = (folder / name for name in ("arguments.json", "taken.json", "report.json"))
    with Simulator(tenant(half, half)) as simulator:
        options = Peers(simulator).options(users=names, report_path=str(report))
        arguments.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": options}), encoding="utf-8")
        watch = [sys.executable, Path(__file__).parent / "measured.py", taken]
        _taken, printed = run([*watch, sys.executable, MODULE, arguments], {"PYTHONPATH": str(TREE)})
    entries = json.loads(report.read_text(encoding="utf-8"))["users"]
    kinds = Counter(entry["outcome"] for entry in entries)
    if [entry["user"] for entry in entries] != names or kinds != {"changed": half, "unchanged": half}:
        raise RuntimeError(f"the report is not complete: {dict(kinds)}")
    used = json.loads(taken.read_text(encoding="utf-8"))
    return Measured(used["seconds"], used["cpu"], used["kib"] / 1024, len(printed))


def section(folder: Path) -> list[str]:
    found = {users: measure(users, folder) for users in SIZES}
    per_user = found[10_000].cpu / 10_000
    rows = []
    for users, one in found.items():
        growth = one.cpu / users / per_user
        cells = [
            f"{users:,}",
            f"{one.mib:.0f}",
            at_most(MOST_MEMORY, one.mib),
            f"{one.seconds:.1f}",
            f"{one.cpu:.1f}",
            f"{growth:.2f}",
            at_most(MOST_GROWTH, growth) if users > 10_000 else "",
            f"{one.characters:,}",
            at_most(MOST_CHARACTERS, one.characters, ",d"),
        ]
        rows.append(cells)
    memory = Panel("Peak memory, MiB", {"": [one.mib for one in found.values()]}, {"": MOST_MEMORY})
    time = Panel(
        "Seconds",
        {"total": [one.seconds for one in found.values()], "CPU": [one.cpu for one in found.values()]},
    )
    (folder / PLOT).write_text(svg(LICENCE, "users in one task", SIZES, [memory, time]), encoding="utf-8")
    return [
        "## Memory and time by the number of users",
        "",
        "Half of the users change. There is no simulated latency, so the seconds are those of two programs: the module",
        "and the simulator, which answers about twice as many requests as there are users. Memory and CPU time are",
        "those of the module's process alone, started by Python with its options in a file. The report file has an",
        "entry for each user, in their order. The module prints its result, limited to a size that AWX can store.",
        "",
        picture("Peak memory and seconds by the number of users", PLOT),
        "",
        *details(
            "Figures and targets",
            table(
                [
                    *("users", "peak memory, MiB", "target", "seconds", "CPU seconds"),
                    *("CPU time per user relative to 10,000", "target", "characters of the result", "target"),
                ],
                rows,
            ),
        ),
    ]
