# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The limits and messages of the service behind phone methods, and its claims challenge."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest

from graph_simulator import Answer, Clock, Service

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ANNA, BOB = "anna@contoso.example", "bob@contoso.example"
CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
PHONES = f"/users/{ANNA}/authentication/phoneMethods"
SMS = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/sms"
ENABLE = f"{PHONES}/{MOBILE}/enableSmsSignIn"


def call(service: Service, method: str, path: str, body: Any = None, token: str | None = None) -> Answer:
    """The answer after its full delay, which passes at once."""
    headers = {"Authorization": f"Bearer {token or service.token()}", "Content-Type": "application/json"}

    async def work() -> Answer:
        url = f"{service.graph_url}/v1.0{path}"
        task = asyncio.create_task(service.exchange(method, url, headers, json.dumps(body).encode() if body else b""))
        while not task.done():
            await asyncio.sleep(0)
            service.advance(1)
        return task.result()

    return asyncio.run(work())


@pytest.fixture
def service(serve: Any) -> Service:
    """A service whose time passes only by an advance."""
    made: Service = serve(Clock(monotonic=lambda: 0.0))
    return made


@pytest.mark.parametrize(
    ("method", "path", "seconds", "status"),
    [
        ("POST", ENABLE, 59, 204),
        ("POST", ENABLE, 70, 504),
        ("GET", PHONES, 70, 504),
        ("GET", SMS, 70, 504),
        ("GET", f"/users/{ANNA}", 70, 200),
        ("GET", "/groups", 3000, 200),
    ],
)
def test_calls_of_authentication_methods_are_cut_off(
    service: Service, method: str, path: str, seconds: float, status: int
) -> None:
    service.inject({"then": {"delay": seconds}})
    assert call(service, method, path).status == status
    entry = service.journal()[0]
    assert min(seconds, 60 if status == 504 else seconds) <= entry.done - entry.at <= seconds + 5
    assert (entry.reason == "cut off by the service") is (status == 504)
    assert service.state(ANNA) == ("ready" if status == 204 else "notEnabled")


def test_slow_work_is_cut_off_item_by_item(service: Service) -> None:
    service.inject({"name": "slow", "service_time": {"per_item": 40, "side_by_side": 1}})
    service.inject({"match": {"user": ANNA}, "then": {"delay": 30}})
    items = [
        {"id": name, "method": "GET", "url": f"/users/{name}/authentication/phoneMethods"}
        for name in (ANNA, BOB, BOB[1:])
    ]
    answer = call(service, "POST", "/$batch", {"requests": items})
    statuses = {one["id"]: one["status"] for one in json.loads(answer.body)["responses"]}
    assert answer.status == 200 and statuses == {ANNA: 504, BOB: 200, BOB[1:]: 404}


def test_a_hanging_call_is_lost_and_not_cut_off(service: Service) -> None:
    service.inject({"then": {"hang": 70}})
    assert call(service, "GET", PHONES).drop


def test_the_cut_off_is_a_switch(service: Service) -> None:
    service.switch("cut_off", 10)
    service.inject({"then": {"delay": 11}})
    assert call(service, "GET", PHONES).status == 504


def test_an_edit_of_the_policy_takes_effect_late(service: Service) -> None:
    service.switch("policy_lag", 300)
    service.set_policy({"state": "disabled"})
    assert json.loads(call(service, "GET", SMS).body)["state"] == "disabled"
    assert service.state(ANNA) == "notEnabled"
    service.advance(290)
    service.set_policy({"exclude": []})
    assert service.state(ANNA) == "notEnabled"
    service.advance(301)
    assert service.state(ANNA) == "notAllowedByPolicy"


@pytest.mark.parametrize(
    ("switch", "value", "method", "path", "body", "answer"),
    [
        ("missing_user_code", "resourceNotFound", "GET", "/users/no@x.example/authentication/phoneMethods", None,
         (404, "resourceNotFound")),
        ("existing_method_status", 409, "POST", PHONES, {"phoneNumber": "+1 2065550142", "phoneType": "mobile"},
         (409, "badRequest")),
        ("existing_method_code", "exists", "POST", PHONES, {"phoneNumber": "+1 2065550142", "phoneType": "mobile"},
         (400, "exists")),
        ("bad_number_code", "badRequest", "PATCH", f"{PHONES}/{MOBILE}", {"phoneNumber": "12"}, (400, "badRequest")),
        ("action_success", 200, "POST", ENABLE, None, (200, None)),
        ("action_success", 200, "POST", ENABLE.replace("enable", "disable"), None, (200, None)),
    ],
)  # fmt: skip
def test_unpublished_behaviour_is_a_switch(
    service: Service, switch: str, value: Any, method: str, path: str, body: Any, answer: tuple[int, str | None]
) -> None:
    service.switch(switch, value)
    given = call(service, method, path, body)
    assert (given.status, json.loads(given.body)["error"]["code"] if given.body else None) == answer


@pytest.mark.parametrize("spelling", ["innerError", "innererror"])
def test_the_place_of_the_code_of_a_refusal(service: Service, spelling: str) -> None:
    service.set_policy({"state": "disabled"})
    service.switch("inner_error_name", spelling)
    errors = {}
    for form in ("nested", "details"):
        service.switch("refusal_code_form", form)
        errors[form] = json.loads(call(service, "POST", ENABLE).body)["error"]
    assert errors["nested"]["code"] == errors["details"]["code"] == "UnknownError"
    assert errors["nested"][spelling][spelling]["code"] == "disabledByPolicy"
    assert errors["details"]["details"][0]["code"] == "disabledByPolicy"


@pytest.mark.parametrize("why", ["quota", "fault"])
def test_a_throttled_call_has_the_error_inside_too(service: Service, why: str) -> None:
    if why == "quota":
        service.set_quota({"reads_per_second": 0.001, "window": 1})
        call(service, "GET", PHONES)
    else:
        service.inject({"then": {"status": 429}})
    error = json.loads(call(service, "GET", PHONES).body)["error"]
    assert (error["code"], error["innerError"]["code"], error["innerError"]["status"]) == (
        "TooManyRequests",
        "429",
        "429",
    )


def test_the_message_of_the_back_end_names_tenant_and_user(service: Service) -> None:
    error = json.loads(call(service, "GET", f"{PHONES}/{MOBILE.upper()}").body)["error"]
    assert service.user_id(ANNA) in json.loads(error["message"])["Message"]


def test_phone_methods_are_counted(simulator: Any, graph: Any) -> None:
    answer = graph.call("GET", f"{PHONES}/$count", headers={"ConsistencyLevel": "eventual"})
    assert (answer.text, answer.headers["Content-Type"]) == ("2", "text/plain")
    assert graph.call("GET", f"{PHONES}/$count").status_code == 400


def test_a_phone_method_does_not_show_its_time_of_creation(graph: Any) -> None:
    method = graph.call("GET", f"{PHONES}/{MOBILE}?$select=id,createdDateTime").json()
    assert method["createdDateTime"] is None and "phoneNumber" not in method


@pytest.mark.parametrize(("status", "code"), [(401, "InvalidAuthenticationToken"), (403, "insufficient_claims")])
def test_a_claims_challenge_accepts_only_a_token_with_its_claims(service: Service, status: int, code: str) -> None:
    old = service.token()
    service.inject({"then": {"challenge": status}})
    refused = [call(service, "GET", PHONES, token=token) for token in (old, old, service.token())]
    assert [one.status for one in refused] == [status] * 3
    assert json.loads(refused[0].body)["error"]["code"] == code
    header = refused[1].headers["WWW-Authenticate"]
    assert 'error="insufficient_claims"' in header
    claims = base64.b64decode(header.partition('claims="')[2].rstrip('"')).decode()

    def ask(**more: str) -> Answer:
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": "a+secret+of+the+app"}
        body = "&".join(f"{name}={value}" for name, value in {**form, **more}.items())
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        url = f"{service.login_url}/contoso.example/oauth2/v2.0/token"
        body += f"&scope={service.graph_url}/.default"
        return asyncio.run(service.exchange("POST", url, headers, body.encode()))

    plain, better = (json.loads(ask(**more).body)["access_token"] for more in ({}, {"claims": claims}))
    assert call(service, "GET", PHONES, token=plain).status == status
    assert call(service, "GET", PHONES, token=better).status == 200
    assert json.loads(ask(claims="no JSON").body)["error_codes"] == [90100]
    service.reset()
    assert call(service, "GET", PHONES, token=plain).status == 200


def test_a_challenge_has_a_status(service: Service) -> None:
    with pytest.raises(ValueError, match="challenge is 401 or 403"):
        service.inject({"then": {"challenge": 500}})
