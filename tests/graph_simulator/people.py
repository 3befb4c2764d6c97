# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant out of a list of people, as administrators export it: for a rehearsal with one's own names and numbers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .phone_numbers import NumberError, parse_number
from .tenant import TenantError

REHEARSAL = {
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "client_id": "aaaaaaaa-0000-0000-0000-000000000001",
    "secret": "only-for-the-rehearsal",
    "group": "Everybody",
}
"""What the tenant of a rehearsal goes by. Everybody may sign in, and the application may do all that is needed."""

_FLAGS = ("sms_sign_in", "enabled", "guest")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def tenant_from_csv(path: Path) -> dict[str, Any]:
    """The tenant of the people in a CSV file.

    Columns are ``name`` (user principal name) and ``number`` (may be empty), and if need be ``sms_sign_in``,
    ``enabled`` and ``guest`` (true or false, empty for the usual). Raises TenantError with the line of what it cannot
    take, OSError when the file cannot be read. No message repeats a number.
    """
    users: dict[str, dict[str, Any]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, skipinitialspace=True)
        try:
            rows.fieldnames = _columns(rows.fieldnames or (), f"{path}: line 1")
            for row in rows:
                place = f"{path}: line {rows.line_num}"
                user = _user(row, place)
                if user["name"].lower() in users:
                    raise TenantError(f"{place}: {user['name']} is there twice")
                users[user["name"].lower()] = user
        except (csv.Error, UnicodeDecodeError) as error:
            raise TenantError(f"{path}: behind line {rows.line_num}: {error}") from error
    if not users:
        raise TenantError(f"{path}: nobody is in it")
    names = [user["name"] for user in users.values()]
    return {
        "tenant_id": REHEARSAL["tenant_id"],
        "domain": names[0].partition("@")[2],
        "apps": [
            {
                "client_id": REHEARSAL["client_id"],
                "secrets": [REHEARSAL["secret"]],
                "roles": ["UserAuthMethod-Phone.ReadWrite.All", "GroupMember.Read.All", "User.Read.All"],
            }
        ],
        "users": list(users.values()),
        "groups": [{"name": REHEARSAL["group"], "members": names}],
        "policy": {"state": "enabled", "include": [{"group": "all_users", "sign_in": True}]},
    }


def _columns(given: Sequence[str], place: str) -> list[str]:
    columns = [name.strip().lower() for name in given]
    if not {"name", "number"} <= set(columns):
        raise TenantError(f"{place}: the columns name and number are needed")
    if unknown := sorted(set(columns) - {"name", "number", *_FLAGS}):
        raise TenantError(f"{place}: unknown columns {', '.join(unknown)}")
    return columns


def _user(row: Mapping[str | None, Any], place: str) -> dict[str, Any]:
    if None in row or None in row.values():
        raise TenantError(f"{place}: it has more or fewer values than there are columns")
    values = {str(column): str(value).strip() for column, value in row.items()}
    local, at, domain = values["name"].partition("@")
    if not (local and at and domain):
        raise TenantError(f"{place}: the name is no user principal name (somebody@contoso.example)")
    user: dict[str, Any] = {"name": values["name"]}
    if values["number"]:
        try:
            user["mobile"] = parse_number(values["number"])
        except NumberError as error:
            raise TenantError(f"{place}: {error}") from error
    for column in _FLAGS:
        if text := values.get(column, "").lower():
            if text not in _TRUTH:
                raise TenantError(f"{place}: {column} is true or false")
            user[column] = _TRUTH[text]
    return user
