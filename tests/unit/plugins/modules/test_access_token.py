# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import access_token
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import jwt


class Host:
    def __init__(self):
        self.secrets = set()
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


def result_of(host, **params):
    return access_token.work(Task(access_token.SPEC, host, {**access_token.SPEC.defaults, **params}))


@pytest.mark.parametrize(
    ("token", "expires_on", "words"),
    [
        (jwt(exp=1_795_730_400), 1_795_730_400, "2026-11-26 22:00:00 UTC"),
        (jwt(exp=1_795_730_400.9), 1_795_730_400, "2026-11-26 22:00:00 UTC"),
        ("an-opaque-token", None, "does not show"),
    ],
)
def test_the_result_holds_the_token_and_when_it_expires(token, expires_on, words):
    host = Host()
    result = result_of(host, access_token=f"Bearer {token}", auth_method="access_token")

    assert (result["access_token"], result["expires_on"], result["changed"]) == (token, expires_on, False)
    assert result["auth"] == {"method": "access_token", "source": "options"} and words in result["msg"]
    assert set(result) == {*yaml.safe_load(access_token.RETURN), "changed"}
    assert token not in host.secrets


def test_only_the_token_is_not_masked(monkeypatch):
    """The secret of the credential stays masked."""
    host, secret = Host(), "the-secret-of-the-application"

    class Tokens:
        @staticmethod
        def token():
            host.secrets.update(["the-token-that-was-obtained", secret])
            return read_token("the-token-that-was-obtained")

    monkeypatch.setattr(access_token, "connect", lambda task: type("Connected", (), {"tokens": Tokens}))
    assert result_of(host, client_secret=secret)["access_token"] == "the-token-that-was-obtained"
    assert host.secrets == {secret}


def test_a_failure_has_a_reason_and_no_token(monkeypatch):
    def refuse(task):
        raise AuthenticationFailed("The secret is wrong.")

    monkeypatch.setattr(access_token, "connect", refuse)
    result = result_of(Host())
    assert result == {
        "changed": False,
        "msg": "The secret is wrong.",
        "reason": "authentication_failed",
        "support": None,
    }
