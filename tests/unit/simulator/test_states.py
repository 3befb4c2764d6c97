# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""smsSignInState: how it is derived, and how enable and disable move it."""

from __future__ import annotations

from typing import Any

import pytest

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
OFFICE = "e37fc753-ff3b-4958-9484-eaa9425c82bc"


@pytest.mark.parametrize(
    ("name", "state"),
    [
        ("anna@contoso.example", "notEnabled"),
        ("bob@contoso.example", "ready"),
        ("twin@contoso.example", "notEnabled"),
        ("late@contoso.example", "phoneNumberNotUnique"),
        ("heir@contoso.example", "notEnabled"),
        ("barred@contoso.example", "notAllowedByPolicy"),
        ("guest_x.example#EXT#@contoso.example", "notSupported"),
        ("off@contoso.example", "notEnabled"),
        pytest.param("new@contoso.example", "somethingNew", marks=pytest.mark.beyond_metadata("'somethingNew' is not")),
        ("null@contoso.example", None),
        ("nophone@contoso.example", None),
        ("WORKER007@Contoso.Example", "notEnabled"),
    ],
)
def test_a_loaded_state_is_derived(simulator: Any, graph: Any, name: str, state: str | None) -> None:
    assert simulator.state(name) == state
    methods = {method["phoneType"]: method for method in graph.phone(name).json()["value"]}
    assert methods.get("mobile", {}).get("smsSignInState") == state


def test_an_absent_state_is_left_out(graph: Any) -> None:
    assert set(graph.phone("absent@contoso.example", f"/{MOBILE}").json()) == {
        "@odata.context", "id", "phoneNumber", "phoneType",
    }  # fmt: skip
    assert graph.phone("null@contoso.example", f"/{MOBILE}").json()["smsSignInState"] is None


def test_enable_and_disable_move_the_state_and_free_the_number(simulator: Any, graph: Any) -> None:
    assert graph.enable("anna@contoso.example").status_code == 204
    assert graph.shown_state("anna@contoso.example") == "ready"
    assert graph.disable("bob@contoso.example").status_code == 204
    assert simulator.state("bob@contoso.example") == simulator.state("late@contoso.example") == "notEnabled"
    assert graph.enable("twin@contoso.example").status_code == 204
    assert simulator.state("late@contoso.example") == "phoneNumberNotUnique"


@pytest.mark.parametrize(
    ("user", "holder"), [("twin@contoso.example", "bob@contoso.example"), ("heir@contoso.example", None)]
)
def test_a_number_that_signs_in_another_user_is_refused(
    simulator: Any, graph: Any, user: str, holder: str | None
) -> None:
    answer = graph.enable(user)
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "phoneNumberNotUnique")
    assert "+1 20655501" in answer.json()["error"]["message"]
    assert simulator.state(user) == "phoneNumberNotUnique"
    assert holder is None or simulator.state(holder) == "ready"


@pytest.mark.parametrize(
    ("policy", "state"),
    [
        ({"state": "disabled"}, "notAllowedByPolicy"),
        ({"include": []}, "notAllowedByPolicy"),
        ({"include": [{"group": "all_users", "sign_in": False}]}, "notAllowedByPolicy"),
        ({"include": [{"group": "Frontline"}]}, "notEnabled"),
        ({"include": [{"group": "Frontline", "sign_in": False}, {"group": "Nested"}]}, "notEnabled"),
        ({"include": [{"user": "nested@contoso.example"}]}, "notEnabled"),
        ({"include": [{"user": "anna@contoso.example"}]}, "notAllowedByPolicy"),
        ({"exclude": [{"group": "Frontline"}]}, "notAllowedByPolicy"),
        ({"exclude": [{"user": "nested@contoso.example"}]}, "notAllowedByPolicy"),
    ],
)
def test_the_policy_decides_through_nested_groups_and_exclusion_wins(
    simulator: Any, graph: Any, policy: dict[str, Any], state: str
) -> None:
    simulator.set_policy(policy)
    assert simulator.state("nested@contoso.example") == state
    assert graph.enable("nested@contoso.example").status_code == (204 if state == "notEnabled" else 400)


@pytest.mark.parametrize("status", [400, 403, 405, 409])
@pytest.mark.parametrize(
    ("form", "outer", "inner"),
    [("outer", "disabledByPolicy", None), ("inner", "UnknownError", "disabledByPolicy"), ("empty", "", None)],
)
def test_a_policy_refusal_has_every_known_form(
    simulator: Any, graph: Any, status: int, form: str, outer: str, inner: str | None
) -> None:
    simulator.switch("policy_refusal_status", status)
    simulator.switch("refusal_code_form", form)
    answer = graph.enable("barred@contoso.example")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["innerError"].get("code")) == (status, outer, inner)
    assert "credential policy is not enabled" in error["message"]
    assert not simulator.journal()[-1].effect


def test_a_refusal_may_leak_from_the_back_end(simulator: Any, graph: Any) -> None:
    simulator.switch("refusal_code_form", "backend")
    simulator.switch("inner_error_name", "innererror")
    error = graph.enable("twin@contoso.example").json()["error"]
    assert error["code"] == "UnknownError" and error["message"].startswith('{"Message"') and "innererror" in error


def test_only_mobile_methods_sign_in(simulator: Any, graph: Any) -> None:
    answer = graph.phone("anna@contoso.example", f"/{OFFICE}/enableSmsSignIn", "POST")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "notSupported")
    assert graph.phone("anna@contoso.example", f"/{OFFICE}").json()["smsSignInState"] == "notSupported"


def test_a_write_by_name_may_do_nothing(simulator: Any, graph: Any) -> None:
    assert graph.enable("byname@contoso.example").status_code == 204
    assert simulator.state("byname@contoso.example") == "notEnabled"
    assert [(entry.write, entry.effect) for entry in simulator.journal()] == [(True, False)]
    assert graph.enable(simulator.user_id("byname@contoso.example").upper()).status_code == 204
    assert simulator.state("byname@contoso.example") == "ready"
    simulator.switch("by_name", "noop")
    graph.disable("byname@contoso.example")
    assert simulator.state("byname@contoso.example") == "ready"


def test_a_write_may_never_take_effect(simulator: Any, graph: Any) -> None:
    assert graph.enable(simulator.user_id("never@contoso.example")).status_code == 204
    assert simulator.state("never@contoso.example") == "notEnabled"


def test_a_write_may_become_visible_late(simulator: Any, graph: Any) -> None:
    graph.enable("slow@contoso.example")
    assert simulator.state("slow@contoso.example") == "ready"
    assert graph.shown_state("slow@contoso.example") == "notEnabled"
    simulator.advance(61)
    assert graph.shown_state("slow@contoso.example") == "ready"


def test_a_lagging_write_that_is_reverted_still_counts(simulator: Any, graph: Any) -> None:
    graph.enable("slow@contoso.example")
    graph.disable("slow@contoso.example")
    assert [entry.effect for entry in simulator.journal()] == [True, True]


def test_a_state_may_flicker_once(graph: Any) -> None:
    graph.enable("flicker@contoso.example")
    shown = [graph.shown_state("flicker@contoso.example") for _number in range(4)]
    assert shown == ["ready", "notEnabled", "ready", "ready"]


def test_a_not_configured_state_becomes_ready(simulator: Any, graph: Any) -> None:
    assert graph.enable("todo@contoso.example").status_code == 204
    assert simulator.state("todo@contoso.example") == "ready"


@pytest.mark.parametrize(("switch", "call"), [("enable_when_ready", "enable"), ("disable_when_off", "disable")])
def test_repeating_a_write_is_a_switch(simulator: Any, graph: Any, switch: str, call: str) -> None:
    user = "bob@contoso.example" if call == "enable" else "anna@contoso.example"
    assert getattr(graph, call)(user).status_code == 204
    assert not simulator.journal()[-1].effect
    simulator.switch(switch, 409)
    assert getattr(graph, call)(user).status_code == 409


def test_the_state_of_a_past_attempt_may_stay(simulator: Any, graph: Any) -> None:
    simulator.switch("not_unique_sticks", True)
    graph.disable("bob@contoso.example")
    assert simulator.state("late@contoso.example") == "phoneNumberNotUnique"
    assert graph.enable("late@contoso.example").status_code == 204
    assert simulator.state("late@contoso.example") == "ready"


def test_a_number_may_be_freed_late(simulator: Any, graph: Any) -> None:
    simulator.switch("release_lag", 60)
    graph.disable("bob@contoso.example")
    assert graph.enable("twin@contoso.example").status_code == 409
    assert graph.enable("bob@contoso.example").status_code == 204
    graph.disable("bob@contoso.example")
    simulator.advance(61)
    assert graph.enable("twin@contoso.example").status_code == 204


def test_manual_changes(simulator: Any, graph: Any) -> None:
    simulator.change("anna@contoso.example", sms_sign_in=True)
    assert graph.shown_state("anna@contoso.example") == "ready"
    simulator.change("anna@contoso.example", mobile=None, enabled=False)
    assert simulator.state("anna@contoso.example") is None
    assert graph.call("GET", "/users/anna@contoso.example?$select=accountEnabled").json()["accountEnabled"] is False
    with pytest.raises(ValueError, match="already signs in"):
        simulator.change("twin@contoso.example", sms_sign_in=True)
    with pytest.raises(KeyError):
        simulator.change("nobody@contoso.example", enabled=True)
    simulator.reset()
    assert simulator.state("anna@contoso.example") == "notEnabled"
