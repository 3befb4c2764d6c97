# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the simulator knows at a moment, and the ways to change it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .clock import Clock
from .directory import Directory, User
from .faults import Faults
from .journal import Journal
from .policy import Policy
from .quota import Quota
from .switches import load_switches
from .tenant import Tenant
from .tokens import Tokens


class State:
    """Not thread-safe: it belongs to the event loop of its simulator."""

    def __init__(self, tenant: Tenant, graph_url: str, login_url: str, clock: Clock) -> None:
        self.clock = clock
        self.tenant = tenant
        self.graph_url = graph_url
        self.login_url = login_url
        self.journal = Journal(clock)
        self.tokens = Tokens(tenant, graph_url, login_url, clock)
        self.reset()

    def reset(self) -> None:
        """Back to the loaded tenant; tokens stay valid."""
        self.switches = load_switches(self.tenant.switches)
        self.directory = Directory(self.tenant, self.switches, self.clock)
        self.quota = Quota(self.tenant.quota, self.tenant.id, self.clock)
        self.faults = Faults(self.clock)
        for fault in self.tenant.faults:
            self.faults.inject(fault)
        self.journal.clear()

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
        self.directory.policy = Policy.parse(given, self.directory, self.directory.policy)

    def change_anything(self, given: Mapping[str, Any]) -> None:
        """What a fault does to the tenant.

        ``{user: name, ...fields}``, ``{policy: ...}``, ``{switches: ...}``, ``{quota: ...}``, or several of them.
        """
        rest = dict(given)
        if policy := rest.pop("policy", None):
            self.set_policy(policy)
        for name, value in rest.pop("switches", {}).items():
            self.switches.set(name, value)
        if quota := rest.pop("quota", None):
            self.quota.change(quota)
        if user := rest.pop("user", None):
            self.directory.change(user, rest)

    def token(self, **wanted: Any) -> str:
        """Mint a token, see ``Tokens.mint``; raises KeyError for an unknown user."""
        if name := wanted.get("user"):
            user = self.user(name)
            wanted |= {"user": user.name, "user_id": user.id}
        return self.tokens.mint(**wanted)

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
