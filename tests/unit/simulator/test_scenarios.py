# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Scenarios: conditions and faults under one name, in force at once or at a given time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph_simulator import ScenarioError, read_scenario, scenario, scenario_file, scenario_names

ANNA, BOB = "anna@contoso.example", "bob@contoso.example"
BUSY = {
    "name": "busy",
    "switches": {"by_name": "noop"},
    "quota": {"reads_per_second": 1000, "window": 1000},
    "service_time": {"per_call": 0.2},
    "faults": [{"match": {"user": ANNA}, "then": {"status": 503}}, {"name": "other", "then": {"status": 500}}],
}


def test_a_scenario_applies_its_conditions_and_faults(simulator: Any, graph: Any) -> None:
    simulator.inject(BUSY)
    assert [graph.phone(ANNA).status_code for _number in range(2)] == [503, 500]
    first, second = simulator.journal()
    assert (first.fault, second.fault) == ("busy", "other")
    answer = graph.enable(BOB)
    assert answer.status_code == 204 and answer.elapsed.total_seconds() >= 0.2
    assert graph.phone(BOB).headers["x-ms-resource-unit"] == "1"
    simulator.reset()
    assert "x-ms-resource-unit" not in graph.phone(ANNA).headers


def test_a_scenario_may_be_a_file(simulator: Any, graph: Any, tmp_path: Path) -> None:
    file = tmp_path / "busy.yml"
    file.write_text(yaml.safe_dump(BUSY), "utf-8")
    assert read_scenario(file) == BUSY
    simulator.inject_file(file)
    assert graph.phone(ANNA).status_code == 503


def test_a_built_in_scenario_has_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenario_file, "_FOLDER", tmp_path)
    (tmp_path / "T1.yml").write_text("name: T1\n", "utf-8")
    assert scenario_names() == ["T1"] and scenario("T1") == {"name": "T1"}
    for name in ("T2", "../T1", "*"):
        with pytest.raises(ScenarioError, match="there is no scenario .*; there are: T1"):
            scenario(name)


@pytest.mark.parametrize("name", scenario_names())
def test_every_built_in_scenario_can_be_put_in_force(serve: Any, name: str) -> None:
    service = serve()
    service.inject(scenario(name))
    assert service.journal() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("[]", "a scenario is a mapping with a name"),
        ("faults: []", "a scenario is a mapping with a name"),
        ("{name: x, users: []}", "unknown keys in the scenario: users"),
        ("{name: x, faults: {}}", "faults: a list of mappings"),
        ("{name: x, faults: [1]}", "faults: a list of mappings"),
        ("{name: x", "expected"),
    ],
)
def test_an_invalid_scenario_is_refused_with_the_name_of_its_file(tmp_path: Path, given: str, words: str) -> None:
    file = tmp_path / "odd.yml"
    file.write_text(given, "utf-8")
    with pytest.raises(ScenarioError, match=r"odd\.yml: ") as raised:
        read_scenario(file)
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"switches": {"moon": 1}}, "unknown switch"),
        ({"quota": {"reads_per_second": 0}}, "reads_per_second is above 0"),
        ({"quota": {"window": "long"}}, "which is no float"),
        ({"quota": {"refuse_at": 0.5}}, "refuse_at is at least 1"),
        ({"quota": {"retry_after": "soon"}}, "retry_after is"),
        ({"service_time": {"per_day": 1}}, "unknown keys per_day"),
        ({"faults": [{"then": {"state": {"moon": 1}}}]}, "unknown keys moon"),
        ({"faults": [{"then": {"state": {"user": "nobody"}}}]}, "there is no user nobody"),
        ({"faults": [{"then": {"state": {"user": ANNA, "colour": 1}}}]}, "unknown fields: colour"),
        ({"faults": [{"then": {"state": {"policy": {"state": "on"}}}}]}, "state is enabled or disabled"),
        ({"faults": [{"at": 1, "then": {"status": 500}}]}, "with at there is no match"),
        ({"faults": [{"at": 1, "times": 2, "then": {"expire_tokens": True}}]}, "with at there is no match"),
        ({"faults": [{"then": {}}]}, "nothing would happen"),
    ],
)
def test_a_scenario_with_an_error_has_no_effect(simulator: Any, graph: Any, wrong: dict[str, Any], words: str) -> None:
    right = {"name": "right", "switches": {"page_size": 1}, "faults": [{"then": {"status": 500}}]}
    with pytest.raises(ValueError) as raised:
        simulator.inject([right, {"name": "wrong", **wrong}])
    assert words in str(raised.value)
    assert graph.phone(ANNA).status_code == 200
    assert "@odata.nextLink" not in graph.call("GET", "/groups").json()


def test_the_policy_changes_at_its_time(simulator: Any, graph: Any) -> None:
    simulator.inject(
        [
            {"at": 20, "then": {"state": {"policy": {"state": "enabled"}}}},
            {"at": 10, "then": {"state": {"policy": {"state": "disabled"}}}},
        ]
    )
    seen = []
    for _number in range(3):
        seen.append((simulator.state(ANNA), graph.shown_state(ANNA)))
        simulator.advance(10.01)
    assert seen == [(state, state) for state in ("notEnabled", "notAllowedByPolicy", "notEnabled")]


def test_a_change_occurs_during_a_request(simulator: Any, graph: Any) -> None:
    simulator.inject([{"at": 0.1, "then": {"state": {"user": ANNA, "sms_sign_in": True}}}, {"then": {"delay": 0.3}}])
    assert graph.shown_state(ANNA) == "ready"


def test_tokens_end_at_their_time(simulator: Any, client: Any) -> None:
    simulator.inject({"at": 5, "then": {"expire_tokens": True}})
    graph = client()
    assert graph.phone(ANNA).status_code == 200
    simulator.advance(5.01)
    assert graph.phone(ANNA).status_code == 401
    assert client().phone(ANNA).status_code == 200


def test_a_fault_changes_quota_and_service_time(simulator: Any, graph: Any) -> None:
    simulator.inject(
        {
            "at": 0,
            "then": {
                "state": {"quota": {"reads_per_second": 0.001, "window": 1000}, "service_time": {"per_item": 0.2}}
            },
        }
    )
    answers = [graph.phone(ANNA) for _number in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[0].elapsed.total_seconds() >= 0.2


def test_the_control_interface_accepts_scenarios_and_their_times(simulator: Any, graph: Any) -> None:
    body = json.dumps([BUSY, {"at": 0, "then": {"state": {"user": ANNA, "sms_sign_in": True}}}])
    posted = graph.session.post(f"{simulator.control_url}/faults", data=body, timeout=10)
    assert posted.status_code == 200
    described = graph.session.get(f"{simulator.control_url}/users/{ANNA}", timeout=10).json()
    assert described["state"] == "ready"
    assert graph.phone(ANNA).status_code == 503
