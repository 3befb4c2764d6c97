# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import reason_of
from ansible_collections.frontline.entra.plugins.module_utils._errors import PermissionMissing
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import Permission
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import no_reply, reply
from ansible_collections.frontline.entra.plugins.module_utils._run._permissions import PermissionWatch
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import error, jwt

FORBIDDEN = reply(403, {}, error("accessDenied", "Request Authorization failed"), "ours")
FINE = reply(200, {}, {"value": []}, "ours")
MISSING = reply(404, {}, error("Request_ResourceNotFound"), "ours")
POLICY = reply(403, {}, error("disabledByPolicy"), "ours")
BUSY = reply(429, {}, None, "ours")
DOWN = reply(503, {}, None, "ours")
ELSEWHERE = reply(403, {}, None, "ours")
LOST = no_reply("dropped", "It broke.", "ours")


READ = Permission(reasons.MAY_READ, reasons.TO_READ)
ONE_ROLE = Permission(["Policy.Read.All"], "Policy.Read.All", "Global Reader", role_varies=False)


def holding(permitted, app_only, permission=READ):
    """A token that holds the permission or not, of an application or a user; None is one whose claims are not readable."""
    if permitted is None:
        return read_token("opaque")
    held = permission.names[0] if permitted else "User.Read"
    return read_token(jwt(idtyp="app", roles=[held]) if app_only else jwt(scp=held))


def seen_until_stopped(replies, total, permitted, app_only, permission=READ):
    """How many replies were seen before the run was stopped; None if it was not."""
    watch = PermissionWatch(total, permission, holding(permitted, app_only, permission), reason_of)
    for number, answer in enumerate(replies, 1):
        try:
            watch.see(answer)
        except PermissionMissing:
            return number
    return None


@pytest.mark.parametrize(
    ("replies", "total", "permitted", "app_only", "stopped"),
    [
        # The token lacks the permission: one batch is enough.
        ([FORBIDDEN], 1, False, True, 1),
        ([FORBIDDEN] * 30, 1000, False, True, 20),
        ([FORBIDDEN] * 30, 1000, False, False, 20),
        ([FORBIDDEN] * 19 + [FINE] + [FORBIDDEN] * 50, 1000, False, True, None),
        ([BUSY, DOWN, LOST] + [FORBIDDEN] * 20, 1000, False, True, 23),
        # An application holds the permission: the refused users are privileged.
        ([FORBIDDEN], 1, True, True, None),
        ([FORBIDDEN] * 40, 40, True, True, None),
        # A signed-in user holds the permission and may lack the role. All have to be refused.
        ([FORBIDDEN], 1, True, False, None),
        ([FORBIDDEN] * 2, 2, True, False, 2),
        ([FORBIDDEN] * 40, 41, True, False, None),
        ([FORBIDDEN] * 41, 41, True, False, 41),
        # The claims of the token are not readable.
        ([FORBIDDEN], 1, None, None, 1),
        ([FORBIDDEN] * 5, 5, None, None, 5),
        ([FORBIDDEN] * 4, 5, None, None, None),
        ([FORBIDDEN] * 100, 101, None, None, None),
        ([FINE] + [FORBIDDEN] * 50, 51, None, None, None),
        ([MISSING] + [FORBIDDEN] * 50, 51, None, None, None),
        ([POLICY] + [FORBIDDEN] * 50, 51, None, None, None),
        ([FORBIDDEN] * 50 + [ELSEWHERE], 51, None, None, None),
        ([BUSY, DOWN, LOST] * 20, 60, None, None, None),
    ],
)
def test_the_run_stops_when_it_is_certain_that_all_users_are_refused(replies, total, permitted, app_only, stopped):
    assert seen_until_stopped(replies, total, permitted, app_only) == stopped


@pytest.mark.parametrize(
    ("permitted", "app_only"), [(False, False), (False, True), (True, False), (True, True), (None, None)]
)
def test_one_refusal_is_enough_where_all_subjects_need_the_same_role(permitted, app_only):
    assert seen_until_stopped([BUSY, DOWN, FORBIDDEN], 5, permitted, app_only, ONE_ROLE) == 3
    assert seen_until_stopped([ELSEWHERE, FORBIDDEN], 5, permitted, app_only, ONE_ROLE) is None


def test_the_role_of_the_permission_is_named():
    with pytest.raises(PermissionMissing, match=r"this identity \(403.*lacks the role Global Reader\.$"):
        PermissionWatch(1, ONE_ROLE, holding(True, False, ONE_ROLE), reason_of).see(FORBIDDEN)
    with pytest.raises(PermissionMissing, match="Grant it Policy.Read.All.*the role Global Reader too"):
        PermissionWatch(1, ONE_ROLE, holding(False, False, ONE_ROLE), reason_of).see(FORBIDDEN)


def test_the_message_for_an_application_names_no_role():
    with pytest.raises(PermissionMissing, match="Grant it Policy.Read.All"):
        PermissionWatch(1, ONE_ROLE, holding(True, True, ONE_ROLE), reason_of).see(FORBIDDEN)


def test_both_families_of_permissions_are_named():
    with pytest.raises(PermissionMissing) as caught:
        PermissionWatch(1, READ, read_token(jwt(roles=[])), reason_of, reasons.TO_WRITE).see(FORBIDDEN)
    message = caught.value.message
    assert "UserAuthMethod-Phone.ReadWrite.All" in message
    assert "UserAuthenticationMethod.ReadWrite.All" in message
    assert message.startswith(
        "Graph refuses this identity for all users (403 accessDenied Request Authorization failed). "
    )
    assert message.endswith(" and have an administrator consent.")
    assert caught.value.support["status"] == 403
    assert caught.value.reason == "permission_missing"


def test_the_message_for_a_signed_in_user_with_the_permission_names_the_role():
    watch = PermissionWatch(2, READ, holding(True, False), reason_of)
    watch.see(FORBIDDEN)
    with pytest.raises(PermissionMissing, match="lacks the role Authentication Administrator, or all these users"):
        watch.see(FORBIDDEN)
