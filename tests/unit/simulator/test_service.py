# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The simulator without connections, in an event loop of the test, also with virtual time."""

from __future__ import annotations

import asyncio
import json
import selectors
import time
from collections.abc import Coroutine
from typing import Any

import pytest

from graph_simulator import Clock, Service

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
ANNA = "anna@contoso.example"
LOGIN = "/contoso.example/oauth2/v2.0/token"


class Jump(selectors.DefaultSelector):
    """Waits by moving its time."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0
        return super().select(0)


def run_virtually(work: Any) -> tuple[Any, float]:
    """What ``work(clock)`` returns in a loop of virtual time, and how long that took in there."""
    selector = Jump()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        clock = Clock(monotonic=loop.time, epoch=lambda: 1_800_000_000 + selector.now)
        made: Coroutine[Any, Any, Any] = work(clock)
        return runner.run(made), selector.now


def call(service: Service, token: str, method: str, path: str, body: Any = None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": "application/json"} if body else {})
    return service.exchange(
        method, f"{service.graph_url}/v1.0{path}", headers, json.dumps(body).encode() if body else b""
    )


def test_a_service_needs_no_connection_and_runs_in_virtual_time(serve: Any) -> None:
    async def work(clock: Clock) -> Any:
        service = serve(clock, service_time={"per_call": 100}, switches={"visibility_lag": 5000})
        form = f"grant_type=client_credentials&client_id={CLIENT_ID}&client_secret=a+secret+of+the+app&scope="
        answer = await service.exchange(
            "POST",
            service.login_url + LOGIN,
            {"Content-Type": "application/x-www-form-urlencoded"},
            f"{form}{service.graph_url}/.default".encode(),
        )
        token = json.loads(answer.body)["access_token"]
        path = f"/users/{ANNA}/authentication/phoneMethods/{MOBILE}"
        written = await call(service, token, "POST", f"{path}/enableSmsSignIn")
        states = []
        while (read := await call(service, token, "GET", path)).status == 200:
            states.append(json.loads(read.body)["smsSignInState"])
        return written, states, read, [entry.at for entry in service.journal()][:3]

    start = time.monotonic()
    (written, states, read, moments), seconds = run_virtually(work)
    assert (written.status, written.body, written.drop, written.truncate) == (204, b"", False, None)
    assert written.headers["Date"] == "Fri, 15 Jan 2027 08:01:40 GMT"
    assert states == ["notEnabled"] * 34
    assert read.status == 401 and json.loads(read.body)["error"]["innerError"]["date"] == "2027-01-15T09:00:00"
    assert moments == [0, 100, 200] and seconds == 3600
    assert time.monotonic() - start < 5


def test_a_lost_connection_and_a_truncated_body_are_reported(serve: Any) -> None:
    service = serve()
    service.inject([{"then": {"drop": "before"}}, {"then": {"truncate": 10}}])
    token = service.token()
    lost, cut = (asyncio.run(call(service, token, "GET", f"/users/{ANNA}")) for _number in range(2))
    assert lost.drop and service.journal()[0].status == 0
    assert (cut.status, cut.truncate) == (200, 10) and len(cut.body) > 10


def test_managed_identity_without_a_connection(serve: Any) -> None:
    service = serve()
    url = f"{service.identity_url}/msi/token?api-version=2019-08-01&resource=https://graph.microsoft.com"
    answer = asyncio.run(service.exchange("GET", url, {"X-IDENTITY-HEADER": service.identity_header}))
    assert answer.status == 200


def test_an_address_that_is_not_served(serve: Any) -> None:
    with pytest.raises(ValueError, match="elsewhere"):
        asyncio.run(serve().exchange("GET", "https://elsewhere.example/v1.0/users"))
