# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The README: its commands, its output, its plays and tasks, and that it names all content."""

from __future__ import annotations

import re

import pytest
import yaml

from integration.documents import ROOT, Reader, blocks, commands, unnamed
from integration.tenants import CLIENT_ID, READY, ROLES, SECRET, TENANT_ID, app, make_user, tenant

README = "README.md"
CONTRIBUTORS = {"architecture", "tests", "faults", "mutants"}
"""Pages that are not guides."""

FRONTLINE = ("anna", "ben", "carl", "dora", "emil", "fatima", "gina", "hugo")
BEN, EMIL, HUGO = (f"{name}@contoso.example" for name in ("ben", "emil", "hugo"))
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True, methods=["fido2"]),
    make_user("carl"),
    make_user("dora", 4),
    make_user("emil", 5, sms_sign_in=True),
    make_user("fatima", 6),
    make_user("gina", 7),
    make_user("hugo", 8, sms_sign_in=True, methods=["qrCodePin"]),
    make_user("root", 9),
    make_user("zoe"),
    apps=[app(roles=[*ROLES, "Policy.ReadWrite.AuthenticationMethod"])],
    groups=[
        {"name": "Frontline", "members": [f"{name}@contoso.example" for name in (*FRONTLINE, "root")]},
        {"name": "Break glass", "members": ["root@contoso.example"]},
        {"name": "Office staff", "members": ["gina@contoso.example"]},
    ],
    policy={
        "state": "enabled",
        "include": [{"group": "all_users", "sign_in": True}],
        "exclude": [{"group": "Office staff"}],
    },
)


@pytest.fixture
def connection(simulator):
    return {"graph_url": simulator.graph_url, "authority_host": simulator.login_url, "ca_path": str(simulator.ca_file)}


@pytest.fixture
def reader(tmp_path, ansible, connection):
    """A reader who has written the files and created the vault."""
    reader = Reader(tmp_path, ansible, connection)
    reader.write(README)
    for command in commands(README):
        if "playbook" not in command:
            typed(reader, command)
    return reader


def typed(reader, command):
    done = reader.type(command)
    assert done.returncode == 0, f"{command}\n{done.output}"
    return done


def test_audit_preview_apply_audit_and_roll_back(simulator, reader, tmp_path):
    (audit,) = [command for command in commands(README) if "audit_sms_sign_in" in command]
    preview, apply = [command for command in commands(README) if "disable_sms_sign_in" in command]
    assert re.sub(r" +", " ", preview.replace("--check", "")) == re.sub(r" +", " ", apply)

    printed = typed(reader, audit).output
    assert "Locked out without SMS sign-in: 1 user." in printed and "ready: 3 users." in printed
    printed = typed(reader, preview).output
    ((_language, shown),) = blocks(README, "text")
    assert len(shown.splitlines()) == 7 and shown in printed
    assert simulator.writes() == []

    typed(reader, apply)
    assert sorted(entry.user for entry in simulator.writes()) == [BEN, HUGO]
    assert "ready: 1 user." in typed(reader, audit).output

    (back,) = [command for command in commands(README) if "roll_back_sms_sign_in" in command]
    typed(reader, back)
    assert [simulator.state(user) for user in (BEN, EMIL, HUGO)] == [READY] * 3


def test_the_play(simulator, reader, tmp_path):
    """Disables the users with another method, in the real run only, and writes the page."""
    page = tmp_path / "retire.html"
    preview, apply = [command for command in commands(README) if "retire.yml" in command]
    for command, written in ((preview, []), (apply, [BEN, HUGO])):
        result = typed(reader, command).of("frontline.entra.sms_sign_in").result
        assert result.reasons[EMIL] == "no_other_method"
        assert sorted(entry.user for entry in simulator.writes()) == written
        assert page.exists() == bool(written)
    assert "no_other_method" in page.read_text("utf-8")


def test_the_tasks(simulator, connection, playbook, tmp_path):
    requirements, *listed = unnamed(README)
    assert requirements == {"collections": [{"name": "frontline.entra"}]}
    (tmp_path / "new-staff.csv").write_text("user,phone_number\nzoe@contoso.example,+1 2065550110\n", encoding="utf-8")
    defaults = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET, **connection}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/frontline.entra.graph": defaults},
        "tasks": [task for block in listed for task in block],
    }

    played = playbook(yaml.safe_dump([play]))

    assert played.returncode == 0, played.output
    audit, wave, roll_back, anna, numbers, policy = [task.result for task in played.tasks]
    assert {user["user"] for user in audit["users"]} == {BEN, EMIL, HUGO} and not audit["changed"]
    assert [result["changed"] for result in (wave, roll_back, anna, numbers, policy)] == [True] * 5
    assert wave["summary"]["deferred"] == wave["summary"]["refused"] == 1 and roll_back["summary"]["changed"] == 1
    assert [simulator.state(name) for name in (BEN, EMIL, HUGO)] == ["notAllowedByPolicy"] * 3


def test_the_readme_names_all_content():
    text = (ROOT / README).read_text("utf-8")
    modules = {file.stem for file in (ROOT / "plugins" / "modules").glob("*.py")} - {"__init__"}
    playbooks = {file.stem for file in (ROOT / "playbooks").glob("*.yml")} - {"require_hosts"}
    (contents,) = re.findall(r"^## Contents\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)

    assert set(re.findall(r"`frontline\.entra\.(\w+)`", contents)) == modules | playbooks
    guides = {file.stem for file in (ROOT / "docs").glob("*.md")} - {"index", *CONTRIBUTORS}
    assert guides == set(re.findall(r"/blob/main/docs/([\w-]+)\.md", text)) - CONTRIBUTORS


def test_headings_that_galaxy_and_automation_hub_require():
    headings = re.findall(r"^## (.+)$", (ROOT / README).read_text("utf-8"), re.MULTILINE)
    for wanted in ("Description", "Requirements", "Installation", "Use cases", "Testing", "Support", "Communication"):
        assert wanted in headings
    assert headings[-2:] == ["Release notes", "Licence"]
