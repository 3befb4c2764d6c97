# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The SMS authentication method policy: who may sign in with a text message."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import GraphError, bad_request

if TYPE_CHECKING:
    from .directory import Directory

ODATA_TYPE = "#microsoft.graph.smsAuthenticationMethodConfiguration"
ALL_USERS = "all_users"


class PolicyError(ValueError):
    """A policy that names what the tenant does not have."""


@dataclass(frozen=True)
class Target:
    """``kind`` is group or user; ``sign_in`` is isUsableForSignIn and means nothing on an exclude target."""

    kind: str
    id: str
    sign_in: bool = True

    def body(self, *, include: bool) -> dict[str, Any]:
        body: dict[str, Any] = {"targetType": self.kind, "id": self.id}
        if include:
            body |= {"isRegistrationRequired": False, "isUsableForSignIn": self.sign_in}
        return body


class Policy:
    """A policy with the people it covers worked out."""

    def __init__(self, state: str, include: Sequence[Target], exclude: Sequence[Target], directory: Directory) -> None:
        self.state = state
        self.include = tuple(include)
        self.exclude = tuple(exclude)
        self._directory = directory
        usable = [target for target in include if target.sign_in]
        self._everybody = any(target.id == ALL_USERS for target in usable)
        self._included = frozenset(self._people(usable))
        self._excluded = frozenset(self._people(exclude))
        self._nobody = any(target.id == ALL_USERS for target in exclude)

    def _people(self, targets: Iterable[Target]) -> Iterable[str]:
        for target in targets:
            if target.kind == "user":
                yield target.id
            elif target.id != ALL_USERS:
                members = self._directory.transitive_members(target.id)
                yield from (member.id for member in members if member.kind == "user")

    def allows(self, user_id: str) -> bool:
        """Enabled, in an include target usable for sign-in, in no exclude target."""
        if self.state != "enabled" or self._nobody or user_id in self._excluded:
            return False
        return self._everybody or user_id in self._included

    # -- the tenant file ---------------------------------------------------------------------------------------------

    @classmethod
    def parse(cls, given: Mapping[str, Any], directory: Directory, current: Policy | None = None) -> Policy:
        """The form of the tenant file; keys that are not given keep their ``current`` value."""
        if unknown := sorted(set(given) - {"state", "include", "exclude"}):
            raise PolicyError(f"policy: unknown keys {', '.join(unknown)}")
        state = given.get("state", current.state if current else "enabled")
        if state not in ("enabled", "disabled"):
            raise PolicyError("policy: state is enabled or disabled")
        include: Sequence[Target] = current.include if current else ()
        exclude: Sequence[Target] = current.exclude if current else ()
        if "include" in given:
            include = [_target(one, directory) for one in given["include"] or ()]
        if "exclude" in given:
            exclude = [_target(one, directory) for one in given["exclude"] or ()]
        return cls(state, include, exclude, directory)

    # -- Graph's JSON ------------------------------------------------------------------------------------------------

    def body(self) -> dict[str, Any]:
        return {
            "@odata.type": ODATA_TYPE,
            "id": "Sms",
            "state": self.state,
            "excludeTargets": [target.body(include=False) for target in self.exclude],
            "includeTargets": [target.body(include=True) for target in self.include],
        }

    def patched(self, given: Any, *, include_allowed: bool) -> Policy:
        """The policy after a PATCH: collections are replaced whole. Raises GraphError for what Graph would refuse."""
        if not isinstance(given, Mapping) or given.get("@odata.type") != ODATA_TYPE:
            raise bad_request("The @odata.type of the authentication method configuration is required.")
        known = {"@odata.type", "@odata.context", "id", "state", "excludeTargets", "includeTargets"}
        if unknown := sorted(set(given) - known):
            raise bad_request(f"The property '{unknown[0]}' does not exist on type '{ODATA_TYPE[1:]}'.")
        if "includeTargets" in given and not include_allowed:
            raise bad_request("The navigation property 'includeTargets' cannot be updated in this request.")
        state = given.get("state", self.state)
        if state not in ("enabled", "disabled"):
            raise bad_request(f"'{state}' is not a valid value for authenticationMethodState.")
        include = self._read(given["includeTargets"], True) if "includeTargets" in given else self.include
        exclude = self._read(given["excludeTargets"], False) if "excludeTargets" in given else self.exclude
        return Policy(state, include, exclude, self._directory)

    def _read(self, given: Any, include: bool) -> list[Target]:
        known = {"@odata.type", "id", "targetType"} | (
            {"isRegistrationRequired", "isUsableForSignIn"} if include else set()
        )
        if not isinstance(given, list):
            raise bad_request("A collection of targets is expected.")
        result = []
        for one in given:
            if not isinstance(one, Mapping) or not {"id", "targetType"} <= set(one) or set(one) - known:
                raise bad_request("A target has the properties id and targetType.")
            kind, target_id, sign_in = one["targetType"], one["id"], one.get("isUsableForSignIn", True)
            if kind not in ("group", "user") or not isinstance(target_id, str) or not isinstance(sign_in, bool):
                raise bad_request("A target is not valid.")
            if kind == "user":
                exists = self._directory.find(target_id) is not None
            else:
                exists = target_id == ALL_USERS or target_id in self._directory.groups
            if not exists:
                raise GraphError(400, "badRequest", f"The {kind} '{target_id}' does not exist.")
            result.append(Target(kind, target_id, sign_in))
        return result


def _target(given: Mapping[str, Any], directory: Directory) -> Target:
    if unknown := sorted(set(given) - {"group", "user", "sign_in"}):
        raise PolicyError(f"policy: unknown keys {', '.join(unknown)}")
    if "user" in given:
        user = directory.find(str(given["user"]))
        if user is None:
            raise PolicyError(f"policy: {given['user']} is no user")
        return Target("user", user.id, bool(given.get("sign_in", True)))
    key = str(given.get("group", ""))
    group_id = ALL_USERS if key == ALL_USERS else directory.group_id(key)
    if group_id is None:
        raise PolicyError(f"policy: {key} is not one group")
    return Target("group", group_id, bool(given.get("sign_in", True)))
