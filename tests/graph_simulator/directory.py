# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tenant's users, their phone methods as they change, and its groups."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .clock import Clock
from .phone_numbers import number_key
from .policy import Policy
from .switches import Switches
from .tenant import GroupSpec, Member, Tenant, UserSpec

METHOD_IDS = {
    "mobile": "3179e48a-750b-4051-897c-87b9720928f7",
    "alternateMobile": "b6332ec1-7057-4abe-9331-3d72feddfe41",
    "office": "e37fc753-ff3b-4958-9484-eaa9425c82bc",
}
# What the registration report calls the numbers of a user.
REGISTERED = {"mobile": "mobilePhone", "alternate_mobile": "alternateMobilePhone", "office": "officePhone"}
# And other methods; a word that is not here stands for itself.
REGISTERED_AS = {
    "fido2": "passKeyDeviceBound",
    "microsoftAuthenticator": "microsoftAuthenticatorPush",
    "platformCredential": "macOsSecureEnclaveKey",
    "qrCodePin": "qrCode",
    "softwareOath": "softwareOneTimePasscode",
    "external": "externalAuthMethod",
}
PHONE_TYPES = {method_id: phone_type for phone_type, method_id in METHOD_IDS.items()}
ABSENT = "absent"


@dataclass(slots=True)
class Shadow:
    """What reads of a user still show after a write: until ``until``, and once more if it flickers."""

    until: float
    methods: list[dict[str, Any]]
    flicker: bool
    reads: int = 0


@dataclass(slots=True)
class User:
    """A user as it is now. ``sms_sign_in`` is the flag that enable and disable move; ``attempted`` remembers an
    enable that another holder of the number prevented."""

    spec: UserSpec
    enabled: bool
    mobile: str | None
    alternate_mobile: str | None
    office: str | None
    sms_sign_in: bool
    attempted: bool
    state: str | None
    shadow: Shadow | None = field(default=None)
    registrations: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    """When the registered methods changed, and what they were before."""

    @property
    def id(self) -> str:
        return self.spec.id

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def display_name(self) -> str:
        return self.spec.display_name or self.name.partition("@")[0]

    @property
    def registered(self) -> tuple[str, ...]:
        """The registered methods in the words of the registration report, which does not know disabled users."""
        return registered_as(self, self.spec.methods) if self.enabled else ()

    def number(self, phone_type: str) -> str | None:
        numbers = {"mobile": self.mobile, "alternateMobile": self.alternate_mobile, "office": self.office}
        return numbers[phone_type]

    def set_number(self, phone_type: str, number: str | None) -> None:
        if phone_type == "mobile":
            self.mobile = number
        elif phone_type == "alternateMobile":
            self.alternate_mobile = number
        else:
            self.office = number


def registered_as(phones: User | UserSpec, methods: Sequence[str | Mapping[str, Any]]) -> tuple[str, ...]:
    """The words of the registration report for the numbers that are there, and for other methods."""
    numbers = (name for key, name in REGISTERED.items() if getattr(phones, key))
    kinds = (kind for method in methods for kind in ([method] if isinstance(method, str) else method))
    return (*numbers, *(REGISTERED_AS.get(kind, kind) for kind in kinds))


class NumberTaken(Exception):
    """The number already signs in another user."""


class Directory:
    """Users by id and by name, groups, the SMS policy, and who signs in with which number."""

    def __init__(self, tenant: Tenant, switches: Switches, clock: Clock) -> None:
        self._clock = clock
        self._switches = switches
        self._by_id: dict[str, User] = {}
        self._by_name: dict[str, User] = {}
        self._holders: dict[str, str] = {}
        self._released: dict[str, float] = {}
        self.groups: dict[str, GroupSpec] = {group.id: group for group in tenant.groups}
        self._flat: dict[str, tuple[Member, ...]] = {}
        for spec in tenant.users:
            user = User(
                spec=spec,
                enabled=spec.enabled,
                mobile=spec.mobile,
                alternate_mobile=spec.alternate_mobile,
                office=spec.office,
                sms_sign_in=False,
                attempted=spec.attempted,
                state=spec.state,
            )
            if not spec.soft_deleted:
                self._by_id[spec.id] = self._by_name[spec.name.lower()] = user
            if spec.sms_sign_in:
                self._sign_in(user)
        self.policy = Policy.parse(tenant.policy, self)
        self._policy_until: tuple[float, Policy] = (-math.inf, self.policy)
        self._policy_shown: tuple[float, Policy] = (-math.inf, self.policy)

    # -- looking up --------------------------------------------------------------------------------------------------

    def find(self, key: str) -> User | None:
        """A user by object id or user principal name, in any case; the deleted are not found."""
        lowered = key.lower()
        return self._by_id.get(lowered) or self._by_name.get(lowered)

    def users(self) -> Iterable[User]:
        return self._by_id.values()

    def group_id(self, key: str) -> str | None:
        """The id of a group by id or name; None unless exactly one has the name."""
        if key.lower() in self.groups:
            return key.lower()
        found = [group.id for group in self.groups.values() if group.name.lower() == key.lower()]
        return found[0] if len(found) == 1 else None

    def transitive_members(self, group_id: str) -> tuple[Member, ...]:
        """All members, flat and each once, nested groups among them."""
        if group_id not in self._flat:
            self._flat[group_id] = tuple(self._walk(group_id))
        return self._flat[group_id]

    def _walk(self, group_id: str) -> Iterator[Member]:
        seen: set[str] = {group_id}
        waiting = [group_id]
        while waiting:
            for member in self.groups[waiting.pop(0)].members:
                if member.id in seen:
                    continue
                seen.add(member.id)
                yield member
                if member.kind == "group":
                    waiting.append(member.id)

    # -- the policy --------------------------------------------------------------------------------------------------

    def set_policy(self, policy: Policy) -> None:
        """Another policy: in effect after the switch ``policy_lag``, shown after ``policy_read_lag``."""
        now = self._clock.now()
        self._policy_until = (now + self._switches.policy_lag, self._policy_in_effect)
        self._policy_shown = (now + self._switches.policy_read_lag, self.shown_policy)
        self.policy = policy

    @property
    def shown_policy(self) -> Policy:
        """The policy as reads show it."""
        until, former = self._policy_shown
        return former if self._clock.now() < until else self.policy

    @property
    def _policy_in_effect(self) -> Policy:
        until, former = self._policy_until
        return former if self._clock.now() < until else self.policy

    def allows(self, user: User) -> bool:
        """Whether the policy that is in effect lets a user sign in."""
        return self._policy_in_effect.allows(user.id)

    # -- state -------------------------------------------------------------------------------------------------------

    def sign_in_state(self, user: User, phone_type: str = "mobile") -> str | None:
        """smsSignInState: forced, else type, policy, uniqueness and flag, in this order."""
        if phone_type != "mobile":
            return "notSupported"
        if user.state is not None:
            return None if user.state == "null" else user.state
        if user.spec.guest and self._switches.guest_state is not None:
            return self._switches.guest_state
        if not self.allows(user):
            return "notAllowedByPolicy"
        if user.sms_sign_in:
            return "ready"
        if user.attempted and (self._switches.not_unique_sticks or self.taken(user)):
            return "phoneNumberNotUnique"
        return "notEnabled"

    def taken(self, user: User) -> bool:
        """Whether another user signs in with the user's mobile number."""
        if user.mobile is None:
            return False
        key = number_key(user.mobile)
        if self._released.get(key, math.inf) <= self._clock.now():
            del self._holders[key], self._released[key]
        return self._holders.get(key, user.id) != user.id

    def methods(self, user: User) -> list[dict[str, Any]]:
        """The phone methods as they are."""
        result: list[dict[str, Any]] = []
        for phone_type, method_id in METHOD_IDS.items():
            if number := user.number(phone_type):
                method: dict[str, Any] = {"id": method_id, "phoneNumber": number, "phoneType": phone_type}
                state = self.sign_in_state(user, phone_type)
                if state != ABSENT:
                    method["smsSignInState"] = state
                result.append(method)
        return result

    def visible_methods(self, user: User) -> list[dict[str, Any]]:
        """The phone methods as a read shows them: a write may become visible late, and flicker once."""
        shadow = user.shadow
        if shadow is not None:
            if self._clock.now() < shadow.until:
                return shadow.methods
            if not shadow.flicker:
                user.shadow = None
            else:
                shadow.reads += 1
                if shadow.reads == 2:
                    user.shadow = None
                    return shadow.methods
        return self.methods(user)

    def registered(self, user: User, lag: float) -> tuple[str, ...]:
        """The registered methods as they were ``lag`` seconds ago."""
        horizon = self._clock.now() - lag
        later = (before for moment, before in user.registrations if moment > horizon)
        return next(later, user.registered)

    # -- changing ----------------------------------------------------------------------------------------------------

    def settle(self, user: User, before: list[dict[str, Any]]) -> bool:
        """After a write: whether the methods moved from ``before``, and if so, from when on reads show it."""
        if self.methods(user) == before:
            return False
        lag = self._switches.visibility_lag if user.spec.lag is None else user.spec.lag
        if lag or user.spec.flicker:
            now = self._clock.now()
            seen = user.shadow.methods if user.shadow is not None and now < user.shadow.until else before
            user.shadow = Shadow(now + lag, seen, user.spec.flicker)
        return True

    def enable(self, user: User) -> None:
        """Try to let the user sign in. Raises NumberTaken, and remembers the attempt."""
        if self.taken(user):
            user.attempted = True
            raise NumberTaken
        if user.state == "notConfigured":
            user.state = None  # the further action that this state asks for
        self._sign_in(user)

    def disable(self, user: User) -> None:
        if user.sms_sign_in and user.mobile:
            self._released[number_key(user.mobile)] = self._clock.now() + self._switches.release_lag
        user.sms_sign_in = user.attempted = False

    def set_number(self, user: User, phone_type: str, number: str | None) -> None:
        """Store, change or remove a number; a mobile number loses its sign-in with that."""
        if phone_type == "mobile":
            self.disable(user)
        before = user.registered
        user.set_number(phone_type, number)
        self._note_registration(user, before)

    def _note_registration(self, user: User, before: tuple[str, ...]) -> None:
        if user.registered != before:
            user.registrations.append((self._clock.now(), before))

    def check_change(self, key: str, fields: Mapping[str, Any]) -> User:
        """The user that a change names. Raises KeyError for an unknown one, ValueError for an unknown field."""
        user = self.find(key)
        if user is None:
            raise KeyError(key)
        known = {"mobile", "alternate_mobile", "office", "sms_sign_in", "attempted", "enabled", "state"}
        if unknown := sorted(set(fields) - known):
            raise ValueError(f"unknown fields: {', '.join(unknown)}")
        return user

    def change(self, key: str, fields: Mapping[str, Any]) -> None:
        """Change a user by hand, at once visible. Raises KeyError for an unknown user, ValueError for a bad field."""
        user = self.check_change(key, fields)
        for name, phone_type in (("mobile", "mobile"), ("alternate_mobile", "alternateMobile"), ("office", "office")):
            if name in fields:
                self.set_number(user, phone_type, fields[name])
        before = user.registered
        for name in ("enabled", "state", "attempted"):
            if name in fields:
                setattr(user, name, fields[name])
        self._note_registration(user, before)
        if "sms_sign_in" in fields:
            if fields["sms_sign_in"]:
                self._sign_in(user)
            else:
                self.disable(user)
        user.shadow = None

    def _sign_in(self, user: User) -> None:
        if user.mobile is None:
            raise ValueError(f"{user.name} has no mobile number to sign in with")
        if self.taken(user):
            raise ValueError(f"the number of {user.name} already signs in another user")
        key = number_key(user.mobile)
        self._holders[key] = user.id
        self._released.pop(key, None)
        user.sms_sign_in = True
        user.attempted = False
