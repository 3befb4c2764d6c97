# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""10,000 users read, compared with the time of the calls alone, `ansible.builtin.uri` and Microsoft's Graph SDK."""

from __future__ import annotations

import json
import math
import os
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ansible_collections.frontline.entra.plugins.module_utils._graph._client import BATCH_SIZE
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.plugins.module_utils._work import MOST_CALLS
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of
from benchmark.page import LICENCE, at_least, at_most, details, picture, ratios, table, with_range
from benchmark.peers import CLIENT_ID, MODELS, SECRET, TENANT, Peers, Taken, on, play, run, tenant
from benchmark.plot import dots
from driven import START, World
from graph_simulator import Simulator

USERS = 10_000
ROUNDS = {"100 ms per call": 2}
"""Where more than one."""

LOOPED = 30
OURS = "`frontline.entra.sms_sign_in`"
LOOP = "loop of `ansible.builtin.uri`"
MOST_OF_IDEAL = 1.25
TARGET_OF_LOOP = 100
PLOT = "performance-readers.svg"


class Script(NamedTuple):
    """A script with Microsoft's SDK that reads some `users`; `target`: its seconds divided by ours, at least."""

    arguments: tuple[str, ...]
    users: int
    target: float | None


SCRIPTS = {
    "SDK, a call for each user, 16 in flight": Script(("sdk_singly.py",), 1000, 3),
    "the same, without the SDK's models": Script(("sdk_singly.py", "plain"), 2000, 3),
    "SDK's batch helper, batch after batch": Script(("sdk_batches.py",), 1000, 1),
    f"its batches, {MOST_CALLS} in flight": Script(("sdk_batches.py", str(MOST_CALLS)), USERS, None),
    f"its batches, {2 * MOST_CALLS} in flight": Script(("sdk_batches.py", str(2 * MOST_CALLS)), USERS, None),
}


def reading(service_time: Mapping[str, float]) -> float:
    """Seconds that the calls alone take, with as many in flight as permitted all the time."""
    rows = math.ceil(BATCH_SIZE / service_time.get("side_by_side", BATCH_SIZE))
    call = service_time["per_call"] + rows * service_time.get("per_item", 0.0)
    return math.ceil(USERS / BATCH_SIZE) / MOST_CALLS * call


class Round(NamedTuple):
    """The time of each tool, scaled where it read a part of the users. `start`: this module before its first call.

    `task`: this module minus an empty play. `simulator_cpu`: that of the simulator while this module ran.
    """

    seconds: dict[str, float]
    cpu: dict[str, float]
    task: float
    start: float
    simulator_cpu: float


def one_round(simulator: Simulator, folder: Path) -> Round:
    peers, users = Peers(simulator), on(range(1, USERS + 1))
    empty = play([], folder)
    single = play([peers.ours(users=users[:1])], folder)
    one_call = simulator.journal()[-1]
    simulator.clear_journal()
    ours = play([peers.ours(users_from=_file(users, folder), return_users="none")], folder)
    _all_read(simulator, USERS)
    looped = play([peers.read("{{ item }}", loop=users[:LOOPED])], folder)
    _all_read(simulator, LOOPED)
    scale = USERS / LOOPED
    seconds = {OURS: ours.seconds, LOOP: empty.seconds + (looped.seconds - empty.seconds) * scale}
    cpu = {OURS: ours.cpu, LOOP: empty.cpu + (looped.cpu - empty.cpu) * scale}
    for name, script in SCRIPTS.items():
        taken, grows = _script(simulator, script, users[: script.users], folder)
        rest = USERS / script.users - 1
        seconds[name] = taken.seconds + grows * rest
        cpu[name] = taken.cpu * (1 + rest)
    start = single.seconds - empty.seconds - (one_call.done - one_call.at)
    return Round(seconds, cpu, ours.seconds - empty.seconds, start, ours.simulator_cpu)


def _script(simulator: Simulator, script: Script, users: list[str], folder: Path) -> tuple[Taken, float]:
    """What a script took as a whole, and its seconds of reading."""
    variables = {
        "GRAPH_URL": simulator.graph_url,
        "LOGIN_URL": simulator.login_url,
        "TENANT_ID": TENANT,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": SECRET,
        **dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(simulator.ca_file)),
    }
    name, *more = script.arguments
    taken, said = run(
        [os.environ["MSGRAPH_PYTHON"], Path(__file__).parent / name, _file(users, folder), *more], variables
    )
    _all_read(simulator, len(users))
    return taken, json.loads(said)["seconds"]


def _file(users: list[str], folder: Path) -> str:
    """A file of names, one a line."""
    path = folder / "users.txt"
    path.write_text("\n".join(users), encoding="utf-8")
    return str(path)


def _all_read(simulator: Simulator, count: int) -> None:
    """Raises RuntimeError unless that number of users was read since the last call."""
    read = sum(entry.user is not None and entry.status == 200 for entry in simulator.journal())
    simulator.clear_journal()
    if read != count:
        raise RuntimeError(f"{read} users read instead of {count}")


def driven(service_time: Mapping[str, float]) -> float:
    """Seconds of this module on a virtual clock, where CPU time counts as zero."""
    world = World(tenant(0, USERS, service_time))
    found, _error = world.reconcile(order_of(Scope(on(range(1, USERS + 1)))), CLIENT_ID)
    outcomes = found.outcomes
    if len(outcomes) != USERS or any(outcome.kind != "unchanged" for outcome in outcomes):
        raise RuntimeError("not all users were found in the desired state")
    seconds = world.loop.time() - START
    world.close()
    return seconds


def section(folder: Path) -> list[str]:
    lines = [
        f"## {USERS:,} users read",
        "",
        "All users are in the desired state, so each is read once. There is no quota. Seconds are those of whole",
        "processes, with the start of the interpreter, imports and login. The ratio is the time of the tool divided by",
        "that of this module.",
        "",
        "- This module: `ansible-playbook` with one task, which takes the names from a file.",
        f"- The loop of `ansible.builtin.uri` has a token obtained before, reads {LOOPED} users and is scaled.",
        "- The scripts (`tests/benchmark/sdk_*.py`) take the names from a file and use Microsoft's `msgraph-sdk` and",
        "  `azure-identity`, with their middleware and persistent connections. They read",
        f"  {', '.join(f'{script.users:,}' for script in SCRIPTS.values())} users, in the order of the table. For fewer"
        " than all",
        "  users the seconds of reading are scaled; those of the start are not.",
        "- The SDK's models are Python classes that take milliseconds of CPU for each answer. Its batch helper sends",
        "  one batch after the other and drops their bodies. So there are variants without the models, and with",
        "  parallel batches whose answers the script parses itself.",
        "- These variants send as much as they may from the start. This module starts with one call and adds more",
        "  while the service keeps up, because there may be a quota. That costs some round trips.",
    ]
    medians, figures = [], []
    for number, (model, service_time) in enumerate(MODELS.items()):
        with Simulator(tenant(0, USERS, service_time)) as simulator:
            rounds = [one_round(simulator, folder) for _round in range(ROUNDS.get(model, 1))]
        medians.append({name: statistics.median(one.seconds[name] for one in rounds) for name in rounds[0].seconds})
        figures += ["", f"The service takes {model}; {len(rounds)} round{'s' * (len(rounds) > 1)}.", ""]
        figures += _compared_with_ideal(rounds, service_time) if number == 0 else []
        figures += details("Figures and targets", _compared_with_tools(rounds, targets=number == 0))
    (folder / PLOT).write_text(plot(medians), encoding="utf-8")
    return [*lines, "", picture(f"Seconds to read {USERS:,} users, by tool", PLOT), *figures]


def plot(seconds: Sequence[Mapping[str, float]]) -> str:
    """Seconds of each tool, for each of MODELS."""
    rows = {name.replace("`", ""): [one[name] for one in seconds] for name in seconds[0]}
    title = f"Seconds to read {USERS:,} users (logarithmic)"
    return dots(LICENCE, title, [model.partition(",")[0] for model in MODELS], rows)


def _compared_with_ideal(rounds: list[Round], service_time: Mapping[str, float]) -> list[str]:
    calls = reading(service_time)
    found = [one.task / (calls + one.start) for one in rounds]
    exact = driven(service_time) / calls
    start = statistics.median(one.start for one in rounds)
    busy = statistics.median(one.simulator_cpu for one in rounds)
    formula = f"ceil({USERS:,} / {BATCH_SIZE}) / {MOST_CALLS} x {service_time['per_call']:g} s = {calls:.2f} s"
    return [
        f"The ideal is {formula} for the calls, with {MOST_CALLS} in flight,",
        f"plus {start:.2f} s of start and login: a task for one user minus its one call. The time of an empty play is",
        "subtracted on both sides. On a virtual clock CPU time counts as zero. The simulator shares the machine; it",
        f"used {busy:.1f} s of CPU time.",
        "",
        *table(
            ["this module", "seconds", "of the ideal", "target"],
            [
                [
                    "task",
                    f"{statistics.median(one.task for one in rounds):.2f}",
                    with_range(found),
                    at_most(MOST_OF_IDEAL, statistics.median(found)),
                ],
                [
                    "calls on a virtual clock",
                    f"{exact * calls:.2f}",
                    f"{exact:.2f}",
                    at_most(MOST_OF_IDEAL, exact),
                ],
            ],
        ),
        "",
    ]


def _compared_with_tools(rounds: list[Round], targets: bool) -> list[str]:
    least = {LOOP: TARGET_OF_LOOP, **{name: script.target for name, script in SCRIPTS.items()}}
    columns: dict[str, list[float]] = defaultdict(list)
    for one in rounds:
        for name, seconds in one.seconds.items():
            columns[name].append(seconds)
    rows = []
    for name, seconds in columns.items():
        found = ratios(seconds, columns[OURS])
        target = least.get(name) if targets else None
        verdict = at_least(target, statistics.median(found)) if target is not None else "for information"
        cpu = statistics.median(one.cpu[name] for one in rounds)
        cells = ["", ""] if name == OURS else [with_range(found, ".1f"), verdict]
        rows.append([name, f"{statistics.median(seconds):,.1f}", f"{cpu:,.1f}", *cells])
    return table(["tool", "seconds", "CPU seconds", "ratio", "target"], rows)
