# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M10-M12: tokens that expire, permissions that are missing, and the signed-in user."""

from __future__ import annotations

import json
import time

import pytest

from integration.tenants import CLIENT_ID, NOT_ENABLED, READY, SECRET, app, person, tenant

READER = "bbbbbbbb-0000-0000-0000-000000000002"
NOBODY = "cccccccc-0000-0000-0000-000000000003"
SCOPES = ["UserAuthenticationMethod.ReadWrite.All", "User.ReadBasic.All"]
TENANT = tenant(
    person("anna", 1),
    person("ben", 2, sms_sign_in=True),
    person("boss", 3, admin=True),
    person("sealed", 4, forbidden=True),
    person("helpdesk", 5),
    person("chief", 6),
    person("clerk", 7),
    {"count": 240, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632960{n:03}"},
    apps=[
        app(),
        {"client_id": READER, "secrets": [SECRET], "roles": ["UserAuthMethod-Phone.Read.All"]},
        {"client_id": NOBODY, "secrets": [SECRET], "roles": ["User.Read.All"]},
    ],
    delegated=[
        {
            "user": "helpdesk@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": SCOPES,
            "entra_roles": ["Authentication Administrator"],
        },
        {"user": "clerk@contoso.example", "client_id": CLIENT_ID, "scopes": SCOPES},
    ],
)
ANNA = "anna@contoso.example"
BEN = "ben@contoso.example"
WORKERS = [f"worker{number:03}@contoso.example" for number in range(1, 241)]
BOTH_TO_WRITE = ("UserAuthMethod-Phone.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All")
BOTH_TO_READ = ("UserAuthMethod-Phone.Read.All", "UserAuthenticationMethod.Read.All")


def given(token):
    return {"client_secret": None, "access_token": token}


# -- M10 ---------------------------------------------------------------------------------------------------------------


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
    ids=["first read", "a write", "a proof", "a batch", "a later batch", "an item that writes"],
)
def test_a_token_that_expires_in_the_middle_is_replaced_once(simulator, module, match, skip):
    people = WORKERS if match.get("outer") or match.get("kind") else [ANNA]
    simulator.inject({"match": match, "skip": skip, "then": {"expire_tokens": True}})

    result = module(users=people)

    assert result["changed"] and result["reason"] is None and result["summary"]["changed"] == len(people)
    assert simulator.tokens_asked() == 2
    assert sorted(write.user for write in simulator.writes() if write.effect) == sorted(people)
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
@pytest.mark.parametrize("people", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_a_token_that_is_never_accepted_ends_the_run_after_one_new_one(simulator, module, people):
    for outer in (True, False):
        simulator.inject({"match": {"outer": outer}, "times": None, "then": {"status": 401}})

    result = module(users=people)

    assert result["reason"] == "authentication_failed" and not result["changed"]
    assert "does not accept the token" in result["msg"] and "graph_url" in result["msg"]
    assert (result["support"]["status"], result["support"]["code"]) == (401, "InvalidAuthenticationToken")
    assert result["support"]["request_id"] and result["support"]["client_request_id"]
    assert result["summary"]["skipped"] == len(people)
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
@pytest.mark.parametrize("skip", [0, 1, 2], ids=["at the first read", "at the write", "at the proof"])
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
        ({"audience": "https://management.azure.com"}, "It is for 'https://management.azure.com' (aud)"),
        ({"claims": {"iss": "https://sts.windows.net/somebody-else/"}}, "for Microsoft Graph"),
    ],
    ids=["expired", "for another service", "of another tenant"],
)
def test_a_given_token_that_is_not_accepted_is_a_clear_failure(simulator, module, minted, said):
    token = simulator.token(**minted)

    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "authentication_failed" and said in result["msg"]
    assert len(simulator.calls()) == 1 and simulator.calls("login") == []
    assert token not in json.dumps(result)


@pytest.mark.covers("M10")
def test_a_given_token_may_be_about_to_expire(simulator, module):
    token = simulator.token(claims={"exp": int(time.time()) + 30, "iat": int(time.time()) - 3600})

    result = module(users=[ANNA], **given(token))

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "access_token", "source": "options"}


@pytest.mark.covers("M10")
def test_the_scheme_in_front_of_a_given_token_is_dropped(simulator, module):
    result = module(users=[ANNA], **given(f"Bearer {simulator.token()}"))

    assert result["changed"] and result["reason"] is None


@pytest.mark.covers("M10")
def test_json_in_place_of_a_given_token_is_named(simulator, module):
    token = simulator.token()

    result = module(users=[ANNA], **given(json.dumps({"accessToken": token})))

    assert result["reason"] == "invalid_options" and "JSON" in result["msg"]
    assert token not in json.dumps(result) and simulator.journal() == []


@pytest.mark.covers("M10")
@pytest.mark.parametrize("token", ["two words", "line\nbreak", "naïve", "a\tb"])
def test_a_given_token_that_no_header_can_carry_is_refused_at_once(simulator, module, token):
    result = module(users=[ANNA], **given(token))

    assert result["reason"] == "invalid_options" and "access_token" in result["msg"]
    assert token not in result["msg"] and simulator.journal() == []


# -- M11 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize(("name", "state"), [("sealed", None), ("boss", NOT_ENABLED)], ids=["to read", "to write"])
@pytest.mark.parametrize("others", [[], WORKERS[:30]], ids=["alone", "among others"])
def test_one_privileged_user_is_forbidden_and_the_others_go_on(simulator, module, name, state, others):
    result = module(users=[f"{name}@contoso.example", *others])

    assert result["reason"] == "some_users_failed" and result["changed"] is bool(others)
    user = result.user(name)
    assert (user["reason"], user["state"], user["failed"]) == ("forbidden", state, True)
    assert "privileged" in user["msg"] and user["support"]["status"] == 403
    assert (result["summary"]["changed"], result["summary"]["failed"]) == (len(others), 1)
    tries = [write.status for write in simulator.writes() if write.user == user["user"]]
    assert tries == ([403] if name == "boss" else [])


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("people", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_everybody_forbidden_to_read_stops_early_and_names_both_families(simulator, module, people, check_mode):
    result = module(users=people, client_id=NOBODY, check_mode=check_mode)

    assert result["reason"] == "permission_missing" and not result["changed"]
    named = BOTH_TO_READ if check_mode else BOTH_TO_WRITE
    assert all(permission in result["msg"] for permission in named)
    assert (result["support"]["status"], result["support"]["code"]) == (403, "accessDenied")
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(people)
    assert len(simulator.calls()) == 1 and simulator.writes() == []


@pytest.mark.covers("M11", "A5")
@pytest.mark.parametrize("people", [[ANNA], WORKERS], ids=["one user", "many users"])
def test_everybody_forbidden_to_write_stops_early_and_names_both_families(simulator, module, people):
    result = module(users=[*people, BEN], client_id=READER)

    assert result["reason"] == "permission_missing" and not result["changed"]
    assert all(permission in result["msg"] for permission in BOTH_TO_WRITE)
    assert result["support"]["status"] == 403
    assert result.user("ben")["reason"] is None, "who needs no change is fine"
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(people)
    assert result["summary"]["reasons"].get("forbidden", 0) >= 1
    assert {write.status for write in simulator.writes()} == {403}
    assert len(simulator.writes()) <= 160, "no more than were under way when the first answer came"


@pytest.mark.covers("M11")
def test_the_permission_to_read_is_enough_for_check_mode_which_warns(simulator, module):
    result = module(users=[ANNA, BEN], client_id=READER, check_mode=True)

    assert result["reason"] is None and result["summary"]["changed"] == 1
    assert all(permission in result.warned for permission in BOTH_TO_WRITE)
    assert simulator.writes() == []


@pytest.mark.covers("M11")
def test_the_permission_to_read_is_enough_when_nothing_is_to_change(simulator, module):
    result = module(users=[BEN], client_id=READER)

    assert result["reason"] is None and not result["changed"] and "warnings" not in result


@pytest.mark.covers("M11")
@pytest.mark.parametrize("family", [*BOTH_TO_WRITE])
def test_either_family_of_permissions_will_do(simulator, module, family):
    result = module(users=[ANNA], **given(simulator.token(roles=[family])))

    assert result["changed"] and result["reason"] is None
    assert [write.status for write in simulator.writes()] == [204]


@pytest.mark.covers("M11")
def test_a_signed_in_user_without_an_administrators_role_is_told_to_get_it(simulator, module):
    result = module(users=WORKERS, **given(simulator.token(user="clerk@contoso.example")))

    assert result["reason"] == "permission_missing" and "Authentication Administrator" in result["msg"]
    assert result["summary"]["failed"] + result["summary"]["skipped"] == len(WORKERS) and simulator.writes() == []


# -- M12 ---------------------------------------------------------------------------------------------------------------


@pytest.mark.covers("M12")
@pytest.mark.parametrize(
    "people",
    [{"users": ["me"]}, {"users": [" ME "]}, {"users": [ANNA, "me"]}, {"users": [ANNA], "exclude_users": ["me"]}],
)
@pytest.mark.parametrize("with_token", [True, False], ids=["given token", "client secret"])
def test_me_is_refused_for_an_application_before_any_call_to_graph(simulator, module, people, with_token):
    signed_in = given(simulator.token()) if with_token else {}

    result = module(**people, **signed_in)

    assert result["reason"] == "invalid_options" and not result["changed"]
    assert "'me'" in result["msg"] and "delegated" in result["msg"]
    assert simulator.calls() == []


@pytest.mark.covers("M12")
@pytest.mark.parametrize("me", ["me", "ME", " Me\n"])
def test_me_is_the_signed_in_user(simulator, module, me):
    signed_in = given(simulator.token(user="helpdesk@contoso.example"))

    first = module(users=[me], **signed_in)
    second = module(users=[me], **signed_in)

    assert first["changed"] and first["reason"] is None
    assert (first["users"][0]["user"], first["users"][0]["state"]) == ("me", READY)
    assert second["reason"] is None and not second["changed"]
    assert [(write.user, write.effect) for write in simulator.writes()] == [("helpdesk@contoso.example", True)]
    assert all(entry.path.startswith("/me/") for entry in simulator.calls())


@pytest.mark.covers("M12")
def test_me_works_beside_other_users(simulator, module):
    signed_in = given(simulator.token(user="helpdesk@contoso.example"))

    result = module(users=["me", ANNA], **signed_in)

    assert result["reason"] is None and result["summary"]["changed"] == 2
    assert sorted(write.user for write in simulator.writes()) == [ANNA, "helpdesk@contoso.example"]


@pytest.mark.covers("M12")
def test_me_can_be_excluded(simulator, module):
    signed_in = given(simulator.token(user="helpdesk@contoso.example"))

    result = module(users=[ANNA, "helpdesk@contoso.example"], exclude_users=["me"], **signed_in)

    assert result["reason"] is None and [user["user"] for user in result["users"]] == [ANNA]
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M12", "A4")
def test_me_with_a_token_that_asks_for_fresh_mfa_is_told_so(simulator, module):
    simulator.switch("fresh_mfa", True)

    result = module(users=["me"], **given(simulator.token(user="helpdesk@contoso.example")))

    assert not result["changed"] and result["reason"] == "some_users_failed"
    assert result.user("me")["reason"] == "forbidden" and "Multi-factor" in result.user("me")["msg"]
    assert [write.status for write in simulator.writes()] == [403]
