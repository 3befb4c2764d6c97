# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""M24: keywords of Ansible for a task."""

from __future__ import annotations

import json

import pytest

from integration.tenants import CLIENT_ID, NOT_ENABLED, READY, SECRET, TENANT_ID, make_user, tenant

pytestmark = pytest.mark.adapters("action", "module")
OTHER = "22222222-0000-4000-8000-000000000002"
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2),
    make_user("carl"),
    {"count": 5, "name": "worker{n}@contoso.example", "mobile": "+44 163296000{n}"},
)
ANNA, BEN, CARL = (f"{name}@contoso.example" for name in ("anna", "ben", "carl"))
WORKERS = [f"worker{number}@contoso.example" for number in range(1, 6)]
MODULE = "frontline.entra.sms_sign_in"


def play(*tasks, **more):
    return json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks, **more}])


@pytest.mark.covers("M24")
def test_no_log_hides_the_whole_result_and_the_task_still_works(simulator, playbook, options):
    task = {"name": "Enable", MODULE: {**options, "users": [ANNA]}, "no_log": True, "register": "result"}
    check = {"ansible.builtin.assert": {"that": "result.changed and result.summary.changed == 1"}}
    failing = {"name": "Fail", MODULE: {**options, "users": [CARL]}, "no_log": True}

    played = playbook(play(task, check, failing), "-vvvv", "--diff")

    assert played.returncode == 2 and [task.status for task in played.tasks] == ["ok", "ok", "failed"], played.output
    for name in ("Enable", "Fail"):
        shown = played.of(name).result
        assert "censored" in shown and "users" not in shown and "msg" not in shown
    assert not any(hidden in played.output for hidden in (ANNA, CARL, SECRET))
    assert [write.user for write in simulator.writes()] == [ANNA] and simulator.state(ANNA) == READY


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"max_changes": 0}, ANNA),
        ({"exclude_users": ["nobody@contoso.example"]}, "nobody@contoso.example"),
        ({"groups": ["Secret group"]}, "Secret group"),
    ],
)
def test_no_log_hides_names_in_the_error_of_a_run(simulator, playbook, options, more, name):
    played = playbook(play({MODULE: {**options, "users": [ANNA], **more}, "no_log": True}), "-vvvv")
    assert played.returncode == 2 and name not in played.output
    assert simulator.writes() == []


@pytest.mark.covers("M24")
def test_check_mode_is_per_task(simulator, playbook, options):
    given = {**options, "users": [ANNA]}
    dry = {"name": "Dry run", MODULE: given, "check_mode": True}
    real = {"name": "For real in a dry play", MODULE: {**options, "users": [BEN]}, "check_mode": False}
    usual = {"name": "Enable", MODULE: given}

    dry_play = playbook(play(usual, real), "--check")
    assert dry_play.returncode == 0, dry_play.output
    assert dry_play.of("Enable").result["changed"] and dry_play.of("For real in a dry play").result["changed"]
    assert [write.user for write in simulator.writes()] == [BEN]

    simulator.clear_journal()
    real_play = playbook(play(dry, usual, {**usual, "name": "Enable again"}))
    assert real_play.returncode == 0, real_play.output
    changed = {task.task: task.result["changed"] for task in real_play.tasks}
    assert changed == {"Dry run": True, "Enable": True, "Enable again": False}
    assert real_play.of("Dry run").result.user("anna")["state"] == READY
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M24")
def test_a_task_may_run_in_the_background(simulator, playbook, options):
    background = {
        "name": "Enable",
        MODULE: {**options, "users": [ANNA, CARL], "tolerate": ["no_mobile_phone"]},
        "async": 30,
        "poll": 1,
    }
    failing = {**background, "name": "Fail", MODULE: {**options, "users": [CARL]}, "ignore_errors": True}

    played = playbook(play(background, failing))

    assert played.returncode == 0, played.output
    result = played.of("Enable").result
    assert result["changed"] and result.reasons == {ANNA: None, CARL: "no_mobile_phone"}
    assert (played.of("Fail").status, played.of("Fail").result["reason"]) == ("failed", "some_users_failed")
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M24")
def test_a_loop_over_users_works(simulator, playbook, options):
    task = {"name": "Enable", MODULE: {**options, "user": "{{ item }}"}, "loop": [*WORKERS[:2], CARL, WORKERS[2]]}

    played = playbook(play(task))

    assert played.returncode == 2, "one failed"
    results = played.of("Enable").result["results"]
    assert [(result["changed"], result["reason"]) for result in results] == [
        (True, None),
        (True, None),
        (False, "some_users_failed"),
        (True, None),
    ]
    assert sorted(write.user for write in simulator.writes()) == WORKERS[:3]
    assert simulator.tokens_asked() == 4, "no token is kept between tasks"


@pytest.mark.covers("M24")
def test_a_host_can_be_a_tenant_whose_task_runs_elsewhere(simulator, playbook, options, tmp_path):
    """Environment variables are those of the host where the module runs."""
    inventory = {
        "all": {
            "hosts": {
                "contoso": {"members": [ANNA]},
                "fabrikam": {"members": [BEN], "tenant": OTHER},
                "worker": {
                    "ansible_connection": "local",
                    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                },
            }
        }
    }
    (tmp_path / "inventory.yml").write_text(json.dumps(inventory))
    given = {**options, "tenant_id": f"{{{{ tenant | default('{TENANT_ID}') }}}}", "users": "{{ members }}"}
    del given["client_secret"]
    task = {
        "name": "Enable",
        MODULE: given,
        "delegate_to": "worker",
        "environment": {"AZURE_CLIENT_SECRET": SECRET},
    }

    played = playbook(play(task, hosts="contoso:fabrikam"), "-i", tmp_path / "inventory.yml")

    found = {task.host: task for task in played.tasks}
    assert (found["contoso"].status, found["fabrikam"].status) == ("ok", "failed")
    assert found["contoso"].result["changed"]
    assert found["contoso"].result["auth"] == {"method": "client_secret", "source": "environment"}
    assert found["fabrikam"].result["reason"] == "authentication_failed"
    assert [write.user for write in simulator.writes()] == [ANNA]


@pytest.mark.covers("M24")
def test_a_task_may_be_delegated_and_run_once_for_many_hosts(simulator, playbook, options, tmp_path):
    (tmp_path / "hosts").write_text("one\ntwo\nthree\n")
    task = {
        "name": "Enable",
        MODULE: {**options, "users": [ANNA]},
        "delegate_to": "localhost",
        "run_once": True,
    }

    played = playbook(play(task, hosts="all"), "-i", tmp_path / "hosts")

    assert played.returncode == 0, played.output
    assert len(played.tasks) == 1 and len(simulator.writes()) == 1


@pytest.mark.covers("M24")
def test_module_defaults_by_group_sign_in_once_for_all_tasks(simulator, playbook, options):
    tasks = [
        {"name": "Anna", MODULE: {"users": [ANNA]}},
        {
            "name": "Ben",
            MODULE: {"users": [BEN], "client_secret": "of-the-task-itself-and-wrong"},
            "ignore_errors": True,
        },
        {"name": "Carl", MODULE: {"users": [CARL]}, "ignore_errors": True},
    ]

    played = playbook(play(*tasks, module_defaults={"group/frontline.entra.graph": options}))

    assert played.returncode == 0, played.output
    assert played.of("Anna").result["changed"]
    assert played.of("Ben").result["reason"] == "authentication_failed", "a task's own option wins"
    assert played.of("Carl").result.reasons == {CARL: "no_mobile_phone"}
    assert simulator.state(ANNA) == READY and simulator.state(BEN) == NOT_ENABLED


@pytest.mark.covers("M24")
def test_failed_when_can_use_reasons(simulator, playbook, options):
    given = {**options, "users": [ANNA, CARL]}
    task = {
        "name": "Enable",
        MODULE: given,
        "register": "result",
        "failed_when": "result.summary.reasons | dict2items | rejectattr('key', 'eq', 'no_mobile_phone') | list | length > 0",
    }

    played = playbook(play(task))

    assert played.returncode == 0, played.output
    result = played.of("Enable").result
    assert result["failed_when_result"] is False and result["reason"] == "some_users_failed" and result["changed"]


@pytest.mark.covers("M24")
def test_the_diff_shows_the_state_before_and_after_and_the_invocation_no_secret(playbook, options):
    played = playbook(play({"name": "Enable", MODULE: {**options, "users": [ANNA]}}), "--diff", "--check", "-vvvv")

    assert played.returncode == 0, played.output
    assert f'-        "smsSignInState": "{NOT_ENABLED}"' in played.stdout
    assert f'+        "smsSignInState": "{READY}"' in played.stdout
    result = played.of("Enable").result
    assert result["diff"]["before"][ANNA] == {"smsSignInState": NOT_ENABLED, "phone_number": "********01"}
    assert result["diff"]["after"][ANNA] == {"smsSignInState": READY, "phone_number": "********01"}
    arguments = result["invocation"]["module_args"]
    assert (arguments["tenant_id"], arguments["client_id"]) == (TENANT_ID, CLIENT_ID), "these are no secrets"
    assert arguments["client_secret"] not in (None, SECRET) and arguments["users"] == 1
