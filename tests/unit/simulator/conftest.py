# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tenant, a simulator that serves it, and a plain HTTP client."""

from __future__ import annotations

import http.client
import json
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pytest
import requests

from contract import Contract
from graph_simulator import Clock, Service, Simulator

MOBILE = "3179e48a-750b-4051-897c-87b9720928f7"
CLIENT_ID = "aaaaaaaa-0000-0000-0000-000000000001"
TENANT: dict[str, Any] = {
    "tenant_id": "11111111-2222-3333-4444-555555555555",
    "domain": "contoso.example",
    "apps": [
        {
            "client_id": CLIENT_ID,
            "secrets": ["a secret of the app", {"value": "an old secret", "expired": True}],
            "managed_identity": True,
            "roles": [
                "UserAuthenticationMethod.ReadWrite.All",
                "GroupMember.Read.All",
                "User.Read.All",
                "Policy.ReadWrite.AuthenticationMethod",
                "AuditLog.Read.All",
            ],
        }
    ],
    "delegated": [
        {
            "user": "admin@contoso.example",
            "client_id": CLIENT_ID,
            "scopes": ["UserAuthenticationMethod.ReadWrite.All"],
            "entra_roles": ["Authentication Administrator"],
        }
    ],
    "users": [
        {"name": "anna@contoso.example", "mobile": "+1 2065550101", "office": "+1 2065550190x12"},
        {"name": "bob@contoso.example", "mobile": "+1 2065550102", "sms_sign_in": True},
        {"name": "twin@contoso.example", "mobile": "+12065550102"},
        {"name": "late@contoso.example", "mobile": "+1 2065550102", "attempted": True},
        {"name": "ghost@contoso.example", "mobile": "+1 2065550103", "soft_deleted": True, "sms_sign_in": True},
        {"name": "heir@contoso.example", "mobile": "+1 2065550103"},
        {"name": "nophone@contoso.example"},
        {"name": "barred@contoso.example", "mobile": "+1 2065550104"},
        {"name": "nested@contoso.example", "mobile": "+1 2065550105"},
        {"name": "guest_x.example#EXT#@contoso.example", "mobile": "+1 2065550106", "guest": True},
        {"name": "off@contoso.example", "mobile": "+1 2065550107", "enabled": False},
        {"name": "admin@contoso.example", "mobile": "+1 2065550108", "admin": True},
        {"name": "byname@contoso.example", "mobile": "+1 2065550109", "by_name": "noop"},
        {"name": "never@contoso.example", "mobile": "+1 2065550110", "enable": "never"},
        {"name": "forbidden@contoso.example", "mobile": "+1 2065550111", "forbidden": True},
        {"name": "slow@contoso.example", "mobile": "+1 2065550112", "lag": 60},
        {"name": "flicker@contoso.example", "mobile": "+1 2065550113", "flicker": True},
        {"name": "new@contoso.example", "mobile": "+1 2065550114", "state": "somethingNew"},
        {"name": "null@contoso.example", "mobile": "+1 2065550115", "state": "null"},
        {"name": "absent@contoso.example", "mobile": "+1 2065550116", "state": "absent"},
        {"name": "todo@contoso.example", "mobile": "+1 2065550117", "state": "notConfigured"},
        {"name": "o'hara/x?100%..@contoso.example", "mobile": "+1 2065550118"},
        {"count": 250, "name": "worker{n:03}@contoso.example", "mobile": "+1 206556{n:04}"},
    ],
    "groups": [
        {
            "name": "Frontline",
            "members": [
                "anna@contoso.example",
                "group:Nested",
                "device:Kiosk 1",
                "contact:Vendor",
                "service_principal:Bot",
            ],
        },
        {"name": "Nested", "members": ["nested@contoso.example", "anna@contoso.example", "group:Frontline"]},
        {"name": "NoSms", "members": ["barred@contoso.example"]},
        {"name": "Workers", "members_match": "WORKER*"},
        {"name": "Secret", "hidden": True, "members": ["anna@contoso.example"], "owners": ["bob@contoso.example"]},
        {"name": "Twins"},
        {"name": "Twins", "security": False},
        {"name": "It's ours"},
    ],
    "policy": {"state": "enabled", "include": [{"group": "all_users"}], "exclude": [{"group": "NoSms"}]},
}


class Client:
    """Calls Graph with one token."""

    def __init__(self, simulator: Simulator, token: str | None, adapter: requests.adapters.HTTPAdapter) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.mount("https://", adapter)
        self.session.trust_env = False
        self.session.verify = str(simulator.ca_file)
        if token is not None:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.simulator.graph_url}/v1.0{path}", timeout=10, **options)

    def raw(self, path: str) -> tuple[int, Any]:
        """GET a path exactly as written; status and JSON."""
        context = ssl.create_default_context(cafile=str(self.simulator.ca_file))
        host = self.simulator.graph_url.removeprefix("https://")
        connection = http.client.HTTPSConnection(host, context=context, timeout=10)
        try:
            connection.request("GET", path, headers={"Authorization": str(self.session.headers["Authorization"])})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def phone(self, user: str, ending: str = "", method: str = "GET", **options: Any) -> requests.Response:
        return self.call(method, f"/users/{quote(user, safe='')}/authentication/phoneMethods{ending}", **options)

    def enable(self, user: str) -> requests.Response:
        return self.phone(user, f"/{MOBILE}/enableSmsSignIn", "POST")

    def disable(self, user: str) -> requests.Response:
        return self.phone(user, f"/{MOBILE}/disableSmsSignIn", "POST")

    def shown_state(self, user: str) -> Any:
        return self.phone(user, f"/{MOBILE}").json()["smsSignInState"]

    def batch(self, items: Sequence[Mapping[str, Any]], **options: Any) -> requests.Response:
        return self.call("POST", "/$batch", json={"requests": list(items)}, **options)


@pytest.fixture(scope="session")
def serving(contract: Contract) -> Iterator[Simulator]:
    with Simulator(TENANT, observe=contract.see_accepted) as simulator:
        yield simulator


@pytest.fixture
def simulator(serving: Simulator) -> Simulator:
    """The running simulator with everything as loaded."""
    serving.reset()
    return serving


@pytest.fixture
def serve() -> Callable[..., Service]:
    """Makes a service without connections; ``more`` are keys of its tenant."""

    def make(clock: Clock | None = None, **more: Any) -> Service:
        return Service({**TENANT, **more}, clock=clock)

    return make


@pytest.fixture(scope="session")
def connections() -> Iterator[requests.adapters.HTTPAdapter]:
    """All clients share their connections: a handshake each would be most of the time of most tests."""
    adapter = requests.adapters.HTTPAdapter()
    yield adapter
    adapter.close()


@pytest.fixture
def connect(connections: requests.adapters.HTTPAdapter) -> Callable[[Simulator, str | None], Client]:
    """Makes a client of a simulator with a token."""
    return lambda simulator, token: Client(simulator, token, connections)


@pytest.fixture
def client(simulator: Simulator, connect: Callable[[Simulator, str | None], Client]) -> Callable[..., Client]:
    """Makes clients: ``client()`` is the application; options go to ``Simulator.token``; ``token`` is used as given."""

    def make(token: str | None = "", **wanted: Any) -> Client:
        return connect(simulator, simulator.token(**wanted) if token == "" else token)

    return make


@pytest.fixture
def graph(client: Callable[..., Client]) -> Client:
    """The application with all its permissions."""
    return client()
