# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signing in with a federated token, given or in a file."""

from __future__ import annotations

import json
import threading
import time

import pytest

from integration.credentials import (
    ISSUER,
    SUBJECT,
    assert_refused_before_any_request,
    federated_token,
    of_every_credential,
)

TENANT = of_every_credential
ANNA = "anna@contoso.example"


@pytest.mark.covers("M18")
def test_a_federated_token_signs_in(simulator, sign_in, credential_file):
    result = sign_in(federated_token_file=credential_file(federated_token() + "\n"))

    assert result["changed"] and result["reason"] is None
    assert result["auth"] == {"method": "workload_identity", "source": "options"}


@pytest.mark.covers("M18")
@pytest.mark.parametrize(
    "content", ["garbage", "two.parts", "a.b.c.d", b"\xff\xfe\x00.\x00.\x00", "line\n.break\n.inside", "   "]
)
def test_a_token_file_without_a_token_is_reported_before_any_request(simulator, sign_in, credential_file, content):
    result = sign_in(federated_token_file=credential_file(content))

    assert_refused_before_any_request(result, simulator, "'federated_token_file'")


@pytest.mark.covers("M18", "M16")
@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": "system:serviceaccount:other:runner"}, 70021),
        ({"iss": "https://elsewhere.example"}, 70021),
        ({"aud": "api://Other"}, 70021),
        ({"exp": int(time.time()) - 3600}, 700024),
    ],
    ids=["subject", "issuer", "audience", "expired"],
)
def test_a_mismatched_federated_token_is_refused_by_the_login_once(simulator, sign_in, credential_file, claims, code):
    token = federated_token(**claims)

    result = sign_in(federated_token_file=credential_file(token))

    assert result["reason"] == "authentication_failed" and f"AADSTS{code}" in result["msg"]
    assert simulator.tokens_asked() == 1 and simulator.calls() == []
    shown = json.dumps(result)
    assert token not in shown and token.split(".")[2] not in shown


GITHUB = "repo:octo-org@1234567890/octo-repo@9876543210:ref:refs/heads/main"
"""The subject of a repository created since 2026-07-15."""


@pytest.mark.covers("M18", "M16")
@pytest.mark.parametrize("given_as", ["option", "file", "variable"])
@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"sub": GITHUB}, 700213),
        ({"sub": SUBJECT.upper()}, 7002138),
        ({"iss": "https://elsewhere.example"}, 700211),
        ({"aud": ["api://Other", "two"]}, 700212),
    ],
    ids=["subject", "capitals", "issuer", "audience"],
)
def test_a_mismatch_shows_the_claims_to_compare(
    simulator, sign_in, credential_file, monkeypatch, given_as, claims, code
):
    token = federated_token(**claims)
    options = {"option": {"federated_token": token}, "file": {"federated_token_file": credential_file(token)}}
    if given_as == "variable":
        monkeypatch.setenv("AZURE_FEDERATED_TOKEN", token)

    result = sign_in(**options.get(given_as, {}))

    presented = {"iss": ISSUER, "sub": SUBJECT, "aud": "api://AzureADTokenExchange", **claims}
    names = {"issuer": "iss", "subject": "sub", "audience": "aud"}
    shown = ", ".join(f"{name} {json.dumps(presented[claim])}" for name, claim in names.items())
    assert f"The token has: {shown}." in result["msg"] and f"AADSTS{code}" in result["msg"]
    assert result["reason"] == "authentication_failed" and token not in json.dumps(result)


@pytest.mark.covers("M18", "M19")
def test_a_token_in_a_variable_takes_precedence_over_that_of_the_pod(sign_in, credential_file, monkeypatch):
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN", federated_token())
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", credential_file(federated_token(sub="of the pod")))

    result = sign_in()

    assert result["changed"] and result["auth"] == {"method": "workload_identity", "source": "environment"}


@pytest.mark.covers("M18", "M10")
def test_a_token_file_is_read_again_for_each_sign_in(simulator, sign_in, credential_file):
    path = credential_file(federated_token())
    simulator.inject({"match": {"method": "POST"}, "then": {"expire_tokens": True, "delay": 1}})

    def rotate():
        while not simulator.affected():  # the write, which waits at the service with the first token
            time.sleep(0.01)
        credential_file("rotated into garbage")

    rotation = threading.Thread(target=rotate, daemon=True)
    rotation.start()
    result = sign_in(federated_token_file=path)
    rotation.join()

    assert result["reason"] == "invalid_options" and "federated_token_file" in result["msg"]
    assert simulator.tokens_asked() == 1, "the first one was good, the second was never asked for"


@pytest.mark.covers("M19")
def test_a_federated_token_in_json_is_refused(simulator, module, tmp_path):
    (tmp_path / "token").write_text(json.dumps({"value": simulator.token()}))

    result = module(users=[ANNA], client_secret=None, federated_token_file=str(tmp_path / "token"))

    assert result["reason"] == "invalid_options" and "JSON" in result["msg"] and "eyJ" not in json.dumps(result)
    assert simulator.journal() == []
