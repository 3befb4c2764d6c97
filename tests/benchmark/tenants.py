# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A play of the role for 20 tenants, by how many of them run at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import yaml

from benchmark.page import LICENCE, details, picture, table
from benchmark.peers import CALL, Peers, Taken, off, on, run, tenant
from benchmark.plot import Panel, svg
from graph_simulator import Simulator

TENANTS = 20
USERS = 100
TO_CHANGE = 50
FORKS = (1, 2, 5, 10, 20)
PER_SECOND = 50
PLOT = "performance-tenants.svg"
QUOTAS: dict[str, Mapping[str, float]] = {
    "no quota": {},
    f"a quota of {PER_SECOND} reads and writes a second for each tenant": {"phone_methods_per_second": PER_SECOND},
}


def write(folder: Path, simulators: Sequence[Simulator]) -> list[Path]:
    """An inventory whose hosts are the tenants, and the play."""

    def variables(options: Mapping[str, object]) -> dict[str, object]:
        return {f"sms_sign_in_{name}": value for name, value in options.items()}

    users = off(range(1, TO_CHANGE + 1)) + on(range(1, USERS - TO_CHANGE + 1))
    shared = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        **variables({"users": users}),
    }
    hosts = {f"tenant{number:02}": variables(Peers(one).options()) for number, one in enumerate(simulators, start=1)}
    contents = {
        "tenants.yml": {"all": {"hosts": hosts, "vars": shared}},
        "tenants-play.yml": [
            {"hosts": "all", "gather_facts": False, "strategy": "free", "roles": ["frontline.entra.sms_sign_in"]}
        ],
    }
    for name, content in contents.items():
        (folder / name).write_text(yaml.safe_dump(content), encoding="utf-8")
    return [folder / name for name in contents]


def measure(folder: Path, simulators: Sequence[Simulator], forks: int) -> Taken:
    """Time of the play. Raises RuntimeError unless each tenant has seen exactly the changes that it needs."""
    for simulator in simulators:
        simulator.reset()
    inventory, play = write(folder, simulators)
    taken, _printed = run(["ansible-playbook", "-i", inventory, play, "--forks", str(forks)], {})
    changed = [sum(entry.effect for entry in simulator.journal()) for simulator in simulators]
    if changed != [TO_CHANGE] * len(simulators):
        raise RuntimeError(f"{changed} changes")
    return taken


def plot(seconds: Mapping[str, Sequence[float]]) -> str:
    """Seconds by forks, for each of QUOTAS."""
    panels = [Panel(f"Seconds, with {title.partition(' for ')[0]}", {"": ys}) for title, ys in seconds.items()]
    return svg(LICENCE, "forks", FORKS, panels)


def section(folder: Path) -> list[str]:
    seconds, tables = {}, []
    lines = [
        f"## {TENANTS} tenants in one play",
        "",
        f"Each with {USERS} users by name, {TO_CHANGE} of which change; the role, strategy `free`, one round. A call",
        f"takes {CALL * 1000:g} ms. `forks` is the number of tenants that run at a time. The simulated tenants run on",
        "the same machine, in one process; the last column shows their CPU time. Without a quota the CPUs are the",
        "limit, with one it is the quota of each tenant. The ratio is the time with one fork divided by that of the",
        "row.",
    ]
    heads = ["forks", "seconds", "ratio", "CPU seconds of Ansible and modules", "of the simulated tenants"]
    for title, quota in QUOTAS.items():
        given = {**tenant(TO_CHANGE, USERS - TO_CHANGE, {"per_call": CALL}), "quota": dict(quota)}
        with ExitStack() as stack:
            simulators = [stack.enter_context(Simulator(given)) for _number in range(TENANTS)]
            taken = {forks: measure(folder, simulators, forks) for forks in FORKS}
        alone = taken[FORKS[0]].seconds
        rows = [
            [
                str(forks),
                *(f"{figure:.1f}" for figure in (one.seconds, alone / one.seconds, one.cpu, one.simulator_cpu)),
            ]
            for forks, one in taken.items()
        ]
        seconds[title] = [one.seconds for one in taken.values()]
        tables += ["", *details(f"Figures with {title}", table(heads, rows))]
    (folder / PLOT).write_text(plot(seconds), encoding="utf-8")
    return [*lines, "", picture("Seconds by the number of forks", PLOT), *tables]
