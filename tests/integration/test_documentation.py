# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the documentation work as shown, against simulated tenants.

Commands in `console` blocks are run in order. Those in `sh` blocks are listed here, with the reason why they are not run.
"""

from __future__ import annotations

import json
import re
import subprocess

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons
from ansible_collections.frontline.entra.plugins.modules import sms_sign_in
from graph_simulator import Simulator
from integration.credentials import key_pem, own_certificate, public_pem, rsa_key
from integration.documents import ROOT, Reader, blocks, commands, named_files
from integration.tenants import CLIENT_ID, NOT_ENABLED, READY, ROLES, SECRET, TENANT_ID, app, make_user, tenant

REPOSITORY = "https://github.com/frontline-entra/frontline.entra"
README, ROLE = "README.md", "roles/sms_sign_in/README.md"
DOCUMENTS = sorted(
    str(file.relative_to(ROOT))
    for file in [ROOT / README, ROOT / ROLE, *(ROOT / "docs").rglob("*.md")]
    if file.name != "index.md"  # of the site only
)
NOT_RUN = (
    "ansible-galaxy collection install ",  # takes it from Galaxy
    "pip install --requirement ",
    "git clone ",
    "cd frontline.entra",
    "ansible-builder build ",  # test_execution_environment.py creates the context of the image
    "ansible-playbook frontline.entra.new_project",  # test_new_project.py
    "make demo",  # test_demo.py
    "make test",  # what runs this test
    # make awx
    "ansible-playbook frontline.entra.new_project",
    "ansible-playbook frontline.entra.configure_awx",
    "ansible-builder build ",
    "podman push ",
    "git push ",
    "cd entra",
    "export CONTROLLER_HOST=",
    *("az ", "openssl ", "cat "),  # need a tenant; `make az` asks the CLI whether it knows them
    *("export AZURE_ACCESS_TOKEN=", "ansible-playbook enable.yml"),  # opens a browser
)
ANNA = "anna@contoso.example"
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("root", 4),
    make_user("gone", 5, enabled=False),
    apps=[app(roles=[*ROLES, "AuditLog.Read.All"])],
    groups=[
        {
            "name": "Frontline",
            "members": [f"{name}@contoso.example" for name in ("anna", "ben", "carl", "root", "gone")],
        },
        {"name": "Break glass", "members": ["root@contoso.example"]},
    ],
)


@pytest.fixture
def connection(simulator):
    return {"graph_url": simulator.graph_url, "authority_host": simulator.login_url, "ca_path": str(simulator.ca_file)}


@pytest.fixture
def reader(tmp_path, ansible, connection):
    return Reader(tmp_path, ansible, connection)


def type_in(reader, command):
    done = reader.type(command)
    assert done.returncode == 0, f"{command}\n{done.output}"
    return done


@pytest.mark.parametrize(("documents", "changed"), [(["docs/getting-started.md", "docs/dry-run.md"], [])])
def test_the_commands_of_the_documentation_work(simulator, reader, documents, changed):
    for document in documents:
        reader.write(document)
        assert commands(document)
        for command in commands(document):
            if "--check" in command:
                before = len(simulator.writes())
                type_in(reader, command)
                assert len(simulator.writes()) == before
            else:
                type_in(reader, command)
    assert [entry.user for entry in simulator.writes()] == changed


def test_the_commands_of_the_role_readme_work(simulator, connection, ansible, tmp_path):
    """Two tenants, two vaults: a file as a whole, a certificate in a string, a secret typed on a terminal."""
    fabrikam = {
        "tenant_id": "22222222-3333-4444-5555-666666666666",
        "apps": [
            {
                "client_id": "bbbbbbbb-0000-0000-0000-000000000002",
                "certificates": [public_pem(own_certificate())],
                "roles": ROLES,
            }
        ],
        "users": [
            {"name": f"{name}@fabrikam.example", "mobile": f"+1 206555015{n}"} for n, name in enumerate(("anna", "ben"))
        ],
    }
    settings = named_files(ROLE)
    assert yaml.safe_load(settings["host_vars/contoso/settings.yml"])["sms_sign_in_tenant_id"] == TENANT_ID
    reader = Reader(tmp_path, ansible, {})
    reader.write(ROLE)
    (tmp_path / "host_vars/contoso/federated.yml").unlink()  # another credential for the same tenant
    (tmp_path / "app.pem").write_text(key_pem(rsa_key()) + public_pem(own_certificate()), encoding="utf-8")
    with Simulator(fabrikam) as other:
        theirs = {"graph_url": other.graph_url, "authority_host": other.login_url, "ca_path": str(other.ca_file)}
        for host, more in (("contoso", connection), ("fabrikam", theirs)):
            variables = {f"sms_sign_in_{name}": value for name, value in more.items()}
            (tmp_path / "host_vars" / host / "simulator.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")

        for command in commands(ROLE):
            assert SECRET not in type_in(reader, command).output
            if "--check" in command:
                assert not simulator.writes() and not [entry for entry in other.journal() if entry.write]

        assert (simulator.state(ANNA), other.state("anna@fabrikam.example")) == (READY, READY)
    for file in tmp_path.glob("host_vars/*/*"):
        text = file.read_text("utf-8")
        assert SECRET not in text and "PRIVATE KEY" not in text
        assert "$ANSIBLE_VAULT;1.2;AES256;" in text or file.name != "secret.yml"
    for shown in ("ansible-vault create", "ansible-vault encrypt_string", "--vault-id fabrikam@"):
        assert any(shown in command for command in commands(ROLE))


def test_commands_that_are_not_run_here_are_listed():
    for document in DOCUMENTS:
        for _language, text in blocks(document, "sh"):
            assert all(line.strip().startswith(NOT_RUN) for line in text.splitlines()), text
    assert re.search(r"^demo:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_make_help_lists_every_command_of_contributing():
    listed = subprocess.run(["make", "help"], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    named = re.findall(r"^\| `make ([\w-]+)", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)

    assert "release-check" in named
    assert set(named) <= set(re.findall(r"^  make ([\w-]+)", listed, re.MULTILINE))


def play_of(tasks, connection, **more):
    """A play in which the tasks reach the simulator; what they say of themselves comes first."""
    return {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/frontline.entra.graph": {**connection, **more}},
        "tasks": tasks,
    }


def test_the_examples_of_the_module_run(simulator, connection, playbook, tmp_path):
    # The second example changes this user, and the third one rolls that back.
    simulator.change("gone@contoso.example", enabled=True)
    tasks = yaml.safe_load(sms_sign_in.EXAMPLES)
    variables = {"tenant_id": TENANT_ID, "client_id": CLIENT_ID, "client_secret": SECRET}
    given = {**{f"entra_{name}": value for name, value in variables.items()}, "report_folder": str(tmp_path)}
    text = yaml.safe_dump([{**play_of(tasks, connection), "vars": given}])

    played = playbook(text)

    assert played.returncode == 0, played.output
    assert [task.status for task in played.tasks] == ["ok"] * len(tasks)
    assert (tmp_path / "frontline.csv").read_text("utf-8").count("@contoso.example") == 4
    # The last example takes it away again.
    assert [simulator.state(f"{name}@contoso.example") for name in ("anna", "ben")] == [NOT_ENABLED] * 2


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (ROLE, "enable.yml"),
        (ROLE, "audit.yml"),
        (ROLE, "enroll.yml"),
        ("docs/awx.md", "enable_sms_sign_in.yml"),
    ],
)
def test_playbooks_of_the_documentation_can_be_parsed(ansible, reader, document, name):
    reader.write(document)
    done = ansible("ansible-playbook", "--syntax-check", name)
    assert done.returncode == 0, done.output


def test_the_documentation_of_the_modules_has_each_fragment_once(ansible):
    names = [f"frontline.entra.{file.stem}" for file in sorted((ROOT / "plugins" / "modules").glob("[!_]*.py"))]

    shown = ansible("ansible-doc", "--json", *names)

    assert shown.returncode == 0, shown.output
    documented = {name: found["doc"] for name, found in json.loads(shown.stdout).items()}
    assert sorted(documented) == names
    notes = {name: doc.get("notes", []) for name, doc in documented.items()}
    assert notes == {name: list(dict.fromkeys(given)) for name, given in notes.items()}
    in_group = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text("utf-8"))["action_groups"]["graph"]
    assert {name for name, doc in documented.items() if "action_group" in doc["attributes"]} == {
        f"frontline.entra.{name}" for name in in_group
    }


REASONS = ROOT / "docs" / "reasons"


def in_markdown(text):
    """Options, which messages have in quotes, as code."""
    return re.sub(r"'([\w.]+)'", r"`\1`", text)


def test_the_table_of_reasons_has_the_texts_of_messages():
    rows = re.findall(r"^\| \[`.+$", REASONS.with_suffix(".md").read_text("utf-8"), re.MULTILINE)
    page = f"{REPOSITORY}/blob/main/docs/reasons"

    assert rows == [
        f"| [`{name}`]({page}/{name}.md) | {in_markdown(message)} | {in_markdown(step)} |"
        for name, _of, message, step, _tolerable in _reasons.ALL.values()
    ]


def test_each_reason_has_its_page():
    assert {file.stem for file in REASONS.glob("*")} == set(_reasons.ALL)


@pytest.mark.parametrize("reason", _reasons.ALL.values(), ids=list(_reasons.ALL))
def test_the_page_of_a_reason_has_the_text_of_messages(reason):
    text = (REASONS / f"{reason.name}.md").read_text("utf-8")
    accepted = f"`tolerate: [{reason.name}]` accepts it:" if reason.tolerable else "It cannot be tolerated."
    of = {
        _reasons.USER: "Reason of a user.",
        _reasons.PHONES: "Reason of a user, where phone numbers are managed.",
        _reasons.RUN: "Reason of a task.",
    }[reason.of]
    sentences = _reasons.SENTENCES[reason.name]

    assert f"\n# {reason.name}\n\n{of} {accepted}" in text
    assert f"\n> {in_markdown(sentences)}\n" in text
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Cause", "In the output", "Find out more", "What to do"]
    ((_language, output),) = blocks(f"docs/reasons/{reason.name}.md", "text")
    if reason.name == _reasons.SKIPPED:
        assert output.startswith("Not reached: 1 user.\n")
    elif reason.of == _reasons.RUN:
        assert output.startswith(f"Stopped, {reason.name}: ") or reason.name == _reasons.SOME_USERS_FAILED
    else:
        assert output.startswith(f"Failed, {reason.name}: 1 user. {sentences}")


def anchors(document):
    """The anchors of the headings in a document, as GitHub makes them."""
    headings = re.findall(r"^#{1,6} (.+)$", (ROOT / document).read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_to_the_repository_lead_to_files_and_headings(document):
    text = (ROOT / document).read_text("utf-8")
    for path in re.findall(re.escape(f"{REPOSITORY}/blob/main/") + r"([\w./-]+?)[.,]?(?=[\s)>#]|$)", text):
        assert (ROOT / path).is_file(), path
    for path, anchor in re.findall(rf"(?:{re.escape(REPOSITORY)}/blob/main/([\w./-]+\.md)|\()#([\w-]+)", text):
        assert anchor in anchors(path or document), (path, anchor)
    assert not re.findall(r"\]\((?!https://|#)[^)]*\)", text), "full addresses only, as Galaxy shows pages elsewhere"
