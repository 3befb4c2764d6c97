# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Quotas: what a request costs, which bucket pays, and what the headers report."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from graph_simulator import Answer, Clock, Service

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
ANNA = "anna@contoso.example"
PERCENTAGE = "x-ms-throttle-limit-percentage"


@pytest.fixture
def limited(serve: Callable[..., Service]) -> Callable[..., Service]:
    """Makes a service with a quota, whose time passes only by an advance."""
    return lambda **quota: serve(Clock(monotonic=lambda: 0.0), quota=quota)


def call(service: Service, method: str, path: str) -> Answer:
    headers = {"Authorization": f"Bearer {service.token()}"}
    return asyncio.run(service.exchange(method, f"{service.graph_url}/v1.0{path}", headers))


def read(service: Service) -> Answer:
    return call(service, "GET", f"/users/{ANNA}/authentication/phoneMethods")


def write(service: Service) -> Answer:
    return call(service, "POST", f"/users/{ANNA}/authentication/phoneMethods/{MOBILE}/enableSmsSignIn")


def read_user(service: Service) -> Answer:
    return call(service, "GET", f"/users/{ANNA}")


def test_the_percentage_is_reported_from_0_8_on(limited: Any) -> None:
    service = limited(reads_per_second=1, window=10, refuse_at=1.8)
    answers = [read(service) for _number in range(19)]
    assert [answer.headers.get(PERCENTAGE) for answer in answers] == [
        *[None] * 7, "0.8", "0.9", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.8",
    ]  # fmt: skip
    assert [answer.status for answer in answers] == [200] * 18 + [429]
    assert float(answers[-1].headers["Retry-After"]) == 18
    service.advance(12)
    assert read(service).status == 429
    service.advance(18)
    assert read(service).headers.get(PERCENTAGE) is None


def test_spent_units_are_restored_steadily(limited: Any) -> None:
    service = limited(reads_per_second=1, window=10)
    for _number in range(9):
        read(service)
    service.advance(4)
    assert [read(service).headers.get(PERCENTAGE) for _number in range(3)] == [None, None, "0.8"]


def test_the_headers_may_be_missing(limited: Any) -> None:
    service = limited(reads_per_second=1, headers=False)
    answers = [read(service) for _number in range(2)]
    assert [answer.status for answer in answers] == [200, 429]
    assert answers[1].headers["Retry-After"] == "1.000"
    assert not [name for answer in answers for name in answer.headers if name.startswith("x-ms-") and "ags" not in name]


def test_phone_methods_may_have_a_bucket_of_their_own(limited: Any) -> None:
    service = limited(
        phone_methods_per_second=1, phone_methods_window=3, reads_per_second=1, writes_per_second=1, window=1
    )
    assert [read(service).status, write(service).status, read(service).status] == [200, 204, 200]
    refused = write(service)
    assert refused.status == 429
    assert refused.headers["x-ms-throttle-scope"].startswith("Tenant_Application/ReadWrite/")
    assert [read_user(service).status for _number in range(2)] == [200, 429]


def test_phone_methods_share_the_directory_quota_by_default(limited: Any) -> None:
    service = limited(reads_per_second=3, writes_per_second=1)
    assert [read_user(service).status, write(service).status] == [200, 204]
    refused = write(service)
    assert refused.status == 429 and refused.headers["x-ms-throttle-information"] == "WriteLimitExceeded"
    assert [read(service).status, read(service).status] == [200, 429]


def test_a_write_needs_resource_units_too(limited: Any) -> None:
    service = limited(reads_per_second=1, writes_per_second=100)
    assert [read(service).status, write(service).status] == [200, 429]


def test_a_bucket_may_have_its_own_window(limited: Any) -> None:
    service = limited(reads_per_second=1, writes_per_second=1, window=10, writes_window=1)
    assert [write(service).status for _number in range(2)] == [204, 429]
    assert read(service).status == 200


def test_a_quota_changes_in_the_middle_of_a_run(limited: Any) -> None:
    service = limited(reads_per_second=1, window=10)
    assert [read(service).status for _number in range(9)] == [200] * 9
    service.set_quota({"reads_per_second": 0.5})
    assert read(service).status == 200
    refused = read(service)
    assert refused.status == 429 and refused.headers["Retry-After"] == "10.000"
    service.advance(10)
    service.inject({"match": {"user": ANNA}, "then": {"state": {"quota": {"reads_per_second": 0.1}}}})
    assert [read(service).status for _number in range(2)] == [200, 429]
    service.set_quota(None)
    assert "x-ms-resource-unit" not in read(service).headers
    service.reset()
    assert [read(service).status for _number in range(11)] == [200] * 10 + [429]


def test_the_control_interface_changes_the_quota(simulator: Any, graph: Any) -> None:
    def post(body: Any) -> Any:
        return graph.session.post(f"{simulator.control_url}/quota", data=json.dumps(body), timeout=10)

    assert post({"reads_per_second": 0.001, "window": 1000}).json()["reads_per_second"] == 0.001
    assert [graph.phone(ANNA).status_code for _number in range(2)] == [200, 429]
    assert post({"reads": 1}).status_code == 400
    assert post(None).json() is None
    assert graph.phone(ANNA).status_code == 200
