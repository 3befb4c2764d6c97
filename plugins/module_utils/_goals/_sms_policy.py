# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The SMS policy of a tenant, its current and its desired state. The merge of the two is a pure function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .._domain._redaction import redact_name
from .._domain._targets import Target, is_object_id
from .._domain._words import Words
from .._entra._sms_policy import (
    ALL_USERS,
    ENABLED,
    MAY_READ_POLICY,
    TO_READ_POLICY,
    TO_WRITE_POLICY,
    Change,
    Policy,
    PolicyTarget,
    change_request,
    new_target,
    ordered,
    parse_policy,
    policy_request,
    reason_of,
)
from .._errors import InvalidOptions
from .._graph._messages import REFUSED, Reply, Request
from ._goal import SATISFIED, WRITE, Facts, Permission, Step

POLICY = Target("sms_policy", id="sms_policy")
"""The one subject of a run about the policy."""


class WantedTarget(NamedTuple):
    """An entry of `include` or `exclude`. `group` is a name, an id or ALL_USERS.

    `sign_in` None keeps the value of an existing include target. It means nothing on an exclude target.
    """

    group: str
    present: bool = True
    sign_in: bool | None = None


class Wanted(NamedTuple):
    """The desired policy. None for a part that is not changed, also with `replace`.

    With `replace` a list holds nothing but the targets of its entries; otherwise they are merged into it.
    `allow_all_users`: whether sign-in may be opened to all users.
    """

    state: str | None = None
    include: Sequence[WantedTarget] | None = None
    exclude: Sequence[WantedTarget] | None = None
    replace: bool = False
    allow_all_users: bool = False

    @property
    def names(self) -> list[str]:
        """The names of groups that have to be looked up, each once."""
        entries = (*(self.include or ()), *(self.exclude or ()))
        return list(dict.fromkeys(entry.group for entry in entries if not _is_id(entry.group)))


@dataclass
class Directory:
    """Data beside the policy, looked up before it is read: ids of groups by name, and names of groups by id."""

    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    migration_state: str | None = None

    def id_of(self, group: str) -> str:
        return group.lower() if _is_id(group) else self.ids[group]

    def name_of(self, identifier: str) -> str:
        """The name of a group, or the id where it is not known, which the options take as well."""
        return redact_name(self.names.get(identifier, identifier))


def _is_id(group: str) -> bool:
    return is_object_id(group) or group.lower() == ALL_USERS


# -- the merge


def merged(policy: Policy, wanted: Wanted, directory: Directory) -> Policy:
    """`policy` with what is wanted in it. Raises InvalidOptions for options that do not fit the policy."""
    include, exclude = policy.include, policy.exclude
    if wanted.include is not None:
        include = _merged(include, wanted.include, wanted.replace, directory, True)
    if wanted.exclude is not None:
        exclude = _merged(exclude, wanted.exclude, wanted.replace, directory, False)
    result = policy._replace(state=wanted.state or policy.state, include=include, exclude=exclude)
    if not wanted.allow_all_users and _opens(policy, result):
        raise InvalidOptions(
            "This would open SMS sign-in to all users of the tenant. Set 'allow_all_users: true' if you mean that, or"
            f" give 'sign_in: false' for {ALL_USERS}."
        )
    return result


def _merged(
    current: Sequence[PolicyTarget],
    entries: Sequence[WantedTarget],
    replace: bool,
    directory: Directory,
    include: bool,
) -> tuple[PolicyTarget, ...]:
    known = {target.id: target for target in current}
    result = {} if replace else dict(known)
    for identifier, entry in _each_once(entries, directory, "include" if include else "exclude").items():
        if not entry.present:
            result.pop(identifier, None)
            continue
        target = known.get(identifier) or new_target(identifier, include)
        if include:
            sign_in = target.sign_in if entry.sign_in is None else entry.sign_in
            if sign_in is None and identifier not in known:
                raise InvalidOptions(
                    f"'{redact_name(entry.group)}' is a new target of 'include', so 'sign_in' must say whether its"
                    " users may sign in with a text message (true), or use it as a second factor only (false)."
                )
            target = target._replace(sign_in=sign_in)
        result[identifier] = target
    return ordered(result.values())


def _each_once(entries: Sequence[WantedTarget], directory: Directory, option: str) -> dict[str, WantedTarget]:
    """The entries by id. Raises InvalidOptions for two that name one target and want different things."""
    found: dict[str, tuple[int, WantedTarget]] = {}
    for place, entry in enumerate(entries, start=1):
        first, other = found.setdefault(directory.id_of(entry.group), (place, entry))
        if other._replace(group="") != entry._replace(group=""):
            raise InvalidOptions(
                f"'{option}' names one target twice, with different settings: entries {first} and {place}."
            )
    return {identifier: entry for identifier, (_place, entry) in found.items()}


def _opens(before: Policy, after: Policy) -> bool:
    """Whether sign-in is opened to all users: by the target for all, by the state, or by the end of an exclusion."""
    return (_for_all(after) and not _for_all(before)) or (_is_open(after) and not _is_open(before))


def _for_all(policy: Policy) -> bool:
    return any(target.id == ALL_USERS and target.sign_in for target in policy.include)


def _is_open(policy: Policy) -> bool:
    """Whether all users can sign in, or perhaps can: Graph may not show `sign_in`."""
    included = any(target.id == ALL_USERS and target.sign_in is not False for target in policy.include)
    excluded = any(target.id == ALL_USERS for target in policy.exclude)
    return policy.state == ENABLED and included and not excluded


def difference(before: Policy, after: Policy) -> Change:
    """What has to be written, parts that are equal left out."""
    return Change(
        None if before.state == after.state else after.state,
        None if before.include == after.include else after.include,
        None if before.exclude == after.exclude else after.exclude,
    )


# -- the goal


class SmsPolicyView:
    """The reading half."""

    may_read = Permission(MAY_READ_POLICY, TO_READ_POLICY, "Global Reader", False)
    unread: Policy | None = None

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def read(self, address: str) -> Request:
        return policy_request()

    def parse(self, reply: Reply) -> Policy | None:
        return parse_policy(reply)

    def reason_of(self, reply: Reply) -> str:
        return reason_of(reply)

    def facts(self, before: Policy | None, now: Policy | None) -> Facts:
        return Facts(
            now.state if now else None,
            before.state if before else None,
            more={"policy": self._shown(now), "previous_policy": self._shown(before)},
        )

    def _shown(self, policy: Policy | None) -> dict[str, Any] | None:
        if policy is None:
            return None
        provider = policy.provider
        return {
            "state": policy.state,
            "include": [{**self._shown_target(target), "sign_in": target.sign_in} for target in policy.include],
            "exclude": [self._shown_target(target) for target in policy.exclude],
            "policy_migration_state": self._directory.migration_state,
            "telephony_provider": provider and provider._asdict(),
        }

    def _shown_target(self, target: PolicyTarget) -> dict[str, Any]:
        return {"group": self._directory.name_of(target.id), "id": target.id, "type": target.kind}


class SmsPolicy(SmsPolicyView):
    """The policy as `wanted`."""

    words = Words(
        changed="changed",
        unchanged="as desired",
        would="would be changed",
        planned="The SMS policy is to be changed.",
        phase="changing the policy",
        subjects="policies",
    )
    desired = "as given"
    may_write = Permission((TO_WRITE_POLICY,), TO_WRITE_POLICY, "Authentication Policy Administrator", False)
    reads_again = True
    """Others edit the policy too, and a list is written as a whole: it is merged into what was read last."""
    clash: str | None = None

    def __init__(self, wanted: Wanted, directory: Directory) -> None:
        super().__init__(directory)
        self._wanted = wanted

    def decide(self, target: Target, state: Policy) -> Step:
        """Raises InvalidOptions for options that do not fit the policy as it is now."""
        after = merged(state, self._wanted, self._directory)
        change = difference(state, after)
        parts = [name for name, part in change._asdict().items() if part is not None]
        if not parts:
            return Step(SATISFIED, says="The SMS policy is as desired.")
        unclear = [self._directory.name_of(one.id) for one in after.include if one.sign_in is None]
        if change.include is not None and unclear:
            raise InvalidOptions(
                f"Graph does not show isUsableForSignIn of the include target '{unclear[0]}', and a changed list must"
                " have it for each target. Give that target with 'sign_in' too."
            )
        named = " and ".join(", ".join(parts).rsplit(", ", 1))
        return Step(
            WRITE,
            change,
            says=f"The SMS policy was changed: {named}.",
            would=f"The SMS policy would be changed: {named}.",
            foreseen=after,
        )

    def write(self, address: str, action: Change) -> Request:
        return change_request(action)

    def had_no_effect(self, reply: Reply) -> bool:
        return reply.verdict == REFUSED and reply.genuine

    def moved(self, before: Policy, now: Policy) -> bool:
        return any(part is not None for part in difference(before, now))

    def claim(self, state: Policy) -> None:
        return None

    def still(self, state: Policy) -> str:
        return "The SMS policy does not show the change."

    def difference(self, entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return entry["previous_policy"], entry["policy"]
