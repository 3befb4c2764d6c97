# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in Ansible's worker process and in a process of the module: the same result for any task."""

from __future__ import annotations

import json
import re
import sys

import pytest
import yaml

from ansible_collections.frontline.entra.tests.unit.plugins.module_utils._results._html import documents
from integration.conftest import HERE
from integration.tenants import SECRET, make_user, tenant

# Each test chooses the adapter of its tasks itself.
pytestmark = pytest.mark.adapters("action")

ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))
TENANT = tenant(
    make_user("anna", 1),
    make_user("ben", 2, sms_sign_in=True),
    make_user("carl"),
    make_user("dora", 2),
    {"name": "zoë@contoso.example", "mobile": "+1 2065550107"},
    groups=[{"name": "Frontline", "members": [ANNA, BEN]}, {"name": "Łódź 店", "members": [ANNA]}],
)
MODULE = "frontline.entra.sms_sign_in"
SWITCH = "frontline_entra_in_process"
ORDERED = {"PYTHONHASHSEED": "0"}
"""Ansible names the possible booleans in the order of a set."""

SEPARATE = "Using module file"
"""Ansible prints this at -vvv for each module that it runs in a process."""

LIKE_A_SECRET = "se-cret1@contoso.example"
USERS = {"users": [ANNA]}
TASKS = {
    "check mode": ({**USERS}, {"check_mode": True}),
    "check mode with differences": ({**USERS}, {"check_mode": True, "diff": True}),
    "applied with differences": ({**USERS}, {"diff": True}),
    "applied again": ({**USERS}, {}),
    "disabled": ({**USERS, "state": "disabled"}, {"diff": False}),
    "users that fail": ({"users": [BEN, CARL, DORA, "gone@contoso.example"]}, {}),
    "users that may fail": (
        {"users": f"{BEN}, {CARL}\n", "tolerate": "no_mobile_phone", "return_users": "changed"},
        {},
    ),
    "a group": ({"groups": ["Frontline"], "exclude_users": BEN}, {"check_mode": True}),
    "letters of all kinds": ({"users": ["zoë@contoso.example"], "groups": "Łódź 店"}, {"check_mode": True}),
    "a group that is missing": ({"groups": ["Łagów \U0001f512"]}, {}),
    "no users": ({}, {}),
    "an empty list": ({"users": []}, {}),
    "blank options": ({**USERS, "state": "", "progress_path": " ", "max_changes": "", "run_timeout": None}, {}),
    "a choice that is none": ({**USERS, "state": "on"}, {}),
    "another choice that is none": ({**USERS, "return_users": "some"}, {}),
    "an option that is none": ({**USERS, "user_list": []}, {}),
    "a number that is none": ({**USERS, "max_changes": "many"}, {}),
    "a number out of range": ({**USERS, "max_failures": 0}, {}),
    "a number as text": ({**USERS, "max_changes": "5", "verify_timeout": "1.5"}, {"check_mode": True}),
    "a boolean as text": ({**USERS, "validate_certs": "no"}, {"check_mode": True}),
    "a boolean that is none": ({**USERS, "progress": "perhaps"}, {}),
    "a boolean in place of a number": ({**USERS, "run_timeout": True}, {}),
    "names that are none": ({"users": [7, True, None, {"a": 1}], "groups": [1.5]}, {}),
    "a mapping as text": ({**USERS, "client_id": {"a": [1, None]}}, {}),
    "an option and its alias": ({"users": [ANNA], "user": BEN}, {}),
    "an alias of a secret": ({**USERS, "secret": SECRET}, {"check_mode": True}),
    "characters that cannot be": ({**USERS, "report_path": "a\0b.csv"}, {}),
    "a short secret": ({**USERS, "client_secret": "anna"}, {}),
    "a user with the name of a secret": (
        {"users": [LIKE_A_SECRET], "certificate": LIKE_A_SECRET, "auth_method": "client_secret"},
        {"check_mode": True},
    ),
    "a wrong secret": ({**USERS, "client_secret": "not-the-secret"}, {}),
    "two credentials": ({**USERS, "access_token": "eyJ0.eyJ0.c2ln"}, {}),
    "no_log": ({"users": [BEN, CARL]}, {"no_log": True}),
    "a template": ({"users": ["{{ item_of_play }}"], "max_changes": "{{ 1 + 1 }}"}, {"check_mode": True}),
    "a value that is no template": ({"users": ["{{ raw }}"], "groups": ["{{ raw_group }}"]}, {"check_mode": True}),
    "a vaulted value": ({**USERS, "client_secret": "{{ vaulted }}"}, {"check_mode": True}),
    "a vaulted value in place": ({**USERS, "client_secret": "VAULTED"}, {"check_mode": True}),
    "an omitted option": ({**USERS, "tolerate": "{{ omit }}"}, {"check_mode": True}),
    "a report": ({**USERS, "report_path": "relative.csv", "progress_path": "~/progress.json"}, {"diff": True}),
    "a report that rolls back": ({"users_from": "$HOME/../{{ playbook_dir | basename }}/relative.csv"}, {}),
    "a report in the way": ({**USERS, "report_path": "relative.csv"}, {"check_mode": True}),
    "a folder that is missing": ({**USERS, "report_path": "/missing/report.csv", "progress_path": "/missing/p"}, {}),
    "a date": ({"groups": ["2026-11-26"]}, {}),
    "a loop": ({"users": "{{ item }}"}, {"check_mode": True, "loop": [ANNA, BEN]}),
    "retries": ({"users": [CARL]}, {"until": "tried is succeeded", "retries": 1, "delay": 0, "register": "tried"}),
}
PAGES = {
    "a page": {"src": "run.json", "dest": "page.html"},
    "the same page": {"src": ["run.json"], "dest": "page.html", "compare": ""},
    "no report": {"src": ["missing.json"], "dest": "page.html"},
    "no destination": {"src": ["run.json"]},
    "an option that a page does not have": {"src": [], "dest": "x.html", "progress": True},
}


def text_of(tasks, options, variables):
    """A play that runs all of them, with or without failures."""
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/frontline.entra.graph": options},
        "vars": {"item_of_play": ANNA, **variables},
        "tasks": tasks,
    }
    return yaml.safe_dump([play], allow_unicode=True, sort_keys=False)


def apart(stdout):
    """Names of the tasks, in order, and whether each ran a module in a process."""
    parts = re.split(r"^TASK \[(.*?)\] \*+$", stdout, flags=re.MULTILINE)
    return {name: SEPARATE in said for name, said in zip(parts[1::2], parts[2::2])}


def comparable(played):
    """Each task and its result, without times and ids of requests, as lines."""
    text = json.dumps([[task.task, task.status, task.result] for task in played.tasks], indent=1, sort_keys=True)
    text = re.sub(r'"(seconds|request_id|client_request_id|date)": (".*?"|[\d.]+)', r'"\1": "*"', text)
    return re.sub(r"Trace ID: [\w-]+|Timestamp: [\d :Z-]+", "*", text).splitlines()


@pytest.fixture
def vaulted(ansible, tmp_path):
    (tmp_path / "password").write_text("one", encoding="utf-8")
    line = ansible(
        "ansible-vault", "encrypt_string", "--vault-password-file", "password", SECRET, "--name", "client_secret"
    )
    return line.stdout.split(":", 1)[1].strip()


def test_both_adapters_have_the_same_result(simulator, playbook, options, vaulted, tmp_path):
    tasks = [
        {"name": name, MODULE: given, "ignore_errors": True, **keywords} for name, (given, keywords) in TASKS.items()
    ]
    text = text_of(tasks, options, {"vaulted": "VAULTED", "raw": "UNSAFE-a", "raw_group": "UNSAFE-b"})
    block = re.sub(r"\n\s*", "\n" + 12 * " ", vaulted)
    text = text.replace("VAULTED", block)
    text = text.replace("UNSAFE-a", "!unsafe '{{ not }}@contoso.example'").replace("UNSAFE-b", "!unsafe '{{ never }}'")

    def run(here):
        for file in tmp_path.glob("relative*"):
            file.unlink()
        simulator.reset()
        switch = json.dumps({SWITCH: here})
        return playbook(text, "-vvv", "--vault-password-file", "password", "-e", switch, environment=ORDERED)

    here, there = run(True), run(False)

    assert [name for name, separate in apart(here.stdout).items() if separate] == [], here.output
    assert all(apart(there.stdout).values()) and set(apart(there.stdout)) == set(TASKS)
    assert comparable(here) == comparable(there)
    assert SECRET not in here.output


def test_both_adapters_render_the_same_pages(playbook, tmp_path):
    (tmp_path / "run.json").write_text(json.dumps(documents.run(documents.user())), encoding="utf-8")
    tasks = [
        {"name": name, "frontline.entra.report": given, "ignore_errors": True, "diff": True}
        for name, given in PAGES.items()
    ]

    def run(here):
        (tmp_path / "page.html").unlink(missing_ok=True)
        return playbook(text_of(tasks, {}, {SWITCH: here}), "-vvv")

    here, there = run(True), run(False)

    assert not any(apart(here.stdout).values()) and all(apart(there.stdout).values())
    assert comparable(here) == comparable(there)
    assert [task.result["reason"] for task in here.tasks] == [None, None, "invalid_file", *["invalid_options"] * 2]


def keywords_of(other_python):
    """Keywords of a task, and whether it then needs a process of its own."""
    return {
        "nothing": ({}, False),
        "an environment": ({"environment": {"A": "b"}}, True),
        "an environment that is empty": ({"environment": {}}, False),
        "an environment by template": ({"environment": "{{ {'A': 'b'} }}"}, True),
        "no_log": ({"no_log": True}, False),
        "check mode": ({"check_mode": True, "diff": True}, False),
        "become": ({"become": True}, True),
        "the background": ({"async": 60, "poll": 1}, True),
        "a timeout": ({"timeout": 60}, True),
        "a throttle": ({"throttle": 1}, False),
        "once": ({"run_once": True}, False),
        "a loop": ({"loop": [1, 2]}, False),
        "retries": ({"until": "tried is success", "retries": 1, "delay": 0, "register": "tried"}, False),
        "localhost": ({"delegate_to": "localhost"}, False),
        "another host": ({"delegate_to": "elsewhere"}, True),
        "no special Python": ({"vars": {"ansible_python_interpreter": "auto_silent"}}, False),
        "the Python of Ansible": ({"vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}}, False),
        "another Python": ({"vars": {"ansible_python_interpreter": other_python}}, True),
        "the switch": ({"vars": {SWITCH: False}}, True),
        "the switch as text": ({"vars": {SWITCH: "{{ 'no' }}"}}, True),
        "the switch left blank": ({"vars": {SWITCH: ""}}, False),
        "the switch on": ({"vars": {SWITCH: True}}, False),
    }


def test_keywords_that_need_a_process_get_one(simulator, playbook, options, tmp_path):
    other = tmp_path / "python"
    other.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    other.chmod(0o755)
    python = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {"localhost": python, "elsewhere": {**python, "ansible_connection": "elsewhere"}}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    table = keywords_of(str(other))
    tasks = [{"name": name, MODULE: {"users": [BEN]}, **keywords} for name, (keywords, _separate) in table.items()]
    plugins = {"ANSIBLE_CONNECTION_PLUGINS": str(HERE / "connections")}
    played = playbook(text_of(tasks, options, {}), "-vvv", "-i", "hosts.yml", environment=plugins)

    assert played.returncode == 0, played.output
    assert apart(played.stdout) == {name: separate for name, (_keywords, separate) in table.items()}


def test_parallel_hosts_need_no_process(simulator, playbook, options, tmp_path):
    python = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
    hosts = {f"tenant{number}": python for number in range(6)}
    (tmp_path / "hosts.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    task = {"name": "Enable", MODULE: {"users": [BEN], "report_path": "{{ inventory_hostname }}.csv"}}
    play = yaml.safe_load(text_of([task] * 3, options, {}))
    play[0].update(strategy="free", hosts="all")

    played = playbook(yaml.safe_dump(play), "-vvv", "-i", "hosts.yml", "--forks=6")

    assert played.returncode == 0 and len(played.tasks) == 18, played.output
    assert SEPARATE not in played.stdout and len(list(tmp_path.glob("tenant*.csv"))) == 6


BROKEN = """
import os, sys
if os.path.basename(sys.argv[0]) == "ansible-playbook":
    raise {error}
here = os.path.dirname(__file__)
sys.path[:] = [folder for folder in sys.path if os.path.realpath(folder or ".") != os.path.realpath(here)]
del sys.modules[__name__]
__import__(__name__)
"""


@pytest.mark.parametrize(
    ("library", "error"),
    [
        ("msal", "ImportError(__name__)"),
        ("msal", "RuntimeError('broken')"),
        ("msal", "SyntaxError()"),
        ("requests", "ImportError(__name__)"),
    ],
)
def test_a_library_missing_for_ansible_runs_the_module(simulator, playbook, options, tmp_path, library, error):
    """The module may have its own Python with all libraries."""
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / f"{library}.py").write_text(BROKEN.replace("{error}", error), encoding="utf-8")
    task = {"name": "Enable", MODULE: {**options, **USERS}}
    environment = {"PYTHONPATH": str(tmp_path / "broken")}
    played = playbook(text_of([task], {}, {}), "-vvv", environment=environment)
    assert played.of("Enable").result["changed"], played.output
    assert apart(played.stdout) == {"Enable": True}
    assert "broken" not in json.dumps(played.of("Enable").result)


@pytest.mark.adapters("action", "module")
def test_a_loop_over_users_is_one_warning(simulator, playbook, options):
    tasks = [
        {"name": "Each", MODULE: {"users": "{{ item }}"}, "loop": [ANNA, BEN]},
        {"name": "Each with more", MODULE: {"users": ["{{ one.name }}"]}, "loop": [{"name": ANNA}, {"name": BEN}]},
        {"name": "All", MODULE: {"users": [ANNA, BEN]}, "loop": [1, 2]},
    ]
    tasks[1]["loop_control"] = {"loop_var": "one"}
    played = playbook(text_of(tasks, options, {}))
    assert played.returncode == 0
    assert " ".join(played.output.split()).count("This task loops over users") == 1, played.output
