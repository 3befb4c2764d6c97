# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Three tenants of different size and quota in runs of the guide's own files; the journal of each is the witness."""

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

from integration.conftest import Tenant
from integration.documents import commands, named_files
from integration.tenants import NOT_ENABLED, READY, app, tenant

GUIDE = "docs/many-tenants.md"


class Company(NamedTuple):
    """People in the group who cannot sign in, and who can; requests a second that the tenant permits."""

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


def people(name: str) -> dict[str, Any]:
    """The tenant of that name: besides its people one without a phone, and one who is never to be touched."""
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
        yield {name: stack.enter_context(Tenant(people(name), observe=contract.see)) for name in COMPANIES}


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
    """What the guide's commands about credentials make."""
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
    """Runs a command as it stands in the guide."""

    def run(command, **more):
        return ansible("bash", "-ec", command, environment={"ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg")}, **more)

    return run


def written(one):
    """Who was written to; and forget it."""
    writes = sorted(entry.user for entry in one.writes())
    one.clear_journal()
    return writes


def those(name, kind):
    """The people of a tenant who were "off" or "on" at first."""
    return [f"{kind}{n:02}@{name}.example" for n in range(1, getattr(COMPANIES[name], kind) + 1)]


def those_to_change(name):
    return those(name, "off" if COMPANIES[name].wanted == READY else "on")


def statistics(played):
    """What the run told about all tenants at its end, by name."""
    return json.loads(played.stdout.partition("RUN: ")[2])["sms_sign_in_stats"]


def assert_done(name, one, played, reports):
    """The tenant has what it is to have, nobody else was touched, and all that is told agrees."""
    company, expected = COMPANIES[name], those_to_change(name)
    assert written(one) == expected
    assert {one.state(user) for user in those(name, "off") + those(name, "on")} == {company.wanted}
    told = statistics(played)[name]
    assert (told["changed"], told["failed"], told["skipped"]) == (len(expected), 0, 0)
    assert told["total"] == company.off + company.on + 1
    assert changed_in(reports / f"report-{name}.csv") == expected


def changed_in(report):
    with report.open(newline="", encoding="utf-8") as file:
        return sorted(row["user"] for row in csv.DictReader(file) if row["outcome"] == "changed")


def failed(played):
    """Reasons of the tenants that failed, by name; None where no task of ours came so far.

    The role fails in a task of its own, so the reason is that of the last task that has one.
    """
    reasons, found = {}, {}
    for task in played.tasks:
        reasons[task.host] = task.result.get("reason", reasons.get(task.host))
        if task.status == "failed":
            found.setdefault(task.host, reasons[task.host])
    return found


def test_the_guide_from_its_first_command_to_a_run_that_changes_nothing(tenants, files, type_in, tmp_path):
    *prepare, dry, real, again, _carefully = commands(GUIDE)
    for command in prepare:
        name = re.search(r"host_vars/(\w+)/", command)
        done = type_in(command, stdin=f"{secret(name[1])}\n" if name else "")
        assert done.returncode == 0, done.output
    for name, company in COMPANIES.items():
        text = (tmp_path / "host_vars" / name / "vault.yml").read_text("utf-8")
        assert f"$ANSIBLE_VAULT;1.2;AES256;{company.vault_id}\n" in text and secret(name) not in text

    foretold = type_in(dry)
    assert foretold.returncode == 0, foretold.output
    assert [written(one) for one in tenants.values()] == [[]] * 3

    played = type_in(real)
    assert played.returncode == 0, played.output
    for name, one in tenants.items():
        assert_done(name, one, played, tmp_path)
        counts = {key: value for key, value in statistics(played)[name].items() if key != "check_mode"}
        assert counts.items() <= statistics(foretold)[name].items()

    repeated = type_in(again.partition(" --limit")[0])
    assert repeated.returncode == 0, repeated.output
    assert [written(one) for one in tenants.values()] == [[]] * 3
    assert [told["changed"] for told in statistics(repeated).values()] == [0] * 3
    assert not [task for task in repeated.tasks if task.result.get("changed")]


def spoil(cause, name, one, write):
    """Lets something go wrong in one tenant. Returns the reason that is told, and how many were switched all the same."""
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
    return "some_users_failed", len(those_to_change(name)) - 3


@pytest.mark.parametrize(
    "causes",
    [
        {"contoso": "wrong secret", "fabrikam": "closed vault"},
        {"fabrikam": "unreachable", "contoso": "users refused"},
        {"tailspin": "unreachable"},
    ],
)
def test_tenants_that_fail_stop_no_other(tenants, vaults, write, type_in, tmp_path, causes):
    """Even when most of them do. Mended, only they are visited again."""
    *_prepare, run, again, _carefully = commands(GUIDE)
    spoilt = {name: spoil(cause, name, tenants[name], write) for name, cause in causes.items()}

    played = type_in(run)

    assert played.returncode == 2, played.output
    assert failed(played) == {name: reason for name, (reason, _switched) in spoilt.items()}
    for name, one in tenants.items():
        if name not in spoilt:
            assert_done(name, one, played, tmp_path)
            one.clear_journal()
            continue
        reason, switched = spoilt[name]
        assert re.search(rf"^{name} +: .*unreachable=0 +failed=1 ", played.stdout, re.MULTILINE)
        assert sum(entry.effect for entry in one.journal()) == switched
        told = statistics(played).get(name)
        if reason is None:
            assert told is None and one.journal() == []
        else:
            assert (told["changed"], told["reason"]) == (switched, reason)
        write(f"host_vars/{name}/vault.yml", sealed(secret(name), COMPANIES[name].vault_id))
        (tmp_path / "host_vars" / name / "zz.yml").unlink(missing_ok=True)
        one.clear_journal()

    played = type_in(again)
    assert played.returncode == 0, played.output
    assert {name for name, one in tenants.items() if one.journal()} == set(spoilt)
    for name, (_reason, switched) in spoilt.items():
        assert len(written(tenants[name])) == len(those_to_change(name)) - switched


def test_a_file_that_cannot_be_opened_ends_the_run_of_all(tenants, vaults, write, type_in):
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
    """One of one, or one of two, is more than 40 per cent; the other one at work is done and told."""
    spoil("wrong secret", "contoso", tenants["contoso"], write)
    write("carefully.yml", named_files(GUIDE)["carefully.yml"].replace("serial: [1, 5]", f"serial: {at_a_time}"))

    played = type_in(commands(GUIDE)[-1])

    assert played.returncode == 2 and failed(played) == {"contoso": "authentication_failed"}
    for name in done:
        assert_done(name, tenants[name], played, tmp_path)
    assert {name for name, one in tenants.items() if one.journal()} == {"contoso"}
    assert (tmp_path / "carefully.retry").read_text("utf-8").split() == ["contoso", *done]


def test_carefully_is_all_tenants_when_none_fails(tenants, vaults, type_in, tmp_path):
    played = type_in(commands(GUIDE)[-1])
    assert played.returncode == 0, played.output
    for name, one in tenants.items():
        assert_done(name, one, played, tmp_path)


def test_slices_of_the_inventory_at_the_same_time(tenants, vaults, start, tmp_path):
    """As AWX runs them: each a process of its own with every n-th tenant."""
    names = sorted(COMPANIES)
    slices = [
        start(
            *("ansible-playbook", "sms_sign_in.yml", "--limit", ":".join(names[number::2])),
            environment={"ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"), "RESULTS_FILE": str(tmp_path / f"{number}")},
            stdout=subprocess.PIPE,
        )
        for number in range(2)
    ]
    outputs = [process.communicate(timeout=60)[0] for process in slices]
    assert [process.returncode for process in slices] == [0, 0], outputs
    for number, output in enumerate(outputs):
        told = json.loads(output.partition("RUN: ")[2])["sms_sign_in_stats"]
        assert sorted(told) == names[number::2]
    for name, one in tenants.items():
        assert written(one) == those_to_change(name)
