# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the simulator knows at a moment, and the ways to change it by hand."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from .clock import Clock
from .device import DeviceCode
from .directory import Directory, User
from .errors import GraphError, envelope
from .exchange import Call, Reply
from .faults import FaultError, Faults, Then
from .journal import Journal
from .policy import Policy
from .quota import Quota
from .scenario_file import check_scenario
from .switches import load_switches
from .tenant import Tenant, quota_spec, service_time
from .tokens import Tokens


class State:
    """Not thread-safe: it belongs to the event loop of its service."""

    def __init__(self, tenant: Tenant, graph_url: str, login_url: str, clock: Clock) -> None:
        self.tenant = tenant
        self.graph_url = graph_url
        self.login_url = login_url
        self.clock = clock
        self.journal = Journal(clock)
        self.tokens = Tokens(tenant, graph_url, login_url, clock)
        self.reset()

    def reset(self) -> None:
        """Back to the loaded tenant; tokens stay valid."""
        self.switches = load_switches(self.tenant.switches)
        self.directory = Directory(self.tenant, self.switches, self.clock)
        self.quota = Quota(self.tenant.quota, self.tenant.id, self.clock)
        self.service_time = self.tenant.service_time
        self.device_codes: dict[str, DeviceCode] = {}
        self.refresh_tokens: dict[str, tuple[str, str]] = {}
        self.tokens.challenge(None)
        self.faults = Faults(self.clock)
        self.inject(self.tenant.faults)
        self.journal.clear()

    def date(self) -> datetime:
        """Now, in UTC."""
        return datetime.fromtimestamp(self.clock.time(), UTC)

    def refused(self, call: Call, error: GraphError) -> Reply:
        """Graph's answer to a call that it refuses."""
        call.reason = error.reason
        body = envelope(
            error,
            date=self.date(),
            request_id=call.request_id,
            client_request_id=call.client_request_id or call.request_id,
            inner_name=self.switches.inner_error_name,
        )
        return Reply(error.status, body, dict(error.headers))

    def user(self, key: str) -> User:
        """A user by name or id; raises KeyError."""
        user = self.directory.find(key)
        if user is None:
            raise KeyError(key)
        return user

    def sign_in_state(self, key: str) -> str | None:
        """The smsSignInState of a user's mobile method as it is now; None without one."""
        user = self.user(key)
        return self.directory.sign_in_state(user) if user.mobile else None

    def set_policy(self, given: Mapping[str, Any]) -> None:
        """Replace the given keys of the policy; raises PolicyError."""
        self.directory.set_policy(Policy.parse(given, self.directory, self.directory.policy))

    def set_quota(self, given: Mapping[str, Any] | None) -> None:
        """Replace the given keys of the quota, or end it; raises TenantError."""
        self.quota.change(quota_spec(given, self.quota.spec))

    def set_service_time(self, given: Mapping[str, Any]) -> None:
        """Replace the given keys of the service time; raises TenantError."""
        self.service_time = service_time(given, self.service_time)

    def inject(self, given: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> None:
        """Put a fault in force, a scenario, or several of them; a fault is what has a ``then``.

        Raises FaultError or another ValueError for the first that is wrong, and does nothing then.
        """
        changes: list[Mapping[str, Any]] = []
        faults: list[Mapping[str, Any]] = []
        for one in [given] if isinstance(given, Mapping) else given:
            if not isinstance(one, Mapping):
                raise FaultError("a fault or a scenario is a mapping")
            if "then" in one or "match" in one:
                faults.append(one)
                continue
            check_scenario(one)
            changes.append({key: one[key] for key in ("switches", "quota", "service_time") if key in one})
            faults += ({"name": one["name"], **fault} for fault in one.get("faults", ()))
        read = [self.faults.read(fault) for fault in faults]
        for change in [*changes, *(fault.then.state for fault in read)]:
            self._check(change or {})
        for change in changes:
            self._change(change)
        self.faults.add(read)

    def apply(self, then: Then) -> None:
        """Apply what a fault does to the tenant as a whole: its tokens, its state."""
        if then.expire_tokens:
            self.tokens.revoke_all()
        if then.challenge:
            self.tokens.challenge(then.challenge)
        self._change(then.state or {})

    def catch_up(self) -> None:
        """Apply the faults that are due by now without a request."""
        for fault in self.faults.due():
            self.apply(fault.then)

    async def sleep(self, seconds: float) -> None:
        await self.clock.sleep(seconds)
        self.catch_up()

    async def work(self, call: Call, seconds: float) -> None:
        """Let a call take so many seconds. Raises GraphError 504 when the service gives up on it."""
        left = call.began + self.switches.cut_off - self.clock.now() if call.cut_off else math.inf
        await self.sleep(min(seconds, left))
        if seconds > left:
            raise GraphError(504, "UnknownError", "", reason="cut off by the service")

    def _change(self, given: Mapping[str, Any]) -> None:
        """Change what is named: ``policy``, ``switches``, ``quota``, ``service_time``, or a ``user`` and its fields."""
        rest = dict(given)
        if "policy" in rest:
            self.set_policy(rest.pop("policy"))
        for name, value in (rest.pop("switches", None) or {}).items():
            self.switches.set(name, value)
        if "quota" in rest:
            self.set_quota(rest.pop("quota"))
        if "service_time" in rest:
            self.set_service_time(rest.pop("service_time"))
        if rest:
            self.directory.change(rest.pop("user"), rest)

    def _check(self, given: Mapping[str, Any]) -> None:
        """Raise for a change that ``_change`` would refuse, without making it."""
        rest = dict(given)
        Policy.parse(rest.pop("policy", {}), self.directory, self.directory.policy)
        load_switches(rest.pop("switches", None) or {})
        quota_spec(rest.pop("quota", None), self.quota.spec)
        service_time(rest.pop("service_time", {}), self.service_time)
        if rest and "user" not in rest:
            raise FaultError(f"state: unknown keys {', '.join(sorted(map(str, rest)))}")
        if rest:
            name = rest.pop("user")
            try:
                self.directory.check_change(name, rest)
            except KeyError as error:
                raise FaultError(f"state: there is no user {name}") from error

    def answer_device_code(self, user_code: str, user: str | None) -> None:
        """Let a user sign in with a user code, or decline it; raises KeyError for an unknown code or user."""
        code = self.device_codes[user_code]
        if user is None:
            code.declined = True
        else:
            code.user = self.user(user).name

    def token(self, **wanted: Any) -> str:
        """Mint a token, see ``Tokens.mint``; raises KeyError for an unknown user."""
        if name := wanted.get("user"):
            user = self.user(name)
            wanted |= {"user": user.name, "user_id": user.id}
        return self.tokens.mint(**{"opaque": self.switches.opaque_tokens, **wanted})

    def describe(self, key: str) -> dict[str, Any]:
        """A user for the control interface, without numbers."""
        user = self.user(key)
        return {
            "id": user.id,
            "name": user.name,
            "state": self.sign_in_state(key),
            "enabled": user.enabled,
            "sms_sign_in": user.sms_sign_in,
            "attempted": user.attempted,
            "phone_types": [method["phoneType"] for method in self.directory.methods(user)],
        }
