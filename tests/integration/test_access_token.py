# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""access_token: one sign-in for a play with many tasks. The variable holds the token, and no output shows it."""

from __future__ import annotations

import json
import time

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import access_token
from integration.tenants import CLIENT_ID, READY, TENANT_ID

ANNA, DORA = "anna@contoso.example", "dora@contoso.example"
MODULE = "frontline.entra.access_token"
CENSORED = "the output has been hidden due to the fact that 'no_log: true' was specified for this result"
BY_TOKEN = {"access_token": "{{ entra.access_token }}", "auth_method": "access_token"}


def play_of(options, *tasks, **more):
    return yaml.safe_dump(
        [
            {
                "hosts": "localhost",
                "gather_facts": False,
                "module_defaults": {"group/frontline.entra.graph": options},
                "tasks": [*tasks],
                **more,
            }
        ]
    )


def sign_in(**options):
    return {"name": "Sign in", MODULE: options, "register": "entra"}


def enable(user, **more):
    return {"name": f"Enable {user}", "frontline.entra.sms_sign_in": {"user": user, **BY_TOKEN}, **more}


def show(what):
    return {"name": "Show", "ansible.builtin.debug": {"msg": f"{{{{ {what} }}}}"}}


BOTH = pytest.mark.adapters("action", "module")


@pytest.mark.parametrize("check", [True, False])
@BOTH
def test_one_sign_in_serves_many_tasks(simulator, options, playbook, check):
    """With a secret in module_defaults: auth_method selects the token."""
    text = play_of(options, sign_in(), enable(ANNA), enable(DORA), show("entra.expires_on"))

    played = playbook(text, *(["--check"] if check else []))

    assert played.returncode == 0, played.output
    assert simulator.tokens_asked() == 1
    assert [task.result["auth"]["method"] for task in played.tasks[1:3]] == ["access_token"] * 2
    assert [task.result["changed"] for task in played.tasks[1:3]] == [True] * 2
    assert (simulator.state(ANNA) == READY) is not check
    assert abs(int(played.of("Show").result["msg"]) - time.time() - 3599) < 120


@BOTH
def test_the_token_is_in_the_variable_and_in_no_output(simulator, options, playbook, home, tmp_path):
    """Not at -vvvv, in the log, in what callbacks get, in a loop, or in files that are left."""
    kept = {
        "name": "Keep it",
        "ansible.builtin.copy": {"content": "{{ entra.access_token }}", "dest": str(tmp_path / "token")},
        "no_log": True,
    }
    looped = {"name": "Sign in twice", MODULE: {}, "register": "both", "loop": [1, 2]}
    text = play_of(options, sign_in(), kept, enable(ANNA), looped, show("both.results | map('length') | list"))

    played = playbook(text, "-vvvv", environment={"ANSIBLE_LOG_PATH": str(tmp_path / "log")})

    assert played.returncode == 0, played.output
    token = (tmp_path / "token").read_text("utf-8")
    assert token.count(".") == 2
    assert played.of("Sign in").result["censored"] == CENSORED
    left = {file: file.read_text("utf-8", "replace") for file in home.rglob("*") if file.is_file()}
    left["results"] = json.dumps([task.result for task in played.tasks])
    left["output"], left["log"] = played.output, (tmp_path / "log").read_text("utf-8")
    for name, written in left.items():
        assert "eyJ" not in written, name
        for part in token.split("."):
            assert part not in written, name


@pytest.mark.parametrize("check", [True, False])
@BOTH
def test_a_failure_shows_its_error(simulator, options, playbook, check):
    text = play_of({**options, "client_secret": "another secret"}, sign_in())

    played = playbook(text, *(["--check"] if check else []))

    assert played.returncode == 2
    failed = played.of("Sign in").result
    assert failed["reason"] == "authentication_failed" and "AADSTS7000215" in failed["msg"]
    assert "censored" not in failed and "access_token" not in failed
    assert "another secret" not in played.output


@BOTH
def test_a_given_token_is_returned_unchanged(simulator, options, playbook):
    token = simulator.token(client_id=CLIENT_ID)
    same = show(f"entra.access_token == '{token}' and entra.auth.source == 'options' and entra.expires_on > 0")

    played = playbook(play_of(options, sign_in(access_token=token, auth_method="access_token"), same))

    assert played.returncode == 0, played.output
    assert played.of("Show").result["msg"] in (True, "True")
    assert simulator.journal() == []


@BOTH
def test_the_task_is_never_changed(options, playbook):
    text = play_of(options, sign_in(), show("entra.changed"), show("entra is changed"))
    played = playbook(text)
    assert [task.result["msg"] for task in played.tasks[1:]] in (["False"] * 2, [False] * 2)


def test_a_job_in_the_background_is_refused(simulator, options, playbook):
    """Its result would be kept in a file, and shown by async_status."""
    played = playbook(play_of(options, {**sign_in(), "async": 60, "poll": 1}))

    assert played.returncode == 2 and "async" in played.of("Sign in").result["msg"]
    assert simulator.journal() == []


def test_events_of_ansible_runner_do_not_contain_the_token(simulator, options, runner):
    """AWX keeps them in its database."""
    python = {"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}

    folder, output = runner(play_of(options, sign_in(), enable(ANNA), **python), "-vvvv")

    assert simulator.state(ANNA) == READY
    events = [file.read_text("utf-8") for file in folder.rglob("job_events/*.json")]
    assert any(MODULE in event for event in events)
    for text in (output, *events):
        assert "eyJ" not in text


def test_the_examples_run(simulator, options, playbook):
    """The one with another module needs the address of the simulator, and its authority."""
    text = access_token.EXAMPLES.replace("https://graph.microsoft.com", simulator.graph_url)
    tasks = yaml.safe_load(text)
    tasks[-1]["ansible.builtin.uri"]["ca_path"] = options["ca_path"]
    credential = ("tenant_id", "client_id", "client_secret")
    connection = {name: value for name, value in options.items() if name not in credential}
    given = {f"entra_{name}": options[name] for name in credential}

    played = playbook(play_of(connection, *tasks, vars=given))

    assert played.returncode == 0, played.output
    assert [task.status for task in played.tasks] == ["ok"] * len(tasks)
    assert simulator.tokens_asked() == 1 and simulator.state(ANNA) == READY


def test_without_it_each_task_signs_in_separately(simulator, options, module):
    for user in (ANNA, DORA):
        module(users=[user])
    assert simulator.tokens_asked() == 2 and options["tenant_id"] == TENANT_ID
