# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMS authentication method policy: who may sign in with a text message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import GraphError, bad_request

if TYPE_CHECKING:
    from .directory import Directory
    from .switches import Switches

ODATA_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"
ALL_USERS = "all_users"
PROVIDER = "telecomProviderSettings"
MIGRATION_STATES = ("preMigration", "migrationInProgress", "migrationComplete", "unknownFutureValue")
_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")


class PolicyError(ValueError):
    """A policy that names what the tenant does not have."""


@dataclass(frozen=True)
class Target:
    """``kind`` is group or user; ``sign_in`` is isUsableForSignIn and means nothing on an exclude target.

    ``sign_in`` None is not shown. ``more`` are members that the metadata do not know.
    """

    kind: str
    id: str
    sign_in: bool | None = True
    more: Mapping[str, Any] = field(default_factory=dict)

    def body(self, *, include: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"targetType": self.kind, "id": self.id, **self.more}
        if include:
            body["isRegistrationRequired"] = False
            if self.sign_in is not None:
                body["isUsableForSignIn"] = self.sign_in
        return body


class Policy:
    """A policy with the set of users that it covers.

    ``more`` are members beside those that every policy has, ``telecomProviderSettings`` or any other. The
    ``migration_state`` belongs to the policy for all methods.
    """

    def __init__(
        self,
        state: str,
        include: Sequence[Target],
        exclude: Sequence[Target],
        directory: Directory,
        more: Mapping[str, Any] | None = None,
        migration_state: str | None = "migrationComplete",
    ) -> None:
        self.state = state
        self.include = tuple(include)
        self.exclude = tuple(exclude)
        self.more = dict(more or {})
        self.migration_state = migration_state
        self._directory = directory
        usable = [target for target in include if target.sign_in]
        self._includes_all = any(target.id == ALL_USERS for target in usable)
        self._included = frozenset(self._user_ids(usable))
        self._excluded = frozenset(self._user_ids(exclude))
        self._excludes_all = any(target.id == ALL_USERS for target in exclude)

    def _user_ids(self, targets: Iterable[Target]) -> Iterable[str]:
        for target in targets:
            if target.kind == "user":
                yield target.id
            elif target.id in self._directory.groups:
                members = self._directory.transitive_members(target.id)
                yield from (member.id for member in members if member.kind == "user")

    def allows(self, user_id: str) -> bool:
        """Enabled, in an include target usable for sign-in, in no exclude target."""
        if self.state != "enabled" or self._excludes_all or user_id in self._excluded:
            return False
        return self._includes_all or user_id in self._included

    # -- the tenant file ---------------------------------------------------------------------------------------------

    @classmethod
    def parse(cls, given: Mapping[str, Any], directory: Directory, current: Policy | None = None) -> Policy:
        """The form of the tenant file; keys that are not given keep their ``current`` value."""
        if unknown := sorted(set(given) - {"state", "include", "exclude", "more", "migration_state"}):
            raise PolicyError(f"policy: unknown keys {', '.join(unknown)}")
        state = given.get("state", current.state if current else "enabled")
        if state not in ("enabled", "disabled"):
            raise PolicyError("policy: state is enabled or disabled")
        migration_state = given.get("migration_state", current.migration_state if current else "migrationComplete")
        if migration_state is not None and migration_state not in MIGRATION_STATES:
            raise PolicyError(f"policy: migration_state is one of {', '.join(MIGRATION_STATES)}, or null")
        more = given.get("more", current.more if current else {})
        if not isinstance(more, Mapping):
            raise PolicyError("policy: more is a mapping")
        include: Sequence[Target] = current.include if current else ()
        exclude: Sequence[Target] = current.exclude if current else ()
        if "include" in given:
            include = [_target(one, directory) for one in given["include"] or ()]
        if "exclude" in given:
            exclude = [_target(one, directory) for one in given["exclude"] or ()]
        return cls(state, include, exclude, directory, more, migration_state)

    # -- Graph's JSON ------------------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        return {
            "@odata.type": ODATA_TYPE,
            "id": "Sms",
            "state": self.state,
            "excludeTargets": [target.body(include=False) for target in self.exclude],
            "includeTargets": [target.body(include=True) for target in self.include],
            **self.more,
        }

    def lost(self, after: Policy) -> Iterator[str]:
        """The members that the metadata do not know and that ``after`` lacks or has with another value."""
        yield from (name for name, value in self.more.items() if after.more.get(name) != value)
        for name, old, new in (("include", self.include, after.include), ("exclude", self.exclude, after.exclude)):
            kept = {target.id: target.more for target in new}
            for target in old:
                for member, value in target.more.items() if target.id in kept else ():
                    if kept[target.id].get(member) != value:
                        yield f"{name} target {target.id}: {member}"

    def patched(self, given: Any, switches: Switches) -> Policy:
        """The policy after a PATCH: collections are replaced whole. Raises GraphError for what Graph would refuse."""
        if not isinstance(given, Mapping) or given.get("@odata.type") != ODATA_TYPE:
            raise bad_request("The @odata.type of the authentication method configuration is required.")
        own = {"@odata.type", "@odata.context", "id", "state", "excludeTargets", "includeTargets"}
        known = own | set(self.more) | {PROVIDER}
        if unknown := sorted(set(given) - known):
            raise bad_request(f"The property '{unknown[0]}' does not exist on type '{ODATA_TYPE[1:]}'.")
        if "includeTargets" in given and switches.policy_include_targets == "refuse":
            raise bad_request("The navigation property 'includeTargets' cannot be updated in this request.")
        state = given.get("state", self.state)
        if state not in ("enabled", "disabled"):
            raise bad_request(f"'{state}' is not a valid value for authenticationMethodState.")
        include, exclude = self.include, self.exclude
        if "includeTargets" in given:
            include = tuple(self._read(given["includeTargets"], True, switches))
        if "excludeTargets" in given:
            exclude = tuple(self._read(given["excludeTargets"], False, switches))
        more = self.more | {name: value for name, value in given.items() if name not in own}
        return Policy(state, include, exclude, self._directory, more, self.migration_state)

    def _read(self, given: Any, include: bool, switches: Switches) -> list[Target]:
        more = {name for target in (*self.include, *self.exclude) for name in target.more}
        known = {"@odata.type", "id", "targetType"} | (
            {"isRegistrationRequired", "isUsableForSignIn"} if include else set()
        )
        if not isinstance(given, list):
            raise bad_request("A collection of targets is expected.")
        result = []
        for one in given:
            if not isinstance(one, Mapping) or not {"id", "targetType"} <= set(one) or set(one) - known - more:
                raise bad_request("A target has the properties id and targetType.")
            if include and "isUsableForSignIn" not in one and switches.policy_omitted_sign_in == "refuse":
                raise bad_request("The property 'isUsableForSignIn' of a target is required.")
            omitted = switches.policy_omitted_sign_in == "on"
            kind, target_id, sign_in = one["targetType"], one["id"], one.get("isUsableForSignIn", omitted)
            if kind not in ("group", "user") or not isinstance(target_id, str) or not isinstance(sign_in, bool):
                raise bad_request("A target is not valid.")
            if kind == "user":
                exists = self._directory.find(target_id) is not None
            else:
                exists = target_id == ALL_USERS or target_id in self._directory.groups
            if not exists and switches.policy_checks_targets:
                raise GraphError(400, "badRequest", f"The {kind} '{target_id}' does not exist.")
            result.append(Target(kind, target_id, sign_in, {name: one[name] for name in more & set(one)}))
        return result


def _target(given: Mapping[str, Any], directory: Directory) -> Target:
    if unknown := sorted(set(given) - {"group", "user", "sign_in", "more"}):
        raise PolicyError(f"policy: unknown keys {', '.join(unknown)}")
    sign_in = given.get("sign_in", True)
    sign_in = None if sign_in is None else bool(sign_in)
    more = dict(given.get("more") or {})
    if "user" in given:
        user = directory.find(str(given["user"]))
        if user is None:
            raise PolicyError(f"policy: {given['user']} is no user")
        return Target("user", user.id, sign_in, more)
    key = str(given.get("group", ""))
    group_id = ALL_USERS if key == ALL_USERS else directory.group_id(key)
    # A target may outlive its group.
    group_id = group_id or (key if _ID.fullmatch(key) else None)
    if group_id is None:
        raise PolicyError(f"policy: {key} is not one group")
    return Target("group", group_id, sign_in, more)
