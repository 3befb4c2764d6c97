# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""$batch: the rules that refuse it as a whole, and the answers to its items."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from graph_simulator import Simulator

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ANNA = "/users/anna@contoso.example/authentication/phoneMethods"
JSON = {"Content-Type": "application/json"}
GET = {"id": "1", "method": "GET", "url": ANNA}
ENABLE = {"id": "1", "method": "POST", "url": f"{ANNA}/{MOBILE}/enableSmsSignIn", "headers": JSON, "body": {}}


def without(item: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in item.items() if key not in keys}


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "Invalid batch payload format"),
        ([{**GET, "id": str(number)} for number in range(21)], "exceeds the maximum value of 20"),
        ([GET, GET], "cannot be repeated"),
        ([{**GET, "id": "a"}, {**GET, "id": "A"}], "cannot be repeated"),
        ([without(GET, "id")], "Id is required"),
        ([{**GET, "id": 1}], "Id is required"),
        ([without(GET, "method")], "method"),
        ([{**GET, "method": "TRACE"}], "method"),
        ([without(GET, "url")], "relative"),
        ([{**GET, "url": "https://graph.microsoft.com/v1.0/me"}], "relative"),
        ([{**GET, "url": "//evil.example/me"}], "relative"),
        ([{**GET, "url": "/users/Zoë/authentication/phoneMethods"}], "percent-encoded"),
        ([{**GET, "url": "/users/a\tb"}], "percent-encoded"),
        ([{**GET, "body": {}}], "must not have a body"),
        ([{**GET, "extra": 1}], "Invalid batch payload format"),
        ([{**GET, "headers": {"a": 1}}], "headers"),
        ([without(ENABLE, "body")], "does not contain Content-Type header or body"),
        ([without(ENABLE, "headers")], "does not contain a Content-Type header"),
        ([without(ENABLE, "headers", "body")], "does not contain Content-Type header or body"),
        ([{**ENABLE, "body": "$$$"}], "neither JSON nor base64"),
        ([{**GET, "dependsOn": ["9"]}], "depends"),
        ([{**GET, "dependsOn": ["2"]}, {**GET, "id": "2", "dependsOn": ["1"]}], "circle"),
    ],
)
def test_a_malformed_batch_is_refused_as_a_whole(
    simulator: Any, graph: Any, items: list[dict[str, Any]], words: str
) -> None:
    answer = graph.batch(items)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert words in answer.json()["error"]["message"]
    assert [(entry.kind, entry.write) for entry in simulator.journal()] == [("graph", False)]


def test_a_batch_is_json(graph: Any) -> None:
    assert graph.call("POST", "/$batch", data="{", headers=JSON).status_code == 400
    assert graph.call("POST", "/$batch", data='{"requests": []}').status_code == 400
    assert graph.call("GET", "/$batch").status_code == 405


def test_the_depends_on_of_microsofts_python_sdk_is_ignored(graph: Any) -> None:
    assert graph.batch([{**GET, "depends_on": ["nobody"]}]).json()["responses"][0]["status"] == 200


def test_items_are_answered_separately_in_another_order(simulator: Any, graph: Any) -> None:
    users = ["anna", "bob", "nobody", "forbidden", "nophone", *(f"worker{number:03}" for number in range(1, 16))]
    items = [
        {"id": name, "method": "GET", "url": f"users/{name}@contoso.example/authentication/phoneMethods/{MOBILE}"}
        for name in users
    ]
    answer = graph.batch(items)
    assert answer.status_code == 200
    answers = {one["id"]: one for one in answer.json()["responses"]}
    assert set(answers) == set(users) and list(answers) != users
    statuses = {name: one["status"] for name, one in answers.items()}
    assert statuses | {"nobody": 404, "forbidden": 403, "nophone": 404, "anna": 200} == statuses
    assert answers["nobody"]["body"]["error"]["code"] == "Request_ResourceNotFound"
    assert answers["bob"]["body"]["smsSignInState"] == "ready"
    assert answers["bob"]["headers"]["Content-Type"] == "application/json"
    journal = simulator.journal()
    assert [entry.batch for entry in journal] == [None] + [journal[0].seq] * 20
    assert [entry.user for entry in journal[1:4]] == ["anna@contoso.example", "bob@contoso.example", None]
    simulator.switch("batch_order_seed", None)
    assert [one["id"] for one in graph.batch(items).json()["responses"]] == users


@pytest.mark.parametrize(("form", "body"), [("absent", "absent"), ("null", None), ("empty", {})])
def test_a_write_item_has_no_content(simulator: Any, graph: Any, form: str, body: Any) -> None:
    simulator.switch("batch_no_content_body", form)
    answer = graph.batch([ENABLE]).json()["responses"][0]
    assert (answer["status"], answer.get("body", "absent")) == (204, body)
    assert simulator.state("anna@contoso.example") == "ready"
    assert [(entry.kind, entry.write, entry.effect) for entry in simulator.journal()] == [
        ("graph", False, False),
        ("item", True, True),
    ]


def test_an_item_without_body_is_a_switch(simulator: Any, graph: Any) -> None:
    simulator.switch("batch_action_body", "optional")
    assert graph.batch([without(ENABLE, "body", "headers")]).json()["responses"][0]["status"] == 204


def test_parameters_on_enable_are_refused_in_a_batch_too(graph: Any) -> None:
    assert graph.batch([{**ENABLE, "body": {"a": 1}}]).json()["responses"][0]["status"] == 400


def test_a_body_may_be_base64(simulator: Any, graph: Any) -> None:
    text = b'{"phoneNumber":"+1 2065550120","phoneType":"mobile"}'
    item = {"id": "1", "method": "POST", "url": "/users/nophone@contoso.example/authentication/phoneMethods"}
    body = base64.urlsafe_b64encode(text).decode().rstrip("=")
    answer = graph.batch([{**item, "headers": JSON, "body": body}]).json()["responses"][0]
    assert (answer["status"], answer["body"]["phoneNumber"]) == (201, "+1 2065550120")


def test_a_dependent_item_fails_with_its_dependency(simulator: Any, graph: Any) -> None:
    lost = {"id": "lost", "method": "GET", "url": "/users/nobody@contoso.example"}
    answers = graph.batch(
        [
            {**ENABLE, "id": "write", "dependsOn": ["read"]},
            {**GET, "id": "read"},
            {**ENABLE, "id": "late", "dependsOn": ["lost", "read"]},
            lost,
        ]
    ).json()["responses"]
    assert {one["id"]: one["status"] for one in answers} == {"write": 204, "read": 200, "late": 424, "lost": 404}
    assert [entry.status for entry in simulator.journal() if entry.write] == [204, 424]


def test_a_batch_inside_a_batch_is_no_resource(graph: Any) -> None:
    item = {"id": "1", "method": "POST", "url": "/$batch", "headers": JSON, "body": {"requests": [GET]}}
    assert graph.batch([item]).json()["responses"][0]["status"] == 400


def test_items_and_their_advanced_queries_have_their_own_headers(simulator: Any, graph: Any) -> None:
    url = f"/groups/{simulator.group_id('Frontline')}/transitiveMembers/microsoft.graph.user?$count=true"
    items = [
        {"id": "1", "method": "GET", "url": url},
        {"id": "2", "method": "GET", "url": url, "headers": {"consistencyLevel": "eventual", "client-request-id": "x"}},
    ]
    answers = {one["id"]: one for one in graph.batch(items, headers={"client-request-id": "y"}).json()["responses"]}
    assert (answers["1"]["status"], answers["2"]["status"]) == (400, 200)
    assert answers["1"]["body"]["error"]["innerError"]["client-request-id"] == "y"
    assert [entry.client_request_id for entry in simulator.journal()] == ["y", "y", "x"]


@pytest.mark.parametrize("outer", [200, 424])
def test_items_are_throttled_separately(connect: Any, outer: int) -> None:
    tenant = {
        "apps": [{"client_id": "app", "roles": ["UserAuthenticationMethod.ReadWrite.All"]}],
        "users": [{"count": 20, "name": "w{n}@x.example", "mobile": "+1 206555{n:04}"}],
        "quota": {"writes_per_second": 5},
        "switches": {"batch_throttled_outer": outer},
    }
    with Simulator(tenant) as simulator:
        graph = connect(simulator, simulator.token())
        items = [
            {
                **ENABLE,
                "id": str(n),
                "url": f"/users/w{n}@x.example/authentication/phoneMethods/{MOBILE}/enableSmsSignIn",
            }
            for n in range(1, 11)
        ]
        answer = graph.batch(items)
        answers = answer.json()["responses"]
        throttled = [one for one in answers if one["status"] == 429]
        assert answer.status_code == outer and len(throttled) == 5
        for one in throttled:
            assert 0 < float(one["headers"]["Retry-After"]) <= 1.001
            assert one["headers"]["x-ms-throttle-information"] == "WriteLimitExceeded"
            assert one["body"]["error"]["code"] == "TooManyRequests"
        assert sum(simulator.state(f"w{n}@x.example") == "ready" for n in range(1, 11)) == 5


def test_service_time_runs_items_in_parallel(connect: Any) -> None:
    tenant = {
        "apps": [{"client_id": "app", "roles": ["UserAuthenticationMethod.ReadWrite.All"]}],
        "users": [{"count": 8, "name": "w{n}@x.example", "mobile": "+1 206555{n:04}"}],
        "service_time": {"per_call": 0.05, "per_item": 0.2, "side_by_side": 4},
    }
    with Simulator(tenant) as simulator:
        graph = connect(simulator, simulator.token())
        graph.call("GET", "/users/w1@x.example/authentication/phoneMethods")
        items = [
            {**GET, "id": str(n), "url": f"/users/w{n}@x.example/authentication/phoneMethods"} for n in range(1, 9)
        ]
        start = time.monotonic()
        graph.batch(items)
        assert 0.45 <= time.monotonic() - start < 1.5  # one after the other they take 1.65
