# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throttling: token buckets per application, with Graph's costs and headers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from .clock import Clock
from .errors import GraphError
from .tenant import QuotaSpec, change_quota

# Resource units of reads that cost more than one (Microsoft Graph throttling limits, identity and access).
_READ_COST = {"users": 2, "members": 3, "transitiveMembers": 5}
_ANNOUNCE_FROM = 0.8

PHONE_METHODS = "phoneMethods"


@dataclass
class _Bucket:
    rate: float
    capacity: float
    level: float
    at: float
    blocked_until: float = 0.0

    def resize(self, now: float, rate: float, capacity: float) -> None:
        """What flowed in until now counts at the old rate."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate, capacity)
        self.at, self.rate, self.capacity = now, rate, capacity

    def take(self, now: float, cost: float, restart: bool) -> float:
        """Seconds until the bucket is full again, 0 when the cost was paid.

        A call during a wait starts the wait anew if ``restart``.
        """
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        if now >= self.blocked_until and self.level >= cost:
            self.level -= cost
            return 0.0
        if now >= self.blocked_until or restart:
            if now < self.blocked_until:
                self.level = 0.0
            self.blocked_until = now + (self.capacity - self.level) / self.rate
        return self.blocked_until - now

    @property
    def used(self) -> float:
        return 1 - self.level / self.capacity


class Quota:
    """The buckets of all applications; without a specification everything is free."""

    def __init__(self, spec: QuotaSpec | None, tenant_id: str, clock: Clock) -> None:
        self._clock = clock
        self._spec = spec
        self._tenant_id = tenant_id
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def change(self, given: Mapping[str, Any]) -> None:
        """Replace the given keys; what the buckets hold stays, as far as it fits. Raises TenantError."""
        self._spec = change_quota(self._spec, given)

    def charge(
        self, app: str, *, kind: str, resource: str = "", select: bool = False, small_top: bool = False
    ) -> dict[str, str]:
        """Pay for one request of ``kind`` read, write or report; the headers of its answer. Raises GraphError 429."""
        spec = self._spec
        if spec is None:
            return {}
        cost = 1 if kind == "write" else max(1, _READ_COST.get(resource, 1) - select - small_top)
        headers = {"x-ms-resource-unit": str(cost)}
        if resource == PHONE_METHODS and spec.phone_methods_per_second is not None:
            kind = resource
        rate, limit = {
            PHONE_METHODS: (spec.phone_methods_per_second, "ReadWrite"),
            "read": (spec.reads_per_second, "Read"),
            "write": (spec.writes_per_second, "Write"),
            "report": (spec.reports_per_second, "Read"),
        }[kind]
        if rate is None:
            return headers
        now = self._clock.now()
        capacity = max(rate * spec.window, float(cost))
        bucket = self._buckets.setdefault((app, kind), _Bucket(rate, capacity, capacity, now))
        bucket.resize(now, rate, capacity)
        wait = bucket.take(now, cost, spec.restart)
        if wait:
            headers |= {
                "x-ms-throttle-scope": f"Tenant_Application/{limit}/{app}/{self._tenant_id}",
                "x-ms-throttle-information": "WriteLimitExceeded" if kind == "write" else "ResourceUnitLimitExceeded",
            }
            if spec.retry_after != "none":
                headers["Retry-After"] = _retry_after(wait, spec.retry_after, self._clock.time())
            raise GraphError(429, "TooManyRequests", "Please retry again later.", reason="quota", headers=headers)
        if spec.percentage and bucket.used >= _ANNOUNCE_FROM:
            headers["x-ms-throttle-limit-percentage"] = f"{bucket.used:.1f}"
        return headers


def _retry_after(wait: float, form: str, now: float) -> str:
    if form == "integer":
        return str(math.ceil(wait))
    if form == "date":
        return formatdate(now + math.ceil(wait), usegmt=True)
    return f"{math.ceil(wait * 1000) / 1000:.3f}"
