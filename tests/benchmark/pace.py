# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How well the module finds the pace of an unknown quota, on a virtual clock; scenarios in pace.yml."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of
from benchmark.page import LICENCE, at_most, details, picture, table
from benchmark.peers import CLIENT_ID
from benchmark.plot import Panel, svg
from driven import START, Exchange, World

GIVEN = yaml.safe_load((Path(__file__).parent / "pace.yml").read_text(encoding="utf-8"))
NEEDED = GIVEN["users"] + 2 * GIVEN["to_change"]
"""Items: a read for each user, a write and a read back for each change."""

PLOT = "performance-pace.svg"
SERIES = {True: "used share reported", False: "not reported"}
"""Of the plot, by `told`."""

APART = 10.0
"""Seconds after the halving of the quota whose requests are counted separately."""


class Scenario(NamedTuple):
    """`quota` in items a second; `reported`: answers have the percentage; `halved`: the quota halves during the run."""

    quota: float
    reported: bool
    halved: bool = False

    @property
    def halved_at(self) -> float:
        return 0.4 * NEEDED / self.quota

    @property
    def ideal(self) -> float:
        """Seconds in which the items needed flow into the bucket."""
        if not self.halved:
            return NEEDED / self.quota
        return self.halved_at + (NEEDED - self.halved_at * self.quota) / (self.quota / 2)

    @property
    def target(self) -> dict[str, float]:
        """`time` as a multiple of the ideal and `refused` as a share of the items, at most."""
        return dict(GIVEN["target"]["with_percentage_headers" if self.reported else "without"])


class Measured(NamedTuple):
    """`time` as a multiple of the ideal; items sent and refused, those of the seconds after the halving separately."""

    time: float
    items: int
    refused: int
    items_apart: int
    refused_apart: int


def scenarios() -> Iterator[Scenario]:
    for halved, quotas in ((False, GIVEN["quotas"]), (True, GIVEN["halved"])):
        for reported in (True, False):
            yield from (Scenario(float(quota), reported, halved) for quota in quotas)


def _tenant(scenario: Scenario) -> dict[str, Any]:
    unchanged = GIVEN["users"] - GIVEN["to_change"]
    return {
        "tenant_id": "11111111-2222-3333-4444-555555555555",
        "domain": "contoso.example",
        "apps": [{"client_id": CLIENT_ID, "roles": ["UserAuthMethod-Phone.ReadWrite.All"]}],
        "users": [
            {"count": GIVEN["to_change"], "name": "off{n:04}@contoso.example", "mobile": "+1 206{n:07}"},
            {"count": unchanged, "name": "on{n:04}@contoso.example", "mobile": "+1 207{n:07}", "sms_sign_in": True},
        ],
        "service_time": {"per_call": GIVEN["per_call"]},
        "quota": {
            "phone_methods_per_second": scenario.quota,
            "window": GIVEN["window"],
            "percentage": scenario.reported,
        },
    }


def measure(scenario: Scenario) -> Measured:
    """One run from the first request to the last read back. Raises RuntimeError unless all users were changed."""
    world = World(_tenant(scenario))
    if scenario.halved:
        half = {"phone_methods_per_second": scenario.quota / 2}
        world.loop.call_later(scenario.halved_at, lambda: world.set_quota(half))
    # Users to change are mixed with the others.
    users = random.Random(1).sample([user.name for user in world.directory.users()], GIVEN["users"])
    run, _error = world.reconcile(order_of(Scope(users)), CLIENT_ID)
    changed = sum(outcome.kind == "changed" for outcome in run.outcomes)
    if changed != GIVEN["to_change"]:
        raise RuntimeError(f"{changed} users changed")
    seconds = world.loop.time() - START
    world.close()

    def apart(exchange: Exchange) -> bool:
        return scenario.halved and 0 <= exchange.sent_at - START - scenario.halved_at < APART

    def count(chosen: bool) -> tuple[int, int]:
        statuses = [reply[0] for one in world.session.exchanges if apart(one) is chosen for reply in one.replies]
        return len(statuses), statuses.count(429)

    return Measured(seconds / scenario.ideal, *count(False), *count(True))


def plot(found: Mapping[Scenario, Measured]) -> str:
    """Time and throttled requests by quota."""
    quotas = sorted({scenario.quota for scenario in found})

    def panel(title: str, key: str, values: Mapping[Scenario, float], factor: int = 1) -> Panel:
        lines = {name: [factor * values[Scenario(quota, told)] for quota in quotas] for told, name in SERIES.items()}
        limits = {name: factor * Scenario(0.0, told).target[key] for told, name in SERIES.items()}
        return Panel(title, lines, limits)

    times = {scenario: one.time for scenario, one in found.items()}
    shares = {scenario: one.refused / one.items for scenario, one in found.items()}
    panels = [
        panel("Time, as a multiple of items needed / quota", "time", times),
        panel("Throttled, % of the items sent", "refused", shares, 100),
    ]
    return svg(LICENCE, "quota, items per second", quotas, panels)


def section(folder: Path) -> list[str]:
    """All scenarios, as lines of the performance page."""
    steady, halved = [], []
    measured = {scenario: measure(scenario) for scenario in scenarios()}
    constant = {scenario: found for scenario, found in measured.items() if not scenario.halved}
    (folder / PLOT).write_text(plot(constant), encoding="utf-8")
    for scenario, found in measured.items():
        target = scenario.target
        refused = found.refused / found.items
        cells = [
            f"{scenario.quota:g}" + (f", then {scenario.quota / 2:g}" if scenario.halved else ""),
            "yes" if scenario.reported else "no",
            f"{found.time:.2f}",
            at_most(target["time"], round(found.time, 2), ".2f"),
            f"{refused:.1%}",
            at_most(target["refused"], refused, ".0%"),
        ]
        if scenario.halved:
            halved.append([*cells, f"{found.refused_apart} of {found.items_apart}"])
        else:
            steady.append(cells)
    heads = ["quota, items/s", "service reports the used share", "time", "target", "throttled", "target"]
    return [
        "## The pace of an unknown quota",
        "",
        f"{GIVEN['users']:,} users, {GIVEN['to_change']:,} of which change: {NEEDED:,} reads and writes. Each of them"
        " costs one item",
        f"of a quota whose bucket holds {GIVEN['window']:g} s worth of it; a call takes"
        f" {GIVEN['per_call'] * 1000:g} ms. The module does not know this.",
        "The clock is virtual: it skips times in which all programs wait. There is one round, because all rounds are",
        "equal. The time is a multiple of items needed / quota; below 1, the run used the initial content of the",
        "bucket. Throttled is the share of the items sent that were answered with 429. The scenarios are in",
        "`tests/benchmark/pace.yml`.",
        "",
        picture("Time and throttled requests by quota", PLOT),
        "",
        *details("Figures and targets", table(heads, steady)),
        "",
        f"The quota is halved during the run. The {APART:g} seconds after that are counted separately.",
        "",
        *details("Figures and targets", table([*heads, "throttled of sent in these seconds"], halved)),
    ]
