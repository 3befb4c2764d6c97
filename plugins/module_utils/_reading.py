# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""From the options of a task to the users and the limits of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ._domain._states import ENABLED, PREVIOUS
from ._domain._targets import can_be_name, entries, lookalikes, plain_name, positions, user_entries
from ._errors import InvalidOptions
from ._goals._sms_sign_in import SmsSignIn
from ._run._limits import ChangeLimit, Limits
from ._run._rereads import Patience
from ._run._selection import Scope
from ._task import Task

if TYPE_CHECKING:
    from ._domain._phone_entries import Entry

LONGEST_GROUP_NAME = 256
"""Characters of a display name, at most (group resource page)."""


def read_scope(task: Task, state: str | None = None, empty_fails: bool = False) -> tuple[Scope, str | None]:
    """The users of a task. And the state that they get: `state`, or what rolls back the report in `users_from`.

    `state` is the desired state, None when the task does not set one, PREVIOUS for a report's. `empty_fails`: whether a
    file without users is an error whatever the state. Raises InvalidOptions for names that cannot be, InvalidFile for a
    file.
    """
    params = task.params
    labels: Mapping[str, str] = {}
    users, exclude_users = (user_names(name, params[name]) for name in ("users", "exclude_users"))
    if params["users_from"] is not None:
        # Imported where asked for: few runs need it.
        from ._results._undo import users_from

        listed = users_from(params["users_from"], state, params["tenant_id"], empty_fails)
        others = users or params["groups"] or params.get("registered")
        if "state" in params and listed.state is not None and state in (None, PREVIOUS) and others:
            raise InvalidOptions(
                "'users_from' is a report, which sets its users back to the other state. Leave out 'users', 'groups'"
                " and 'registered', or set 'state' to enabled or disabled for all of them."
            )
        users += listed.users
        labels = listed.labels
        state = listed.state or state
        for warning in listed.warnings:
            task.warn(warning)
    elif state == PREVIOUS:
        raise InvalidOptions("'state' previous rolls back a run: set 'users_from' to its report.")
    groups, exclude_groups = (group_names(name, params[name]) for name in ("groups", "exclude_groups"))
    return Scope(users, groups, exclude_users, exclude_groups, bool(params.get("registered")), labels), state


def read_phones(task: Task) -> list[Entry]:
    """The phone numbers of a task: those of `user`, of `phones` and of `phones_from`; bad ones with their flaw.

    Raises InvalidOptions for a `user` that cannot be one or has no number, InvalidFile for a file.
    """
    # Imported where asked for: most modules need no phone numbers.
    from ._domain._phone_entries import NO_USER_NAME, PRESENT, Entry

    params = task.params
    phone_type, state = params["phone_type"], params["state"]
    entries: list[Entry] = []
    if params["user"] is None and params["phone_number"] is not None:
        raise InvalidOptions("'phone_number' is the number of 'user'. Set 'user', or move the number to 'phones'.")
    if params["user"] is not None:
        name = plain_name(params["user"])
        if not can_be_name(name):
            raise InvalidOptions(
                "'user' is not a user name. A user is an object id or a user principal name (NAME@DOMAIN), without"
                " blanks."
            )
        if state == PRESENT and params["phone_number"] is None:
            raise InvalidOptions("'state' present needs 'phone_number'.")
        if "phone_number" in task.blank:
            raise InvalidOptions("'phone_number' is blank. Leave it out to remove the number that the user has.")
        entries.append(Entry("", name, params["phone_number"], phone_type, state))
    for place, given in enumerate(params["phones"] or (), start=1):
        name = plain_name(given["user"])
        usable = can_be_name(name)
        entries.append(
            Entry(
                f"entry {place}",
                name if usable else "",
                given.get("phone_number"),
                given.get("phone_type") or phone_type,
                given.get("state") or state,
                "" if usable else NO_USER_NAME,
            )
        )
    if params["phones_from"] is not None:
        # Imported where asked for: few runs need it.
        from ._results._phones_from import phones_from

        entries += phones_from(params["phones_from"], phone_type, state)
    return entries


def user_names(option: str, values: Iterable[str] | None) -> list[str]:
    """The names in a list of users. Raises InvalidOptions with the positions of entries that are not names."""
    names = [plain_name(entry) for entry in user_entries(values)]
    bad = [
        f"entry {place}{lookalikes(name)}"
        for place, name in enumerate(names, start=1)
        if name and not can_be_name(name)
    ]
    if bad:
        raise InvalidOptions(
            f"'{option}' has no user name at {positions(bad)}. A user is an object id or a user principal name"
            " (NAME@DOMAIN), without blanks."
        )
    return [name for name in names if name]


def group_names(option: str, values: Iterable[str] | None) -> list[str]:
    """The names in a list of groups. Raises InvalidOptions for one that is longer than a display name can be."""
    names = entries(values)
    bad = [f"entry {place}" for place, name in enumerate(names, start=1) if len(name) > LONGEST_GROUP_NAME]
    if bad:
        raise InvalidOptions(f"'{option}' has a name of more than {LONGEST_GROUP_NAME} characters at {positions(bad)}.")
    return names


def read_limits(task: Task) -> Limits:
    """The limits of a task. Raises InvalidOptions for an invalid `change_limit`."""
    return Limits(
        tolerate=entries(task.params["tolerate"]),
        max_changes=task.params["max_changes"],
        max_failures=task.params["max_failures"],
        change_limit=read_change_limit(task.params["change_limit"]),
        verify_timeout=task.params["verify_timeout"],
        run_timeout=task.params["run_timeout"],
    )


def read_patience(task: Task, desired: str) -> Patience | None:
    """How long a task waits for an edit of the policy to reach users; None if it does not."""
    seconds = task.params["policy_timeout"]
    return Patience(seconds, "policy_timeout", SmsSignIn.blocked) if seconds and desired == ENABLED else None


def read_change_limit(text: str | None) -> list[ChangeLimit] | None:
    """The waves in `10`, `10%` or `10, 25%`. Raises InvalidOptions for anything else, and for more than 100%."""
    return None if text is None else [_read_wave(wave.strip()) for wave in text.split(",")]


def _read_wave(text: str) -> ChangeLimit:
    found = re.fullmatch(r"(\d{1,9})(\s*%)?", text)
    if not found or (found.group(2) and int(found.group(1)) > 100):
        raise InvalidOptions(
            "'change_limit' must be a number or a percentage such as 10%, and so must each wave of the role:"
            f" {text[:80]!r}."
        )
    return ChangeLimit(int(found.group(1)), percent=bool(found.group(2)))
