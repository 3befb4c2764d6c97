# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays of a new repository under ansible-runner, in the folders and with the variables that AWX hands to it."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import time

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from jinja2 import Environment

from integration.conftest import PATIENCE, Tenant
from integration.documents import ROOT
from integration.tenants import NOT_ENABLED, READY, app, tenant

TEMPLATES = ROOT / "playbooks" / "templates" / "new_project"
PLAYS = ("enable", "some_users")
COMPANIES = {"contoso": "shared", "fabrikam": "own"}
"""Tenants and their vaults."""
PASSWORDS = {"shared": "the word of the shared vault", "own": "12345"}
TENANT_IDS = {"contoso": "11111111-2222-3333-4444-555555555555", "fabrikam": "22222222-3333-4444-5555-666666666666"}
CLIENT = "aaaaaaaa-0000-0000-0000-000000000001"
COUNT = 60
# What AWX adds to each job; identifiers are numbers.
JOB = {
    "awx_job_id": 17,
    "awx_job_launch_type": "manual",
    "awx_job_template_name": "Entra SMS sign-in: enable",
    "awx_project_revision": "1234567890123456789012345678901234567890",
    "awx_user_name": "0715",
}


class Unsafe(yaml.SafeDumper):
    """Marks every text, as AWX marks what is not a template's own variable."""

    def represent_str(self, data):
        return self.represent_scalar("!unsafe", data)


Unsafe.add_representer(str, Unsafe.represent_str)


def secret(name):
    return f"8Q~only.{name}-knows-this"


@pytest.fixture(scope="module")
def companies(contract):
    def company(name, **more):
        of = {first: f"{first}@{name}.example" for first in ("anna", "ben", "root")}
        return tenant(
            {"name": of["anna"], "mobile": "+1 2065550101"},
            {"name": of["ben"], "mobile": "+1 2065550102", "sms_sign_in": True},
            {"name": of["root"], "mobile": "+1 2065550104"},
            tenant_id=TENANT_IDS[name],
            domain=f"{name}.example",
            apps=[app(client_id=CLIENT, secrets=[secret(name)])],
            groups=[
                {"name": "Frontline", "members": list(of.values())},
                {"name": "Break glass", "members": [of["root"]]},
            ],
            **more,
        )

    with Tenant(company("contoso"), observe=contract.see) as one, Tenant(company("fabrikam")) as other:
        yield {"contoso": one, "fabrikam": other}


@pytest.fixture
def tenants(companies):
    for one in companies.values():
        one.reset()
    return companies


def render(template, **values):
    """A file of the new repository."""
    environment = Environment(
        variable_start_string="<<", variable_end_string=">>", trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters["to_json"] = lambda value, **_options: json.dumps(value)
    return environment.from_string((TEMPLATES / template).read_text("utf-8")).render(values)


@pytest.fixture
def private(tmp_path):
    """The private data directory of a job, with the repository as its project."""
    folder = tmp_path / "private"
    for name in ("env", "inventory", "project", "artifacts"):
        (folder / name).mkdir(parents=True)

    def write(name, text):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")

    for play in PLAYS:
        write(f"project/{play}.yml", render(f"{play}.yml.j2"))
    write("project/ansible.cfg", render("ansible.cfg.j2"))
    answers = {"groups": ["Frontline"], "exclude_groups": ["Break glass"]}
    write("project/group_vars/tenants/settings.yml", render("settings.yml.j2", __answers=answers))
    write("env/settings", yaml.safe_dump({"idle_timeout": 0, "job_timeout": 90, "suppress_ansible_output": False}))
    return folder, write


@pytest.fixture
def launch(private, start, tmp_path):
    """Starts a job of AWX: launch("enable", running tenants, survey answers, the template's own variables)."""
    folder, write = private

    def run(play, tenants, answers, own=None, arguments=()):
        for name, one in tenants.items():
            connection = {
                "tenant_id": TENANT_IDS[name],
                "client_id": CLIENT,
                "graph_url": one.graph_url,
                "authority_host": one.login_url,
                "ca_path": str(one.ca_file),
            }
            settings = {f"sms_sign_in_{option}": value for option, value in connection.items()}
            write(f"project/host_vars/{name}/settings.yml", yaml.safe_dump(settings))
            vault_id = COMPANIES[name]
            vault = VaultLib([(vault_id, VaultSecret(PASSWORDS[vault_id].encode()))])
            lines = vault.encrypt(secret(name), vault_id=vault_id).decode().splitlines()
            sealed = "\n  ".join(["sms_sign_in_client_secret: !vault |", *lines])
            write(f"project/host_vars/{name}/vault.yml", f"{sealed}\n")
        # AWX generates a script that prints the inventory.
        groups = {"all": {"hosts": list(tenants)}, "tenants": {"hosts": list(tenants)}}
        hosts = {name: {"remote_tower_enabled": "true", "remote_tower_id": 3} for name in tenants}
        inventory = json.dumps({**groups, "_meta": {"hostvars": hosts}})
        write("inventory/hosts", f"#!/bin/sh\ncat <<'END'\n{inventory}\nEND\n")
        (folder / "inventory" / "hosts").chmod(0o700)
        variables = {**JOB, "report_folder": str(tmp_path), **answers}
        write("env/extravars", yaml.dump(variables, Dumper=Unsafe) + (yaml.safe_dump(own) if own else ""))
        vaults = {COMPANIES[name] for name in tenants}
        words = ["-u", "root", *arguments, *(word for name in vaults for word in ("--vault-id", f"{name}@prompt"))]
        words += ["-i", str(folder / "inventory"), "-e", f"@{folder / 'env' / 'extravars'}"]
        write("env/cmdline", shlex.join(words))
        asked = {f"Vault password \\({name}\\):\\s*?$": PASSWORDS[name] for name in vaults}
        write("env/passwords", yaml.safe_dump(asked))
        command = ("ansible-runner", "run", folder, "-p", f"{play}.yml", "--ident", "17")
        # In a container of AWX no other configuration is named.
        environment = {"ANSIBLE_CONFIG": str(folder / "project" / "ansible.cfg")}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        return start(*command, environment=environment, start_new_session=True, **pipes)

    return run


def finish(process):
    with process:
        output, _nothing = process.communicate(timeout=PATIENCE)
    return output


def artifacts(folder):
    """What AWX stores of a job: everything it printed, and its statistics."""
    events = [json.loads(file.read_text("utf-8")) for file in (folder / "artifacts/17/job_events").glob("*.json")]
    (last,) = [event for event in events if event["event"] == "playbook_on_stats"]
    stored = "".join(file.read_text("utf-8") for file in (folder / "artifacts/17").rglob("*") if file.is_file())
    largest = max(len(json.dumps(event.get("event_data", {}).get("res", {}))) for event in events)
    return stored, last["event_data"]["artifact_data"], largest


def test_a_job_over_two_tenants_with_two_vaults_changes_what_was_approved(tenants, launch, private, tmp_path):
    """The limit is the template's own variable, the statistics of the dry run come as an extra variable."""
    approved = {"contoso": {"changed": 1, "check_mode": True}, "fabrikam": {"changed": 0, "check_mode": True}}
    limit = "{{ sms_sign_in_stats[inventory_hostname].changed | default(0) }}"

    output = finish(launch("enable", tenants, {"sms_sign_in_stats": approved}, {"sms_sign_in_max_changes": limit}))

    assert '"2 users: 1 enabled, 1 already enabled."' in output, output
    assert tenants["contoso"].state("anna@contoso.example") == READY, output
    assert tenants["fabrikam"].writes() == [] and "'max_changes' allows 0" in output
    stored, data, largest = artifacts(private[0])
    counts = data["sms_sign_in_stats"]
    assert (counts["contoso"]["changed"], counts["contoso"]["reason"]) == (1, None)
    assert counts["fabrikam"]["reason"] == "too_many_changes"
    assert len(counts["contoso"]["changed_ids"]) == 1 and largest < 700_000
    for hidden in (*map(secret, COMPANIES), "2065550101", "065550101"):
        assert hidden not in stored, hidden
    assert {file.name for file in tmp_path.glob("*.csv")} >= {"contoso-17.csv"}


def test_answers_of_each_type_of_a_survey(tenants, launch):
    """As ansible-core makes them of what AWX writes: from 2.19 on a text that looks like a number is one."""
    answers = {
        "sms_sign_in_users": "anna@contoso.example\r\n\n  ben@contoso.example \n",  # textarea
        "sms_sign_in_state": "disabled",  # multiplechoice
        "sms_sign_in_tolerate": ["no_mobile_phone", "account_disabled"],  # multiselect
        "sms_sign_in_max_changes": "5",  # text
        "sms_sign_in_max_failures": 3,  # integer
        "sms_sign_in_verify_timeout": 30.0,  # float
        "sms_sign_in_change_limit": "",  # left blank
        "sms_sign_in_client_secret": secret("contoso"),  # password
    }

    output = finish(launch("some_users", {"contoso": tenants["contoso"]}, answers))

    assert [write.user for write in tenants["contoso"].writes()] == ["ben@contoso.example"], output
    assert tenants["contoso"].state("ben@contoso.example") == NOT_ENABLED and secret("contoso") not in output


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"sms_sign_in_users": " \n", "sms_sign_in_state": "enabled"}, "Set 'sms_sign_in_users' to at least one user"),
        (
            {"sms_sign_in_users": "{{ lookup('env', 'HOME') }}", "sms_sign_in_state": "enabled"},
            "'users' has no user name at entry 1, entry 2",
        ),
    ],
)
def test_an_answer_that_names_nobody(tenants, launch, answers, message):
    """Jinja in an answer stays text."""
    output = finish(launch("some_users", {"contoso": tenants["contoso"]}, answers))

    assert message in " ".join(output.split()), output
    assert tenants["contoso"].writes() == []


def test_a_job_that_is_cancelled_and_launched_again(contract, launch, private):
    """AWX lets ansible-runner kill the play; nothing of it runs on."""
    crowd = tenant(
        {"count": COUNT, "name": "worker{n:03}@contoso.example", "mobile": "+44 1632{n:06}"},
        {"name": "root@contoso.example"},
        apps=[app(client_id=CLIENT, secrets=[secret("contoso")])],
        groups=[
            {"name": "Frontline", "members_match": "worker*"},
            {"name": "Break glass", "members": ["root@contoso.example"]},
        ],
        service_time={"per_call": 0.3},
    )
    names = {f"worker{number:03}@contoso.example" for number in range(1, COUNT + 1)}
    # ansible-runner looks once a second whether its job is cancelled. Meanwhile the first waves go on, not the last one.
    waves = {"sms_sign_in_waves": "20, 20, 100%"}
    with Tenant(crowd, observe=contract.see) as one:
        with launch("enable", {"contoso": one}, waves) as process:
            deadline = time.monotonic() + 60
            while not one.writes() and time.monotonic() < deadline:
                time.sleep(0.05)
            process.send_signal(signal.SIGTERM)
            output, _nothing = process.communicate(timeout=PATIENCE)
        assert one.writes() and process.returncode != 0, output
        before = -1
        while before != len(one.journal()):
            before = len(one.journal())
            time.sleep(1)
        done = {user for user in names if one.state(user) == READY}
        assert len(done) < COUNT
        one.clear_journal()

        output = finish(launch("enable", {"contoso": one}, waves))

        assert {one.state(user) for user in names} == {READY}, output
        assert {write.user for write in one.writes()} == names - done
