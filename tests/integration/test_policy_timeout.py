# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`policy_timeout`: a run waits for an edit of the SMS policy."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from integration.tenants import app, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    {"count": 60, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    apps=[app(roles=["UserAuthMethod-Phone.ReadWrite.All", "Policy.ReadWrite.AuthenticationMethod", "Group.Read.All"])],
    groups=[{"name": "Frontline", "members_match": "worker*"}, {"name": "No SMS", "members": ["ben@contoso.example"]}],
    policy={"state": "disabled", "include": [{"group": "all_users"}], "exclude": [{"group": "No SMS"}]},
)
ALL_USERS = ["anna@contoso.example", "ben@contoso.example"]
Module = Callable[..., Any]


def reads(simulator: Any, user: str) -> list[float]:
    """When a user's phone methods were read before the first write, in seconds since the first time."""
    first_write = min((entry.at for entry in simulator.writes()), default=float("inf"))
    at = [entry.at for entry in simulator.requests("phoneMethods") if entry.user == user and entry.at < first_write]
    return [moment - at[0] for moment in at]


@pytest.mark.covers("C4")
def test_the_policy_is_edited_and_users_are_enabled_in_one_play(simulator: Any, module: Module) -> None:
    simulator.switch("policy_lag", 3)
    edited = module("sms_policy", state="enabled", allow_all_users=True)
    assert edited["changed"]
    simulator.clear_journal()
    result = module(users=ALL_USERS, policy_timeout=8, tolerate=["not_allowed_by_policy"])
    assert result["reason"] is None
    assert result.user("anna")["changed"] and result.user("anna")["previous_state"] == "notEnabled"
    assert result.user("ben")["reason"] == "not_allowed_by_policy"
    assert 2 <= reads(simulator, "ben@contoso.example")[-1] <= 12


def test_without_policy_timeout_a_refusal_is_final(simulator: Any, module: Module) -> None:
    simulator.switch("policy_lag", 3)
    simulator.set_policy({"state": "enabled"})
    result = module(users=ALL_USERS)
    assert set(result.reasons.values()) == {"not_allowed_by_policy"}
    assert len(reads(simulator, "anna@contoso.example")) == 1


def test_check_mode_does_not_wait_and_says_so(simulator: Any, module: Module) -> None:
    simulator.switch("policy_lag", 3)
    simulator.set_policy({"state": "enabled"})
    began = time.monotonic()
    result = module(users=ALL_USERS, policy_timeout=60, check_mode=True)
    assert time.monotonic() - began < 10
    assert "Check mode does not wait for 'policy_timeout': 2 users" in result.warned
    assert len(reads(simulator, "anna@contoso.example")) == 1


def test_users_are_read_again_in_batches(simulator: Any, module: Module) -> None:
    simulator.switch("policy_lag", 1.5)
    simulator.set_policy({"state": "enabled"})
    result = module(groups=["Frontline"], policy_timeout=10)
    assert result["summary"]["changed"] == 60
    first_write = min(entry.at for entry in simulator.writes())
    batches = {entry.batch for entry in simulator.requests("phoneMethods") if entry.at < first_write}
    assert None not in batches
    assert len(reads(simulator, "worker01@contoso.example")) == 2
    assert len(batches) <= 2 * (60 / 20 + 1)


def test_users_that_are_not_blocked_cause_no_wait(simulator: Any, module: Module) -> None:
    simulator.set_policy({"state": "enabled", "exclude": []})
    began = time.monotonic()
    assert module(users=ALL_USERS, policy_timeout=60)["summary"]["changed"] == 2
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("value", [-1, 1e9])
def test_policy_timeout_has_a_range(simulator: Any, module: Module, value: float) -> None:
    result = module(users=ALL_USERS, policy_timeout=value)
    assert result["reason"] == "invalid_options"
    assert "'policy_timeout' must be a number" in result["msg"]
    assert simulator.journal() == []


def test_disabling_does_not_wait(simulator: Any, module: Module) -> None:
    began = time.monotonic()
    result = module(users=ALL_USERS, state="disabled", policy_timeout=60)
    assert result["reason"] is None and time.monotonic() - began < 10
    assert len(reads(simulator, "anna@contoso.example")) == 1
