# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Permissions of Microsoft Graph: what to grant, the least first; what will do (any of it); and their ids.

Those for phone methods are in `_reasons`, as reasons name them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

TO_READ_MEMBERS = "GroupMember.ReadBasic.All or GroupMember.Read.All"
MAY_READ_MEMBERS = (
    *("GroupMember.ReadBasic.All", "GroupMember.Read.All", "GroupMember.ReadWrite.All"),
    *("Group.ReadBasic.All", "Group.Read.All", "Group.ReadWrite.All"),
    *("Directory.Read.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"),
)
"""Members of groups, and names of groups."""

TO_RESOLVE = "User.ReadBasic.All or User.Read.All"
TO_SEE_ACCOUNTS = "User.Read.All"
MAY_SEE_ACCOUNTS = (
    *("User.Read.All", "User.ReadWrite.All"),
    *("Directory.Read.All", "Directory.ReadWrite.All", "Directory.AccessAsUser.All"),
)
MAY_RESOLVE = ("User.ReadBasic.All", *MAY_SEE_ACCOUNTS)
"""To look up a user, and to see which accounts are disabled or guests."""

TO_READ_REPORT = "AuditLog.Read.All"
MAY_READ_REPORT = (TO_READ_REPORT, "UserAuthenticationMethod.Read.All")
"""The registration report. Pages of Microsoft differ about the second one."""

ROLE_IDS: Mapping[str, str] = {
    "UserAuthMethod-Phone.Read.All": "f529a223-ea70-43ec-b268-5012de2fbaa2",
    "UserAuthMethod-Phone.ReadWrite.All": "6e85d483-7092-4375-babe-0a94a8213a58",
    "UserAuthenticationMethod.Read.All": "38d9df27-64da-44fd-b7c5-a6fbac20248f",
    "UserAuthenticationMethod.ReadWrite.All": "50483e42-d915-4231-9639-7fdb7fd190e5",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Policy.Read.AuthenticationMethod": "8e3bc81b-d2f3-4b7b-838c-32c88218d2f0",
    "Policy.ReadWrite.AuthenticationMethod": "29c18626-4985-4dcd-85c0-193eef327366",
    "Policy.Read.All": "246dd0d5-5bd0-4def-940b-0421030a5b68",
    "GroupMember.ReadBasic.All": "8222c640-cae5-4860-8d11-b32cfad95e03",
    "GroupMember.Read.All": "98830695-27a2-44f7-8c18-0c3ebc9698f6",
    "Member.Read.Hidden": "658aa5d8-239f-45c4-aa12-864f4fc7e490",
    "User.ReadBasic.All": "97235f07-e226-4f63-ace3-39588e11d3a1",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
}
"""By name, in the order of the documentation (permissions reference)."""

_NAME = re.compile(r"[A-Za-z-]+(?:\.[A-Za-z]+)+")


def with_role_ids(text: str) -> str:
    """`text` with the id behind each name of a permission."""

    def shown(found: re.Match[str]) -> str:
        role = ROLE_IDS.get(found[0])
        return f"{found[0]} ({role})" if role else found[0]

    return _NAME.sub(shown, text)
