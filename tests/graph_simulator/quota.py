# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Throttling: buckets of what an application has spent, with Graph's costs and headers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from email.utils import formatdate
from typing import NamedTuple

from .clock import Clock
from .errors import GraphError
from .tenant import QuotaSpec

# Resource units of reads that cost more than one (Microsoft Graph throttling limits, identity and access).
_READ_COST = {"users": 2, "members": 3, "transitiveMembers": 5}
# The span of x-ms-throttle-limit-percentage.
_ANNOUNCE_FROM, _ANNOUNCE_TO = 0.8, 1.8


@dataclass
class _Bucket:
    """What was spent and has not been forgiven yet, at ``rate`` units a second."""

    at: float
    spent: float = 0.0
    blocked_until: float = -math.inf

    def forgive(self, now: float, rate: float) -> None:
        self.spent = max(0.0, self.spent - (now - self.at) * rate)
        self.at = now

    def wait(self, now: float, cost: float, rate: float, limit: float, restart: bool) -> float:
        """Seconds until everything is forgiven; 0 when ``cost`` more fits below the limit.

        A call during a wait restarts the wait if ``restart``.
        """
        self.forgive(now, rate)
        if now >= self.blocked_until and self.spent + cost <= limit:
            return 0.0
        if now >= self.blocked_until or restart:
            if now < self.blocked_until:
                self.spent = max(self.spent, limit)
            self.blocked_until = now + self.spent / rate
        return self.blocked_until - now


class _Size(NamedTuple):
    rate: float
    capacity: float


class Quota:
    """The buckets of all applications; without a specification (``spec`` None) everything is free.

    The specification may change at any time.
    """

    def __init__(self, spec: QuotaSpec | None, tenant_id: str, clock: Clock) -> None:
        self.spec = spec
        self._tenant_id = tenant_id
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def change(self, spec: QuotaSpec | None) -> None:
        """Go on with another specification. What a bucket holds stays, as far as it fits."""
        for (_app, name), bucket in self._buckets.items():
            old, new = _size(self.spec, name), _size(spec, name)
            if old and new:
                bucket.forgive(self._clock.now(), old.rate)
                bucket.spent = max(0.0, new.capacity - max(0.0, old.capacity - bucket.spent))
            else:
                bucket.spent = 0.0
        self.spec = spec

    def charge(
        self, app: str, *, kind: str, write: bool, resource: str = "", select: bool = False, small_top: bool = False
    ) -> dict[str, str]:
        """Pay for a request of ``kind`` directory, phone or report; the headers of its answer. Raises GraphError 429.

        A write costs one unit of the reads' bucket and one of its own.
        """
        spec = self.spec
        if spec is None:
            return {}
        cost = 1 if write else max(1, _READ_COST.get(resource, 1) - select - small_top)
        used = 0.0
        paid: list[_Bucket] = []
        for name in _buckets(spec, kind, write):
            size = _size(spec, name)
            if size is None:
                continue
            capacity = max(size.capacity, float(cost))
            now = self._clock.now()
            bucket = self._buckets.setdefault((app, name), _Bucket(now))
            wait = bucket.wait(now, cost, size.rate, capacity * spec.refuse_at, spec.restart)
            used = max(used, (bucket.spent + cost) / capacity)
            if wait:
                raise self._refusal(spec, app, name, wait, cost, used)
            paid.append(bucket)
        for bucket in paid:
            bucket.spent += cost
        return _headers(spec, cost, used)

    def _refusal(self, spec: QuotaSpec, app: str, name: str, wait: float, cost: int, used: float) -> GraphError:
        headers = _headers(spec, cost, used)
        if spec.headers:
            headers |= {
                "x-ms-throttle-scope": f"Tenant_Application/{_SCOPES[name]}/{app}/{self._tenant_id}",
                "x-ms-throttle-information": "WriteLimitExceeded" if name == "writes" else "ResourceUnitLimitExceeded",
            }
        if spec.retry_after != "none":
            headers["Retry-After"] = self._retry_after(wait, spec.retry_after)
        return GraphError(429, "TooManyRequests", "Please retry again later.", reason="quota", headers=headers)

    def _retry_after(self, wait: float, form: str) -> str:
        if form == "integer":
            return str(math.ceil(wait))
        if form == "date":
            return formatdate(self._clock.time() + math.ceil(wait), usegmt=True)
        return f"{math.ceil(wait * 1000) / 1000:.3f}"


# The scope of each bucket in x-ms-throttle-scope.
_SCOPES = {"reads": "Read", "writes": "Write", "reports": "Read", "phone_methods": "ReadWrite"}


def _buckets(spec: QuotaSpec, kind: str, write: bool) -> list[str]:
    """The buckets that a request is charged to."""
    if kind == "report":
        return ["reports"]
    if kind == "phone" and spec.phone_methods_per_second is not None:
        return ["phone_methods"]
    return ["writes", "reads"] if write else ["reads"]


def _size(spec: QuotaSpec | None, name: str) -> _Size | None:
    """What a bucket gets and holds; None when nothing limits it."""
    rate: float | None = getattr(spec, f"{name}_per_second", None)
    if spec is None or rate is None:
        return None
    return _Size(rate, rate * (getattr(spec, f"{name}_window") or spec.window))


def _headers(spec: QuotaSpec, cost: int, used: float) -> dict[str, str]:
    if not spec.headers:
        return {}
    headers = {"x-ms-resource-unit": str(cost)}
    if spec.percentage and used >= _ANNOUNCE_FROM:
        headers["x-ms-throttle-limit-percentage"] = f"{min(used, _ANNOUNCE_TO):.1f}"
    return headers
