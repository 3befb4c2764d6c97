# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A result stays within its size for any input."""

from __future__ import annotations

import json

import pytest

from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    {"count": 1200, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}"},
    groups=[{"name": "Frontline", "members": ["anna@contoso.example", "ben@contoso.example"]}],
)
ANNA, BEN, CARL = (f"{name}@contoso.example" for name in ("anna", "ben", "carl"))
WORKERS = [f"worker{number:04}@contoso.example" for number in range(1, 1201)]
MOST_CHARACTERS = 400_000


def assert_within_its_size(result, total):
    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["summary"]["total"] == total
    assert len(result["users"]) + result["users_omitted"] == total
    assert len(result["users"]) <= 1000 and len(result["diff"]["before"]) <= 200
    arguments = result["invocation"]["module_args"]
    assert not any(isinstance(value, (list, dict)) for value in arguments.values())
    assert len(json.dumps(arguments)) < 10_000


@pytest.mark.covers("M22")
def test_a_hundred_thousand_users_fit_into_a_result(simulator, module, tmp_path):
    users = [f"user{number:06}@{'long-name-of-a-subsidiary.' * 3}contoso.example" for number in range(100_000)]
    path = tmp_path / "report.csv"

    result = module(users=users, run_timeout=2, report_path=str(path))

    assert result["reason"] == "incomplete" and not result["changed"]
    assert_within_its_size(result, 100_000)
    assert result["invocation"]["module_args"]["users"] == 100_000
    assert result["summary"]["failed"] + result["summary"]["skipped"] == 100_000
    assert result["users_omitted"] >= 99_000
    with open(path, encoding="utf-8") as file:
        assert sum(1 for _line in file) == 100_001, "the report has no limit"
    assert simulator.writes() == []


@pytest.mark.covers("M22")
@pytest.mark.parametrize("many", ["exclude_users", "groups", "exclude_groups", "tolerate"])
def test_long_lists_in_other_options_are_counts_too(simulator, module, many):
    names = {"tolerate": ["guest"] * 20_000, "exclude_users": WORKERS[:20] * 1000}
    given = names.get(many, ["Frontline"] * 50)

    result = module(**{"users": [BEN], many: given}, check_mode=True)

    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["invocation"]["module_args"][many] == len(given)
    assert result["reason"] is None


@pytest.mark.covers("M22")
@pytest.mark.parametrize("how", ["not found", "refused", "unverified in the end"])
def test_a_thousand_failures_fit_into_a_result(simulator, module, how):
    users = WORKERS[:1000]
    if how == "not found":
        users = [f"{'no-such-user--' * 4}{number:04}@contoso.example" for number in range(1000)]
    elif how == "refused":
        message = "The service explains at length, with +44 1632960123 and more. " * 40
        answer = {"status": 400, "code": "generalException" * 5, "message": message}
        simulator.inject({"match": {"kind": "item", "method": "GET"}, "times": None, "then": answer})
    else:
        simulator.inject({"match": {"kind": "item", "method": "POST"}, "times": None, "then": {"status": 204}})

    result = module(users=users, verify_timeout=0)

    assert result["reason"] == "some_users_failed" and result["summary"]["failed"] == 1000
    assert_within_its_size(result, 1000)
    assert all(user["failed"] and user["reason"] for user in result["users"])
    assert len(result["users"]) >= 200, "many users are listed"


@pytest.mark.covers("M22")
def test_a_thousand_changes_fit_into_a_result_and_the_failed_come_first(simulator, module):
    result = module(users=[*WORKERS, CARL, BEN])

    assert result["changed"] and result["summary"]["changed"] == 1200
    assert_within_its_size(result, 1202)
    assert result["users"][0]["user"] == CARL and result["users"][1]["changed"]
    assert len(result["diff"]["before"]) + result["diff_omitted"] == 1200
    assert len(simulator.writes()) == 1200
    counts = "1200 enabled, 1 already enabled."
    assert result["msg"] == f"1 of 1202 users failed: {CARL} (no_mobile_phone). {counts}"


@pytest.mark.covers("M22")
@pytest.mark.parametrize(
    ("returned", "listed"), [("all", {ANNA, BEN, CARL}), ("changed", {ANNA, CARL}), ("none", set())]
)
def test_return_users_selects_the_listed_users(module, returned, listed):
    result = module(users=[ANNA, BEN, CARL], return_users=returned)

    assert {user["user"] for user in result["users"]} == listed and result["users_omitted"] == 0
    assert result["summary"]["total"] == 3


@pytest.mark.covers("M22")
@pytest.mark.parametrize("option", ["users", "groups", "exclude_users", "exclude_groups"])
def test_a_very_long_name_does_not_exceed_the_result_size(simulator, module, option):
    result = module(**{"users": [ANNA], option: ["x" * 600_000 + "@contoso.example", ANNA]})

    assert len(json.dumps(result)) < MOST_CHARACTERS
    assert result["reason"] == "invalid_options" and simulator.journal() == []
