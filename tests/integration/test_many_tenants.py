# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three tenants of different size and quota in runs of the guide's own files; checked with the journal of each."""

from __future__ import annotations

import contextlib
import csv
import json
import re
import subprocess
from typing import Any, NamedTuple

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret

from integration.conftest import PATIENCE, Tenant
from integration.documents import commands, named_files
from integration.tenants import NOT_ENABLED, READY, app, tenant

GUIDE = "docs/many-tenants.md"


class Company(NamedTuple):
    """Numbers of group members with SMS sign-in off and on; requests a second that the tenant permits."""

    vault_id: str
    group: str
    off: int
    on: int
    wanted: str
    per_second: int | None


COMPANIES = {
    "contoso": Company("shared", "Frontline", 60, 20, READY, 300),
    "fabrikam": Company("fabrikam", "Deskless workers", 2, 1, READY, None),
    "tailspin": Company("shared", "Frontline", 5, 15, NOT_ENABLED, 40),
}


def secret(name: str) -> str:
    return f"only-{name}-knows-this"


def tenant_of(name: str) -> dict[str, Any]:
    """The tenant of that name: besides its users one without a phone, and one that must never change."""
    settings = yaml.safe_load(named_files(GUIDE)[f"host_vars/{name}/settings.yml"])
    company = COMPANIES[name]
    apart = [f"{other}@{name}.example" for other in ("carl", "root")]
    return tenant(
        {"count": company.off, "name": f"off{{n:02}}@{name}.example", "mobile": "+44 1632960{n:03}"},
        {"count": company.on, "name": f"on{{n:02}}@{name}.example", "mobile": "+1 20655501{n:02}", "sms_sign_in": True},
        {"name": apart[0]},
        {"name": apart[1], "mobile": "+44 1632960999", "sms_sign_in": company.wanted == NOT_ENABLED},
        tenant_id=settings["sms_sign_in_tenant_id"],
        domain=f"{name}.example",
        apps=[app(client_id=settings["sms_sign_in_client_id"], secrets=[secret(name)])],
        groups=[
            {"name": company.group, "members_match": "o*", "members": apart},
            {"name": "Break glass", "members": apart[1:]},
        ],
        **({} if company.per_second is None else {"quota": {"phone_methods_per_second": company.per_second}}),
    )


@pytest.fixture(scope="module")
def running(contract):
    with contextlib.ExitStack() as stack:
        yield {name: stack.enter_context(Tenant(tenant_of(name), observe=contract.see)) for name in COMPANIES}


@pytest.fixture
def tenants(running):
    """The simulated tenants by name, as loaded."""
    for one in running.values():
        one.reset()
    return running


@pytest.fixture
def write(tmp_path):
    def file(name, text):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    return file


@pytest.fixture
def files(tenants, write):
    """The files of the guide, and one for each tenant that leads to the simulator."""
    for name, text in named_files(GUIDE).items():
        write(name, text)
    for name, one in tenants.items():
        connection = {"graph_url": one.graph_url, "authority_host": one.login_url, "ca_path": str(one.ca_file)}
        variables = {f"sms_sign_in_{option}": value for option, value in connection.items()}
        write(f"host_vars/{name}/simulator.yml", yaml.safe_dump(variables))


@pytest.fixture
def vaults(files, write, home):
    """The files that the guide's commands about credentials create."""
    (home / ".vault").mkdir(mode=0o700)
    for vault_id in {company.vault_id for company in COMPANIES.values()}:
        (home / ".vault" / vault_id).write_text(f"password-of-{vault_id}", encoding="utf-8")
    for name, company in COMPANIES.items():
        write(f"host_vars/{name}/vault.yml", sealed(secret(name), company.vault_id))


def sealed(text: str, vault_id: str, password: str | None = None) -> str:
    """A line with the client secret, encrypted."""
    vault = VaultLib([(vault_id, VaultSecret((password or f"password-of-{vault_id}").encode()))])
    lines = vault.encrypt(text, vault_id=vault_id).decode().splitlines()
    return "\n  ".join(["sms_sign_in_client_secret: !vault |", *lines]) + "\n"


@pytest.fixture
def type_in(ansible, tmp_path):
    """Runs a command of the guide unchanged."""

    def run(command, **more):
        return ansible("bash", "-ec", command, environment={"ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}, **more)

    return run


def written(one):
    """The users that were written to; clears the journal."""
    writes = sorted(entry.user for entry in one.writes())
    one.clear_journal()
    return writes


def users_of(name, kind):
    """The users of a tenant that were "off" or "on" at first."""
    return [f"{kind}{n:02}@{name}.example" for n in range(1, getattr(COMPANIES[name], kind) + 1)]


def users_to_change(name):
    return users_of(name, "off" if COMPANIES[name].wanted == READY else "on")


def statistics(played):
    """What the run reported about all tenants at its end, by name."""
    return json.loads(played.stdout.partition("RUN: ")[2])["sms_sign_in_stats"]


def assert_done(name, one, played, reports):
    """The tenant has the desired state, no other user was changed, and all reports agree."""
    company, expected = COMPANIES[name], users_to_change(name)
    assert written(one) == expected
    assert {one.state(user) for user in users_of(name, "off") + users_of(name, "on")} == {company.wanted}
    reported = statistics(played)[name]
    assert (reported["changed"], reported["failed"], reported["skipped"]) == (len(expected), 0, 0)
    assert reported["total"] == company.off + company.on + 1
    assert changed_in(reports / f"report-{name}.csv") == expected


def changed_in(report):
    with report.open(newline="", encoding="utf-8") as file:
        return sorted(row["user"] for row in csv.DictReader(file) if row["outcome"] == "changed")


def failed(played):
    """Reasons of the tenants that failed, by name; None if no task of this collection ran.

    The role fails in a task of its own, so the reason is that of the last task that has one.
    """
    reasons, found = {}, {}
    for task in played.tasks:
        reasons[task.host] = task.result.get("reason", reasons.get(task.host))
        if task.status == "failed":
            found.setdefault(task.host, reasons[task.host])
    return found


def test_the_guide_works_and_its_last_run_changes_nothing(tenants, files, type_in, tmp_path):
    *prepare, dry, real, again, _carefully = commands(GUIDE)
    for command in prepare:
        name = re.search(r"host_vars/(\w+)/", command)
        done = type_in(command, stdin=f"{secret(name[1])}\n" if name else "")
        assert done.returncode == 0, done.output
    for name, company in COMPANIES.items():
        text = (tmp_path / "host_vars" / name / "vault.yml").read_text("utf-8")
        assert f"$ANSIBLE_VAULT;1.2;AES256;{company.vault_id}\n" in text and secret(name) not in text

    predicted = type_in(dry)
    assert predicted.returncode == 0, predicted.output
    assert [written(one) for one in tenants.values()] == [[]] * 3

    played = type_in(real)
    assert played.returncode == 0, played.output
    for name, one in tenants.items():
        assert_done(name, one, played, tmp_path)
        counts = {key: value for key, value in statistics(played)[name].items() if key != "check_mode"}
        assert counts.items() <= statistics(predicted)[name].items()

    repeated = type_in(again.partition(" --limit")[0])
    assert repeated.returncode == 0, repeated.output
    assert [written(one) for one in tenants.values()] == [[]] * 3
    assert [reported["changed"] for reported in statistics(repeated).values()] == [0] * 3
    assert not [task for task in repeated.tasks if task.result.get("changed")]


def break_tenant(cause, name, one, write):
    """Makes one tenant fail. Returns the reported reason, and how many users changed nevertheless."""
    if cause == "wrong secret":
        write(f"host_vars/{name}/vault.yml", sealed("of-yesterday", COMPANIES[name].vault_id))
        return "authentication_failed", 0
    if cause == "closed vault":
        write(f"host_vars/{name}/vault.yml", sealed(secret(name), COMPANIES[name].vault_id, "another"))
        return None, 0
    if cause == "unreachable":
        write(f"host_vars/{name}/zz.yml", "sms_sign_in_graph_url: https://localhost:1\n")
        return "unreachable", 0
    one.inject({"match": {"path": "enableSmsSignIn$"}, "times": 3, "then": {"status": 403}})
    return "some_users_failed", len(users_to_change(name)) - 3


@pytest.mark.parametrize(
    "causes",
    [
        {"contoso": "wrong secret", "fabrikam": "closed vault"},
        {"fabrikam": "unreachable", "contoso": "users refused"},
        {"tailspin": "unreachable"},
    ],
)
def test_failing_tenants_do_not_stop_others(tenants, vaults, write, type_in, tmp_path, causes):
    """Even when most of them fail. After the repair, a run with `--limit` visits only them."""
    *_prepare, run, again, _carefully = commands(GUIDE)
    broken = {name: break_tenant(cause, name, tenants[name], write) for name, cause in causes.items()}

    played = type_in(run)

    assert played.returncode == 2, played.output
    assert failed(played) == {name: reason for name, (reason, _switched) in broken.items()}
    for name, one in tenants.items():
        if name not in broken:
            assert_done(name, one, played, tmp_path)
            one.clear_journal()
            continue
        reason, switched = broken[name]
        assert re.search(rf"^{name} +: .*unreachable=0 +failed=1 ", played.stdout, re.MULTILINE)
        assert sum(entry.effect for entry in one.journal()) == switched
        reported = statistics(played).get(name)
        if reason is None:
            assert reported is None and one.journal() == []
        else:
            assert (reported["changed"], reported["reason"]) == (switched, reason)
        write(f"host_vars/{name}/vault.yml", sealed(secret(name), COMPANIES[name].vault_id))
        (tmp_path / "host_vars" / name / "zz.yml").unlink(missing_ok=True)
        one.clear_journal()

    played = type_in(again)
    assert played.returncode == 0, played.output
    assert {name for name, one in tenants.items() if one.journal()} == set(broken)
    for name, (_reason, switched) in broken.items():
        assert len(written(tenants[name])) == len(users_to_change(name)) - switched


def test_an_encrypted_file_that_cannot_be_opened_ends_the_run_of_all_tenants(tenants, vaults, write, type_in):
    """Why the guide encrypts values."""
    closed = VaultLib([("shared", VaultSecret(b"another"))]).encrypt("a: b", vault_id="shared").decode()
    write("host_vars/contoso/vault.yml", closed)
    played = type_in(commands(GUIDE)[-3])
    assert played.returncode != 0
    assert [one.journal() for one in tenants.values()] == [[]] * 3


@pytest.mark.parametrize(("at_a_time", "done"), [("[1, 5]", []), ("2", ["fabrikam"])])
def test_too_many_failures_keep_the_next_tenants_from_starting(
    tenants, vaults, write, type_in, tmp_path, at_a_time, done
):
    """One of one, or one of two, is more than 40 per cent; the other running tenant finishes and is reported."""
    break_tenant("wrong secret", "contoso", tenants["contoso"], write)
    write("carefully.yml", named_files(GUIDE)["carefully.yml"].replace("serial: [1, 5]", f"serial: {at_a_time}"))

    played = type_in(commands(GUIDE)[-1])

    assert played.returncode == 2 and failed(played) == {"contoso": "authentication_failed"}
    for name in done:
        assert_done(name, tenants[name], played, tmp_path)
    assert {name for name, one in tenants.items() if one.journal()} == {"contoso"}
    assert (tmp_path / "carefully.retry").read_text("utf-8").split() == ["contoso", *done]


def test_the_careful_playbook_reaches_all_tenants_when_none_fails(tenants, vaults, type_in, tmp_path):
    played = type_in(commands(GUIDE)[-1])
    assert played.returncode == 0, played.output
    for name, one in tenants.items():
        assert_done(name, one, played, tmp_path)


def test_parallel_slices_of_the_inventory(tenants, vaults, start, tmp_path):
    """As AWX runs them: each in a process of its own with every n-th tenant."""
    names = sorted(COMPANIES)
    slices = [
        start(
            *("ansible-playbook", "sms_sign_in.yml", "--limit", ":".join(names[number::2])),
            environment={"ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"), "RESULTS_FILE": str(tmp_path / f"{number}")},
            stdout=subprocess.PIPE,
        )
        for number in range(2)
    ]
    outputs = [process.communicate(timeout=PATIENCE)[0] for process in slices]
    assert [process.returncode for process in slices] == [0, 0], outputs
    for number, output in enumerate(outputs):
        reported = json.loads(output.partition("RUN: ")[2])["sms_sign_in_stats"]
        assert sorted(reported) == names[number::2]
    for name, one in tenants.items():
        assert written(one) == users_to_change(name)
