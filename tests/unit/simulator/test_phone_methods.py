# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Phone methods: addressing, numbers, and permitted bodies and queries."""

from __future__ import annotations

from typing import Any

import pytest

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ALTERNATE = "b6332ec1-7057-4abe-9331-3d72feddfe41"
OFFICE = "e37fc753-ff3b-4958-9484-eaa9425c82bc"
ANNA = "anna@contoso.example"


def test_a_list_is_a_page_with_context(simulator: Any, graph: Any) -> None:
    body = graph.phone(ANNA).json()
    assert body["@odata.context"].endswith("$metadata#users('anna%40contoso.example')/authentication/phoneMethods")
    assert [(one["id"], one["phoneNumber"], one["phoneType"]) for one in body["value"]] == [
        (MOBILE, "+1 2065550101", "mobile"),
        (OFFICE, "+1 2065550190x12", "office"),
    ]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/users/guest_x.example%23EXT%23@contoso.example/authentication/phoneMethods", 200),
        ("/users/ANNA%40contoso.EXAMPLE/authentication/phoneMethods", 200),
        ("/users/o%27hara%2Fx%3F100%25..%40contoso.example/authentication/phoneMethods", 200),
        ("/users('anna@contoso.example')/authentication/phoneMethods", 200),
        ("/users/o'hara/x%3F100%25..@contoso.example/authentication/phoneMethods", 400),
        ("/users/%2E%2E%2Fgroups/authentication/phoneMethods", 404),
        ("/users/../groups", 400),
        ("/users/ghost@contoso.example/authentication/phoneMethods", 404),
        ("/users/%ZZ/authentication/phoneMethods", 400),
        ("/users/%ff/authentication/phoneMethods", 400),
        ("/users//authentication/phoneMethods", 400),
        ("/users/anna@contoso.example/authentication/emailMethods", 400),
        ("/users/anna@contoso.example/authentication/phoneMethods/", 400),
    ],
)
def test_a_name_addresses_only_its_user(simulator: Any, graph: Any, path: str, status: int) -> None:
    answer, body = graph.raw(f"/v1.0{path}")
    assert answer == status
    if status >= 400:
        assert set(body["error"]) == {"code", "message", "innerError"}
    assert simulator.journal()[-1].status == status


@pytest.mark.parametrize(
    ("method_id", "status", "code"),
    [
        (MOBILE.upper(), 404, "UnknownError"),
        ("mobile", 404, "UnknownError"),
        (ALTERNATE, 404, "resourceNotFound"),
    ],
)
def test_a_method_id_is_one_of_three(graph: Any, method_id: str, status: int, code: str) -> None:
    answer = graph.phone(ANNA, f"/{method_id}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?$filter=phoneType eq 'office'", ["office"]),
        ("?$select=id,phoneType", ["mobile", "office"]),
        ("?$filter=phoneNumber eq 'x'", 501),
        ("?$filter=phoneType eq office", 400),
        ("?$select=nonsense", 400),
        ("?$top=1", 400),
        ("?$select=id&$select=id", 400),
        ("?anything=1", 400),
    ],
)
def test_few_query_options_are_supported(graph: Any, query: str, found: Any) -> None:
    answer = graph.phone(ANNA, query)
    if isinstance(found, int):
        assert answer.status_code == found
    else:
        assert [one["phoneType"] for one in answer.json()["value"]] == found


@pytest.mark.parametrize(
    ("allowed", "body", "status"),
    [
        ("empty_object", None, 204),
        ("empty_object", {}, 204),
        ("empty_object", {"a": 1}, 400),
        ("refuse", {}, 400),
        ("refuse", None, 204),
        pytest.param("any", {"a": 1}, 204, marks=pytest.mark.beyond_metadata("has no body here")),
    ],
)
def test_a_body_on_enable_is_a_switch(simulator: Any, graph: Any, allowed: str, body: Any, status: int) -> None:
    simulator.switch("action_body", allowed)
    options = {} if body is None else {"json": body}
    assert graph.phone(ANNA, f"/{MOBILE}/enableSmsSignIn", "POST", **options).status_code == status


def test_a_wrong_verb_is_refused(graph: Any) -> None:
    answer = graph.phone(ANNA, f"/{MOBILE}/enableSmsSignIn", "GET")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "Request_BadRequest")


def test_a_new_mobile_number_is_registered_at_once(simulator: Any, graph: Any) -> None:
    body = {"phoneNumber": "+442071234567", "phoneType": "mobile"}
    answer = graph.phone("nophone@contoso.example", "", "POST", json=body)
    assert answer.status_code == 201
    assert (answer.json()["phoneNumber"], answer.json()["smsSignInState"]) == ("+44 2071234567", "ready")
    simulator.switch("auto_registration", False)
    assert graph.phone(ANNA, f"/{MOBILE}", "PATCH", json={"phoneNumber": "+1 2065550120"}).status_code == 204
    assert simulator.state(ANNA) == "notEnabled"


@pytest.mark.parametrize("saved", [True, False])
def test_a_taken_number_is_refused_and_may_be_stored(simulator: Any, graph: Any, saved: bool) -> None:
    simulator.switch("taken_number_saved", saved)
    answer = graph.phone(
        "nophone@contoso.example", "", "POST", json={"phoneNumber": "+1 2065550102", "phoneType": "mobile"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "phoneNumberNotUnique")
    assert simulator.state("nophone@contoso.example") == ("phoneNumberNotUnique" if saved else None)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"phoneNumber": "2065550120", "phoneType": "mobile"}, "invalidPhoneNumber"),
        ({"phoneNumber": "+1 2065550120x5", "phoneType": "mobile"}, "invalidPhoneNumber"),
        ({"phoneNumber": "+1 2065550120", "phoneType": "alternateMobile"}, "badRequest"),
        ({"phoneNumber": "+1 2065550120", "phoneType": "pager"}, "BadRequest"),
        ({"phoneNumber": "+1 2065550120", "phoneType": "mobile", "smsSignInState": "ready"}, "BadRequest"),
        ({"phoneNumber": "+1 2065550120"}, "BadRequest"),
        ({"phoneNumber": "+1 2065550120", "phoneType": ["mobile"]}, "BadRequest"),
        ({"phoneNumber": 12065550120, "phoneType": "mobile"}, "BadRequest"),
        ([], "BadRequest"),
    ],
)
def test_a_bad_number_is_refused(simulator: Any, graph: Any, body: Any, code: str) -> None:
    answer = graph.phone("nophone@contoso.example", "", "POST", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)
    assert simulator.state("nophone@contoso.example") is None


def test_a_number_is_changed_and_deleted_by_its_rules(simulator: Any, graph: Any) -> None:
    alternate = {"phoneNumber": "+1 2065550121", "phoneType": "alternateMobile"}
    assert graph.phone(ANNA, "", "POST", json=alternate).status_code == 201
    assert graph.phone(ANNA, "", "POST", json=alternate).status_code == 400
    assert graph.phone(ANNA, f"/{MOBILE}", "DELETE").status_code == 400
    assert graph.phone(ANNA, f"/{MOBILE}", "PATCH", json={**alternate}).status_code == 400
    assert graph.phone(ANNA, f"/{ALTERNATE}", "DELETE").status_code == 204
    assert graph.phone(ANNA, f"/{MOBILE}", "DELETE").status_code == 204
    assert simulator.state(ANNA) is None
    assert graph.phone("bob@contoso.example", f"/{MOBILE}", "PUT", json=alternate).status_code == 405


@pytest.mark.parametrize(
    ("status", "code"), [(400, "badRequest"), (409, "badRequest"), (409, "ruleViolation"), (400, "")]
)
@pytest.mark.parametrize("message", [True, False])
def test_the_form_of_refusals_of_phone_methods_is_a_switch(
    simulator: Any, graph: Any, status: int, code: str, message: bool
) -> None:
    for switch, value in (("phone_rule_status", status), ("phone_rule_code", code), ("phone_rule_message", message)):
        simulator.switch(switch, value)
    alternate = {"phoneNumber": "+1 2065550121", "phoneType": "alternateMobile"}
    answers = [graph.phone("nophone@contoso.example", "", "POST", json=alternate)]
    assert graph.phone(ANNA, "", "POST", json=alternate).status_code == 201
    answers.append(graph.phone(ANNA, f"/{MOBILE}", "DELETE"))
    for answer in answers:
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], bool(error["message"])) == (status, code, message)


def test_the_status_of_a_new_phone_is_a_switch(simulator: Any, graph: Any) -> None:
    simulator.switch("phone_created", 200)
    body = {"phoneNumber": "+1 2065550120", "phoneType": "mobile"}
    assert graph.phone("nophone@contoso.example", "", "POST", json=body).status_code == 200


def test_numbers_can_be_masked_for_every_caller(simulator: Any, graph: Any) -> None:
    simulator.switch("masks_for_all", True)
    assert [one["phoneNumber"] for one in graph.phone(ANNA).json()["value"]] == ["+1 XXXXXXXX01", "+1 XXXXXXXXXXX12"]


def test_china_has_no_sms_sign_in(simulator: Any, graph: Any) -> None:
    simulator.switch("cloud", "china")
    assert graph.phone(ANNA).status_code == 200
    answer = graph.enable(ANNA)
    assert answer.status_code == 400 and "enableSmsSignIn" in answer.json()["error"]["message"]
