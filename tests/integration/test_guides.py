# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guides, followed like a reader: their files, their commands in order, the permissions that they name."""

from __future__ import annotations

import re

import pytest

from integration.conftest import Tenant
from integration.documents import ROOT, Reader, blocks, commands
from integration.playing import summary
from integration.tenants import CLIENT_ID, READY, app, make_user, tenant

STARTED = "docs/getting-started.md"
PERMISSIONS = "docs/permissions.md"
ANNA, BEN, CARL, DORA, EMIL, ROOT_USER = (
    f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora", "emil", "root")
)


TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True, methods=["fido2"]),
    make_user("carl"),
    groups=[{"name": "Frontline", "members": [ANNA, BEN]}, {"name": "Break glass", "members": [CARL]}],
)


def permissions(*tasks):
    """The permissions in the rows of these tasks."""
    text = (ROOT / PERMISSIONS).read_text("utf-8").partition("## By task")[2].partition("## ")[0]
    rows = dict(re.findall(r"^\| ([a-z][^|]*?) \| (.*) \|$", text, re.MULTILINE))
    return sorted({name for task in tasks for name in re.findall(r"`([A-Z]\w*(?:-\w+)?(?:\.\w+)+)`", rows[task])})


@pytest.fixture
def follow(ansible, tmp_path):
    """Follows a guide in a tenant whose application has only the permissions in the guide.

    Returns the simulator and the runs of the guide's commands: their output, and the users written to.
    """

    def run(document, tasks, *users, **more):
        roles = permissions(*tasks)
        assert roles
        with Tenant(tenant(*users, apps=[app(roles=roles)], **more)) as simulator:
            where = {"graph_url": simulator.graph_url, "authority_host": simulator.login_url}
            reader = Reader(tmp_path, ansible, {**where, "ca_path": str(simulator.ca_file)})
            # The vault of the guide that all others begin with.
            for command in [command for command in commands(STARTED) if "playbook" not in command]:
                assert reader.type(command).returncode == 0
            reader.write(document)
            runs = []
            for command in commands(document):
                before = len(simulator.writes())
                done = reader.type(command)
                assert done.returncode == 0, f"{command}\n{done.output}"
                runs.append((done, [entry.user for entry in simulator.writes()][before:]))
            return simulator, runs

    return run


def test_retiring_sms_sign_in(follow, tmp_path):
    """Audit, waves, a group, a roll-back, no user left, the policy."""
    simulator, runs = follow(
        "docs/exit.md",
        ["audit", "retire", "write the SMS policy"],
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("dora", 4, sms_sign_in=True, methods=["fido2"]),
        make_user("emil", 5, sms_sign_in=True, methods=["qrCodePin"]),
        make_user("root", 6),
        groups=[{"name": "Break glass", "members": [ROOT_USER]}, {"name": "Night shift", "members": [BEN]}],
        # The policy has two targets to close, and a closed one.
        policy={
            "state": "enabled",
            "include": [
                {"group": "all_users", "sign_in": True},
                {"group": "Night shift", "sign_in": True},
                {"group": "Break glass", "sign_in": False},
            ],
        },
    )

    written = [users for _run, users in runs]
    audit, preview, retire, group_preview, group, roll_back_preview, nothing_left, policy_preview, policy = written
    assert [audit, preview, group_preview, roll_back_preview, nothing_left, policy_preview] == [[]] * 6
    assert sorted(retire) == [DORA, EMIL] and group == [BEN] and len(policy) == 2
    assert [simulator.state(user) for user in (BEN, DORA, EMIL)] == ["notAllowedByPolicy"] * 3
    assert "sms_sign_in_confirm" in runs[1][0].output and "no_other_method" in runs[1][0].output
    assert "2 users: 2 would be enabled." in runs[5][0].output
    assert (tmp_path / "exit.html").exists() and (tmp_path / "retire-wave-1.csv").exists()


def test_the_last_step_fails_while_a_user_is_left(follow):
    """The play that verifies fails."""
    with pytest.raises(AssertionError, match=r"can still sign in with a text message: 1\."):
        follow(
            "docs/exit.md",
            ["audit", "retire"],
            make_user("ben", 2, sms_sign_in=True),
            make_user("dora", 4, sms_sign_in=True, methods=["fido2"]),
            make_user("emil", 5, sms_sign_in=True),
            make_user("root", 6),
            groups=[{"name": "Break glass", "members": [ROOT_USER]}, {"name": "Night shift", "members": [BEN]}],
        )


def test_an_audit(follow, tmp_path):
    _simulator, runs = follow(
        "docs/audit.md",
        ["audit"],
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("dora", 4, sms_sign_in=True, methods=["fido2"]),
    )

    assert [users for _run, users in runs] == [[]]
    assert BEN in runs[0][0].output
    assert (tmp_path / "audit.html").exists()


def test_enrolling_a_site(follow, tmp_path):
    simulator, runs = follow("docs/enroll.md", ["enroll"], make_user("anna"), make_user("ben", 2))

    (preview, first), (_real, second) = runs
    assert first == [] and set(second) == {ANNA, BEN}
    assert [simulator.state(user) for user in (ANNA, BEN)] == [READY] * 2
    assert ANNA in preview.output and "0101" not in preview.output
    assert (tmp_path / "enroll-numbers.csv").exists() and (tmp_path / "enroll.csv").exists()


CHANGED = """\
2 users: 2 {}.
Changed: 2 users. {}.
  {}
  {}
"""


def test_swapping_numbers(follow):
    simulator, runs = follow(
        "docs/swap-numbers.md",
        ["set or swap numbers"],
        make_user("anna", 1, sms_sign_in=True),
        make_user("ben", 2, sms_sign_in=True),
        make_user("carl"),
    )

    assert [simulator.state(user) for user in (ANNA, BEN)] == [READY] * 2
    assert set(runs[0][1]) == {ANNA, BEN} and runs[1][1] == []
    assert summary(runs[0][0]) == CHANGED.format("disabled", "SMS sign-in was disabled", ANNA, BEN).splitlines()
    assert (
        summary(runs[0][0], "Print the summary of the numbers")
        == CHANGED.format(
            "changed",
            "The mobile number was changed",
            f"{ANNA}: ********02, before ********01",
            f"{BEN}: ********01, before ********02",
        ).splitlines()
    )
    assert runs[1][0].of("Show the holder").result["msg"] == BEN


def test_releasing_the_numbers_of_leavers(follow):
    simulator, runs = follow(
        "docs/leavers.md", ["leavers"], make_user("anna", 1, sms_sign_in=True), make_user("ben", 2, sms_sign_in=True)
    )

    (_preview, first), (_real, second) = runs
    assert first == [] and set(second) == {BEN}
    assert simulator.state(BEN) is None and simulator.state(ANNA) == READY


def test_each_guide_is_followed_here_or_elsewhere():
    """Finds a guide with commands or files that no test reads."""
    here = {"exit", "audit", "enroll", "swap-numbers", "leavers"}
    elsewhere = {
        *("getting-started", "dry-run", "many-tenants", "phone-numbers", "rehearsal", "report"),
        *("authentication", "awx", "awx-reports"),
    }
    guides = {file.stem for file in (ROOT / "docs").glob("*.md") if blocks(f"docs/{file.name}", "console", "yaml")}

    assert guides == here | elsewhere


RETIRE = {"registered": True, "state": "disabled", "require_methods": ["fido2"], "max_changes": 5}
ONE = ("enable, disable or roll back, users by name or id",)


@pytest.mark.parametrize(
    ("tasks", "module_name", "given"),
    [
        (ONE, "sms_sign_in", {"users": [BEN], "state": "disabled"}),
        (("the same in check mode",), "sms_sign_in_info", {"users": [BEN]}),
        (
            (*ONE, "the same with `groups` or `exclude_groups`"),
            "sms_sign_in",
            {"groups": ["Frontline"]},
        ),
        (("retire",), "sms_sign_in", {**RETIRE, "exclude_groups": ["Break glass"]}),
        (("leavers",), "phone_method", {"user": BEN, "state": "absent"}),
        (
            ("set or swap numbers",),
            "phone_method",
            {"user": CARL, "phone_number": "+1 2065550102", "find_holder": True},
        ),
        (("write the SMS policy",), "sms_policy", {"include": [{"group": "Frontline", "sign_in": True}]}),
    ],
)
def test_the_permissions_of_a_task_are_sufficient_and_necessary(simulator, module, tasks, module_name, given):
    """Without one of them the task fails because of it, or warns."""
    roles = permissions(*tasks)

    def complaint(held):
        simulator.reset()
        token = simulator.token(client_id=CLIENT_ID, roles=held)
        by_token = {"access_token": token, "auth_method": "access_token", "client_secret": None}
        result = module(module_name, **given, **by_token)
        problems = f"{result['reason']} {result['msg']} {result.warned}"
        return "Grant" in problems or "permission" in problems

    assert not complaint(roles)
    assert [role for role in roles if not complaint([other for other in roles if other != role])] == []


def test_the_ids_of_permissions_are_valid():
    text = (ROOT / PERMISSIONS).read_text("utf-8")
    ids = dict(re.findall(r"^\| `([\w.-]+)` \| `([0-9a-f-]{36})` \|$", text, re.MULTILINE))
    named = set(re.findall(r"`([A-Z]\w*(?:-\w+)?(?:\.\w+)+)`", text))

    assert ids.keys() == named and len(set(ids.values())) == len(ids)
