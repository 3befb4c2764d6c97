# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A warning for plays that loop over users."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WARNING = (
    "This task loops over users, one at a time. Give all users to one task as a list: it is many times faster, and"
    " limits such as 'max_failures' then count all of them."
)


def loop_warning(arguments: Mapping[str, Any], variables: Mapping[str, Any]) -> str | None:
    """WARNING if the user of the task is the loop item, or is in it."""
    name = variables.get("ansible_loop_var")
    users = arguments.get("users", arguments.get("user"))
    if isinstance(users, (list, tuple)) and len(users) == 1:
        users = users[0]
    # A blank text selects no user, and the loop of a role has items of its own.
    if not name or not isinstance(users, str) or not users.strip() or name not in variables:
        return None
    item = variables[name]
    parts = item.values() if isinstance(item, Mapping) else [item]
    return WARNING if any(isinstance(part, str) and part == users for part in parts) else None
