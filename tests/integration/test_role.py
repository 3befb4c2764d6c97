# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role and the playbooks: real ansible-playbook runs with real vault files, checked with the tenant's journal."""

from __future__ import annotations

import csv
import json
import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.modules import phone_method, sms_sign_in, sms_sign_in_info
from integration.conftest import COLLECTIONS
from integration.credentials import (
    federated_credential,
    federated_token,
    key_pem,
    own_certificate,
    public_pem,
    rsa_key,
)
from integration.playing import VAULT, statistics, summary, written
from integration.tenants import NOT_ENABLED, READY, SECRET, app, make_user, tenant

ROLE = COLLECTIONS / "ansible_collections" / "frontline" / "entra" / "roles" / "sms_sign_in"
ENABLE, DISABLE = "frontline.entra.enable_sms_sign_in", "frontline.entra.disable_sms_sign_in"
ROLL_BACK = "frontline.entra.roll_back_sms_sign_in"
MISTAKES, REQUIRE, PREPARE, SWITCH, SUMMARY, STATISTICS, FAIL = (
    f"frontline.entra.sms_sign_in : {task}"
    for task in (
        "Check the variables of the role",
        "Require users, groups or users_from",
        "Check options and credentials before the first call",
        "Enable or disable SMS sign-in",
        "Print the summary",
        "Set the statistics",
        "Fail when the run failed",
    )
)
ANNA, BEN, CARL, DORA = (f"{name}@contoso.example" for name in ("anna", "ben", "carl", "dora"))


def TENANT():
    return tenant(
        make_user("anna", 1),
        make_user("ben", 2, sms_sign_in=True),
        make_user("carl"),
        make_user("dora", 4),
        {"count": 14, "name": "worker{n:02}@contoso.example", "mobile": "+44 1632960{n:03}"},
        apps=[app(certificates=[public_pem(own_certificate())], federated=[federated_credential()])],
        groups=[
            {"name": "Frontline", "members": [ANNA, BEN, DORA]},
            {"name": "Workers", "members_match": "worker*"},
        ],
    )


@pytest.fixture
def certificate_string(ansible, tmp_path, vault_password):
    """The certificate in secrets.yml, as one encrypted string in a plain file."""
    pem = key_pem(rsa_key()) + public_pem(own_certificate())
    done = ansible("ansible-vault", "encrypt_string", *VAULT, "--stdin-name", "sms_sign_in_certificate", stdin=pem)
    assert done.returncode == 0
    (tmp_path / "secrets.yml").write_text(done.stdout, encoding="utf-8")


@pytest.fixture
def token_file(tmp_path, write_variables, vault_password):
    (tmp_path / "token").write_text(federated_token(), encoding="utf-8")
    write_variables("secrets.yml", sms_sign_in_federated_token_file=str(tmp_path / "token"))


def test_dry_run_apply_again_and_dry_run(simulator, play, secret_file):
    """Check, apply, apply again, check: one write per change, and the dry run predicts the real one."""
    dry = play(ENABLE, "--check", groups=["Frontline"])
    assert dry.returncode == 0, dry.output
    assert written(simulator) == []
    real = play(ENABLE, groups=["Frontline"])
    assert written(simulator) == [ANNA, DORA]
    for again in (play(ENABLE, groups=["Frontline"]), play(ENABLE, "--check", groups=["Frontline"])):
        assert again.of(SWITCH).result["changed"] is False
    assert written(simulator) == []

    assert [simulator.state(user) for user in (ANNA, BEN, DORA)] == [READY] * 3
    assert summary(dry) == [
        "Dry run: nothing is written.",
        "3 users: 2 would be enabled, 1 already enabled.",
        "Would change: 2 users. SMS sign-in would be enabled.",
        f"  {ANNA}",
        f"  {DORA}",
    ]
    assert summary(real) == [
        "3 users: 2 enabled, 1 already enabled.",
        "Changed: 2 users. SMS sign-in was enabled.",
        f"  {ANNA}",
        f"  {DORA}",
    ]


@pytest.mark.parametrize("place", ["play", "task"])
@pytest.mark.parametrize("entry_point", ["main", "retire"])
def test_check_mode_as_a_keyword_writes_nothing(playbook, simulator, settings, secret_file, entry_point, place):
    """Without --check, also where `retire` is confirmed. Without the keyword the same play writes."""
    role = {"name": "frontline.entra.sms_sign_in", "tasks_from": entry_point}
    variables = {"sms_sign_in_users": [ANNA if entry_point == "main" else BEN], "sms_sign_in_confirm": True}
    variables["sms_sign_in_require_methods"] = []
    files = ["settings.yml", "secrets.yml"]
    written_users = []
    for keyword in ({"check_mode": True}, {}):
        task = {"ansible.builtin.import_role": role, "vars": variables, **(keyword if place == "task" else {})}
        described = {"hosts": "localhost", "gather_facts": False, "vars_files": files, "tasks": [task]}
        played = playbook(yaml.safe_dump([{**described, **(keyword if place == "play" else {})}]), *VAULT)
        assert played.returncode == 0 and played.of(SWITCH).result["changed"], played.output
        written_users.append(written(simulator))
    assert written_users == [[], variables["sms_sign_in_users"]]


def test_disabling(simulator, play, secret_file):
    """The other playbook, as a dry run and as a real run."""
    dry = play(DISABLE, "--check", groups=["Frontline"])
    assert written(simulator) == []
    real = play(DISABLE, groups=["Frontline"])
    assert written(simulator) == [BEN]
    assert summary(dry)[1:] == [
        "3 users: 1 would be disabled, 2 already disabled.",
        "Would change: 1 user. SMS sign-in would be disabled.",
        f"  {BEN}",
    ]
    assert summary(real) == [
        "3 users: 1 disabled, 2 already disabled.",
        "Changed: 1 user. SMS sign-in was disabled.",
        f"  {BEN}",
    ]
    assert simulator.state(BEN) == NOT_ENABLED


@pytest.mark.parametrize(
    ("credential", "method"), [("certificate_string", "certificate"), ("token_file", "workload_identity")]
)
def test_other_credentials_give_the_same_result(request, simulator, play, credential, method):
    """A certificate in an encrypted string, and a federated token without any vault: dry run, real run."""
    request.getfixturevalue(credential)
    assert play(ENABLE, "--check", groups=["Frontline"]).of(SWITCH).result["changed"] is True
    assert written(simulator) == []
    real = play(ENABLE, groups=["Frontline"])
    assert written(simulator) == [ANNA, DORA]
    assert real.of(SWITCH).result["auth"] == {"method": method, "source": "options"}


def test_tenants_are_hosts_with_their_own_vaults(ansible, tmp_path, simulator, write_variables, settings):
    """Two hosts, two vault ids, in one run; statistics are listed by host."""
    write_variables("hosts.yml", all={"hosts": {"contoso": None, "tailspin": None}})
    for host, user in (("contoso", ANNA), ("tailspin", DORA)):
        (tmp_path / f"password-{host}").write_text(f"the-password-of-{host}", encoding="utf-8")
        write_variables(f"host_vars/{host}/users.yml", sms_sign_in_users=[user])
        vault = ("--vault-id", f"{host}@password-{host}")
        line = ansible("ansible-vault", "encrypt_string", *vault, SECRET, "--name", "sms_sign_in_client_secret")
        (tmp_path / "host_vars" / host / "secret.yml").write_text(line.stdout, encoding="utf-8")
    vaults = ("--vault-id", "contoso@password-contoso", "--vault-id", "tailspin@password-tailspin")
    command = ("ansible-playbook", ENABLE, "-i", "hosts.yml", "-e", "@settings.yml", "-e", "sms_sign_in_hosts=all")

    played = ansible(*command, *vaults, environment={"ANSIBLE_SHOW_CUSTOM_STATS": "true"})

    assert played.returncode == 0, played.output
    assert sorted(written(simulator)) == [ANNA, DORA]
    reported = [
        task.result["ansible_stats"]["data"]["sms_sign_in_stats"] for task in played.tasks if task.task == STATISTICS
    ]
    assert {host: counts["changed"] for one in reported for host, counts in one.items()} == {
        "contoso": 1,
        "tailspin": 1,
    }
    shown = played.stdout.partition("CUSTOM STATS")[2]
    assert "contoso" in shown and "tailspin" in shown, "one tenant's statistics replace the other's"


def test_a_closed_vault_stops_the_run_in_its_first_task(simulator, play, secret_file, tmp_path):
    """The wrong password fails before anything is sent, also when its variable would not be needed."""
    (tmp_path / "other").write_text("another password", encoding="utf-8")
    line = f"!vault |\n{(tmp_path / 'secrets.yml').read_text()}".replace("\n", "\n  ").rstrip()
    (tmp_path / "strings.yml").write_text(f"sms_sign_in_certificate: {line}\n", encoding="utf-8")

    played = play(ENABLE, users=[ANNA], secrets=("--vault-id", "contoso@other", "-e", "@strings.yml"))

    assert played.returncode == 2
    *_checks, only = played.tasks
    assert (only.status, only.action) == ("failed", "ansible.builtin.validate_argument_spec")
    assert "no vault secrets were found that could decrypt" in only.result["msg"]
    assert simulator.journal() == []


def test_a_failing_run_reports_its_changes_and_sets_statistics(simulator, play, secret_file):
    """A user without a phone fails the play; the others are changed, named, and counted.

    A later step of a workflow gets numbers and object ids: no names, phone numbers or secrets.
    """
    carl = simulator.user_id(CARL)
    played = play(ENABLE, groups=["Frontline"], users=[carl])

    assert played.returncode == 2
    assert played.of(SWITCH).result["reason"] == "some_users_failed"
    assert written(simulator) == [ANNA, DORA]
    assert summary(played) == [
        f"1 of 4 users failed: {carl} (no_mobile_phone). 2 enabled, 1 already enabled.",
        f"Failed, no_mobile_phone: 1 user. {played.of(SWITCH).result.user(carl)['msg']}",
        f"  {carl}",
        "Changed: 2 users. SMS sign-in was enabled.",
        f"  {ANNA}",
        f"  {DORA}",
    ]
    assert statistics(played) == {
        "total": 4,
        "changed": 2,
        "unchanged": 1,
        "refused": 0,
        "failed": 1,
        "skipped": 0,
        "deferred": 0,
        "reasons": {"no_mobile_phone": 1},
        "check_mode": False,
        "changed_ids": [simulator.user_id(ANNA), simulator.user_id(DORA)],
        "changed_ids_omitted": 0,
        "failed_ids": [carl],
        "failed_ids_omitted": 0,
        "wave": 1,
        "reason": "some_users_failed",
    }
    assert played.of(STATISTICS).result["ansible_stats"]["per_host"] is False, "AWX hands on the global ones only"
    shown = played.stdout.partition("CUSTOM STATS")[2]
    assert carl in shown and "@" not in shown and "2065550" not in shown


def test_a_failing_dry_run_prints_the_plan(simulator, play, secret_file):
    """The summary lists predicted changes and tolerated refusals although the play fails."""
    played = play(ENABLE, "--check", users=[ANNA, CARL, "nobody@contoso.example"], tolerate=["no_mobile_phone"])

    assert played.returncode == 2
    assert written(simulator) == []
    unknown = "nobody@contoso.example"
    message = {user: played.of(SWITCH).result.user(user)["msg"] for user in (CARL, unknown)}
    assert summary(played) == [
        "Dry run: nothing is written.",
        f"1 of 3 users failed: {unknown} (user_not_found). 1 would be enabled, 1 refused.",
        f"Failed, user_not_found: 1 user. {message[unknown]}",
        f"  {unknown}",
        f"Refused, no_mobile_phone: 1 user. {message[CARL]}",
        f"  {CARL}",
        "Would change: 1 user. SMS sign-in would be enabled.",
        f"  {ANNA}",
    ]


def test_what_messages_have_in_common_is_printed_once(simulator, play, secret_file):
    """Graph's own words name the user, so each user has them; the sentences before them are in the title."""
    unknown = [f"{name}@contoso.example" for name in ("nobody", "none")]
    played = play(ENABLE, "--check", users=unknown)

    message = [played.of(SWITCH).result.user(user)["msg"] for user in unknown]
    meaning, own, _rest = message[0].partition("Graph said: ")
    assert own and message[1].startswith(meaning) and message[0] != message[1]
    assert summary(played)[-3:] == [
        f"Failed, user_not_found: 2 users. {meaning.strip()}",
        *(f"  {user}: {msg[len(meaning) :]}" for user, msg in zip(unknown, message, strict=True)),
    ]


@pytest.mark.parametrize(
    ("report", "where"),
    [({}, "Set 'sms_sign_in_report_path' to list all."), ({"report_path": "report.csv"}, "All are in the report.")],
    ids=["no report", "report"],
)
def test_a_run_that_stops_before_the_first_write_names_the_selected_users(
    simulator, play, secret_file, tmp_path, report, where
):
    """Too many changes: the reason, ten of the users, how many more, and where all of them are."""
    report = {name: str(tmp_path / path) for name, path in report.items()}
    played = play(ENABLE, groups=["Workers"], max_changes=0, **report)

    assert played.returncode == 2
    assert written(simulator) == []
    stopped, title, *names, more = summary(played)
    assert stopped.startswith("Stopped, too_many_changes: 14 users would be written to")
    assert title == "Not reached: 14 users."
    assert [name.strip() for name in names] == [f"worker{n:02}@contoso.example" for n in range(1, 11)]
    assert more == f"  and 4 more. {where}"


def test_a_failing_run_is_short_and_shows_its_diff(simulator, play, secret_file):
    """Neither the whole result of the module nor "...ignoring" is printed. The last task fails with the message."""
    played = play(ENABLE, "--diff", users=[ANNA, CARL])

    assert played.returncode == 2
    assert [task.task for task in played.tasks if task.status == "failed"] == [FAIL] == [played.tasks[-1].task]
    assert played.of(FAIL).result["msg"] == played.of(SWITCH).result["msg"]
    assert f'+        "smsSignInState": "{READY}"' in played.stdout
    assert "ignoring" not in played.stdout and '"support"' not in played.output
    assert re.search(r"ok=\d+ +changed=1 .*failed=1 .*ignored=0", played.stdout)


def test_a_failing_run_can_be_rescued_by_its_reason(playbook, simulator, settings, secret_file):
    played = playbook(
        f"""
- hosts: localhost
  gather_facts: false
  vars_files: [settings.yml, secrets.yml]
  tasks:
    - block:
        - ansible.builtin.include_role:
            name: frontline.entra.sms_sign_in
          vars:
            sms_sign_in_users: [{ANNA}, {CARL}]
      rescue:
        - name: Look at the result
          ansible.builtin.debug:
            msg: "{{{{ sms_sign_in_result.reason }}}}: {{{{ ansible_failed_result.msg == sms_sign_in_result.msg }}}}"
""",
        *VAULT,
    )
    assert played.returncode == 0, played.output
    assert played.of("Look at the result").result["msg"] == "some_users_failed: True"


MISSPELT = "sms_sign_in_exclude_group"
NEAREST = "sms_sign_in_exclude_group is not a variable of this role. Did you mean sms_sign_in_exclude_groups?"


@pytest.mark.parametrize("validate", [True, False])
def test_an_exclude_that_holds_an_undefined_variable_fails(playbook, simulator, settings, secret_file, validate):
    """Ansible would treat it as not given, also where its own check of the variables is off or skipped."""
    role = {"name": "frontline.entra.sms_sign_in", "rolespec_validate": validate}
    variables = {"sms_sign_in_groups": ["Frontline"], "sms_sign_in_exclude_groups": ["{{ break_glass_grp }}"]}
    files, tasks = ["settings.yml", "secrets.yml"], [{"ansible.builtin.include_role": role, "vars": variables}]

    played = playbook(
        yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "vars_files": files, "tasks": tasks}]), *VAULT
    )

    assert played.returncode == 2 and "'break_glass_grp' is undefined" in played.output
    assert simulator.journal() == []


@pytest.mark.parametrize("place", ["group_vars", "host_vars", "command line", "play", "fact", "role"])
def test_a_misspelt_variable_fails_before_the_first_call(
    playbook, simulator, write_variables, settings, secret_file, place
):
    """In any place. Its value is not shown."""
    wrong = {MISSPELT: ["Hidden value"]}
    write_variables("hosts.yml", tenants={"hosts": {"contoso": {"ansible_connection": "local"}}})
    write_variables("group_vars/tenants.yml", **(wrong if place == "group_vars" else {}))
    write_variables("host_vars/contoso.yml", **(wrong if place == "host_vars" else {}))
    role = {"name": "frontline.entra.sms_sign_in"}
    tasks = [
        {"ansible.builtin.set_fact": wrong if place == "fact" else {"another": "fact"}},
        {"ansible.builtin.include_role": role, "vars": wrong if place == "role" else {}},
    ]
    variables = {"sms_sign_in_users": [ANNA], **(wrong if place == "play" else {})}
    files = ["settings.yml", "secrets.yml"]
    text = yaml.safe_dump(
        [{"hosts": "tenants", "gather_facts": False, "vars": variables, "vars_files": files, "tasks": tasks}]
    )
    extra = ["-e", json.dumps(wrong)] if place == "command line" else []

    played = playbook(text, "-i", "hosts.yml", *VAULT, *extra)

    assert played.returncode == 2
    assert played.of(MISTAKES).result["msg"] == NEAREST
    assert "Hidden value" not in json.dumps(played.of(MISTAKES).result)
    assert simulator.journal() == []


def test_a_misspelt_prefix_fails_before_the_first_call(simulator, play, secret_file):
    """It would exclude no user."""
    played = play(ENABLE, "-e", '{"sms_signin_exclude_groups": ["Workers"]}', groups=["Frontline"])

    assert played.returncode == 2
    assert played.of(MISTAKES).result["msg"] == (
        "sms_signin_exclude_groups is not a variable of this role. Did you mean sms_sign_in_exclude_groups?"
    )
    assert simulator.journal() == []


def test_variables_of_the_playbooks_and_of_the_role_itself_are_known(simulator, play, secret_file):
    """AWX hands the statistics of an earlier step on as an extra variable."""
    played = play(ENABLE, users=[ANNA], hosts="localhost", stats={"localhost": {}})
    assert played.returncode == 0, played.output


@pytest.mark.parametrize(
    "name", ["users_from", "report_path", "progress_path", "certificate_path", "federated_token_file", "ca_path"]
)
def test_a_relative_path_fails_before_the_first_call(simulator, play, secret_file, tmp_path, name):
    played = play(ENABLE, **{"users": [ANNA], name: "some/file.csv"})

    assert played.returncode == 2
    said = played.of(MISTAKES).result["msg"]
    assert said.startswith(f"sms_sign_in_{name} is a relative path") and "'{{ playbook_dir }}/FILE'" in said
    assert "{{ lookup('ansible.builtin.env', 'PWD') }}/FILE" in said
    assert simulator.journal() == []


def test_a_path_in_the_home_or_with_a_variable_is_not_relative(
    playbook, simulator, settings, secret_file, home, tmp_path
):
    played = playbook(
        f"""
- hosts: localhost
  gather_facts: false
  vars_files: [settings.yml, secrets.yml]
  roles:
    - role: frontline.entra.sms_sign_in
      sms_sign_in_users: [{ANNA}]
      sms_sign_in_report_path: ~/report.csv
      sms_sign_in_progress_path: "{{{{ playbook_dir }}}}/progress.json"
""",
        *VAULT,
    )
    assert played.returncode == 0, played.output
    assert (home / "report.csv").exists() and (tmp_path / "progress.json").exists()


@pytest.mark.parametrize(
    ("playbook_name", "state"),
    # YAML turns `off` into false.
    [(ENABLE, "disabled"), (DISABLE, "enabled"), (ENABLE, "of"), (ENABLE, False), (DISABLE, 0)],
)
@pytest.mark.parametrize("place", ["inventory", "command line"])
def test_a_playbook_refuses_another_state(simulator, play, write_variables, secret_file, playbook_name, state, place):
    write_variables("hosts.yml", all={"hosts": {"localhost": {"ansible_connection": "local"}}})
    write_variables("group_vars/all.yml", **({"sms_sign_in_state": state} if place == "inventory" else {}))
    given = {"state": state} if place == "command line" else {}

    played = play(playbook_name, "-i", "hosts.yml", groups=["Frontline"], **given)

    assert played.returncode == 2
    said = played.of("Refuse the opposite state").result["msg"]
    assert f"'sms_sign_in_state' is '{state}' for localhost" in said
    assert ("'enabled'" if playbook_name == ENABLE else "'disabled'") in said
    assert simulator.journal() == []


@pytest.mark.parametrize("state", ["disabled", " ", "", None])
def test_a_playbook_accepts_its_own_state_and_a_blank_one(simulator, play, secret_file, state):
    assert play(DISABLE, groups=["Frontline"], state=state).returncode == 0
    assert written(simulator) == [BEN]


@pytest.mark.parametrize("playbook_name", [ENABLE, DISABLE, ROLL_BACK])
@pytest.mark.parametrize(
    ("arguments", "variables"),
    [
        (("--limit", "contoso"), {}),
        (("--limit", "web"), {"hosts": "tenants"}),
        ((), {"hosts": "tenant"}),
        ((), {"hosts": "tenants:!contoso"}),
        ((), {"hosts": "None"}),
    ],
)
def test_a_run_without_a_host_fails(simulator, play, write_variables, secret_file, playbook_name, arguments, variables):
    """A limit to a tenant without sms_sign_in_hosts, a limit to others, a pattern that is misspelt or matches none."""
    write_variables("hosts.yml", all={"hosts": {"web": None}}, tenants={"hosts": {"contoso": None}})

    played = play(playbook_name, "-i", "hosts.yml", *arguments, users=[ANNA], **variables)

    assert played.returncode == 2, played.output
    said = played.of("Fail when no host is left").result["msg"]
    assert (
        said.startswith("No host is left") and f"'sms_sign_in_hosts' is {variables.get('hosts', 'localhost')}" in said
    )
    assert simulator.journal() == []


@pytest.mark.parametrize("playbook_name", ["audit_sms_sign_in", "enroll_frontline_workers", "retire_sms_sign_in"])
def test_the_other_playbooks_need_a_host_too(simulator, play, write_variables, secret_file, playbook_name):
    write_variables("hosts.yml", all={"hosts": {"web": None}}, tenants={"hosts": {"contoso": None}})

    played = play(f"frontline.entra.{playbook_name}", "-i", "hosts.yml", "--limit", "contoso", users=[ANNA])

    assert played.returncode == 2, played.output
    assert played.of("Fail when no host is left").result["msg"].startswith("No host is left")
    assert simulator.journal() == []


def test_hosts_set_in_the_inventory_are_refused(simulator, play, write_variables, secret_file):
    """A play chooses its hosts before it reads the inventory, and a limit to one of these would succeed without a task."""
    write_variables("hosts.yml", tenants={"hosts": {"contoso": None}, "vars": {"sms_sign_in_hosts": "tenants"}})

    played = play(ENABLE, "-i", "hosts.yml", "--limit", "contoso", users=[ANNA])

    assert played.returncode == 2 and "Set it with -e" in played.output
    assert simulator.journal() == []


@pytest.mark.parametrize("hosts", ["contoso", "contoso:fabrikam", ["contoso", "fabrikam"]])
def test_hosts_are_a_pattern_or_a_list(simulator, play, write_variables, secret_file, hosts):
    write_variables("hosts.yml", all={"hosts": {"contoso": None, "fabrikam": None}})

    played = play(ENABLE, "-i", "hosts.yml", "--limit", "contoso", users=[ANNA], hosts=hosts)

    assert played.returncode == 0, played.output
    assert written(simulator) == [ANNA]


def test_a_pattern_without_an_inventory_fails(simulator, play, secret_file):
    played = play(ENABLE, users=[ANNA], hosts="tenants")
    assert played.returncode == 2 and "No host is left" in played.output
    assert simulator.journal() == []


@pytest.mark.parametrize(
    ("arguments", "variables", "host"),
    [
        (("--limit", "contoso"), {"hosts": "tenants"}, "contoso"),
        (("--limit", "tenants"), {"hosts": "all"}, "contoso"),
        ((), {}, "localhost"),
    ],
)
def test_a_run_with_a_host_is_for_that_host(simulator, play, write_variables, secret_file, arguments, variables, host):
    """An inventory with other hosts does not affect a run for localhost."""
    write_variables("hosts.yml", all={"hosts": {"web": None}}, tenants={"hosts": {"contoso": None}})
    played = play(ENABLE, "-i", "hosts.yml", *arguments, users=[ANNA], **variables)
    assert played.returncode == 0, played.output
    assert played.of(SWITCH).host == host and written(simulator) == [ANNA]


def test_the_result_is_available_to_later_tasks(playbook, simulator, settings, secret_file):
    """A play with the role, then sms_sign_in_result."""
    played = playbook(
        f"""
- hosts: localhost
  gather_facts: false
  vars_files: [settings.yml, secrets.yml]
  tasks:
    - name: Call the role
      ansible.builtin.include_role:
        name: frontline.entra.sms_sign_in
      vars:
        sms_sign_in_users: {ANNA}
    - name: Look at the result
      ansible.builtin.debug:
        msg: "{{{{ sms_sign_in_result.users[0].state }}}}"
""",
        *VAULT,
    )

    assert played.of("Look at the result").result["msg"] == READY
    assert written(simulator) == [ANNA]


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"users": "", "groups": None},
        {"users": " \n , \n"},
        {"users": [" "], "groups": "\n", "users_from": ""},
    ],
)
def test_a_run_without_users_fails_before_the_first_call(simulator, play, secret_file, variables):
    """Neither users nor groups, or blank ones as a survey of AWX sends them: a sentence that names the variables."""
    played = play(ENABLE, **variables)

    assert played.returncode == 2
    said = played.of(REQUIRE).result["msg"]
    assert "'sms_sign_in_users'" in said and "'sms_sign_in_groups'" in said
    assert simulator.journal() == []


@pytest.mark.parametrize("option", ["users", "groups", "exclude_users", "exclude_groups"])
def test_a_number_in_place_of_a_name_is_refused(simulator, play, secret_file, option):
    """The role keeps it a number, which ansible-core before 2.19 turns into a text: YAML reads 0715 as 461."""
    for value in (461, True):
        played = play(ENABLE, **{"groups": ["Frontline"], option: value})

        assert played.returncode == 2
        assert f"'{option}' entry 1 is the" in played.of(FAIL).result["msg"]
    assert simulator.journal() == []


def test_an_empty_list_of_users_is_accepted(simulator, play, secret_file):
    """A list may be empty today."""
    played = play(ENABLE, users=[])

    assert played.returncode == 0
    assert summary(played) == ["No users selected."]
    assert simulator.journal() == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"client_secret": "x" * 20, "access_token": "y" * 20},
        {"certificate_path": "/nowhere/app.pem"},
        {"client_secret": "x" * 20, "max_changes": "many"},
        {"client_secret": "x" * 20, "max_changes": "inf"},
    ],
)
def test_a_missing_credential_or_a_wrong_option_fails_before_the_first_call(simulator, play, wrong):
    """The first task of the role that can check it fails, and nothing is sent."""
    played = play(ENABLE, users=[ANNA], secrets=(), **wrong)

    assert played.returncode == 2
    assert played.of(PREPARE).status == "failed"
    assert played.of(PREPARE).result["reason"] == "invalid_options"
    # Without statistics: a workflow must not take this tenant for one without changes.
    assert not [task for task in played.tasks if task.task in (SWITCH, STATISTICS)]
    assert simulator.journal() == []


def test_a_credential_in_the_environment_is_used(playbook, simulator, settings):
    """Also one that the play sets, which only modules see."""
    played = playbook(
        f"""
- hosts: localhost
  gather_facts: false
  vars_files: [settings.yml]
  environment:
    AZURE_SECRET: {SECRET}
  roles:
    - role: frontline.entra.sms_sign_in
      sms_sign_in_users: [{ANNA}]
"""
    )

    assert played.of(SWITCH).result["auth"] == {"method": "client_secret", "source": "environment"}
    assert written(simulator) == [ANNA]


@pytest.mark.parametrize("empty", ["", None])
def test_variables_left_empty_count_as_not_given(simulator, play, secret_file, empty):
    """AWX sends an empty text for a field left blank; `variable:` with nothing behind it is null."""
    given = {"users", "tenant_id", "client_id", "client_secret", "graph_url", "authority_host", "ca_path"}
    left_empty = dict.fromkeys({*sms_sign_in.SPEC.options} - given, empty)

    played = play(ENABLE, users=[ANNA], **left_empty)

    assert played.returncode == 0, played.output
    assert written(simulator) == [ANNA]


def test_a_line_break_after_the_secret_is_ignored(ansible, simulator, play, vault_password, tmp_path):
    """`ansible-vault encrypt_string` keeps the Enter that was typed after the secret."""
    done = ansible(
        *("ansible-vault", "encrypt_string", *VAULT, "--stdin-name", "sms_sign_in_client_secret"), stdin=f"{SECRET}\n"
    )
    (tmp_path / "secrets.yml").write_text(done.stdout, encoding="utf-8")

    assert play(ENABLE, users=[ANNA]).returncode == 0
    assert written(simulator) == [ANNA]


def test_zero_and_false_are_values(simulator, play, secret_file):
    """`0` and `false` are not blank: a limit of 0 allows no user, and no certificate is checked, with any `ca_path`."""
    played = play(ENABLE, users=[ANNA], max_changes=0, validate_certs=False, ca_path="/etc/hostname")

    assert played.of(SWITCH).result["reason"] == "too_many_changes"
    assert simulator.requests("phoneMethods")
    assert written(simulator) == []


ENTRY_POINTS = {
    "main": (sms_sign_in, {"waves"}, set()),
    "retire": (sms_sign_in, {"waves", "confirm"}, {"state", "policy_timeout"}),
    "roll_back": (
        sms_sign_in,
        set(),
        {"users", "groups", "registered", "state", "require_methods", "policy_timeout", "change_limit"},
    ),
    "audit": (sms_sign_in_info, set(), set()),
    "enroll": (
        phone_method,
        {"check_policy", "policy_timeout"},
        {"user", "phone_number", "phone_type", "state", "change_limit"},
    ),
}
"""The module of each entry point, the variables that are no options of it, the options that are no variables."""


@pytest.mark.parametrize("entry_point", ENTRY_POINTS)
def test_every_option_of_a_module_is_a_variable_of_the_role(entry_point):
    """The specification, the tasks and the module agree on names, lists, choices."""
    module, more, fewer = ENTRY_POINTS[entry_point]
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text("utf-8"))["argument_specs"]
    variables = {name.removeprefix("sms_sign_in_"): spec for name, spec in specs[entry_point]["options"].items()}
    tasks = "".join(file.read_text("utf-8") for file in (ROLE / "tasks").iterdir())

    assert set(variables) == (module.SPEC.options.keys() | more) - fewer
    for name in module.SPEC.options.keys() - fewer:
        option = module.SPEC.options[name]
        # The module checks options that can arrive blank, and names, which YAML may have changed.
        names = name in ("users", "groups", "exclude_users", "exclude_groups") or option.get("elements") == "dict"
        left_to_module = names or "choices" in option or option["type"] in ("int", "float", "bool")
        assert (name, variables[name]["type"]) == (name, "raw" if left_to_module else option["type"])
        assert variables[name].get("elements") == (None if names else option.get("elements"))
        assert "choices" not in variables[name]
        assert re.search(rf"sms_sign_in_{name}\)? \| default\(", tasks)
    for name in set(variables) - {"users_from"}:
        assert {str(spec["options"].get(f"sms_sign_in_{name}", variables[name])) for spec in specs.values()} == {
            str(variables[name])
        }


def test_variables_reach_the_module(play, simulator, secret_file, tmp_path):
    given = {"users": [ANNA], "exclude_users": [BEN], "exclude_groups": ["Workers"], "tolerate": ["guest"]}
    given |= {"max_changes": 5, "max_failures": 3, "change_limit": "10%", "verify_timeout": 9, "run_timeout": 99}
    given |= {"return_users": "changed", "report_path": str(tmp_path / "report.json"), "request_timeout": 33}
    played = play(ENABLE, "-vvv", **given)
    passed = played.of(SWITCH).result["invocation"]["module_args"]
    for name, value in given.items():
        assert passed[name] == (len(value) if isinstance(value, list) else value)
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["summary"]["changed"] == 1


def summaries(played):
    return [task.result["msg"][0] for task in played.tasks if task.task == SUMMARY and task.status == "ok"]


def outcomes(path):
    with path.open(newline="") as file:
        return {row["user"]: row["outcome"] for row in csv.DictReader(file)}


def test_each_wave_has_its_own_report(simulator, play, secret_file, tmp_path):
    given = {"groups": ["Workers"], "waves": [1, "25%", "100%", "100%"], "report_path": str(tmp_path / "report.csv")}
    played = play(ENABLE, **given)
    assert played.returncode == 0, played.output
    assert summaries(played) == [
        "14 users: 1 enabled, 13 deferred.",
        "14 users: 4 enabled, 1 already enabled, 9 deferred.",
        "14 users: 9 enabled, 5 already enabled.",
    ]
    assert len(written(simulator)) == 14
    reports = [outcomes(tmp_path / f"report-wave-{number}.csv") for number in (1, 2, 3)]
    assert [list(report.values()).count("changed") for report in reports] == [1, 4, 9]
    assert not (tmp_path / "report.csv").exists() and not (tmp_path / "report-wave-4.csv").exists()


def test_waves_add_up_in_the_statistics(simulator, play, secret_file):
    """Once the total, the changed of all waves, and as unchanged those that no wave changed."""
    workers = [simulator.user_id(f"worker{number:02}@contoso.example") for number in range(1, 15)]
    assert play(ENABLE, users=["worker14@contoso.example"]).returncode == 0
    played = play(ENABLE, groups=["Workers"], waves=[1, "25%", 5], return_users="changed")
    reported = statistics(played)
    counts = {
        name: reported[name] for name in ("total", "changed", "unchanged", "deferred", "failed", "wave", "reason")
    }
    assert counts == {"total": 14, "changed": 9, "unchanged": 1, "deferred": 4, "failed": 0, "wave": 3, "reason": None}
    assert reported["changed_ids"] == workers[:9] and reported["changed_ids_omitted"] == 0


def test_a_failing_wave_is_in_the_statistics_with_the_earlier_ones(simulator, play, secret_file):
    simulator.inject({"match": {"kind": "item", "path": "enableSmsSignIn"}, "skip": 2, "then": {"status": 403}})
    played = play(ENABLE, groups=["Workers"], waves=[2, 3, "100%"])
    assert played.returncode == 2
    reported = statistics(played)
    assert (reported["total"], reported["changed"], reported["failed"], reported["deferred"], reported["wave"]) == (
        14,
        4,
        1,
        9,
        2,
    )
    assert (
        reported["reason"] == "some_users_failed"
        and len(reported["changed_ids"]) == 4
        and len(reported["failed_ids"]) == 1
    )


def test_statistics_count_the_users_that_their_lists_leave_out(simulator, play, secret_file):
    """Users addressed by name have no id, and unlisted users neither."""
    reported = statistics(play(ENABLE, users=[ANNA, simulator.user_id(DORA), CARL], tolerate=["no_mobile_phone"]))
    assert (reported["changed_ids"], reported["changed_ids_omitted"]) == ([simulator.user_id(DORA)], 1)
    reported = statistics(play(DISABLE, groups=["Frontline"], return_users="none"))
    assert (reported["changed"], reported["changed_ids"], reported["changed_ids_omitted"]) == (3, [], 3)


@pytest.mark.parametrize(
    ("waves", "changed"),
    [([3, 4], 7), ([10, 100], 14), (["25%"], 4), ([2, "25%", "50%"], 10), (["25%", 2, "10 %"], 7), ([1, "100%"], 14)],
)
def test_the_dry_run_of_waves_predicts_them_together(simulator, play, secret_file, tmp_path, waves, changed):
    """As many users as the real run changes, each once."""
    given = {"groups": ["Workers"], "waves": waves, "report_path": str(tmp_path / "report.csv")}
    dry = play(ENABLE, "--check", **given)
    assert dry.returncode == 0, dry.output
    assert written(simulator) == [] and len(summaries(dry)) == 1
    real = play(ENABLE, **given)
    assert len(written(simulator)) == changed
    same = ("total", "changed", "unchanged", "deferred", "failed", "changed_ids")
    assert {name: statistics(dry)[name] for name in same} == {name: statistics(real)[name] for name in same}
    assert list(outcomes(tmp_path / "report.csv").values()).count("changed") == changed


@pytest.mark.parametrize("check", [True, False])
def test_max_changes_counts_all_waves_together(simulator, play, secret_file, check):
    """The dry run predicts the refusal."""
    played = play(ENABLE, *(["--check"] if check else []), groups=["Workers"], waves=[2, 3, "100%"], max_changes=6)
    assert played.returncode == 2
    assert statistics(played)["reason"] == "too_many_changes"
    assert len(written(simulator)) == (0 if check else 5)


@pytest.mark.parametrize("waves", ["1, 25%,100%", "\n1\n 25% \n\n100%\n"])
def test_waves_can_be_a_text(simulator, play, secret_file, waves):
    """As a survey sends them: with commas or line breaks; blanks are ignored."""
    played = play(ENABLE, groups=["Workers"], waves=waves)
    assert played.returncode == 0, played.output
    assert summaries(played) == [
        "14 users: 1 enabled, 13 deferred.",
        "14 users: 4 enabled, 1 already enabled, 9 deferred.",
        "14 users: 9 enabled, 5 already enabled.",
    ]


@pytest.mark.parametrize(("waves", "changed"), [(3, 3), (0, 0), ([], 14), (" , \n", 14)])
def test_one_wave_and_none(simulator, play, secret_file, waves, changed):
    """A single number is a wave, 0 a wave of no users. An empty value counts as not given: all users change at once."""
    played = play(ENABLE, groups=["Workers"], waves=waves)
    assert played.returncode == 0, played.output
    assert len(written(simulator)) == changed


@pytest.mark.parametrize(("limit", "changed"), [(0, 0), ("0", 0), (2, 2), (None, 14), (" ", 14)])
def test_a_change_limit_of_zero_is_a_limit(simulator, play, secret_file, limit, changed):
    played = play(ENABLE, groups=["Workers"], change_limit=limit)
    assert played.returncode == 0, played.output
    assert len(written(simulator)) == changed


@pytest.mark.parametrize("limit", [False, [], {}])
def test_a_change_limit_of_another_type_is_refused(simulator, play, secret_file, limit):
    played = play(ENABLE, groups=["Workers"], change_limit=limit)
    assert played.returncode == 2 and "'change_limit' must be a number" in played.of(PREPARE).result["msg"]
    assert simulator.journal() == []


def test_a_wave_with_a_failure_ends_the_run(simulator, play, secret_file):
    simulator.inject({"match": {"kind": "item", "path": "enableSmsSignIn"}, "then": {"status": 403}})
    played = play(ENABLE, groups=["Workers"], waves=[3, "100%"])
    assert played.returncode != 0
    failed = "1 of 14 users failed: worker01@contoso.example (forbidden)."
    assert summaries(played) == [f"{failed} 2 enabled, 11 deferred."]
    assert len(written(simulator)) == 3


@pytest.mark.parametrize("waves", [["10", "many"], ["110%"], "1 25 100%", "1 2", ["1 0"], "None", ["null"]])
def test_all_waves_are_checked_before_the_first(simulator, play, secret_file, waves):
    played = play(ENABLE, groups=["Workers"], waves=waves)
    assert played.returncode != 0 and "'change_limit' must be" in played.output
    assert simulator.requests("") == []


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_report_rolls_back_its_run_and_nothing_else(simulator, play, secret_file, tmp_path, ending):
    """check -> apply -> apply again -> check again, over the users that a run had changed."""
    report = str(tmp_path / f"report.{ending}")
    assert play(ENABLE, groups=["Frontline"], report_path=report).returncode == 0
    assert written(simulator) == [ANNA, DORA]
    dry = play(ROLL_BACK, "--check", users_from=report)
    assert dry.of(SWITCH).result["summary"]["changed"] == 2 and written(simulator) == []
    assert play(ROLL_BACK, users_from=report).returncode == 0
    assert written(simulator) == [ANNA, DORA]
    assert [simulator.state(user) for user in (ANNA, BEN, DORA)] == [NOT_ENABLED, READY, NOT_ENABLED]
    for again in (play(ROLL_BACK, users_from=report), play(ROLL_BACK, "--check", users_from=report)):
        assert again.of(SWITCH).result["changed"] is False
    assert written(simulator) == []


@pytest.mark.parametrize("state", [None, "enabled", "disabled"])
def test_a_run_that_disabled_is_rolled_back_by_enabling(simulator, play, secret_file, tmp_path, state):
    """The report has the state; a variable does not matter."""
    report = str(tmp_path / "report.csv")
    assert play(DISABLE, groups=["Frontline"], report_path=report).returncode == 0
    assert written(simulator) == [BEN]
    rolled_back = play(ROLL_BACK, users_from=report, state=state)
    assert rolled_back.returncode == 0, rolled_back.output
    assert written(simulator) == [BEN] and simulator.state(BEN) == READY


def test_a_roll_back_changes_only_the_users_of_the_report(simulator, play, secret_file, write_variables, tmp_path):
    """Users, groups, waves and state in the inventory are ignored. Its own report does not replace the other."""
    write_variables("hosts.yml", all={"hosts": {"localhost": {"ansible_connection": "local"}}})
    scope = {"groups": ["Frontline", "Workers"], "users": [BEN], "waves": [1], "change_limit": 0, "state": "enabled"}
    path = tmp_path / "report.csv"
    write_variables("group_vars/all.yml", **{f"sms_sign_in_{name}": value for name, value in scope.items()})
    assert (
        play(
            ENABLE, "-i", "hosts.yml", groups=["Frontline"], waves="", change_limit="", report_path=str(path)
        ).returncode
        == 0
    )
    assert written(simulator) == [ANNA, BEN, DORA][::2]
    before = path.read_bytes()

    rolled_back = play(ROLL_BACK, "-i", "hosts.yml", users_from=str(path), report_path=str(path))

    assert rolled_back.returncode == 0, rolled_back.output
    assert written(simulator) == [ANNA, DORA]
    assert [simulator.state(user) for user in (ANNA, BEN, DORA)] == [NOT_ENABLED, READY, NOT_ENABLED]
    assert path.read_bytes() == before
    assert outcomes(tmp_path / "report-roll-back.csv") == dict.fromkeys([ANNA, DORA], "changed")
    assert summary(rolled_back)[-2:] == [f"  {ANNA}", f"  {DORA}"]


def test_excluded_users_are_not_rolled_back(simulator, play, secret_file, tmp_path):
    report = str(tmp_path / "report.csv")
    assert play(ENABLE, groups=["Frontline"], report_path=report).returncode == 0
    written(simulator)
    assert play(ROLL_BACK, users_from=report, exclude_users=[DORA]).returncode == 0
    assert written(simulator) == [ANNA]


def test_a_roll_back_refuses_misspelt_variables(simulator, play, secret_file, tmp_path):
    played = play(ROLL_BACK, users_from=str(tmp_path / "report.csv"), exclude_group=["Break glass"])
    assert played.returncode == 2 and played.of(MISTAKES).result["msg"] == NEAREST
    assert simulator.journal() == []


def test_the_report_of_a_dry_run_is_not_rolled_back(simulator, play, secret_file, tmp_path):
    report = str(tmp_path / "report.csv")
    assert play(ENABLE, "--check", groups=["Frontline"], report_path=report).returncode == 0
    played = play(ROLL_BACK, users_from=report)
    assert played.returncode != 0 and played.of(SWITCH).result["reason"] == "invalid_file"
    assert played.returncode != 0 and "a report of a check mode run" in played.output
    assert written(simulator) == []


@pytest.mark.parametrize("name", ["users.csv", "users.txt"])
def test_a_list_of_users_is_not_rolled_back(simulator, play, secret_file, tmp_path, name):
    path = tmp_path / name
    path.write_text(f"user\n{ANNA}\n{BEN}\n", encoding="utf-8")
    played = play(ROLL_BACK, users_from=str(path))
    assert played.returncode != 0 and played.of(SWITCH).result["reason"] == "invalid_file"
    assert "is not a report" in played.output and written(simulator) == []


@pytest.mark.parametrize("given", [{"users": [ANNA]}, {"users_from": ""}])
def test_a_roll_back_needs_a_report(simulator, play, secret_file, given):
    played = play(ROLL_BACK, **given)
    assert (
        played.returncode != 0
        and "sms_sign_in_users_from" in played.of("frontline.entra.sms_sign_in : Require a report").result["msg"]
    )
    assert simulator.journal() == []


@pytest.mark.adapters("action", "module")
@pytest.mark.parametrize(
    ("credential", "users"),
    [
        ("secret_file", [ANNA, BEN]),
        ("secret_file", [ANNA, CARL]),
        ("certificate_string", [ANNA, CARL]),
        ("token_file", [ANNA, BEN]),
    ],
)
@pytest.mark.adapters("action", "module")
@pytest.mark.covers("M23")
def test_no_secret_is_shown_or_left_behind(request, simulator, play, home, tmp_path, credential, users):
    """At -vvvv --diff, with pipelining off by default: no secret, key, token or number in any stream or file."""
    request.getfixturevalue(credential)
    played = play(
        *(ENABLE, "-vvvv", "--diff"),
        users=users,
        report_path=str(tmp_path / "report.csv"),
        environment={"ANSIBLE_PIPELINING": "false"},
    )

    assert played.returncode == (0 if BEN in users else 2)
    assert written(simulator) == [ANNA]
    assert "AnsiballZ_sms_sign_in" not in played.output, "the module and its arguments went through a file"
    left = {file: file.read_text("utf-8", "replace") for file in home.rglob("*") if file.is_file()}
    left["report"] = (tmp_path / "report.csv").read_text("utf-8")
    left["output"] = played.output
    left["results"] = json.dumps([task.result for task in played.tasks])
    for file, text in left.items():
        for secret in (SECRET, "PRIVATE KEY", "the-password-of-the-vault", "eyJ", key_pem(rsa_key()).split("\n")[3]):
            assert secret not in text, f"{secret[:12]} in {file}"
        assert not re.search(r"2065550\s*10\d|206\s*555\s*010\d", text), f"a phone number in {file}"


@pytest.mark.adapters("module")
def test_without_the_role_a_module_is_sent_as_a_file(playbook, simulator, options):
    """What the role's pipelining prevents; this shows that the test above would notice it."""
    task = {"frontline.entra.sms_sign_in": {**options, "users": [ANNA]}}
    text = yaml.safe_dump([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}])
    played = playbook(text, "-vvvv", environment={"ANSIBLE_PIPELINING": "false"})

    assert "AnsiballZ_sms_sign_in" in played.output
