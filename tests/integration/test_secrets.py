# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets, tokens, assertions, keys, passphrases and phone numbers are never shown."""

from __future__ import annotations

import json
import re

import pytest

from integration.credentials import (
    federated_credential,
    federated_token,
    key_pem,
    own_certificate,
    public_pem,
    rsa_key,
)
from integration.tenants import CLIENT_ID, SECRET, TENANT_ID, app, make_user, tenant

ANNA = "anna@contoso.example"
PASSPHRASE = "the-passphrase-of-the-tests"
WRONG = "wr0ng-secret-that-nobody-may-see"
SHORT = "na"
NUMBERS = ["2065550101", "2065550102", "2065550104", "1632960001"]


def TENANT():
    return tenant(
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("carl"),
        make_user("dora", 4),
        {"name": "edna@contoso.example", "mobile": "+44 1632960001"},
        make_user("twin", 2),
        apps=[
            app(
                secrets=[SECRET, SHORT],
                certificates=[public_pem(own_certificate())],
                federated=[federated_credential()],
            )
        ],
        groups=[{"name": "Frontline", "members": [ANNA, "dora@contoso.example"]}],
    )


def in_files(folder):
    """All files that Ansible's commands left in their home, with their names."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return "\n".join(f"{path}\n{path.read_bytes().decode('utf-8', 'replace')}" for path in found)


def assert_nothing_shows(text, *more):
    """Nothing in `text` is a secret, a token, a key or a phone number, however it is written."""
    for secret in (SECRET, WRONG, PASSPHRASE, *more):
        assert secret not in text
    assert not re.search(r"eyJ[\w-]{10,}\.", text), "a token"
    assert "PRIVATE KEY" not in text and key_pem(rsa_key()).split("\n")[5] not in text
    digits = re.sub(r"(?<=\d)[\s().-]+(?=\d)", "", text)
    for number in NUMBERS:
        assert number not in digits and number[-7:] not in digits, "a phone number"


@pytest.fixture
def everything(home, tmp_path):
    """All output and files of a run of Ansible."""

    def of(played):
        report = tmp_path / "report.csv"
        shown = [played.stdout, played.stderr, in_files(home), json.dumps([task.result for task in played.tasks])]
        return "\n".join([*shown, report.read_text() if report.exists() else ""])

    return of


@pytest.fixture
def connection(options):
    """The options for the hosts."""
    return {name: options[name] for name in ("graph_url", "authority_host", "ca_path")}


def play(*tasks, **more):
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks, **more}])


def task(name, **given):
    return {"name": name, "frontline.entra.sms_sign_in": given, "register": "result", "ignore_errors": True}


@pytest.fixture
def every_credential(simulator, tmp_path):
    """Options of each credential type, and their values that must not be shown."""
    pem = key_pem(rsa_key(), PASSPHRASE) + public_pem(own_certificate())
    assertion, token = federated_token(), simulator.token()
    (tmp_path / "assertion").write_text(assertion)
    return {
        "secret": {"client_secret": SECRET},
        "certificate": {"certificate": pem, "certificate_passphrase": PASSPHRASE},
        "federated": {"federated_token_file": str(tmp_path / "assertion")},
        "token": {"access_token": token},
    }


@pytest.mark.covers("M23")
def test_passing_runs_show_no_secret_and_no_number(
    simulator, playbook, everything, connection, every_credential, tmp_path
):
    """Each credential type; dry run, change, no change, and a play that prints a result."""
    shared = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, **connection, "report_path": str(tmp_path / "report.csv")}
    shared["users"] = [ANNA, "dora@contoso.example", "edna@contoso.example"]
    given = {kind: {**shared, **credential} for kind, credential in every_credential.items()}

    played = playbook(
        play(
            {**task("Dry run", **given["secret"]), "check_mode": True},
            task("Enable by secret", **given["secret"]),
            {"ansible.builtin.debug": {"var": "result"}},
            task("Disable by certificate", **given["certificate"], state="disabled"),
            task("Enable by federated token", **given["federated"]),
            task("Disable by given token", **given["token"], state="disabled"),
        ),
        "-vvvv",
        "--diff",
    )

    assert played.returncode == 0, played.output
    modules = [found for found in played.tasks if found.action == "frontline.entra.sms_sign_in"]
    assert [found.status for found in modules] == ["ok"] * 5 and all(found.result["changed"] for found in modules)
    assert all(found.result["invocation"]["module_args"]["users"] == 3 for found in modules)
    assert_nothing_shows(everything(played))
    assert "********01" in played.stdout, "masked numbers are shown"
    assert len([write for write in simulator.writes() if write.effect]) == 12


@pytest.mark.covers("M23")
def test_failing_runs_show_no_secret_and_no_number(
    simulator, playbook, everything, connection, every_credential, tmp_path
):
    shared = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, **connection}
    secret = {**shared, **every_credential["secret"]}
    certificate = {**shared, **every_credential["certificate"]}
    numbers = "+1 2065550101 and +12065550102 and (206) 555-0104"
    message = {"status": 400, "message": f"client_secret={SECRET} {numbers} eyJhbGciOiJSUzI1NiJ9.eyJvaWQiOiIifQ.c2ln"}
    simulator.inject({"match": {"method": "POST", "user": "dora@contoso.example"}, "times": None, "then": message})
    tasks = [
        task("Wrong secret", **{**secret, "client_secret": WRONG}, users=[ANNA]),
        task("Two credentials", **secret, access_token=every_credential["token"]["access_token"], users=[ANNA]),
        task("Wrong passphrase", **{**certificate, "certificate_passphrase": WRONG}, users=[ANNA]),
        task("Refused token", **connection, access_token=simulator.token(expires_in=-5), users=[ANNA]),
        task("Unknown option", **secret, users=[ANNA], no_such_option=1),
        task("Wrong type", **{**secret, "max_changes": "many"}, users=[ANNA]),
        task("Refused", **secret, users=["dora@contoso.example", "twin@contoso.example", "carl@contoso.example"]),
        task("Too many", **secret, users=[ANNA, "edna@contoso.example"], max_changes=1),
        {**task("No phone", **secret, users=["carl@contoso.example"]), "ignore_errors": False},
    ]

    played = playbook(play(*tasks), "-vvvv", "--diff")

    assert played.returncode == 2, played.output
    modules = {found.task: found for found in played.tasks}
    assert len(modules) == len(tasks) and {found.status for found in modules.values()} == {"failed"}
    reasons = {name: found.result.get("reason") for name, found in modules.items()}
    assert reasons["Wrong secret"] == reasons["Refused token"] == "authentication_failed"
    assert reasons["Refused"] == "some_users_failed" and reasons["Too many"] == "too_many_changes"
    assert "MODULE FAILURE" not in played.output and "Traceback" not in played.output
    text = everything(played)
    assert_nothing_shows(text)
    assert "phone_number_not_unique" in text and "invalid_options" in text


@pytest.mark.covers("M23")
@pytest.mark.adapters("action", "module")
def test_ansible_debug_shows_no_secret_and_no_number(playbook, everything, connection, every_credential, adapter):
    """Ansible prints the arguments of each module then."""
    given = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, **connection, **every_credential["secret"]}

    played = playbook(play(task("Enable", **given, users=[ANNA])), environment={"ANSIBLE_DEBUG": "true"})

    assert played.of("Enable").result["changed"]
    named = "done with _execute_module (frontline.entra.sms_sign_in, <arguments " in played.output
    assert named is (adapter == "module")
    assert_nothing_shows(everything(played))


@pytest.mark.covers("M23")
@pytest.mark.parametrize("kind", ["secret", "token"])
def test_secrets_from_the_environment_are_masked(simulator, playbook, everything, connection, every_credential, kind):
    """Ansible does not know them, so a message of the service that repeats them is ours to mask."""
    variables = {"AZURE_TENANT_ID": TENANT_ID, "AZURE_CLIENT_ID": CLIENT_ID}
    secret = every_credential[kind].get("client_secret") or every_credential[kind]["access_token"]
    variables["AZURE_CLIENT_SECRET" if kind == "secret" else "AZURE_ACCESS_TOKEN"] = secret
    simulator.inject({"match": {"method": "POST"}, "times": None, "then": {"status": 400, "message": f"<{secret}>"}})

    played = playbook(play(task("Enable", **connection, users=[ANNA])), "-vvvv", "--diff", environment=variables)

    assert played.of("Enable").result["reason"] == "some_users_failed"
    assert_nothing_shows(everything(played), secret)


@pytest.mark.covers("M23")
def test_a_secret_too_short_to_mask_gets_a_warning(module):
    result = module(users=[ANNA, "edna@contoso.example"], client_secret=SHORT)

    assert result["reason"] is None and result["changed"]
    assert "2 characters" in result.warned
    assert result["msg"] == "2 enabled." and result.user("anna")["state"] == "ready"
    assert "****" not in json.dumps({**result, "users": [], "diff": None, "invocation": None})
    assert result["invocation"]["module_args"]["client_secret"] != SHORT


@pytest.mark.adapters("action", "module")
@pytest.mark.covers("M23")
@pytest.mark.parametrize(("kind", "failing"), [("secret", True), ("certificate", False)])
def test_the_playbook_and_its_role_show_no_secret_and_no_number(
    simulator, ansible, everything, connection, every_credential, tmp_path, kind, failing, adapter
):
    """With credentials in a vault, as the documentation advises."""
    (tmp_path / "password").write_text("the-password-of-the-vault\n")
    names = {**every_credential[kind], "tenant_id": TENANT_ID, "client_id": CLIENT_ID, **connection}
    refused = ["carl@contoso.example", "twin@contoso.example"] if failing else []
    names["users"] = [ANNA, "edna@contoso.example", *refused]
    names["report_path"] = str(tmp_path / "report.csv")
    vault = tmp_path / "vault.yml"
    vault.write_text(json.dumps({f"sms_sign_in_{name}": value for name, value in names.items()}))
    password = ("--vault-password-file", tmp_path / "password")
    assert ansible("ansible-vault", "encrypt", *password, vault).returncode == 0

    command = (
        "ansible-playbook",
        "frontline.entra.enable_sms_sign_in",
        *password,
        "-e",
        f"@{vault}",
        "-vvvv",
        "--diff",
    )
    played = ansible(*command, environment={"ANSIBLE_PIPELINING": "false"})  # the role switches it on by itself

    assert played.returncode == (2 if failing else 0), played.output
    assert [simulator.state(name) for name in (ANNA, "edna@contoso.example")] == ["ready", "ready"]
    assert_nothing_shows(everything(played), "the-password-of-the-vault")
    assert " PUT " not in played.output, "no file with module arguments is made"
    assert ("EXEC" in played.output) is (adapter == "module")
    assert "********01" in played.output
