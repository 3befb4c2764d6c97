# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""configure_awx and its data, without an AWX; `make awx` runs them in a real one."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
from jinja2 import ChainableUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from integration.documents import ROOT, awx_data

DATA = ROOT / "playbooks" / "vars" / "awx.yml"
PLAYBOOK = "frontline.entra.configure_awx"

# Roles of infra.aap_configuration (of October 2024), and the keys of an item that each reads.
COMMON = "name description organization"
NOTIFIED = "notification_templates_success notification_templates_error notification_templates_approvals"
ACCEPTED = {
    "aap_organizations": ("controller_organizations", "name galaxy_credentials"),
    "controller_credential_types": ("controller_credential_types", "name description kind inputs injectors"),
    "controller_credentials": ("controller_credentials", f"{COMMON} credential_type inputs update_secrets"),
    "controller_execution_environments": ("controller_execution_environments", f"{COMMON} image pull credential"),
    "controller_notifications": (
        "controller_notification_templates",
        f"{COMMON} notification_type notification_configuration messages",
    ),
    "controller_projects": (
        "controller_projects",
        f"{COMMON} scm_type scm_url scm_branch credential scm_clean scm_update_on_launch",
    ),
    "controller_inventories": ("controller_inventories", f"{COMMON}"),
    "controller_inventory_sources": (
        "controller_inventory_sources",
        f"{COMMON} inventory source source_project source_path overwrite overwrite_vars update_on_launch",
    ),
    "controller_templates": (
        "controller_job_templates",
        f"{COMMON} project playbook inventory execution_environment credentials job_type ask_job_type_on_launch"
        " diff_mode forks timeout job_slice_count ask_limit_on_launch extra_vars survey_enabled survey_spec"
        f" {NOTIFIED}",
    ),
    "controller_workflows": (
        "controller_workflow_job_templates",
        f"{COMMON} ask_limit_on_launch simplified_workflow_nodes {NOTIFIED}",
    ),
    "controller_schedules": ("controller_schedules", f"{COMMON} unified_job_template rrule enabled"),
}
NODE = [
    "identifier",
    "unified_job_template",
    "lookup_organization",
    "approval_node",
    "success_nodes",
    "failure_nodes",
    "always_nodes",
]

AWKWARD = {
    "entra_prefix": 'It\'s "SMS": {x}',
    "entra_hosts": "0123",
    "entra_vaults": {"0123": 'it\'s "one"', "Yes": "0123", "": "no id"},
    "entra_webhook": "https://hooks.example/0123",
    "entra_mail": {"recipients": ["anna@contoso.example"], "host": "mail.example"},
    "entra_report_folder": "/srv/sms-sign-in",
    "entra_scm_credential": "Git",
    "entra_scm_inputs": {"username": "git", "password": "Yes"},
}
GIVEN = {"entra_scm_url": "https://git.example/entra.git", "entra_image": "registry.example/ee:1"}
CASES = {"nothing but what is required": GIVEN, "two vaults": GIVEN | {"entra_vaults": {"a": "1", "b": "2"}},
         "names that YAML and Jinja take for something else": GIVEN | AWKWARD}  # fmt: skip

RENDER = f"""
- hosts: localhost
  gather_facts: false
  vars_files: [{DATA}]
  tasks:
    - ansible.builtin.copy:
        content: "{{{{ {{{", ".join(f"'{name}': {name}" for name in ACCEPTED)}}} | to_json }}}}"
        dest: rendered.json
        mode: "0600"
"""


@pytest.fixture
def given(tmp_path):
    """Writes a user's values: given(entra_prefix="...") is the argument that reads them."""

    def write(**values):
        (tmp_path / "given.json").write_text(json.dumps(values), "utf-8")
        return ("-e", "@given.json")

    return write


RENDERED: dict[str, object] = {}


@pytest.fixture
def rendered(playbook, given, tmp_path):
    """All lists as Ansible renders them, once for the same values."""

    def render(**values):
        key = json.dumps(values)
        if key not in RENDERED:
            assert playbook(RENDER, *given(**values)).returncode == 0
            RENDERED[key] = json.loads((tmp_path / "rendered.json").read_text("utf-8"))
        return RENDERED[key]

    return render


def accepted_by(role):
    """The keys that a role reads, in the repository whose git directory INFRA_AAP_CONFIGURATION names."""
    show = ("git", f"--git-dir={os.environ['INFRA_AAP_CONFIGURATION']}", "grep", "-hoE", r"_item\.[a-z_]+", "HEAD")
    found = subprocess.run([*show, "--", f"roles/{role}/tasks"], stdout=subprocess.PIPE, check=True, encoding="utf-8")
    return {line.partition(".")[2] for line in found.stdout.split()}


def names(objects):
    return [one["name"] for one in objects]


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_the_data_have_the_shape_of_infra_aap_configuration(rendered, values):
    lists = rendered(**values)

    for name, (role, keys) in ACCEPTED.items():
        accepted = set(keys.split())
        if os.environ.get("INFRA_AAP_CONFIGURATION"):
            assert accepted <= accepted_by(role), name
        assert [one.keys() - accepted for one in lists[name] if one.keys() - accepted] == [], name
        assert len(names(lists[name])) == len(set(names(lists[name]))), name
    nodes = [node for flow in lists["controller_workflows"] for node in flow["simplified_workflow_nodes"]]
    assert {key for node in nodes for key in node} <= set(NODE)


@pytest.mark.parametrize("values", CASES.values(), ids=CASES)
def test_the_objects_refer_to_each_other(rendered, values):
    lists = rendered(**values)
    templates = lists["controller_templates"]
    known = {name: set(names(objects)) for name, objects in lists.items()}

    assert len(templates) == 16 and len(lists["controller_workflows"]) == 3
    for template in templates:
        assert template["project"] in known["controller_projects"]
        assert template["inventory"] in known["controller_inventories"]
        assert template["execution_environment"] in known["controller_execution_environments"]
        assert len(template["credentials"]) == len(values.get("entra_vaults", {}))
        assert set(template["credentials"]) <= known["controller_credentials"]
        notified = template["notification_templates_error"]
        assert set(notified) == known["controller_notifications"]
        assert template["ask_limit_on_launch"] is True and template["job_slice_count"] == 1
        assert template["extra_vars"]["sms_sign_in_hosts"] == values.get("entra_hosts", "tenants")
        assert template["extra_vars"].get("report_folder") == values.get("entra_report_folder")
        assert int(template["extra_vars"]["sms_sign_in_run_timeout"]) < int(template["timeout"])
    for flow in lists["controller_workflows"]:
        found = {node["identifier"]: node for node in flow["simplified_workflow_nodes"]}
        assert list(found) == ["update", "dry_run", "approval", "approved", "audit"]
        assert found["update"]["unified_job_template"] in known["controller_projects"]
        for name in ("dry_run", "approved", "audit"):
            assert found[name]["unified_job_template"] in known["controller_templates"]
        assert found["dry_run"]["always_nodes"] == ["approval"] and found["approval"]["success_nodes"] == ["approved"]
        assert found["approval"]["approval_node"]["timeout"] == 86400
    (schedule,) = lists["controller_schedules"]
    assert schedule["unified_job_template"] in known["controller_templates"]
    assert {one["description"].endswith(" Managed by frontline.entra.configure_awx.")
            for name, objects in lists.items() if name != "aap_organizations" for one in objects} == {True}  # fmt: skip


def test_secrets_arrive_as_given_and_replace_nothing(rendered):
    git, *vaults = rendered(**CASES["names that YAML and Jinja take for something else"])["controller_credentials"]

    assert [one["inputs"] for one in vaults] == [
        {"vault_id": "0123", "vault_password": 'it\'s "one"'},
        {"vault_id": "Yes", "vault_password": "0123"},
        {"vault_password": "no id"},
    ]
    assert (git["name"], git["inputs"]) == ("Git", {"username": "git", "password": "Yes"})
    assert {one["update_secrets"] for one in (git, *vaults)} == {False}


def test_what_only_looks_cannot_be_launched_to_write(rendered):
    templates = {one["name"].partition(": ")[2]: one for one in rendered(**GIVEN)["controller_templates"]}
    asking = {name for name, one in templates.items() if one.get("ask_job_type_on_launch")}

    assert asking == {"some users", "roll back"}
    checks = {name for name, one in templates.items() if one["job_type"] == "check"}
    assert checks == {name for name in templates if re.search("dry run|audit", name)}


def test_objects_that_are_not_wanted_are_left_out(rendered):
    lists = rendered(**GIVEN, entra_jobs=["disable", "read"], entra_nightly="")

    assert len(lists["controller_templates"]) == 5
    assert names(lists["controller_workflows"]) == ["Entra SMS sign-in: disable with approval"]
    assert lists["controller_schedules"] == lists["controller_notifications"] == []


def test_an_approved_run_changes_as_many_users_as_its_dry_run_showed(rendered, playbook, tmp_path):
    template = next(
        one for one in rendered(**GIVEN)["controller_templates"] if one["name"].endswith("disable approved")
    )
    (tmp_path / "template.json").write_text(json.dumps(template["extra_vars"]), "utf-8")
    approved = {"changed": 7, "check_mode": True, "reason": None, "revision": "abc"}
    hosts = {
        "approved": (approved, "7"),
        "failed": (approved | {"reason": "some_users_failed"}, "0"),
        "of_another_revision": (approved | {"revision": "abd"}, "0"),
        "without_a_revision": ({name: approved[name] for name in ("changed", "check_mode", "reason")}, "0"),
        "not_a_dry_run": (approved | {"check_mode": False}, "0"),
        "not_in_it": (None, "0"),
    }
    passed_on = {"awx_project_revision": "abc", "awx_job_launch_type": "workflow",
                 "sms_sign_in_stats": {name: one for name, (one, _limit) in hosts.items() if one}}  # fmt: skip
    (tmp_path / "passed_on.json").write_text(json.dumps(passed_on), "utf-8")
    text = """
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.debug: {msg: "{{ sms_sign_in_max_changes }}"}
"""
    arguments = ("-i", ",".join(hosts), "-e", "@template.json")

    played = playbook(text, *arguments, "-e", "@passed_on.json")
    assert {task.host: str(task.result["msg"]).strip() for task in played.tasks} == {
        name: limit for name, (_one, limit) in hosts.items()
    }
    for more in ((), ("-e", "@passed_on.json", "-e", "awx_job_launch_type=relaunch")):
        alone = playbook(text, *arguments, *more)
        assert {str(task.result["msg"]).strip() for task in alone.tasks} == {"0"}


def test_notifications_have_the_numbers_of_each_tenant(rendered):
    """Under the rules of AWX: a sandbox, in which what is missing is empty, also for a job that set no statistics."""
    notifications = rendered(**CASES["names that YAML and Jinja take for something else"])["controller_notifications"]
    webhook, mail = (one["messages"] for one in notifications)
    awx = ImmutableSandboxedEnvironment(undefined=ChainableUndefined)
    run = {"changed": 3, "total": 9, "refused": 2, "failed": 1, "skipped": 1, "check_mode": True}
    stats = {"contoso": run | {"reason": None}, 'a "b"': run | {"reason": "incomplete"}}
    job = {"name": 'It\'s "SMS": dry run', "status": "failed", "artifacts": {"sms_sign_in_stats": stats}}

    body = json.loads(awx.from_string(webhook["error"]["body"]).render(job=job, url="https://awx.example/1"))
    assert body["tenants"]['a "b"'] == {
        "changed": 3, "total": 9, "refused": 2, "failed": 2, "check_mode": True, "reason": "incomplete"
    }  # fmt: skip
    line = "contoso: 3 of 9 users would change, 2 refused, 2 failed"
    assert line in body["text"] and body["job"] == job["name"]
    assert line in awx.from_string(mail["error"]["body"]).render(job=job)
    # A run that reads has other numbers.
    stats["contoso"] = {"total": 9, "states": {}, "failed": 1, "check_mode": False, "reason": "some_users_failed"}
    body = json.loads(awx.from_string(webhook["error"]["body"]).render(job=job, url=""))
    assert list(body["tenants"]) == ['a "b"'] and "contoso" not in body["text"]
    assert "contoso" not in awx.from_string(mail["error"]["body"]).render(job=job)
    job["artifacts"] = {}
    assert json.loads(awx.from_string(webhook["success"]["body"]).render(job=job, url=""))["tenants"] == {}
    assert "No numbers" in awx.from_string(mail["success"]["body"]).render(job=job)
    for status in webhook["workflow_approval"].values():
        approval = {
            "approval_node_name": job["name"],
            "approval_status": "pending",
            "workflow_url": "https://awx.example",
        }
        assert json.loads(awx.from_string(status["body"]).render(approval))["approval"] == job["name"]


def test_without_awx_awx_the_first_task_says_how_to_get_it(ansible, given):
    played = ansible("ansible-playbook", PLAYBOOK, *given(**GIVEN))

    assert played.returncode == 2
    assert "ansible-galaxy collection install awx.awx" in played.tasks[-1].result["msg"]
    assert len(played.tasks) == 2


ACTION = """
from ansible.plugins.action import ActionBase
class ActionModule(ActionBase):
    _supports_check_mode = True
    def run(self, tmp=None, task_vars=None):
        return {"changed": False, "id": 7, "given": self._task.args}
"""
LOOKUP = """
from ansible.plugins.lookup import LookupBase
class LookupModule(LookupBase):
    def run(self, terms, variables=None, **more):
        if terms[0].endswith("galaxy_credentials"):
            return []
        return [{"id": 7, "name": "read", "identifier": "old", "status": "successful"}]
"""


@pytest.fixture
def without_awx(tmp_path):
    """The collection awx.awx in shape only: actions return what they are given, AWX has one object of each kind."""
    plugins = tmp_path / "collections" / "ansible_collections" / "awx" / "awx" / "plugins"
    for folder in ("action", "lookup"):
        (plugins / folder).mkdir(parents=True)
    tasks = (ROOT / "playbooks" / "tasks" / "awx_objects.yml").read_text("utf-8")
    for name in set(re.findall(r"awx\.awx\.(\w+):", tasks)):
        (plugins / "action" / f"{name}.py").write_text(ACTION, "utf-8")
    (plugins / "lookup" / "controller_api.py").write_text(LOOKUP, "utf-8")
    return {"ANSIBLE_COLLECTIONS_PATH": f"{ROOT.parents[2]}{os.pathsep}{tmp_path / 'collections'}"}


def test_every_task_is_rendered_and_what_left_the_data_is_reported(ansible, given, without_awx):
    values = CASES["names that YAML and Jinja take for something else"]

    played = ansible("ansible-playbook", PLAYBOOK, "--check", *given(**values), environment=without_awx)

    assert played.returncode == 0, played.output
    left = played.of("Report what is in AWX and no longer in the data").result["msg"]
    assert "job_templates: read" in left and 'node of It\'s "SMS": {x}: retire with approval: old' in left
    assert "collections/requirements.yml" in played.stdout
    secrets = (*AWKWARD["entra_vaults"].values(), "hooks.example")
    assert [secret for secret in secrets if secret != "0123" and secret in played.output] == []


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Set 'entra_scm_url' to the address of your project. Set 'entra_image'"),
        (
            GIVEN | {"entra_scm_url": "https://git:tok/en@git.example/x.git"},
            "'entra_scm_url' must not contain a password",
        ),
        (GIVEN | {"entra_jobs": ["enable", "reed"]}, "'entra_jobs' has the unknown reed"),
        (GIVEN | {"entra_hosts": 83}, "Quote names, groups and vault ids"),
        (GIVEN | {"entra_scm_inputs": {"username": "git"}}, "'entra_scm_inputs' needs a name"),
    ],
)
def test_mistakes_are_reported_before_anything_is_changed(ansible, given, without_awx, values, message):
    played = ansible("ansible-playbook", PLAYBOOK, *given(**values), environment=without_awx)

    assert played.returncode == 2
    assert message in played.tasks[-1].result["msg"] and "tok/en" not in played.output
    assert played.tasks[-1].task == "Check the variables"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"entra_jobs": "enable, audit", "entra_credentials": "Mine", "entra_vaults": None},
            "Give a list in entra_jobs, entra_credentials. Give a mapping of vault ids and passwords in 'entra_vaults'",
        ),
        (
            {"entra_jobs": None, "entra_galaxy_credentials": {"a": 1}, "entra_vaults": ["a"]},
            "entra_galaxy_credentials.",
        ),
        (
            {"entra_approval_timeout": "1d", "entra_timeout": "", "entra_forks": -1},
            "Give a whole number without a unit in entra_forks, entra_timeout, entra_approval_timeout.",
        ),
        ({"entra_approval_timeout": True}, "a whole number without a unit in entra_approval_timeout."),
        ({"entra_hosts": " ", "entra_prefix": ""}, "Set entra_hosts, entra_prefix: it must not be blank."),
        ({"entra_organization": None}, "Set entra_organization: it must not be blank."),
    ],
)
def test_values_of_another_type_are_reported_first(ansible, given, without_awx, values, message):
    played = ansible("ansible-playbook", PLAYBOOK, *given(**{**GIVEN, **values}), environment=without_awx)

    assert played.returncode == 2
    assert message in played.tasks[-1].result["msg"]
    assert played.tasks[-1].task == "Check the types of the variables"


def test_the_data_hold_no_secret():
    loaded = awx_data()

    assert (loaded["entra_vaults"], loaded["entra_scm_inputs"], loaded["entra_webhook"]) == ({}, {}, "")
