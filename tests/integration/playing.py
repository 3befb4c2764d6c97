# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for runs of the playbooks: variables in files, secrets in files that Ansible Vault encrypted."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from integration.tenants import CLIENT_ID, SECRET, TENANT_ID

PASSWORD_FILE, PASSWORD = "vault-password", "the-password-of-the-vault\n"
VAULT = ("--vault-id", f"contoso@{PASSWORD_FILE}")


@pytest.fixture
def write_variables(tmp_path):
    """Writes a file of variables: write_variables("secrets.yml", sms_sign_in_client_secret="...")."""

    def file(name, **variables):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(yaml.safe_dump(variables), encoding="utf-8")

    return file


@pytest.fixture
def vault_password(tmp_path):
    (tmp_path / PASSWORD_FILE).write_text(PASSWORD, encoding="utf-8")


@pytest.fixture
def settings(simulator, write_variables):
    """The settings that are not secret, in settings.yml."""
    write_variables(
        "settings.yml",
        sms_sign_in_tenant_id=TENANT_ID,
        sms_sign_in_client_id=CLIENT_ID,
        sms_sign_in_graph_url=simulator.graph_url,
        sms_sign_in_authority_host=simulator.login_url,
        sms_sign_in_ca_path=str(simulator.ca_file),
    )


@pytest.fixture(scope="session")
def encrypted_secret(tmp_path_factory):
    """The client secret as a file of variables that Ansible Vault encrypted as a whole, once for all tests."""
    folder = tmp_path_factory.mktemp("encrypted")
    (folder / PASSWORD_FILE).write_text(PASSWORD, encoding="utf-8")
    (folder / "secrets.yml").write_text(yaml.safe_dump({"sms_sign_in_client_secret": SECRET}), encoding="utf-8")
    program = Path(sys.executable).parent / "ansible-vault"
    environment = {**os.environ, "HOME": str(folder), "ANSIBLE_HOME": str(folder)}
    subprocess.run([program, "encrypt", *VAULT, "secrets.yml"], cwd=folder, env=environment, check=True)
    return (folder / "secrets.yml").read_bytes()


@pytest.fixture
def secret_file(tmp_path, vault_password, encrypted_secret):
    """The client secret in secrets.yml, and the password of the vault beside it."""
    (tmp_path / "secrets.yml").write_bytes(encrypted_secret)


@pytest.fixture
def play(ansible, settings):
    """Runs a playbook of the collection with settings.yml and secrets.yml: play(ENABLE, "--check", users=[...])."""

    def run(playbook, *arguments, secrets=(*VAULT, "-e", "@secrets.yml"), environment=None, **variables):
        given = {f"sms_sign_in_{name}": value for name, value in variables.items()}
        more = ("-e", "@settings.yml", *secrets, "-e", json.dumps(given), *arguments)
        environment = {"ANSIBLE_SHOW_CUSTOM_STATS": "true", **(environment or {})}
        return ansible("ansible-playbook", playbook, *more, environment=environment)

    return run


def written(simulator):
    """The users that were written to; clears the journal."""
    writes = sorted(entry.user for entry in simulator.writes())
    simulator.clear_journal()
    return writes


def role_task(played, name):
    """The result of the role's only task with that name."""
    return played.of(f"frontline.entra.sms_sign_in : {name}").result


def summary(played, name="Print the summary"):
    """The lines of a summary."""
    return role_task(played, name)["msg"]


def statistics(played, host="localhost"):
    return role_task(played, "Set the statistics")["ansible_stats"]["data"]["sms_sign_in_stats"][host]
