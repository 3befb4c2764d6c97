# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens that expire, are given, or are not accepted."""

from __future__ import annotations

import json
import time

import pytest

from integration.tenants import (
    NOT_ENABLED,
    READY,
    make_user,
    tenant,
)

TENANT = tenant(
    make_user("anna", 1),
    {"count": 240, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632960{n:03}"},
)
ANNA = "anna@contoso.example"
OTHER_TENANT = "99999999-2222-3333-4444-555555555555"
WORKERS = [f"worker{number:03}@contoso.example" for number in range(1, 241)]


def given(token):
    return {"client_secret": None, "access_token": token}


@pytest.mark.covers("M10", "A3")
@pytest.mark.parametrize(
    ("match", "skip"),
    [
        ({"method": "GET"}, 0),
        ({"path": "enableSmsSignIn"}, 0),
        ({"method": "GET"}, 1),
        ({"outer": True}, 0),
        ({"outer": True}, 4),
        ({"kind": "item", "path": "enableSmsSignIn"}, 3),
    ],
    ids=["first read", "a write", "a verifying read", "a batch", "a later batch", "an item that writes"],
)
def test_a_token_that_expires_during_a_run_is_replaced_once(simulator, module, match, skip):
    users = WORKERS if match.get("outer") or match.get("kind") else [ANNA]
    simulator.inject({"match": match, "skip": skip, "then": {"expire_tokens": True}})

    result = module(users=users)

    assert result["changed"] and result["reason"] is None and result["summary"]["changed"] == len(users)
    assert simulator.tokens_asked() == 2
    assert sorted(write.user for write in simulator.writes() if write.effect) == sorted(users)
    assert 401 in {entry.status for entry in simulator.journal()}


@pytest.mark.covers("M10")
def test_a_token_is_replaced_before_it_expires(simulator, module):
    simulator.switch("token_lifetime", 1)
    simulator.switch("visibility_lag", 0.9)

    result = module(users=[ANNA])

    assert result["changed"] and result["reason"] is None
    assert simulator.tokens_asked() >= 2
    assert 401 not in {entry.status for entry in simulator.journal()}


@pytest.mark.covers("M10", "A3")
@pytest.mark.parametrize("users", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_a_token_that_is_never_accepted_ends_the_run_after_one_new_one(simulator, module, users):
    for outer in (True, False):
        simulator.inject({"match": {"outer": outer}, "times": None, "then": {"status": 401}})

    result = module(users=users)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert "does not accept the token" in result["msg"] and "graph_url" in result["msg"]
    assert (result["support"]["status"], result["support"]["code"]) == (401, "InvalidAuthenticationToken")
    assert result["support"]["request_id"] and result["support"]["client_request_id"]
    assert result["summary"]["skipped"] == len(users)
    assert simulator.tokens_asked() == 2
    assert len(simulator.calls()) <= 3 and simulator.writes() == []


@pytest.mark.covers("M10")
def test_a_long_run_may_need_several_tokens(simulator, module):
    simulator.inject({"match": {"outer": True}, "then": {"expire_tokens": True}})
    simulator.inject({"match": {"path": "enableSmsSignIn"}, "then": {"expire_tokens": True}})

    result = module(users=WORKERS)

    assert result["reason"] is None and result["summary"]["changed"] == len(WORKERS)
    assert simulator.tokens_asked() == 3
    assert sum(write.effect for write in simulator.writes()) == len(WORKERS)


@pytest.mark.covers("M10")
@pytest.mark.parametrize("skip", [0, 1, 2], ids=["at the first read", "at the write", "at the verifying read"])
def test_a_given_token_is_never_replaced(simulator, module, skip):
    simulator.inject({"skip": skip, "then": {"expire_tokens": True}})

    result = module(users=[ANNA], **given(simulator.token()))

    assert result["reason"] == "authentication_failed" and "access_token" in result["msg"]
    assert simulator.calls("login") == []
    assert len(simulator.calls()) == skip + 1
    user = result.user("anna")
    assert (user["reason"], user["changed"]) == ("skipped" if skip < 2 else "unverified", False)
    assert simulator.state(ANNA) == (READY if skip == 2 else NOT_ENABLED)


@pytest.mark.covers("M10")
@pytest.mark.parametrize(
    ("minted", "said"),
    [
        ({"expires_in": -60}, "It expired at"),
        ({"claims": {"iss": "https://sts.windows.net/another-tenant/"}}, "for Microsoft Graph"),
    ],
    ids=["expired", "of another tenant"],
)
def test_a_rejected_given_token_has_a_clear_message(simulator, module, minted, said):
    token = simulator.token(**minted)

    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert len(simulator.calls()) == 1 and simulator.calls("login") == []
    assert token not in json.dumps(result)


@pytest.mark.covers("M10")
@pytest.mark.parametrize(
    ("minted", "said"),
    [
        ({"audience": "https://management.azure.com"}, "for 'https://management.azure.com' (aud)"),
        ({"claims": {"tid": OTHER_TENANT}}, f"for the tenant {OTHER_TENANT} (tid)"),
    ],
    ids=["service", "tenant"],
)
def test_a_token_for_another_service_or_tenant_is_not_sent(simulator, module, minted, said):
    token = simulator.token(**minted)

    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert simulator.journal() == [] and token not in json.dumps(result)


@pytest.mark.covers("M10")
def test_a_given_token_close_to_its_end_is_used(simulator, module):
    token = simulator.token(claims={"exp": int(time.time()) + 30, "iat": int(time.time()) - 3600})

    result = module(users=[ANNA], **given(token))

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "access_token", "source": "options"}


@pytest.mark.covers("M10")
def test_the_scheme_before_a_given_token_is_removed(simulator, module):
    result = module(users=[ANNA], **given(f"Bearer {simulator.token()}"))

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M10")
def test_json_instead_of_a_given_token_is_reported(simulator, module):
    token = simulator.token()

    result = module(users=[ANNA], **given(json.dumps({"accessToken": token})))

    assert result["reason"] == "invalid_options" and "JSON" in result["msg"]
    assert token not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M10")
@pytest.mark.parametrize("token", ["two words", "line\nbreak", "naïve", "a\tb"])
def test_a_given_token_that_is_invalid_in_a_header_is_refused_at_once(simulator, module, token):
    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "invalid_options" and "access_token" in result["msg"]
    assert token not in result["msg"] and simulator.journal() == []


@pytest.mark.covers("A3")
def test_a_token_that_is_no_longer_accepted_is_replaced_once(simulator, module, scenario):
    scenario("a3_token_expires_in_the_middle")

    result = module(users=WORKERS[:60])

    assert result["reason"] is None and result["summary"]["changed"] == 60
    assert simulator.tokens_asked() == 2 and 401 in {entry.status for entry in simulator.journal()}
    assert sum(write.effect for write in simulator.writes()) == 60


@pytest.mark.covers("A3")
def test_a_rejected_second_token_is_final(simulator, module, scenario):
    scenario("a3_token_never_accepted")

    result = module(users=WORKERS[:60])

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert simulator.tokens_asked() == 2 and len(simulator.calls()) == 2
    assert result["summary"]["skipped"] == 60


@pytest.mark.covers("A4")
@pytest.mark.parametrize("users", [[ANNA], WORKERS[:60]], ids=["one user", "many users"])
@pytest.mark.parametrize("status", [401, 403])
def test_a_claims_challenge_is_answered_once_by_an_application(simulator, module, users, status):
    """The next token is asked for with the claims, and Graph accepts it."""
    simulator.inject({"then": {"challenge": status}, "match": {"outer": len(users) > 1}})

    result = module(users=users)

    assert result["reason"] is None and result["summary"]["changed"] == len(users)
    assert simulator.tokens_asked() == 2 and status in {entry.status for entry in simulator.journal()}


@pytest.mark.covers("A4")
@pytest.mark.parametrize("users", [[ANNA], WORKERS[:60]], ids=["one user", "many users"])
@pytest.mark.parametrize("with_token", [True, False], ids=["given token", "client secret"])
@pytest.mark.parametrize("name", ["a4_claims_challenge_401", "a4_claims_challenge_403"])
def test_a_claims_challenge_that_stays_ends_the_run_with_advice(simulator, module, scenario, users, with_token, name):
    scenario(name)

    result = module(users=users, **(given(simulator.token()) if with_token else {}))

    assert not result["changed"] and simulator.writes() == []
    assert simulator.tokens_asked() == (0 if with_token else 2)
    if name.endswith("401"):
        assert result["reason"] == "authentication_failed" and len(simulator.calls()) <= 2
        assert "Conditional Access policy" in result["msg"]
    else:
        # The token holds the permission, so the refusal can be that of some users only: all are tried, once.
        assert result["reason"] == "some_users_failed" and len(simulator.calls()) <= 2 + len(users) // 20
        assert all("Conditional Access policy" in user["msg"] for user in result["users"])
    assert "eyJ" not in json.dumps(result)


@pytest.mark.covers("M15")
def test_a_netrc_does_not_replace_the_token(simulator, module, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine localhost login name password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert module(users=[ANNA])["changed"]
    assert {entry.authorization for entry in simulator.calls()} == {"ok"}


@pytest.mark.covers("M10")
@pytest.mark.parametrize("expires_in", [{}, {"expires_in": 0}, {"expires_in": "3599"}])
@pytest.mark.parametrize("hours", [-30, -2, 2, 30])
def test_a_wrong_clock_does_not_cost_a_sign_in_for_each_request(simulator, module, monkeypatch, hours, expires_in):
    body = {"access_token": simulator.token(), "token_type": "Bearer", **expires_in}
    simulator.inject(
        {"match": {"kind": "login", "path": "token"}, "times": None, "then": {"status": 200, "body": body}}
    )
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + hours * 3600)

    result = module(users=WORKERS[:60])

    assert result["reason"] is None and result["summary"]["changed"] == 60
    assert simulator.tokens_asked() == 1
