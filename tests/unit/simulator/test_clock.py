# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator's clock, put forward: hours pass at once. And quotas, whose buckets follow it."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from graph_simulator import Simulator
from graph_simulator.clock import Clock

ANNA = {"name": "anna@contoso.example", "mobile": "+1 2065550101"}
TENANT = {
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "domain": "contoso.example",
    "apps": [{"client_id": "app", "roles": ["UserAuthenticationMethod.ReadWrite.All"]}],
    "users": [ANNA],
}


def test_it_follows_the_machine_until_it_is_put_forward() -> None:
    clock = Clock()
    assert clock.now() == pytest.approx(time.monotonic(), abs=1) and clock.time() == pytest.approx(time.time(), abs=1)
    clock.advance(3600)
    assert clock.now() == pytest.approx(time.monotonic() + 3600, abs=1)
    assert clock.time() == pytest.approx(time.time() + 3600, abs=1)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_it_never_goes_back(seconds: float) -> None:
    with pytest.raises(ValueError, match="forward"):
        Clock().advance(seconds)


def test_sleepers_wake_when_the_clock_reaches_their_time() -> None:
    clock, woken = Clock(), []

    async def sleeper(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async def main() -> None:
        tasks = [asyncio.create_task(sleeper(seconds)) for seconds in (60, 600)]
        await asyncio.sleep(0.01)
        threading.Thread(target=clock.advance, args=(60,)).start()
        await tasks[0]
        assert woken == [60]
        clock.advance(540)
        await tasks[1]

    asyncio.run(main())
    assert woken == [60, 600]


def test_a_short_sleep_ends_by_itself() -> None:
    asyncio.run(Clock().sleep(0.01))


def test_tokens_age_with_it(simulator: Simulator, graph: Any) -> None:
    assert graph.phone(ANNA["name"]).status_code == 200
    simulator.advance(3600)
    answer = graph.phone(ANNA["name"])
    assert answer.status_code == 401 and answer.json()["error"]["code"] == "InvalidAuthenticationToken"


def test_a_lag_passes_with_it(simulator: Simulator, graph: Any) -> None:
    simulator.switch("visibility_lag", 300)
    graph.enable(ANNA["name"])
    assert graph.shown_state(ANNA["name"]) == "notEnabled"
    simulator.advance(301)
    assert graph.shown_state(ANNA["name"]) == "ready"


def test_a_number_is_released_with_it(simulator: Simulator, graph: Any) -> None:
    simulator.switch("release_lag", 300)
    graph.disable("bob@contoso.example")
    assert graph.enable("twin@contoso.example").status_code == 409
    simulator.advance(301)
    assert graph.enable("twin@contoso.example").status_code == 204


def test_a_delayed_request_continues_with_it(simulator: Simulator, graph: Any) -> None:
    simulator.inject({"then": {"delay": 50}})
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(graph.phone, ANNA["name"])
        while not simulator.journal():
            time.sleep(0.01)
        time.sleep(0.05)
        assert not answer.done()
        simulator.advance(51)
        assert answer.result(5).status_code == 200


def test_a_fault_is_over_with_it(simulator: Simulator, graph: Any) -> None:
    simulator.inject({"within": [60, 120], "times": None, "then": {"status": 503}})
    answers = []
    for _minute in range(3):
        answers.append(graph.phone(ANNA["name"]).status_code)
        simulator.advance(61)
    assert answers == [200, 503, 200]


def test_the_control_interface_puts_it_forward(simulator: Simulator) -> None:
    url, verify = f"{simulator.control_url}/clock", str(simulator.ca_file)
    answer = requests.post(url, json={"advance": 60}, verify=verify, timeout=10)
    assert answer.json()["time"] > time.time() + 50
    assert requests.post(url, json={"advance": -1}, verify=verify, timeout=10).status_code == 400


def calls(graph: Any, most: int) -> list[int]:
    return [graph.phone(ANNA["name"]).status_code for _call in range(most)]


def test_a_bucket_fills_with_it(connect: Any) -> None:
    with Simulator({**TENANT, "quota": {"reads_per_second": 0.1, "window": 30}}) as simulator:
        graph = connect(simulator, simulator.token())
        assert calls(graph, 4) == [200, 200, 200, 429]
        simulator.advance(31)
        assert calls(graph, 2) == [200, 200]


@pytest.mark.parametrize("through", ["quota", "fault", "control"])
def test_a_quota_changes_during_a_run(connect: Any, through: str) -> None:
    with Simulator({**TENANT, "quota": {"reads_per_second": 0.1, "window": 30}}) as simulator:
        graph = connect(simulator, simulator.token())
        less = {"reads_per_second": 0.1, "window": 10}
        if through == "quota":
            simulator.set_quota(less)
        elif through == "fault":
            simulator.inject({"then": {"state": {"quota": less}}})
        else:
            verify = str(simulator.ca_file)
            assert requests.post(f"{simulator.control_url}/quota", json=less, verify=verify, timeout=10).ok
        assert calls(graph, 2) == [200, 429]


def test_phone_methods_may_have_a_quota_of_their_own_for_reads_and_writes_together(connect: Any) -> None:
    quota = {"phone_methods_per_second": 0.1, "window": 20, "writes_per_second": 100}
    with Simulator({**TENANT, "quota": quota}) as simulator:
        graph = connect(simulator, simulator.token())
        answers = [graph.enable(ANNA["name"]), graph.phone(ANNA["name"]), graph.phone(ANNA["name"])]
        assert [answer.status_code for answer in answers] == [204, 200, 429]
        assert answers[-1].headers["x-ms-throttle-scope"].startswith("Tenant_Application/ReadWrite/app/")


@pytest.mark.parametrize("percentage", [True, False])
def test_the_used_share_may_be_omitted(connect: Any, percentage: bool) -> None:
    with Simulator({**TENANT, "quota": {"reads_per_second": 0.1, "window": 10, "percentage": percentage}}) as simulator:
        graph = connect(simulator, simulator.token())
        assert ("x-ms-throttle-limit-percentage" in graph.phone(ANNA["name"]).headers) is percentage
