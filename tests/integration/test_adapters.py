# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work in Ansible's worker process and in a process of the module: one result, whatever the task."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from integration.tenants import SECRET, person, tenant

ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))
TENANT = tenant(
    person("anna", 1),
    person("ben", 2, sms_sign_in=True),
    person("carl"),
    person("dora", 2),
    {"name": "zoë@contoso.example", "mobile": "+1 2065550107"},
    groups=[{"name": "Frontline", "members": [ANNA, BEN]}, {"name": "Łódź 店", "members": [ANNA]}],
)
MODULE = "frontline.entra.sms_sign_in"
SWITCH = "frontline_entra_in_process"
ORDERED = {"PYTHONHASHSEED": "0"}
"""Ansible names the possible booleans in the order of a set."""

SEPARATE = "Using module file"
"""Ansible prints this at -vvv for each module that it runs in a process."""

USERS = {"users": [ANNA]}
TASKS = {
    "check mode": ({**USERS}, {"check_mode": True}),
    "check mode with differences": ({**USERS}, {"check_mode": True, "diff": True}),
    "applied with differences": ({**USERS}, {"diff": True}),
    "applied again": ({**USERS}, {}),
    "disabled": ({**USERS, "state": "disabled"}, {"diff": False}),
    "users that fail": ({"users": [BEN, CARL, DORA, "gone@contoso.example"]}, {}),
    "users that may fail": ({"users": f"{BEN}, {CARL}\n", "tolerate": "no_mobile_phone", "return_users": "changed"}, {}),
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
    "a user with the name of a secret": ({"users": ["se-cret1@contoso.example"], "certificate": "se-cret1@contoso.example", "auth_method": "client_secret"}, {"check_mode": True}),
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
    """A play that runs all of them, whatever comes of each."""
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
    """Each task and its result, without times and ids of requests."""
    for task in played.tasks:
        for result in [task.result, *task.result.get("results", [])]:
            if result.get("requests"):
                result["requests"]["seconds"] = 0
            for support in [result.get("support"), *(user["support"] for user in result.get("users") or () if type(user) is dict)]:
                if support:
                    support.update(request_id="", client_request_id="", date="")
    text = json.dumps([[task.task, task.status, task.result] for task in played.tasks], indent=1, sort_keys=True)
    return re.sub(r"Trace ID: [0-9a-f-]+|Timestamp: [0-9 :Z-]+|[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f-]{17}", "*", text).splitlines()


@pytest.fixture
def vaulted(ansible, tmp_path):
    (tmp_path / "password").write_text("one", encoding="utf-8")
    line = ansible("ansible-vault", "encrypt_string", "--vault-password-file", "password", SECRET, "--name", "client_secret")
    return line.stdout.split(":", 1)[1].strip()


def test_both_ways_have_one_result(simulator, playbook, options, vaulted, tmp_path):
    tasks = [
        {"name": name, MODULE: given, "ignore_errors": True, **keywords} for name, (given, keywords) in TASKS.items()
    ]
    text = text_of(tasks, options, {"vaulted": "VAULTED", "raw": "UNSAFE-a", "raw_group": "UNSAFE-b"})
    block = re.sub(r"\n\s*", "\n" + 12 * " ", vaulted)
    text = text.replace("VAULTED", block)
    text = text.replace("UNSAFE-a", "!unsafe '{{ not }}@contoso.example'").replace("UNSAFE-b", "!unsafe '{{ never }}'")

    def run(here):
        for file in (*tmp_path.glob("relative*"),):
            file.unlink()
        simulator.reset()
        return playbook(text, "-vvv", "--vault-password-file", "password", "-e", json.dumps({SWITCH: here}), environment=ORDERED)

    here, there = run(True), run(False)

    assert {name for name, separate in apart(here.stdout).items() if separate} == set(), here.output
    assert all(apart(there.stdout).values()) and set(apart(there.stdout)) == set(TASKS)
    assert comparable(here) == comparable(there)
    assert SECRET not in here.output
