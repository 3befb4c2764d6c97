# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import MICROSOFT_CLI, read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import ROLE_IDS
from ansible_collections.frontline.entra.plugins.module_utils._errors import PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import Permission
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_policy import Directory
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._holders import Holders
from ansible_collections.frontline.entra.plugins.module_utils._run._other_methods import NoOtherMethod
from ansible_collections.frontline.entra.plugins.module_utils._run._policy_subject import PolicySubject
from ansible_collections.frontline.entra.plugins.module_utils._run._preflight import (
    RESOLVE,
    SEE_ACCOUNTS,
    lacking,
    members_of,
    report_for,
    require_permissions,
)
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import jwt

WRITE = Permission(reasons.MAY_WRITE, reasons.TO_WRITE)
TENANT, CLIENT = "11111111-2222-3333-4444-555555555555", "aaaaaaaa-0000-0000-0000-000000000001"
NARROW, READ_MEMBERS = "UserAuthMethod-Phone.ReadWrite.All", "GroupMember.ReadBasic.All"
ID = "10000000-aaaa-4444-8888-000000000000"


def token(**claims):
    value = jwt(tid=TENANT, appid=claims.pop("appid", CLIENT), **claims)
    return replace(read_token(value), authority="https://login.example")


def application(*roles, **more):
    return token(idtyp="app", roles=list(roles), **more)


def refused(needs, of):
    with pytest.raises(PermissionMissing) as caught:
        require_permissions(needs, of)
    return caught.value.message


def test_all_missing_permissions_are_named_at_once_with_ids_and_the_link():
    needs = [WRITE, members_of("groups"), report_for("exclude_admins"), SEE_ACCOUNTS]
    message = refused(needs, application("User.ReadBasic.All"))
    for name in (NARROW, "UserAuthenticationMethod.ReadWrite.All", READ_MEMBERS, "AuditLog.Read.All", "User.Read.All"):
        assert f"{name} ({ROLE_IDS[name]})" in message
    assert message.endswith(f"https://login.example/{TENANT}/adminconsent?client_id={CLIENT}")
    assert "signed-in user" not in message


def test_permissions_in_the_token_are_not_named():
    message = refused([WRITE, members_of("groups")], application(READ_MEMBERS))
    assert NARROW in message and READ_MEMBERS not in message


@pytest.mark.parametrize(
    "of",
    [
        application(NARROW, READ_MEMBERS),
        application("UserAuthenticationMethod.ReadWrite.All", "Directory.Read.All"),
        token(scp=f"{NARROW} Directory.AccessAsUser.All"),
        # A token that cannot be read, or shows no permissions, is for Graph to judge.
        read_token("opaque"),
        token(),
        # So is that of an application with an Entra role, which may open what no permission of it does.
        application("User.Read.All", wids=["88d8e3e3-8f55-4a1e-953a-9b9898b8876b"]),
    ],
)
def test_a_token_with_the_permissions_passes(of):
    require_permissions([WRITE, members_of("groups")], of)


def test_the_role_of_every_application_is_no_permission():
    refused([WRITE], application("User.Read.All", wids=["0997a1d0-0d1d-4acb-b408-d5ca73121e90"]))


@pytest.mark.parametrize("need", [RESOLVE, SEE_ACCOUNTS, report_for("find_holder", certain=False)])
def test_permissions_that_may_be_unnecessary_do_not_stop_the_run(need):
    require_permissions([WRITE, need], application(NARROW))
    assert need.grant.split(" (")[0].split(" or ")[0] in refused([WRITE, need], application())


def test_a_signed_in_user_needs_roles_too_and_other_ids():
    message = refused([WRITE, report_for("registered")], token(scp="User.Read"))
    assert "a signed-in user needs the role Authentication Administrator and Reports Reader too" in message
    assert not any(role in message for role in ROLE_IDS.values())


def test_a_user_of_the_azure_cli_gets_advice():
    message = refused([WRITE], token(appid=MICROSOFT_CLI, scp="User.Read"))
    assert "az login --service-principal" in message and "adminconsent" not in message


def test_a_managed_identity_has_no_page_for_the_consent():
    message = refused([WRITE], application(xms_mirid="/subscriptions/s/machine"))
    assert f"{NARROW} ({ROLE_IDS[NARROW]})" in message and "docs/authentication.md" in message
    assert "adminconsent" not in message


def test_a_missing_permission_to_write_can_be_a_warning():
    assert lacking(WRITE, application(NARROW)) is None and lacking(WRITE, read_token("opaque")) is None
    assert ROLE_IDS[NARROW] in lacking(WRITE, application("UserAuthMethod-Phone.Read.All"))


@pytest.mark.parametrize(
    ("scope", "needs"),
    [
        (Scope(["a@contoso.example"]), []),
        (Scope(["a@contoso.example", ID]), [RESOLVE]),
        (Scope(["a@contoso.example"], exclude_groups=["G"]), [members_of("exclude_groups"), RESOLVE]),
        (Scope([ID], exclude_users=["a@contoso.example"]), [RESOLVE]),
        (Scope(groups=["G"], exclude_users=["a@contoso.example"]), [members_of("groups"), SEE_ACCOUNTS]),
        (Scope([ID], exclude_groups=["G"]), [members_of("exclude_groups")]),
        (Scope(registered=True), [report_for("registered")]),
    ],
)
def test_permissions_for_the_selection(scope, needs):
    assert Users(scope, True).needs == needs


@pytest.mark.parametrize("names", [[], ["Frontline"]])
def test_permissions_for_groups_of_a_policy_do_not_name_an_option(names):
    """They can be of 'include' or of 'exclude'."""
    needs = PolicySubject(Directory(), names).needs
    assert [need.grant.partition(" (")[2] for need in needs] == ["to look groups up by name)"] * len(names)


def test_permissions_for_doubts():
    assert Admins().needs == (report_for("exclude_admins"),)
    assert [need.certain for need in Holders(lambda target: None, print).needs] == [False]
    (need,) = NoOtherMethod(["fido2"]).needs
    assert need.names[0] == "UserAuthenticationMethod.Read.All" and "'require_methods'" in need.grant
