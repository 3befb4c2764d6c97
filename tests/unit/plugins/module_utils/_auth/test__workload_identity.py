# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._auth._workload_identity import WorkloadIdentity
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed, InvalidOptions
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    AUTHORITY,
    TENANT,
    DrivenWorkers,
    FakeSession,
    answer,
    granted,
    jwt,
    login,
)


@pytest.fixture(name="session")
def fixture_session():
    return FakeSession(login(granted("one"), granted("two")), DrivenWorkers())


def method(session, path=None, token=None, conceal=lambda secret: None):
    to = Login(session, AUTHORITY, "https://graph.microsoft.com", conceal=conceal)
    return WorkloadIdentity(to, TENANT, "app-id", token, str(path) if path else None)


def test_the_file_is_read_again_for_each_token(session, tmp_path):
    path = tmp_path / "token"
    first, second = jwt(sub="first"), jwt(sub="second")
    path.write_text(first + "\n", encoding="utf-8")
    identity = method(session, path)
    assert session.calls == []
    assert identity.token().value == "one"
    path.write_text(second, encoding="utf-8")
    assert identity.token().value == "two"
    bodies = [call.body for call in session.calls if call.method == "POST"]
    assert [body["client_assertion"] for body in bodies] == [first, second]
    assert bodies[0]["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    assert "client_secret" not in bodies[0]


@pytest.mark.parametrize(
    "content", ["", "garbage", "a.b", "a.b.c.d", "a.b\n.c", "\x00.a.b", "a.\u00e9.c", "a.b.c a.b.c"]
)
def test_a_file_without_a_token_is_refused_before_any_request(session, tmp_path, content):
    path = tmp_path / "token"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidOptions, match="'federated_token_file' holds no token"):
        method(session, path)
    assert session.calls == []


def test_a_missing_file_is_refused(session, tmp_path):
    with pytest.raises(InvalidOptions, match="No such file"):
        method(session, tmp_path / "token")
    with pytest.raises(InvalidOptions, match="it is a folder"):
        method(session, tmp_path)


def test_a_file_deleted_later_is_reported(session, tmp_path):
    path = tmp_path / "token"
    path.write_text(jwt(sub="x"), encoding="utf-8")
    identity = method(session, path)
    path.unlink()
    with pytest.raises(InvalidOptions, match="No such file"):
        identity.token()


@pytest.mark.parametrize("text", ['{"value": "eyJx.eyJy.z"}', '["eyJx.eyJy.z"]'])
def test_json_is_named_as_such(session, tmp_path, text):
    path = tmp_path / "token"
    path.write_text(text, encoding="utf-8")
    for given in ({"path": path}, {"token": text}):
        with pytest.raises(InvalidOptions, match="holds JSON, not a token") as caught:
            method(session, **given)
        assert "eyJ" not in caught.value.message


def test_a_byte_order_mark_is_dropped(session, tmp_path):
    path = tmp_path / "token"
    path.write_text(jwt(sub="x"), encoding="utf-8-sig")
    method(session, path).token()
    assert session.calls[-1].body["client_assertion"] == jwt(sub="x")


def test_a_token_can_be_a_value_and_is_concealed(session, tmp_path):
    concealed = []
    method(session, token=f" {jwt(sub='x')}\n", conceal=concealed.append).token()
    assert session.calls[-1].body["client_assertion"] == jwt(sub="x")
    assert set(concealed) == {jwt(sub="x")}
    with pytest.raises(InvalidOptions, match="'federated_token' holds no token"):
        method(session, token="garbage")


def test_only_a_regular_file_is_read(session):
    with pytest.raises(InvalidOptions, match="'federated_token_file' cannot be read"):
        method(session, "/dev/zero")


def mismatch(number):
    return answer(401, {"error": "invalid_client", "error_description": f"AADSTS{number}: No match."})


@pytest.mark.parametrize(
    ("token", "shown"),
    [
        (jwt(iss="https://i", sub="s", aud="a"), 'The token has: issuer "https://i", subject "s", audience "a".'),
        (jwt(sub='a "b"\n', aud=["x", 1]), r'The token has: subject "a \"b\"\n", audience ["x", 1].'),
        ("a.b.c", "The token has: no readable claims."),
    ],
)
@pytest.mark.parametrize("number", [70021, 70025, 700211, 700212, 700213, 7002131, 7002137, 7002138])
def test_a_mismatch_shows_the_claims_to_compare(token, shown, number):
    session = FakeSession(login(mismatch(number)), DrivenWorkers())
    with pytest.raises(AuthenticationFailed, match="federated credential") as caught:
        method(session, token=token).token()
    assert caught.value.message.endswith(shown) and caught.value.support["code"] == f"AADSTS{number}"


def test_another_refusal_does_not_show_them():
    session = FakeSession(login(mismatch(700024)), DrivenWorkers())
    with pytest.raises(AuthenticationFailed, match="not valid now") as caught:
        method(session, token=jwt(sub="s")).token()
    assert "The token has" not in caught.value.message
