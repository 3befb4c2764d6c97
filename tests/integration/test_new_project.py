# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The repository that frontline.entra.new_project writes, and the commands of its README, typed as a reader would."""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path

import pexpect
import pytest
import yaml
from ansible.plugins.test.core import match
from pexpect import fdpexpect

from integration.conftest import COLLECTIONS, PATIENCE, Tenant
from integration.documents import named_files
from integration.tenants import NOT_ENABLED, READY, ROLES, app, tenant

PLAYBOOK = "frontline.entra.new_project"
ADDRESS = COLLECTIONS / "ansible_collections" / "frontline" / "entra" / "playbooks" / "vars" / "git_address.yml"
PLAYS = {"enable.yml", "disable.yml", "audit.yml", "read.yml", "retire.yml", "some_users.yml", "roll_back.yml"}
COMPANIES = {"contoso": "shared", "münchen.2": "own"}
"""Tenants and their vaults; the second one is a name that a pattern or YAML could take for something else."""
SECRETS = {"contoso": "8Q~only.contoso-knows'this", "münchen.2": "9Q~only.münchen: knows # this"}
PASSWORDS = {"shared": "the word of the shared vault", "own": "12345"}
ANSWERS = {
    "project_git_url": "https://git.example/a b: c.git",
    "project_image": "registry.example/entra-ee:1",
    "project_groups": "Frontline, Night: shift",
    "project_exclude_groups": ["Break glass"],
    "project_vault_passwords": {name: f"{{{{ lookup('ansible.builtin.env', 'VAULT_{name}') }}}}" for name in PASSWORDS},
}


def domain(name):
    return f"{name.partition('.')[0].replace('ü', 'u')}.example"


def one_of(name):
    """A tenant as an answer; its secret is in a variable of the environment."""
    secret = f"{{{{ lookup('ansible.builtin.env', 'SECRET_{list(COMPANIES).index(name)}') }}}}"
    vault = {} if COMPANIES[name] == "shared" else {"vault_id": COMPANIES[name]}
    return {"name": name, "tenant_id": domain(name), "client_id": CLIENTS[name], "client_secret": secret, **vault}


CLIENTS = {name: f"aaaaaaaa-0000-0000-0000-00000000000{number}" for number, name in enumerate(COMPANIES, 1)}
ENVIRONMENT = {
    **{f"SECRET_{number}": SECRETS[name] for number, name in enumerate(COMPANIES)},
    **{f"VAULT_{name}": password for name, password in PASSWORDS.items()},
    # Without them there is no commit; the test with questions has none.
    **{f"GIT_{role}_{what}": f"a@{what}.example" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def users(name):
    return {first: f"{first}@{domain(name)}" for first in ("anna", "ben", "carl", "root")}


@pytest.fixture(scope="module")
def running(contract):
    def company(name, number):
        of = users(name)
        return tenant(
            {"name": of["anna"], "mobile": "+1 2065550101", "methods": ["fido2"]},
            {"name": of["ben"], "mobile": "+1 2065550102", "sms_sign_in": True, "methods": ["fido2"]},
            {"name": of["carl"]},
            {"name": of["root"], "mobile": "+1 2065550104", "sms_sign_in": True},
            tenant_id=f"{number}1111111-2222-3333-4444-555555555555",
            domain=domain(name),
            apps=[app(client_id=CLIENTS[name], secrets=[SECRETS[name]], roles=[*ROLES, "AuditLog.Read.All"])],
            groups=[
                {"name": "Frontline", "members": [of["anna"], of["carl"], of["root"]]},
                {"name": "Night: shift", "members": [of["ben"]]},
                {"name": "Break glass", "members": [of["root"]]},
            ],
        )

    (first, second) = COMPANIES
    with Tenant(company(first, 1), observe=contract.see) as one, Tenant(company(second, 2)) as other:
        yield {first: one, second: other}


@pytest.fixture
def new_project(ansible, tmp_path):
    """Runs the playbook without a terminal: new_project("--check", project_image="...")."""

    def run(*arguments, **given):
        answers = {"project_folder": str(tmp_path / "our repo"), **ANSWERS, **given}
        (tmp_path / "answers.yml").write_text(yaml.safe_dump(answers), encoding="utf-8")
        done = ansible("ansible-playbook", PLAYBOOK, "-e", "@answers.yml", *arguments, environment=ENVIRONMENT)
        assert not [word for word in (*SECRETS.values(), *PASSWORDS.values()) if word in done.output]
        return done

    return run


@pytest.fixture(scope="module")
def written_once(tmp_path_factory):
    return tmp_path_factory.mktemp("written") / "once"


@pytest.fixture
def project(new_project, written_once, tmp_path):
    """The repository with both tenants; writing it takes seconds, so tests have copies."""
    folder = tmp_path / "our repo"
    if not written_once.exists():
        done = new_project("-vv", project_tenants=[one_of(name) for name in COMPANIES])
        assert done.returncode == 0, done.output
        folder.rename(written_once)
    shutil.copytree(written_once, folder)
    return folder


def commands(text):
    return [line[2:] for line in text.splitlines() if line.startswith("$ ")]


def git(folder, *command):
    return subprocess.run(["git", "-C", folder, *command], stdout=subprocess.PIPE, text=True, check=True).stdout


def files(folder):
    found = [file for file in folder.rglob("*") if file.is_file() and ".git" not in file.relative_to(folder).parts]
    return {str(file.relative_to(folder)): file.read_text("utf-8") for file in found}


def test_the_commands_of_the_new_repository_work(running, project, ansible):
    for one in running.values():
        one.reset()
    for name, one in running.items():
        connection = {"graph_url": one.graph_url, "authority_host": one.login_url, "ca_path": str(one.ca_file)}
        variables = {f"sms_sign_in_{option}": value for option, value in connection.items()}
        (project / "host_vars" / name / "simulator.yml").write_text(yaml.safe_dump(variables), encoding="utf-8")
    first, second = running.values()
    of = users("contoso")

    def type_in(command, stdin=""):
        """Without a terminal the password is read from the standard input, which has what a reader types."""
        asked = re.findall(r"--vault-id (\w+)@prompt", command)
        twice = 2 if "encrypt_string" in command else 1
        typed = "".join(f"{PASSWORDS[vault_id]}\n" * twice for vault_id in asked) + stdin
        environment = {"ANSIBLE_CONFIG": str(project / "ansible.cfg")}
        done = ansible(
            *("bash", "-ec", command), stdin=typed, environment=environment, cwd=project, start_new_session=True
        )
        for tenant_of, secret in SECRETS.items():
            assert secret not in done.output, tenant_of
        written = {name: sorted(entry.user for entry in one.writes()) for name, one in running.items()}
        for one in running.values():
            one.clear_journal()
        return done, list(written.values())

    readme = (project / "README.md").read_text("utf-8")
    read, dry_run, retire, undo, some, preview, enable, audit, disable, *secrets = commands(readme)
    nobody = [[], []]

    def both(*names):
        return [[users(company)[name] for name in names] for company in running]

    for command, expected in [
        (read, nobody),
        (dry_run, nobody),
        (retire, both("ben")),
        (undo, [[of["ben"]], []]),
        (some.replace("USER", of["ben"]), [[of["ben"]], []]),
        (preview, nobody),
        (enable, both("anna", "ben")),
        (enable, nobody),
        (audit, nobody),
        (disable, nobody),
    ]:
        done, written = type_in(command)
        assert done.returncode == 0, f"{command}\n{done.output}"
        assert written == expected, command
        if command == read:
            assert "Limited by" not in done.output, "excluded users are read too"
            assert f"  {of['root']}: only a password and phones" in done.output
    assert [one.state(users(name)["ben"]) for name, one in running.items()] == [READY, READY]
    assert (project / "reports" / "contoso.csv").exists() and git(project, "status", "--short", "reports") == ""

    # A new secret, encrypted by hand with the same password.
    for command, name in zip(secrets, COMPANIES, strict=True):
        file = project / "host_vars" / name / "vault.yml"
        before = file.read_text("utf-8")
        done, _written = type_in(command, stdin=f"{SECRETS[name]}\n")
        assert done.returncode == 0 and file.read_text("utf-8") != before, done.output
    first.change(of["anna"], sms_sign_in=False)
    done, written = type_in(audit)
    assert (done.returncode, written) == (2, nobody), "a user would have to be changed"
    assert first.state(of["anna"]) == NOT_ENABLED and "max_changes" in done.output
    assert second.journal() == []


def test_some_users_are_of_one_tenant_and_named(project, ansible):
    """Nothing is sent: the tenants do not even run."""

    def refusal(*arguments):
        done = ansible(
            *("ansible-playbook", "some_users.yml", *arguments),
            environment={"ANSIBLE_CONFIG": str(project / "ansible.cfg")},
            cwd=project,
        )
        assert done.returncode == 2, done.output
        return " ".join(done.output.split())

    of = "-e", '{"sms_sign_in_users": ["anna@contoso.example"], "sms_sign_in_state": "enabled"}'
    assert "The users are of one tenant. Set the limit to one of contoso, münchen.2" in refusal(*of)
    for users_given in ("[]", '"\\n , "'):
        empty = f'{{"sms_sign_in_users": {users_given}, "sms_sign_in_state": "enabled"}}'
        assert "Set 'sms_sign_in_users' to at least one user" in refusal("--limit", "contoso", "-e", empty)
    assert "Set 'sms_sign_in_users'" in refusal("--limit", "contoso", "-e", "sms_sign_in_users=anna@contoso.example")


def test_the_new_repository_passes_linters(project, new_project):
    """Nothing secret in it, for git and for two linters; a second run changes nothing."""
    content = files(project)
    assert content.keys() > PLAYS and len(git(project, "log", "--oneline").splitlines()) == 1
    assert git(project, "status", "--short") == ""
    assert git(project, "remote", "get-url", "origin").strip() == ANSWERS["project_git_url"]
    for name, text in content.items():
        assert not [word for word in (*SECRETS.values(), *PASSWORDS.values()) if word in text], name
    for tenant_of, vault_id in COMPANIES.items():
        assert f"!vault |\n  $ANSIBLE_VAULT;1.2;AES256;{vault_id}\n" in content[f"host_vars/{tenant_of}/vault.yml"]
    assert yaml.safe_load(content["inventory/tenants.yml"]) == {"tenants": {"hosts": dict.fromkeys(COMPANIES)}}
    for ignored in (".vault/shared", "vault-password", "reports/contoso.csv"):
        assert git(project, "check-ignore", ignored).strip() == ignored

    done = new_project(project_tenants=[one_of(name) for name in COMPANIES])

    assert done.returncode == 0 and not [task.task for task in done.tasks if task.result.get("changed")], done.output
    assert files(project) == content


def test_linters_accept_the_new_repository(project):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    environment |= {"ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS), "NO_COLOR": "1"}
    for command in (["yamllint", "--strict", "."], ["ansible-lint", "--offline", "--profile", "production"]):
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        if command[0] == "ansible-lint":
            assert re.search(r"Passed: 0 failure\(s\), 0 warning\(s\) in [1-9]\d* files", done.stdout + done.stderr)


def test_check_mode_and_a_folder_of_others(new_project, tmp_path):
    one = {"project_tenants": [one_of("contoso")]}
    assert new_project("--check", **one).returncode == 0
    assert not (tmp_path / "our repo").exists()

    (tmp_path / "our repo").mkdir()
    (tmp_path / "our repo" / "notes").write_text("mine", encoding="utf-8")
    done = new_project(**one)
    assert done.returncode == 2 and "is not empty" in done.output
    assert files(tmp_path / "our repo") == {"notes": "mine"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"project_tenants": [{"name": "a:b"}]}, "A tenant's name is"),
        ({"project_tenants": [{"name": "tenants"}]}, "A tenant's name is"),
        ({"project_tenants": [{"name": "one"}, {"name": "ONE"}]}, "A tenant's name is"),
        ({"project_tenants": [{"name": "contoso", "tenant_id": "t"}]}, "contoso has no client_id"),
        ({"project_tenants": [{"name": 83}]}, "A tenant's name is"),
        ({"project_tenants": "contoso"}, "'project_tenants' is a list of mappings"),
        ({"project_tenants": {"contoso": one_of("contoso")}}, "'project_tenants' is a list of mappings"),
        ({"project_tenants": [{**one_of("contoso"), "exclude_group": ["VIP"]}]}, "has the unknown exclude_group."),
        ({"project_tenants": [{**one_of("contoso"), "tenant_id": None}]}, "contoso has no tenant_id"),
        ({"project_tenants": [{**one_of("contoso"), "client_secret": None}]}, "contoso has no client_secret"),
        ({"project_tenants": [one_of("contoso")], "project_groups": 5}, "Put quotes around what looks like a number"),
        ({"project_tenants": [one_of("contoso")], "project_exclude_groups": {"VIP": 1}}, "are text without Jinja"),
        ({"project_tenants": [one_of("contoso")], "project_git_url": ""}, "set 'project_git_url'"),
        (
            {"project_tenants": [one_of("contoso")], "project_git_url": "https://bob:tok/en@git.example/x.git"},
            "'project_git_url' must not have",
        ),
    ],
)
def test_an_answer_that_is_missing_or_wrong(new_project, tmp_path, given, message):
    done = new_project(**given)
    assert done.returncode == 2 and message in " ".join(done.output.split()), done.output
    assert "tok/en" not in done.output
    assert not (tmp_path / "our repo").exists()


@pytest.mark.parametrize(
    ("address", "accepted"),
    [
        ("https://git.example/x.git", True),
        ("https://git.example:8443/a b: c.git", True),
        ("https://git.example/%40team/x.git", True),
        ("git@git.example:team/x.git", True),
        ("ssh://git@git.example/x.git", True),
        ("ssh://git@git.example:2222/x.git", True),
        ("SSH://anna%40contoso.example@[::1]:22/x.git", True),
        ("git+ssh://git@git.example/x.git", True),
        ("git.example:x.git", True),
        ("file:///srv/git/x.git", True),
        ("https://bob:pass@git.example/x.git", False),
        ("https://bob:pa/ss@git.example/x.git", False),
        ("https://bob:1234/ss@git.example/x.git", False),
        ("https://bob:pa@ss@git.example/x.git", False),
        ("https://bob:pa?s#s@git.example/x.git", False),
        ("https://bob@git.example/x.git", False),
        ("https://:pass@git.example/x.git", False),
        (" https://bob:pass@git.example/x.git", False),
        ("HTTP://bob:pass@git.example/x.git", False),
        ("ftp://bob:pass@git.example/x.git", False),
        ("git+https://bob:pass@git.example/x.git", False),
        ("git::https://token@git.example/x.git", False),
        ("git://token@git.example/x.git", False),
        ("//token@git.example/x.git", False),
        ("ssh://bob:pass@git.example/x.git", False),
        ("ssh://bob:pa/ss@git.example/x.git", False),
        ("ssh://bob%3Apass@git.example/x.git", False),
        ("git+ssh://bob:pass@git.example/x.git", False),
        ("bob:pass@git.example:x.git", False),
        ("bob:pa@ss@git.example:x.git", False),
        ("bob@ss:pass@git.example:x.git", False),
        ("https://git.example/x.git\nhttps://bob:pass@git.example", False),
    ],
)
def test_an_address_without_a_password_or_token(address, accepted):
    """The same expression decides in both playbooks."""
    assert match(address, yaml.safe_load(ADDRESS.read_text("utf-8"))["__git_address"]) is accepted


def test_the_guide_names_all_answers():
    answers = yaml.safe_load(named_files("docs/awx.md")["project.yml"])
    assert set(answers) == {"project_folder", "project_tenants", *ANSWERS}


@pytest.mark.parametrize("blank", ["", " ", None])
def test_blank_groups_replace_no_groups(new_project, tmp_path, blank):
    """Of one tenant they would replace the groups of all, and exclude no user."""
    one = {**one_of("contoso"), "groups": blank, "exclude_groups": blank}

    assert new_project(project_tenants=[one], project_exclude_groups=blank).returncode == 0

    written = files(tmp_path / "our repo")
    assert "groups" not in written["host_vars/contoso/settings.yml"]
    assert 'sms_sign_in_exclude_groups: ["Break glass"]' in written["group_vars/tenants/settings.yml"]


def test_a_project_without_awx(new_project, tmp_path):
    project = tmp_path / "our repo"
    done = new_project(project_tenants=[one_of("contoso")], project_git_url="", project_image="")

    assert done.returncode == 0, done.output
    assert not {"awx.yml", "execution-environment.yml"} & set(files(project))
    readme = (project / "README.md").read_text("utf-8")
    assert "AWX" not in readme and "awx" not in readme and len(commands(readme)) == 10
    assert git(project, "remote") == "" and git(project, "status", "--short") == ""


CONTROLLED = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
"""Gives a command in a session of its own the terminal that it asks questions on."""


def typed(conversation, answer):
    """Ansible shows a question, then throws away what is typed until it has made the terminal raw."""
    until = time.monotonic() + 30
    while termios.tcgetattr(conversation)[3] & termios.ICANON:
        assert time.monotonic() < until, "Nobody reads the answer."
        time.sleep(0.01)
    time.sleep(0.2)
    conversation.send(f"{answer}\r")


def on_terminal(start, command, dialogue):
    """What a command shows whose questions a user answers, and how it ends."""
    shown = io.StringIO()
    user, terminal = pty.openpty()
    ends = {"stdin": terminal, "stdout": terminal, "stderr": terminal, "start_new_session": True}
    with start(sys.executable, "-c", CONTROLLED, *command, **ends) as process:
        os.close(terminal)
        conversation = fdpexpect.fdspawn(user, encoding="utf-8", timeout=PATIENCE)
        conversation.logfile_read = shown
        try:
            for question, answer in dialogue:
                conversation.expect_exact(question)
                conversation.expect_exact(":")
                typed(conversation, answer)
            conversation.expect(pexpect.EOF)
        except BaseException:
            process.kill()
            raise
    conversation.close()
    return process.returncode, shown.getvalue()


def test_questions_on_a_terminal(start, tmp_path):
    """The answers are in the files, and no secret is shown."""
    folder = tmp_path / "our repo"
    dialogue = [
        ("Folder of the repository", "our repo"),
        ("Names of your tenants", "contoso"),
        ("contoso: directory (tenant) id", domain("contoso")),
        ("contoso: application (client) id", CLIENTS["contoso"]),
        ("contoso: client secret", SECRETS["contoso"]),
        ("Choose a password, which will encrypt the client secrets (vault id 'shared')", PASSWORDS["shared"]),
        ("The same password again", PASSWORDS["shared"]),
        ("Groups of the users", ""),
        ("Groups whose users", ""),
        ("Address of the git repository", ANSWERS["project_git_url"]),
        ("Name of the execution environment", ANSWERS["project_image"]),
    ]
    code, shown = on_terminal(start, ["ansible-playbook", PLAYBOOK], dialogue)
    assert code == 0, shown
    assert SECRETS["contoso"] not in shown and PASSWORDS["shared"] not in shown
    assert "Please tell me who you are" in shown
    written = files(folder)
    assert CLIENTS["contoso"] in written["host_vars/contoso/settings.yml"]
    settings = yaml.safe_load(written["group_vars/tenants/settings.yml"])
    assert (settings["sms_sign_in_groups"], settings["sms_sign_in_exclude_groups"]) == (["Frontline"], ["Break glass"])


def test_a_tenant_more_and_what_the_user_changed(start, new_project, tmp_path):
    """What the user changed stays, or stops the run."""
    folder = tmp_path / "our repo"
    done = new_project(project_tenants=[one_of("contoso")], project_groups="")
    assert done.returncode == 0, done.output
    before = files(folder)

    # Files are there to be edited, and a play that is not needed goes.
    for name in ("group_vars/tenants/settings.yml", "disable.yml"):
        (folder / name).write_text("# mine\n", encoding="utf-8")
    (folder / "retire.yml").unlink()
    wrong = [
        ("Folder of the repository", folder),
        ("Names of more tenants", "third"),
        ("third: directory (tenant) id", "third.example"),
        ("third: application (client) id", "an-id"),
        ("third: client secret", SECRETS["contoso"]),
        ("Password that encrypted the client secrets here", "not this one"),
    ]
    code, shown = on_terminal(start, ["ansible-playbook", PLAYBOOK], wrong)
    assert code == 2 and "This password did not encrypt the secrets" in " ".join(shown.split())
    assert "third" not in (folder / "inventory/tenants.yml").read_text("utf-8")

    # Other groups than before would go into the settings.
    added = new_project(project_tenants=[one_of("münchen.2")])
    assert added.returncode == 2 and "You changed group_vars/tenants/settings.yml" in " ".join(added.output.split())
    assert "münchen" not in (folder / "inventory/tenants.yml").read_text("utf-8")

    (folder / "group_vars/tenants/settings.yml").unlink()
    added = new_project(project_tenants=[one_of("münchen.2")])
    assert added.returncode == 0, added.output
    after = files(folder)
    assert set(yaml.safe_load(after["inventory/tenants.yml"])["tenants"]["hosts"]) == set(COMPANIES)
    assert "Night: shift" in after["group_vars/tenants/settings.yml"]
    assert after["disable.yml"] == "# mine\n" and "retire.yml" not in after
    assert after["host_vars/contoso/vault.yml"] == before["host_vars/contoso/vault.yml"]
    assert "own" in yaml.load(after["awx.yml"].replace("!vault", ""), yaml.SafeLoader)["entra_vaults"]
