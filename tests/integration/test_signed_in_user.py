# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`me`, the signed-in user, with tokens of applications and of users."""

from __future__ import annotations

import pytest

from integration.tenants import CLIENT_ID, READY, make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    make_user("helpdesk", 5),
    delegated=[
        {
            "user": "helpdesk@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All", "User.ReadBasic.All"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
)
ANNA = "anna@contoso.example"


def given(token):
    return {"client_secret": None, "access_token": token}


@pytest.mark.covers("M12")
@pytest.mark.parametrize(
    "chosen",
    [{"users": ["me"]}, {"users": [" ME "]}, {"users": [ANNA, "me"]}, {"users": [ANNA], "exclude_users": ["me"]}],
)
@pytest.mark.parametrize("with_token", [True, False], ids=["given token", "client secret"])
def test_me_is_refused_for_an_application_before_any_call_to_graph(simulator, module, chosen, with_token):
    signed_in = given(simulator.token()) if with_token else {}

    result = module(**chosen, **signed_in)

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
def test_a_demand_for_fresh_mfa_for_me_is_reported(simulator, module):
    simulator.switch("fresh_mfa", True)

    result = module(users=["me"], **given(simulator.token(user="helpdesk@contoso.example")))

    assert not result["changed"] and result["reason"] == "some_users_failed"
    assert result.user("me")["reason"] == "forbidden" and "Multi-factor" in result.user("me")["msg"]
    assert [write.status for write in simulator.writes()] == [403]
