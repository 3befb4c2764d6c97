# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os

import msal
import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._auth._managed_identity import ManagedIdentity
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed, Unreachable
from ansible_collections.frontline.entra.plugins.module_utils._http import (
    CONNECT,
    INVALID,
    REDIRECT,
    TIMEOUT,
    NoAnswer,
)
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
    "AZUREPS_HOST_ENVIRONMENT",
)


@pytest.fixture(name="endpoint", autouse=True)
def fixture_endpoint(monkeypatch):
    """An App Service: its identity endpoint is at an address in the environment."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://127.0.0.1:8081/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "the-header")


def signed_in(respond, client_id=None, **ids):
    workers = DrivenWorkers()
    session = FakeSession(respond, workers)
    waits = []
    to = Login(session, AUTHORITY, "https://graph.microsoft.com", None, workers.now, waits.append)
    return ManagedIdentity(to, client_id, **ids), session, waits


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
def test_the_machine_provides_a_token(client_id):
    method, session, _waits = signed_in(given, client_id)
    assert method.token().value == "a-token"
    (call,) = session.calls
    assert call.url == "http://127.0.0.1:8081/msi/token"
    assert call.params["resource"] == "https://graph.microsoft.com"
    assert call.params.get("client_id") == client_id
    assert call.headers["X-IDENTITY-HEADER"] == "the-header"
    assert method.sent == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IDENTITY_HEADER", "the header"),
        ("IDENTITY_HEADER", "the-header\r"),
        ("MSI_SECRET", "s\u00e4cret"),
        ("IDENTITY_ENDPOINT", "127.0.0.1:8081/msi/token"),
        ("IDENTITY_ENDPOINT", "http://user:pass@127.0.0.1:8081/msi/token"),
        ("AZURE_POD_IDENTITY_AUTHORITY_HOST", "ftp://127.0.0.1"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_and_not_shown(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    method, session, _waits = signed_in(given)
    with pytest.raises(AuthenticationFailed, match=f"The environment variable {variable} .* is not shown") as caught:
        method.token()
    assert value not in caught.value.message and session.calls == []


def test_blank_variables_count_as_not_set_and_stay(monkeypatch):
    for variable in ("IDENTITY_SERVER_THUMBPRINT", "IMDS_ENDPOINT", "MSI_ENDPOINT", "MSI_SECRET"):
        monkeypatch.setenv(variable, " ")
    method, session, _waits = signed_in(given)
    assert method.token().value == "a-token"
    assert session.calls[0].url == "http://127.0.0.1:8081/msi/token"
    assert os.environ["IDENTITY_SERVER_THUMBPRINT"] == " "


def came(result):
    """The answer, or the exception in its place."""
    if isinstance(result, Exception):
        raise result
    return result


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (NoAnswer(INVALID, "The request cannot be sent."), "Check IDENTITY_ENDPOINT and"),
        (NoAnswer(REDIRECT, "127.0.0.1 answered with a redirect."), "not an identity endpoint of Azure"),
        (answer(200, {"token": "x"}), r"refused \(status 200\): no reason was given. It was asked for the system"),
        (answer(401, None, www_authenticate='Basic realm="proxy"'), "only works on a resource of Azure"),
    ],
)
def test_what_is_no_identity_endpoint_is_asked_once(failure, words):
    method, session, waits = signed_in(lambda call: came(failure))
    with pytest.raises((AuthenticationFailed, Unreachable), match=words):
        method.token()
    assert (len(session.calls), waits) == (1, [])


@pytest.mark.parametrize("second", [NoAnswer(INVALID, "A header."), answer(401, None, www_authenticate="Basic x")])
def test_a_key_of_azure_arc_that_cannot_be_used_is_reported(monkeypatch, tmp_path, second):
    key = tmp_path / "one.key"
    key.write_text("hunter2\n")
    monkeypatch.setitem(msal.managed_identity._supported_arc_platforms_and_their_prefixes, "linux", str(tmp_path))
    monkeypatch.delenv("IDENTITY_HEADER")
    monkeypatch.setenv("IMDS_ENDPOINT", "http://127.0.0.1:8081")
    replies = [answer(401, None, www_authenticate=f"Basic realm={key}"), second]
    method, _session, _waits = signed_in(lambda call: came(replies.pop(0)))
    with pytest.raises(AuthenticationFailed, match="himds") as caught:
        method.token()
    assert "hunter2" not in caught.value.message and replies == []


def test_a_busy_machine_is_retried():
    replies = [answer(429, None, retry_after="3"), answer(503)]
    method, _session, waits = signed_in(lambda call: replies.pop(0) if replies else given(call))
    assert method.token().value == "a-token"
    assert waits[0] == 3.0
    assert len(waits) == 2


def test_a_renewal_begins_with_the_shortest_pause_again():
    replies = [answer(503)] * 4
    method, _session, waits = signed_in(lambda call: replies.pop() if replies else given(call))
    method.token()
    replies += [answer(503)] * 2
    method.token()
    assert waits == [2.0, 4.0, 8.0, 16.0, 2.0, 4.0]


def test_a_machine_without_that_identity_refuses():
    method, _session, _waits = signed_in(
        lambda call: answer(400, {"error": "invalid_request", "error_description": "Identity not found"})
    )
    with pytest.raises(AuthenticationFailed, match=r"Identity not found\. It was asked for the system-assigned"):
        method.token()


@pytest.mark.parametrize(
    ("ids", "sent"),
    [
        ({"object_id": "o"}, {"object_id": "o"}),
        ({"resource_id": "/r"}, {"mi_res_id": "/r"}),
        ({"client_id": "app", "object_id": "o"}, {"object_id": "o"}),
    ],
)
def test_an_identity_is_chosen_by_any_of_its_ids(ids, sent):
    method, session, _waits = signed_in(given, **ids)
    method.token()
    named = {"client_id", "object_id", "mi_res_id"}
    assert {name: value for name, value in session.calls[0].params.items() if name in named} == sent


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (400, {"statusCode": 400, "message": "No MI"}, r"\(status 400\): No MI\. It was asked for client_id app-id"),
        (403, {"error": {"code": "X", "message": "Denied."}}, r"Denied\. It was"),
        (400, {}, "no reason was given"),
    ],
)
def test_each_kind_of_endpoint_is_quoted(status, body, words):
    method, session, _waits = signed_in(lambda call: answer(status, body), "app-id")
    with pytest.raises(AuthenticationFailed, match=words) as caught:
        method.token()
    assert "authority_host" not in caught.value.message
    assert len(session.calls) == 1


@pytest.mark.parametrize(
    ("status", "expected"),
    [(404, [2.0, 4.0, 8.0, 16.0]), (429, [2.0, 4.0, 8.0, 16.0]), (500, [2.0, 4.0, 8.0, 16.0]), (410, [17.5] * 4)],
)
@pytest.mark.parametrize("failures", [2, 9])
def test_an_endpoint_being_updated_or_busy_is_retried_as_documented(status, expected, failures):
    replies = [answer(status, {"error": "not_found"})] * failures
    method, session, waits = signed_in(lambda call: replies.pop(0) if replies else given(call))
    if failures == 2:
        assert method.token().value == "a-token"
    else:
        with pytest.raises(Unreachable, match="Run again later"):
            method.token()
    assert (len(session.calls), waits) == (min(failures, 4) + 1, expected[:failures])


def test_a_late_endpoint_is_retried_once():
    def silent(call):
        raise NoAnswer(TIMEOUT, "169.254.169.254 did not answer in time.")

    method, session, waits = signed_in(silent)
    with pytest.raises(Unreachable, match="did not answer in time.*only works on a resource of Azure"):
        method.token()
    assert (len(session.calls), waits) == (2, [2.0])


def test_another_server_at_the_address_is_not_retried():
    method, session, waits = signed_in(lambda call: answer(404, "<html>"))
    with pytest.raises(Unreachable, match="not an identity endpoint of Azure"):
        method.token()
    assert (len(session.calls), waits) == (1, [])


@pytest.fixture(name="arc")
def fixture_arc(monkeypatch, tmp_path):
    """A machine with Azure Arc, whose key files are in the folder that is returned."""
    import msal.managed_identity

    monkeypatch.delenv("IDENTITY_HEADER")
    monkeypatch.setenv("IDENTITY_ENDPOINT", "http://localhost:40342/metadata/identity/oauth2/token")
    monkeypatch.setenv("IMDS_ENDPOINT", "http://localhost:40342")
    monkeypatch.setitem(msal.managed_identity._supported_arc_platforms_and_their_prefixes, "linux", str(tmp_path))
    return tmp_path


def challenge(call):
    if "Authorization" in call.headers:
        return answer(200, {"access_token": call.headers["Authorization"].replace(" ", "-"), "expires_in": "3600"})
    return answer(401, {}, www_authenticate="Basic realm=/somewhere/1234.key")


def test_the_challenge_of_azure_arc_is_answered(arc):
    (arc / "1234.key").write_text("the-key", encoding="utf-8")
    method, session, _waits = signed_in(challenge)
    assert method.token().value == "Basic-the-key"
    assert len(session.calls) == 2


def test_an_unreadable_key_file_of_azure_arc_is_named(arc):
    method, _session, _waits = signed_in(challenge)
    with pytest.raises(AuthenticationFailed, match="key file of Azure Arc cannot be read: No such file.*himds"):
        method.token()


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"IDENTITY_SERVER_THUMBPRINT": "a" * 40}, "Service Fabric are not supported"),
        ({"AZUREPS_HOST_ENVIRONMENT": "cloud-shell/1.0"}, "azure_cli"),
        ({"MSI_ENDPOINT": "http://localhost:50342/oauth2/token"}, "azure_cli"),
    ],
)
def test_a_platform_without_an_identity_for_us_is_named(variables, words, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    method, session, _waits = signed_in(given)
    with pytest.raises(AuthenticationFailed, match=words):
        method.token()
    assert session.calls == []


def test_a_machine_without_any_identity_is_unreachable():
    def silent(call):
        raise NoAnswer(CONNECT, "169.254.169.254 cannot be reached.")

    method, _session, _waits = signed_in(silent)
    with pytest.raises(Unreachable, match="cannot be reached"):
        method.token()
