# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth import _azure_cli
from ansible_collections.frontline.entra.plugins.module_utils._auth._azure_cli import AzureCli
from ansible_collections.frontline.entra.plugins.module_utils._auth._login import Login
from ansible_collections.frontline.entra.plugins.module_utils._errors import AuthenticationFailed, OutOfTime
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import AUTHORITY, jwt

LOGIN = Login(None, AUTHORITY, "https://graph.microsoft.com")


@pytest.fixture(name="az")
def fixture_az(tmp_path, monkeypatch):
    """Makes `az` a shell script with these lines; it writes its arguments to the returned file."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def make(script, mode=0o755):
        path = tmp_path / "az"
        path.write_text(f"#!/bin/sh\necho \"$@\" > '{tmp_path}/arguments'\n{script}\n", encoding="utf-8")
        path.chmod(mode)
        return tmp_path / "arguments"

    return make


@pytest.mark.parametrize(("tenant", "more"), [(None, ""), ("contoso.example", " --tenant contoso.example")])
def test_the_cli_is_asked_for_a_token_for_graph(az, tenant, more):
    value = jwt(scp="User.Read")
    arguments = az(f'echo \'{{"accessToken": "{value}", "expiresOn": "x"}}\'')
    method = AzureCli(LOGIN, tenant)
    assert (method.token().value, method.token().app_only, method.sent) == (value, False, 0)
    asked = arguments.read_text(encoding="utf-8").strip()
    assert asked == f"account get-access-token --resource https://graph.microsoft.com{more} --output json"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo 'Please run az login' >&2; exit 1", "Please run az login"),
        ("exit 1", "Run 'az login'"),
        (
            "printf 'WARNING: old\\nERROR: Tenant must be an id\\n' >&2; exit 1",
            r"no token. It says: Tenant must be an id\.$",
        ),
        (
            "printf 'ERROR: The command failed. Here is the traceback:\\nTraceback (most recent call last):\\n"
            '  File "x.py", line 1\\nValueError: No subscription\\n\' >&2; exit 1',
            r"It says: ValueError: No subscription\.$",
        ),
        ("echo 'not JSON'", "not a token"),
        ("echo '{}'", "not a token"),
        ("echo '[]'", "not a token"),
        ("echo '{\"accessToken\": null}'", "not a token"),
        ("echo '{\"accessToken\": 7}'", "not a token"),
        ("printf '\\351'", "not a token"),
        ("true", "not a token"),
    ],
)
def test_a_cli_that_gives_no_token(az, script, words):
    az(script)
    with pytest.raises(AuthenticationFailed, match=words):
        AzureCli(LOGIN, None).token()


def test_the_message_of_the_cli_shows_no_secret(az):
    az(f"echo 'client_secret=hunter2 {jwt(a='b' * 20)}' >&2; exit 1")
    with pytest.raises(AuthenticationFailed) as caught:
        AzureCli(LOGIN, None).token()
    assert "hunter2" not in caught.value.message
    assert "eyJ" not in caught.value.message


EXPIRED = (
    "ERROR: AADSTS700082: The refresh token has expired due to inactivity. Trace ID: t"
    " Correlation ID: 12345678-1234-1234-1234-123456789abc Timestamp: x"
)
BLOCKED = "ERROR: AADSTS53003: Access has been blocked by Conditional Access policies."


@pytest.mark.parametrize(
    ("kind", "said", "code", "advice", "not_said"),
    [
        ("user", EXPIRED, "AADSTS700082", ["Sign in again", "cannot have the permissions"], "x x"),
        ("user", BLOCKED, "AADSTS53003", ["this user's sign-in", "cannot have the permissions"], "this application"),
        ("user", "ERROR: Gone", None, ["Gone", "cannot have the permissions"], "AADSTS"),
        ("servicePrincipal", BLOCKED, "AADSTS53003", ["this application"], "this user's"),
        ("servicePrincipal", "ERROR: AADSTS7000222: Old.", "AADSTS7000222", ["has expired"], "cannot have"),
        ("servicePrincipal", "ERROR: AADSTS999: New.", "AADSTS999", ["AADSTS999: New."], "cannot have"),
        (None, BLOCKED, None, ["AADSTS53003"], "Conditional Access policy for"),
        ("user", "WARNING: old\n" * 400 + BLOCKED, "AADSTS53003", ["this user's sign-in"], "old"),
    ],
)
def test_a_refusal_is_explained_for_applications_and_users(az, kind, said, code, advice, not_said):
    account = f'{{"user": {{"name": "x", "type": "{kind}"}}}}' if kind else "none"
    az(f"[ $2 = show ] && echo '{account}' && exit 0\necho '{said}' >&2; exit 1")
    with pytest.raises(AuthenticationFailed) as caught:
        AzureCli(LOGIN, None).token()
    assert all(words in caught.value.message for words in advice), caught.value.message
    assert not_said not in caught.value.message
    assert (caught.value.support or {}).get("code") == code
    if said is EXPIRED:
        assert caught.value.support["client_request_id"] == "12345678-1234-1234-1234-123456789abc"


@pytest.mark.parametrize("deadline", [None, 2.0])
def test_a_cli_that_hangs_when_asked_for_the_account_keeps_the_refusal(az, monkeypatch, deadline):
    monkeypatch.setattr(_azure_cli, "LONGEST", 2.0)
    az(f"[ $2 = show ] && exec /bin/sleep 20\necho '{BLOCKED}' >&2; exit 1")
    login = LOGIN if deadline is None else LOGIN._replace(deadline=time.monotonic() + deadline)
    with pytest.raises(AuthenticationFailed, match="no token. It says: AADSTS53003: Access has been blocked"):
        AzureCli(login, None).token()


def test_a_missing_cli(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        AuthenticationFailed, match="cannot be run where the module runs: No such file.*Is it installed"
    ):
        AzureCli(LOGIN, None).token()


def test_an_unexecutable_cli(az):
    az("true", mode=0o644)
    with pytest.raises(AuthenticationFailed, match="cannot be run where the module runs: Permission denied"):
        AzureCli(LOGIN, None).token()


def test_a_cli_that_hangs(az, monkeypatch):
    def hang(command, **kwargs):
        raise _azure_cli.subprocess.TimeoutExpired(command, kwargs["timeout"])

    az("true")
    monkeypatch.setattr(_azure_cli.subprocess, "run", hang)
    with pytest.raises(AuthenticationFailed, match="60 s"):
        AzureCli(LOGIN, None).token()


@pytest.mark.parametrize("path", ["", ":", ".", "relative", "::relative:."])
def test_a_relative_entry_of_path_is_not_searched(path, az, tmp_path, monkeypatch):
    az("true")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relative").mkdir()
    (tmp_path / "az").rename(tmp_path / "relative" / "az")
    az("true")
    monkeypatch.setenv("PATH", path)
    with pytest.raises(AuthenticationFailed, match="Is it installed"):
        AzureCli(LOGIN, None).token()


def test_a_cli_that_hangs_ends_with_the_run(az):
    az("exec /bin/sleep 20")
    begin = time.monotonic()
    with pytest.raises(OutOfTime, match="'run_timeout'"):
        AzureCli(LOGIN._replace(deadline=time.monotonic() + 0.3), None).token()
    assert time.monotonic() - begin < 10


def test_a_token_with_a_line_end_is_refused_and_not_shown(az):
    az('printf \'{"accessToken": "opaque-token\\\\n"}\'')
    with pytest.raises(AuthenticationFailed, match="cannot be sent") as caught:
        AzureCli(LOGIN, None).token()
    assert "opaque" not in caught.value.message
