# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may do what: Graph permissions of both families, and Entra roles for users who act on others.

Source: the permission tables of Microsoft Graph v1.0 for phoneAuthenticationMethod, its SMS policy, group transitive
members and the registration report; Entra role template ids from "Microsoft Entra built-in roles".
"""

from __future__ import annotations

from dataclasses import dataclass

AUTHENTICATION_ADMINISTRATOR = "Authentication Administrator"
PRIVILEGED_AUTHENTICATION_ADMINISTRATOR = "Privileged Authentication Administrator"
GLOBAL_READER = "Global Reader"
AUTHENTICATION_POLICY_ADMINISTRATOR = "Authentication Policy Administrator"

ROLE_TEMPLATES = {
    AUTHENTICATION_ADMINISTRATOR: "c4e39bd9-1100-46d3-8c65-fb160da0071f",
    PRIVILEGED_AUTHENTICATION_ADMINISTRATOR: "7be44c8a-adaf-4e2a-84d6-ab2649e08a13",
    GLOBAL_READER: "f2ef992c-3afb-46b9-b7cf-a126ee74c451",
    AUTHENTICATION_POLICY_ADMINISTRATOR: "0526716b-113d-4c15-b2c8-68e3c22b9f80",
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Reports Reader": "4a5d8f65-41da-4de4-8968-e035b65339cf",
    "Security Reader": "5d6b6bb7-de71-4623-b4af-96380a352509",
    "Security Administrator": "194ae4cb-b126-40b2-bd5b-6091b380977d",
}


@dataclass(frozen=True)
class Rule:
    """Any one of ``app`` opens it to an application, of ``own`` to a user acting on themselves, of ``others``
    to a user who acts on another user and holds one of ``roles`` (any, when there are none)."""

    app: frozenset[str]
    own: frozenset[str]
    others: frozenset[str]
    roles: frozenset[str] = frozenset()
    directory: bool = False
    """Refused with the directory's words instead of the authentication methods'."""


def _rule(app: str, own: str = "", others: str = "", roles: tuple[str, ...] = (), directory: bool = False) -> Rule:
    every = frozenset(app.split())
    return Rule(every, every | frozenset(own.split()), every | frozenset(others.split()), frozenset(roles), directory)


_PHONE_WRITE = "UserAuthMethod-Phone.ReadWrite.All UserAuthenticationMethod.ReadWrite.All"
_OWN_PHONE_WRITE = "UserAuthMethod-Phone.ReadWrite UserAuthenticationMethod.ReadWrite"
_WRITERS = (AUTHENTICATION_ADMINISTRATOR, PRIVILEGED_AUTHENTICATION_ADMINISTRATOR)

PHONE_WRITE = _rule(_PHONE_WRITE, _OWN_PHONE_WRITE, roles=_WRITERS)
PHONE_READ = _rule(
    f"{_PHONE_WRITE} UserAuthMethod-Phone.Read.All UserAuthenticationMethod.Read.All",
    f"{_OWN_PHONE_WRITE} UserAuthMethod-Phone.Read UserAuthenticationMethod.Read",
    roles=(*_WRITERS, GLOBAL_READER),
)
_POLICY_READ = "Policy.Read.AuthenticationMethod Policy.ReadWrite.AuthenticationMethod"
_POLICY_READERS = (GLOBAL_READER, AUTHENTICATION_POLICY_ADMINISTRATOR, "Security Reader", "Global Administrator")
POLICY_READ = _rule(f"{_POLICY_READ} Policy.Read.All", roles=_POLICY_READERS)
# The SMS policy alone, where the switch ``policy_read_all`` is off.
POLICY_READ_NARROWLY = _rule(_POLICY_READ, roles=_POLICY_READERS)
# All methods of a user: the permissions for phones do not open them.
METHODS_READ = _rule(
    "UserAuthenticationMethod.Read.All UserAuthenticationMethod.ReadWrite.All",
    "UserAuthenticationMethod.Read UserAuthenticationMethod.ReadWrite",
    roles=(*_WRITERS, GLOBAL_READER),
)
POLICY_WRITE = _rule(
    "Policy.ReadWrite.AuthenticationMethod", roles=(AUTHENTICATION_POLICY_ADMINISTRATOR, "Global Administrator")
)
GROUP_READ = _rule(
    "GroupMember.ReadBasic.All Group.ReadBasic.All GroupMember.Read.All GroupMember.ReadWrite.All Group.Read.All "
    "Group.ReadWrite.All Directory.Read.All Directory.ReadWrite.All",
    directory=True,
)
# Which of some groups a user is in.
MEMBERSHIP_READ = _rule(
    "GroupMember.ReadBasic.All Group.ReadBasic.All GroupMember.Read.All Group.Read.All User.Read.All "
    "Directory.Read.All",
    directory=True,
)
_USER_READ = "User.Read.All User.ReadWrite.All Directory.Read.All Directory.ReadWrite.All"
USER_READ = _rule(f"User.ReadBasic.All {_USER_READ}", "User.Read User.ReadWrite", directory=True)
# What shows accountEnabled and userType; User.ReadBasic.All does not.
USER_READ_FULLY = _rule(_USER_READ, "User.Read User.ReadWrite", directory=True)
REPORT_READ = _rule(
    "AuditLog.Read.All", roles=("Reports Reader", "Security Reader", "Security Administrator", GLOBAL_READER)
)
# Opens the report too where the switch ``report_accepts_method_permission`` is on.
METHOD_READ = frozenset({"UserAuthenticationMethod.Read.All"})
HIDDEN_MEMBERS = "Member.Read.Hidden"
