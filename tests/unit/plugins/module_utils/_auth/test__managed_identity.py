# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._auth._managed_identity import ManagedIdentity
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed, Unreachable
from ansible_collections.frontline.entra.plugins.module_utils._http import CONNECT, NoAnswer
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    AUTHORITY,
    DrivenWorkers,
    FakeSession,
    answer,
)

VARIABLES = (
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "IDENTITY_SERVER_THUMBPRINT",
    "IMDS_ENDPOINT",
    "MSI_ENDPOINT",
    "MSI_SECRET",
    "AZURE_POD_IDENTITY_AUTHORITY_HOST",
)


@pytest.fixture(name="endpoint", autouse=True)
def fixture_endpoint(monkeypatch):
    """An App Service: it hands out its identity at an address in the environment."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:8081/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "the-header")


def signed_in(respond, client_id=None):
    workers = DrivenWorkers()
    session = FakeSession(respond, workers)
    waits = []
    to = Login(session, AUTHORITY, "https://graph.microsoft.com", None, workers.now, waits.append)
    return ManagedIdentity(to, client_id), session, waits


def given(call):
    return answer(
        200,
        {
            "access_token": "a-token",
            "expires_on": "4102444800",
            "resource": "https://graph.microsoft.com",
            "token_type": "Bearer",
        },
    )


@pytest.mark.parametrize("client_id", [None, "app-id"])
def test_the_machine_hands_out_a_token(client_id):
    method, session, _waits = signed_in(given, client_id)
    assert method.token().value == "a-token"
    (call,) = session.calls
    assert call.url == "http://127.0.0.1:8081/msi/token"
    assert call.params["resource"] == "https://graph.microsoft.com"
    assert call.params.get("client_id") == client_id
    assert call.headers["X-IDENTITY-HEADER"] == "the-header"
    assert method.sent == 1


def test_a_machine_that_is_busy_is_asked_again():
    replies = [answer(429, None, retry_after="3"), answer(503)]
    method, _session, waits = signed_in(lambda call: replies.pop(0) if replies else given(call))
    assert method.token().value == "a-token"
    assert waits[0] == 3.0
    assert len(waits) == 2


def test_a_machine_without_that_identity_refuses():
    method, _session, _waits = signed_in(
        lambda call: answer(400, {"error": "invalid_request", "error_description": "Identity not found"})
    )
    with pytest.raises(AuthenticationFailed, match="Identity not found"):
        method.token()


def test_a_machine_without_any_identity_is_unreachable():
    def silent(call):
        raise NoAnswer(CONNECT, "169.254.169.254 cannot be reached.")

    method, _session, _waits = signed_in(silent)
    with pytest.raises(Unreachable, match="cannot be reached"):
        method.token()
