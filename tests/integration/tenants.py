# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tenants that tests share, and the values for signing in to them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest

TENANT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
SECRET = "kept-for-the-simulator-only"
ROLES = ["UserAuthenticationMethod.ReadWrite.All", "GroupMember.Read.All", "User.Read.All"]

DATE = "2027-02-01"
"""A text that only the warning about the end of SMS sign-in contains."""

READY = "ready"
NOT_ENABLED = "notEnabled"
SOMETHING_NEW = "somethingNew"
"""A state that Graph does not have; a test that shows it is marked with the next."""
NEW_TO_METADATA = pytest.mark.beyond_metadata(f"'{SOMETHING_NEW}' is not one of")

SLACK = 0.25
"""Seconds on a busy machine until the last request has arrived that left before an answer was noticed."""


def app(**more: Any) -> dict[str, Any]:
    """The application that the fixtures sign in as, with the given keys on top."""
    return {"client_id": CLIENT_ID, "secrets": [SECRET], "roles": ROLES, **more}


def make_user(first_name: str, line: int | None = None, **more: Any) -> dict[str, Any]:
    """A user of contoso.example, with the mobile number +1 2065550100 + line if there is one."""
    mobile = {} if line is None else {"mobile": f"+1 20655501{line:02}"}
    return {"name": f"{first_name}@contoso.example", **mobile, **more}


def tenant(*users: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A tenant with these users, whose policy lets all users sign in but the members of the group "No SMS"."""
    given = {
        "tenant_id": TENANT_ID,
        "domain": "contoso.example",
        "apps": [app()],
        "users": list(users),
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
        **more,
    }
    return copy.deepcopy(given)


CONTOSO = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 4),
    make_user("eve", 5),
    {"count": 60, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
    groups=[
        {"name": "Frontline", "members": ["anna@contoso.example", "ben@contoso.example", "group:Nested"]},
        {"name": "Nested", "members": ["dora@contoso.example", "device:Kiosk 1"]},
        {"name": "Empty", "members": []},
        {"name": "Devices only", "members": ["device:Kiosk 1"]},
    ],
)
"""The tenant of every test file without its own TENANT."""


def workers(count: int) -> list[str]:
    """The names of the workers of `anna_and_workers`."""
    return [f"worker{number:02}@contoso.example" for number in range(1, count + 1)]


def anna_and_workers(count: int) -> dict[str, Any]:
    """A tenant of one user by name and so many that are all alike."""
    crowd = {"count": count, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"}
    return tenant(make_user("anna", 1), crowd)
