# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import os
import stat
from functools import partial
from types import SimpleNamespace

import pytest
from ansible.module_utils.common.parameters import PASS_VARS
from ansible.module_utils.testing import patch_module_args

from ansible_collections.frontline.entra.plugins.module_utils import _module, _task, _work
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._results import _report
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import KINDS
from ansible_collections.frontline.entra.plugins.modules import phone_method, sms_sign_in
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    DrivenWorkers,
    FakeSession,
    FakeTenant,
    FakeUser,
    Write,
    answer,
    granted,
    jwt,
    login,
    per_item,
    without_end_date,
)

SECRET = "s~ecret.of-the_app"
TOKEN = jwt(idtyp="app", roles=["UserAuthMethod-Phone.ReadWrite.All", "GroupMember.ReadBasic.All"])
HOSTS = {"graph_url": "https://graph.contoso.example", "authority_host": "https://login.contoso.example"}
APP = {"tenant_id": "contoso.example", "client_id": "app-id", "client_secret": SECRET, **HOSTS}
KEYS = {"changed", "msg", "reason", "support", "users", "users_omitted", "summary", "requests", "auth", "invocation"}
SUPPORT = {"status", "code", "request_id", "client_request_id", "date"}


@pytest.fixture(name="environment", autouse=True)
def fixture_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("AZURE_") or name == "REQUESTS_CA_BUNDLE":
            monkeypatch.delenv(name)
    return monkeypatch


class Result(dict):
    """The result with its `output` as printed, the fake `session` and the `warnings`, but the one of the date."""

    def __init__(self, result, **more):
        super().__init__(result)
        self.__dict__.update(more)


@pytest.fixture(name="run")
def fixture_run(monkeypatch, capsys):
    """Runs the module's main() on a fake tenant in place of the network, and gives its result."""

    def run(on=None, login_reply=None, check_mode=False, diff=False, **options):
        tenant, warnings = on or FakeTenant(FakeUser(1)), []
        sign_in = login(login_reply or granted(TOKEN))
        graph = per_item(tenant._reply)

        def respond(call):
            return graph(call) if call.url.startswith(HOSTS["graph_url"]) else sign_in(call)

        session = FakeSession(respond, tenant.workers)
        monkeypatch.setattr(_work, "Session", lambda *_options: session)
        monkeypatch.setattr(_work, "Threads", lambda: tenant.workers)
        for file in (_task, _work):
            monkeypatch.setattr(file, "time", SimpleNamespace(monotonic=tenant.workers.now))
        monkeypatch.setattr(_report, "ReportFile", partial(_report.ReportFile, clock=tenant.workers.now))
        monkeypatch.setattr(_module.AnsibleModule, "warn", lambda _module, text: warnings.append(text))
        internal = {"check_mode": check_mode, "diff": diff}
        if "inject_invocation" in PASS_VARS:  # ansible-core 2.21 leaves it out unless asked
            internal["inject_invocation"] = True
        given = {**options, **{f"_ansible_{name}": value for name, value in internal.items()}}
        with patch_module_args(given), pytest.raises(SystemExit) as exited:
            sms_sign_in.main()
        output = capsys.readouterr().out
        result = json.loads(output)
        assert result.get("failed", False) is (exited.value.code == 1)
        assert SECRET not in output
        assert "eyJ" not in output
        assert not any(user.phone_number[3:] in output for user in tenant.users)
        return Result(result, output=output, session=session, warnings=without_end_date(warnings))

    return run


def all_names(tenant):
    return [user.name for user in tenant.users]


def all_ids(tenant):
    return [user.id for user in tenant.users]


# -- results


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_success(run, check_mode):
    tenant = FakeTenant(FakeUser(1), FakeUser(2, "ready"))
    result = run(tenant, users=all_names(tenant), check_mode=check_mode, **APP)
    assert set(result) == KEYS
    assert (result["changed"], result["reason"], result["support"]) == (True, None, None)
    assert [(user["user"], user["changed"]) for user in result["users"]] == [
        ("user1@contoso.example", True),
        ("user2@contoso.example", False),
    ]
    assert result["users"][0]["phone_number"] == "********01"
    assert result["auth"] == {"method": "client_secret", "source": "options"}
    assert result["requests"]["sent"] == len(result.session.calls)
    assert bool(tenant.written) is not check_mode
    assert ("would be" in result["msg"]) is check_mode


def test_a_failed_user_keeps_the_whole_result(run):
    tenant = FakeTenant(FakeUser(1), FakeUser(2, phone=False))
    result = run(tenant, users=all_names(tenant), diff=True, **APP)
    assert set(result) == KEYS | {"failed", "diff", "diff_omitted"}
    assert (result["failed"], result["changed"], result["reason"]) == (True, True, "some_users_failed")
    assert result["summary"]["reasons"] == {"no_mobile_phone": 1}
    assert result["msg"] == "1 of 2 users failed: user2@contoso.example (no_mobile_phone). 1 enabled."
    assert result["diff"]["before"]["user1@contoso.example"] == {
        "phone_number": "********01",
        "smsSignInState": "notEnabled",
    }
    assert (result["diff"]["after"]["user1@contoso.example"]["smsSignInState"], result["diff_omitted"]) == ("ready", 0)


def test_tolerated_refusals_and_deferred_users_are_no_failure(run):
    tenant = FakeTenant(FakeUser(1), FakeUser(2), FakeUser(3, phone=False))
    result = run(tenant, users=all_names(tenant), tolerate=["no_mobile_phone"], change_limit="1", **APP)
    assert result["reason"] is None
    assert [result["summary"][kind] for kind in KINDS] == [1, 0, 1, 0, 0, 1]


@pytest.mark.parametrize(
    ("reply", "reason", "code"),
    [
        (
            answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Wrong.", "trace_id": "t"}),
            "authentication_failed",
            "AADSTS7000215",
        ),
        (answer(200, "<html>"), "unreachable", None),
    ],
)
def test_a_failed_login(run, reply, reason, code):
    result = run(login_reply=reply, users=["anna@contoso.example"], **APP)
    assert (result["reason"], result["changed"], result["summary"]["skipped"]) == (reason, False, 1)
    assert (result["support"] or {}).get("code") == code
    assert result["support"] is None or set(result["support"]) == SUPPORT
    assert result["auth"]["method"] == "client_secret"
    assert result["requests"]["sent"] == len(result.session.calls) == 2


def test_a_token_that_graph_rejects(run):
    tenant = FakeTenant(FakeUser(1))
    tenant.rejected_tokens = (TOKEN,)
    result = run(tenant, users=all_names(tenant), access_token=TOKEN, **HOSTS)
    assert (result["reason"], result["auth"]["method"]) == ("authentication_failed", "access_token")
    assert len(result.session.calls) == 1


def test_requests_are_counted(run):
    tenant = FakeTenant(FakeUser(1, on_write=[Write(429, False, headers={"Retry-After": "2"})]))
    result = run(tenant, users=all_names(tenant), **APP)
    # The requested two seconds, then the pace of a service that has just refused.
    assert 2.0 <= result["requests"].pop("seconds") < 4.0
    assert result["requests"] == {"sent": 7, "throttled": 1, "retried": 1}


@pytest.mark.parametrize("return_users", ["all", "changed", "none"])
def test_return_users_limits_the_users_in_the_result(run, return_users):
    tenant = FakeTenant(FakeUser(1), FakeUser(2, "ready"))
    result = run(tenant, users=all_names(tenant), return_users=return_users, **APP)
    assert len(result["users"]) == {"all": 2, "changed": 1, "none": 0}[return_users]
    assert (result["summary"]["total"], result["users_omitted"]) == (2, 0)


# -- options


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"users": ["a@contoso.example"], "state": "on", **APP}, "state"),
        ({"users": [42], **APP}, "'users' entry 1 is the number 42"),
        ({"groups": ["G", True], **APP}, "'groups' entry 2 is the boolean true"),
        ({"users": ["x"], **APP}, "'users' has no user name at entry 1"),
        ({"users": ["a@contoso.example"], "max_changes": "many", **APP}, "max_changes"),
        (
            {"users": ["a@contoso.example"], "max_changes": True, **APP},
            "'max_changes' is the boolean true, not a number",
        ),
        ({"users": ["a@contoso.example"], "run_timeout": False, **APP}, "'run_timeout' is the boolean false"),
        ({"users": ["a@contoso.example"], "unknown": 1, **APP}, "unknown"),
        ({"users": ["a@contoso.example"], "validate_certs": "perhaps", **APP}, "validate_certs"),
        ({**APP}, "set 'users', 'groups', 'users_from' or 'registered'"),
        ({"users": "", "groups": None, **APP}, "set 'users', 'groups', 'users_from' or 'registered'"),
        ({"users": ["a@contoso.example"], "tolerate": ["everything"], **APP}, "tolerate"),
        ({"users": ["a@contoso.example"], "report_path": "report.xls", **APP}, "report_path"),
        ({"users": ["a@contoso.example"], **APP, "cloud": "mars"}, "mars"),
        ({"users": ["a@contoso.example"], **APP, "graph_url": "http://graph.contoso.example"}, "graph_url"),
        ({"users": ["a@contoso.example"], **HOSTS}, "No credential"),
        ({"users": ["a@contoso.example"], **APP, "access_token": TOKEN}, "Give one credential only"),
        ({"users": ["a@contoso.example"], **APP, "tenant_id": ""}, "tenant_id"),
        ({"users": ["me"], **APP}, "'me'"),
    ],
)
def test_invalid_options_are_reported_with_every_key(run, options, words):
    result = run(**options)
    assert result["failed"]
    assert set(result) >= KEYS
    assert result["reason"] == "invalid_options"
    assert words in result["msg"]
    assert result["requests"]["sent"] == len(result.session.calls)
    assert [call for call in result.session.calls if call.url.startswith(HOSTS["graph_url"])] == []


@pytest.mark.parametrize("cloud", ["china", "AzureChinaCloud"])
def test_a_cloud_without_the_action_is_refused_before_any_request(run, cloud):
    result = run(users=["anna@contoso.example"], **{**APP, "cloud": cloud})
    assert (result["reason"], result.session.calls) == ("not_available_in_cloud", [])


BLANKS = dict.fromkeys(
    (
        *("certificate", "certificate_path", "certificate_passphrase", "federated_token_file", "access_token", "cloud"),
        *("ca_path", "validate_certs", "request_timeout", "groups", "exclude_users", "exclude_groups", "tolerate"),
        *("max_changes", "max_failures", "change_limit", "verify_timeout", "run_timeout", "report_path"),
    )
)


@pytest.mark.parametrize("blank", ["", "  ", None])
def test_a_blank_option_counts_as_not_given(run, blank):
    tenant = FakeTenant(FakeUser(1))
    result = run(tenant, users=all_names(tenant), **APP, **dict.fromkeys(BLANKS, blank))
    assert (result["reason"], result["summary"]["changed"]) == (None, 1)
    given = result["invocation"]["module_args"]
    assert (given["request_timeout"], given["validate_certs"], given["verify_timeout"]) == (75.0, True, 60.0)


@pytest.mark.parametrize("option", ["state", "return_users", "auth_method"])
@pytest.mark.parametrize("blank", ["", " ", None])
def test_a_blank_choice_is_its_default(run, option, blank):
    result = run(FakeTenant(), users=[], **APP, **{option: blank})
    assert result["reason"] is None
    defaults = {"state": "enabled", "return_users": "all", "auth_method": "auto"}
    assert result["invocation"]["module_args"][option] == defaults[option]


def test_without_validation_of_certificates_a_warning_is_given(run):
    tenant = FakeTenant(FakeUser(1))
    (warning,) = run(tenant, users=all_names(tenant), validate_certs=False, **APP).warnings
    assert "'validate_certs' is off" in warning
    assert run(FakeTenant(), users=[], **APP).warnings == []


@pytest.mark.parametrize("alias", ["user", "group"])
@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_alias_does_not_hide_the_option(run, alias, blank):
    tenant = FakeTenant(FakeUser(1), groups={"10000000-bbbb-4444-8888-000000000000": ("G", [FakeUser(1)])})
    result = run(tenant, users=all_names(tenant), groups=["G"], **APP, **{alias: blank})
    assert (result["reason"], result["summary"]["total"]) == (None, 1)


@pytest.mark.parametrize(("option", "alias"), [("users", "user"), ("groups", "group")])
def test_two_lists_for_one_option_are_refused(run, option, alias):
    """Ansible takes the alias and drops the other list, with a warning only."""
    tenant = FakeTenant(FakeUser(1), FakeUser(2))
    result = run(tenant, **APP, **{option: ["a@contoso.example"], alias: "b@contoso.example"})
    assert result["reason"] == "invalid_options" and f"'{option}' and '{alias}'" in result["msg"]


def test_a_tenant_is_shown_with_the_digits_of_its_domain(run):
    result = run(FakeTenant(), users=[], **{**APP, "tenant_id": "M365x98765432.onmicrosoft.com"})
    assert result["invocation"]["module_args"]["tenant_id"] == "M365x98765432.onmicrosoft.com"


def test_aliases(run):
    tenant = FakeTenant(FakeUser(1))
    result = run(
        tenant,
        user=tenant.users[0].name,
        tenant="contoso.example",
        client_id="app-id",
        secret=SECRET,
        cloud_environment="AzureCloud",
        **HOSTS,
    )
    assert result["summary"]["changed"] == 1


def test_an_empty_list_of_users_is_accepted(run):
    result = run(FakeTenant(), users=[], **APP)
    assert (result["reason"], result["changed"], result["summary"]["total"]) == (None, False, 0)
    assert result.session.calls == []


def test_the_environment_is_read_where_the_module_runs(run, environment):
    environment.setenv("AZURE_TENANT", "contoso.example")
    environment.setenv("AZURE_CLIENT_ID", "app-id")
    environment.setenv("AZURE_SECRET", SECRET)
    tenant = FakeTenant(FakeUser(1))
    result = run(tenant, users=all_names(tenant), **HOSTS)
    assert (result["reason"], result["auth"]) == (None, {"method": "client_secret", "source": "environment"})


# -- what is shown


def test_the_invocation_counts_lists_and_hides_secrets(run):
    tenant = FakeTenant(*(FakeUser(number) for number in (1, 2, 3)))
    name, *others = all_names(tenant)
    names = [name, *(f"gone{number}@contoso.example" for number in range(2999))]
    result = run(tenant, users=names, exclude_users=others, tolerate=["user_not_found"], **APP)
    given = result["invocation"]["module_args"]
    assert (given["users"], given["exclude_users"], given["groups"]) == (3000, 2, None)
    assert given["client_secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    assert (given["tenant_id"], given["certificate"]) == ("contoso.example", None)
    assert result["summary"]["total"] == 3000
    assert len(result.output) < 400_000


LONG = "x" * 500_000


@pytest.mark.parametrize(
    "options",
    [
        {"users": [LONG]},
        {"users": [f"{number}{LONG[:400]}" for number in range(2000)]},
        {"groups": [LONG]},
        {"users": ["a@contoso.example"], "exclude_groups": [LONG]},
        {"users": ["a@contoso.example"] * 50, "groups": [LONG[:300_000]]},
        {"users": ["a@contoso.example"], "tolerate": [LONG]},
        {"users": ["a@contoso.example"], "report_path": f"/{LONG}.csv"},
        {"users": ["a@contoso.example"], "report_path": LONG},
        {"users": ["a@contoso.example"], "change_limit": LONG},
        {"users": ["a@contoso.example"], "cloud": LONG},
        {"users": ["a@contoso.example"], "graph_url": "http://" + LONG},
        {"users": ["a@contoso.example"], "authority_host": LONG + "!"},
        {"users": ["a@contoso.example"], "tenant_id": LONG + "!"},
        {"users": ["a@contoso.example"], "state": LONG},
        {"users": ["a@contoso.example"], LONG: 1},
        {"users": ["a@contoso.example"], "certificate_path": LONG, "client_secret": None},
        {"users": ["a@contoso.example"], "ca_path": LONG},
    ],
    ids=lambda options: " ".join(name[:20] for name in options),
)
def test_a_result_stays_small_whatever_the_input(run, options):
    result = run(FakeTenant(), **{**APP, **options})
    assert result["failed"]
    assert len(result.output) < 400_000


@pytest.mark.parametrize("secret", ["x", "ab", "1234567"])
def test_a_secret_too_short_to_mask_gets_a_warning(run, secret):
    tenant = FakeTenant(FakeUser(1))
    result = run(tenant, users=all_names(tenant), **{**APP, "client_secret": secret})
    assert result["users"][0]["user"] == tenant.users[0].name
    assert [warning for warning in result.warnings if f"{len(secret)} characters" in warning]
    assert result["invocation"]["module_args"]["client_secret"] == "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def test_a_long_secret_is_masked(run):
    result = run(FakeTenant(), users=["secret@x"], **{**APP, "client_secret": "secret@x"})
    assert [user["user"] for user in result["users"]] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]
    assert result.warnings == []


def test_secrets_of_the_environment_and_tokens_are_masked(run, environment):
    environment.setenv("AZURE_TENANT_ID", "contoso.example")
    environment.setenv("AZURE_CLIENT_ID", "app-id")
    environment.setenv("AZURE_CLIENT_SECRET", "s~ecret@the.app")
    # A user is named like the secret: it is masked everywhere.
    result = run(FakeTenant(), users=["s~ecret@the.app"], **HOSTS)
    assert [user["user"] for user in result["users"]] == ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"]


@pytest.mark.parametrize("option", ["users", "exclude_users"])
def test_an_entry_that_is_no_name_is_not_repeated(run, option):
    entry = "anna@contoso.example;+1 2065550142;Welcome-2026!"
    given = {"users": [], option: ["ben@contoso.example", entry, TOKEN]}
    result = run(FakeTenant(), **given, **APP)
    assert result["reason"] == "invalid_options"
    assert f"'{option}' has no user name at entry 2, entry 3" in result["msg"]
    assert not any(part in result.output for part in ("anna", "5550142", "Welcome"))


# -- unexpected exceptions


def assert_internal(result, where, *, total):
    assert (result["failed"], result["reason"]) == (True, "internal_error")
    assert set(result) == KEYS | {"failed"}
    assert f"OverflowError in module_utils/{where}, line " in result["msg"]
    assert "2065550101" not in result.output
    assert result["summary"]["total"] == total


def test_an_unexpected_exception_keeps_outcomes_report_and_changed(run, tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    tenant = FakeTenant(*(FakeUser(n) for n in range(60)))
    real, parsed = SmsSignIn.parse, []

    def parse(reply):
        parsed.append(reply)
        if len(parsed) > 90:
            raise OverflowError("+1 2065550101")
        return real(reply)

    monkeypatch.setattr(SmsSignIn, "parse", staticmethod(parse))
    result = run(tenant, users=all_names(tenant), report_path=str(path), **APP)
    assert_internal(result, "_run/_verifier.py", total=60)
    assert result["changed"] is True
    assert (result["summary"]["changed"], result["summary"]["failed"]) == (30, 30)
    report = json.loads(path.read_text(encoding="utf-8"))
    assert report["finished"] is True
    assert {kind: report["summary"][kind] for kind in KINDS} == {kind: result["summary"][kind] for kind in KINDS}
    assert "planned" not in {user["outcome"] for user in report["users"]}


def test_an_unexpected_exception_before_the_run_has_every_key(run, monkeypatch):
    def connection(*_arguments):
        raise OverflowError("+1 2065550101")

    monkeypatch.setattr(_work, "connection", connection)
    assert_internal(run(users=["anna@contoso.example"], **APP), "_work.py", total=0)


def test_an_unexpected_exception_in_the_rendering_keeps_changed(run, monkeypatch):
    def shown_users(outcomes, _return_users):
        if outcomes:
            raise OverflowError("+1 2065550101")
        return [], 0

    monkeypatch.setattr(_work, "shown_users", shown_users)
    result = run(FakeTenant(FakeUser(1)), users=["user1@contoso.example"], **APP)
    assert_internal(result, "_work.py", total=0)
    assert result["changed"] is True


@pytest.mark.parametrize("option", ["report_path", "progress_path", "users_from", "ca_path", "certificate_path"])
def test_a_path_with_a_control_character_is_refused(run, option):
    result = run(users=["anna@contoso.example"], **{**APP, option: "/tmp/a\x00.csv"})
    assert (result["reason"], result.session.calls) == ("invalid_options", [])
    assert f"'{option}'" in result["msg"]
    assert set(result) == KEYS | {"failed"}


@pytest.mark.parametrize("option", ["request_timeout", "verify_timeout", "run_timeout"])
@pytest.mark.parametrize("seconds", [1e10, 1e300, "inf", "nan"])
def test_a_time_out_longer_than_the_clock_supports_is_refused(run, option, seconds):
    result = run(users=["anna@contoso.example"], **{**APP, option: seconds})
    assert (result["reason"], result.session.calls) == ("invalid_options", [])
    assert f"'{option}'" in result["msg"]


# -- warnings


def test_warnings_are_shown_once_and_limited_in_number(run, monkeypatch):
    real = _work.Run.execute

    def execute(this):
        for number in range(1000):
            this._warn("The same as before.")
            this._warn(f"Warning {chr(65 + number % 26)}{number} for +1 2065550101" + "x" * 5000)
        real(this)

    monkeypatch.setattr(_work.Run, "execute", execute)
    result = run(FakeTenant(FakeUser(1)), users=["user1@contoso.example"], state="disabled", **APP)
    assert result["reason"] is None
    assert result.warnings[0] == "The same as before."
    assert result.warnings[1].startswith("Warning A0 for ********xxx")
    assert result.warnings[-1] == "There are more warnings, not shown here."
    assert len(set(result.warnings)) == len(result.warnings) == _task.MOST_WARNINGS + 1
    assert max(map(len, result.warnings)) <= 1000


# -- report files


@pytest.mark.parametrize("check_mode", [False, True])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_writing_a_report_is_not_a_change(run, tmp_path, check_mode, ending):
    path = tmp_path / f"report.{ending}"
    tenant = FakeTenant(FakeUser(1, "ready"), FakeUser(2, phone=False))
    result = run(tenant, users=all_names(tenant), report_path=str(path), check_mode=check_mode, **APP)
    assert result["changed"] is False
    text = path.read_text(encoding="utf-8")
    assert "user1@contoso.example" in text
    assert "no_mobile_phone" in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if ending == "json":
        content = json.loads(text)
        assert (content["check_mode"], content["finished"]) == (check_mode, True)
        assert {key: content["summary"][key] for key in KINDS} == {key: result["summary"][key] for key in KINDS}


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_report_that_cannot_be_written_stops_the_run_before_the_first_write(run, tmp_path, check_mode):
    tenant = FakeTenant(FakeUser(1))
    path = str(tmp_path / "missing" / "report.csv")
    result = run(tenant, users=all_names(tenant), report_path=path, check_mode=check_mode, **APP)
    assert (result["reason"], tenant.written) == ("invalid_options", [])
    assert "'report_path' cannot be written" in result["msg"]
    assert result.warnings == [], "reported once"
    assert result["summary"]["skipped"] == 1


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_report_path_that_is_no_regular_file_is_refused_before_the_first_request(run, tmp_path, check_mode):
    (tmp_path / "target.csv").write_text("precious")
    (tmp_path / "report.csv").symlink_to(tmp_path / "target.csv")
    tenant = FakeTenant(FakeUser(1))
    path = str(tmp_path / "report.csv")
    result = run(tenant, users=all_names(tenant), report_path=path, check_mode=check_mode, **APP)
    assert (result["reason"], result.session.calls) == ("invalid_options", [])
    assert "it is a link" in result["msg"]
    assert (tmp_path / "target.csv").read_text() == "precious"


def test_the_error_of_the_run_takes_precedence_over_an_unwritable_report(run, tmp_path):
    refused = answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Wrong.", "trace_id": "t"})
    path = str(tmp_path / "missing" / "report.csv")
    result = run(login_reply=refused, users=["anna@contoso.example"], report_path=path, **APP)
    assert result["reason"] == "authentication_failed"
    assert [warning for warning in result.warnings if "'report_path' cannot be written" in warning]


def removes_at_the_first_write(tenant, folder):
    """The tenant removes the folder of the report, which has the plan by then, when the first write arrives."""
    real = tenant._write

    def write(*arguments):
        if folder.exists():
            (folder / "report.csv").unlink()
            folder.rmdir()
        return real(*arguments)

    folder.mkdir()
    tenant._write = write
    return tenant


def test_a_report_that_becomes_unwritable_does_not_stop_the_run(run, tmp_path):
    folder = tmp_path / "folder"
    users = [FakeUser(n, on_write=[Write(after=30.0)]) for n in range(3)]
    tenant = removes_at_the_first_write(FakeTenant(*users), folder)
    result = run(tenant, users=all_ids(tenant), report_path=str(folder / "report.csv"), **APP)
    assert result["summary"]["changed"] == 3
    assert (result["failed"], result["reason"], result["changed"]) == (True, "invalid_options", True)
    assert len([warning for warning in result.warnings if "'report_path' cannot be written" in warning]) == 1


def test_the_first_error_is_the_result_when_the_report_fails_too(run, tmp_path):
    folder = tmp_path / "folder"
    users = [FakeUser(n, on_write=[Write(after=90.0)]) for n in range(3)]
    tenant = removes_at_the_first_write(FakeTenant(*users), folder)
    result = run(tenant, users=all_ids(tenant), report_path=str(folder / "report.csv"), run_timeout=30, **APP)
    assert result["reason"] == "incomplete"
    assert [warning for warning in result.warnings if "'report_path' cannot be written" in warning]


def test_the_plan_is_in_the_report_before_the_first_write(run, tmp_path):
    path = tmp_path / "report.json"
    tenant = FakeTenant(FakeUser(1), FakeUser(2, "ready"))
    real, seen = tenant._write, []

    def write(*arguments):
        seen.append(json.loads(path.read_text(encoding="utf-8")))
        return real(*arguments)

    tenant._write = write
    run(tenant, users=all_names(tenant), report_path=str(path), **APP)
    assert [user["outcome"] for user in seen[0]["users"]] == ["planned", "unchanged"]
    assert seen[0]["finished"] is False


def test_outcomes_are_in_the_report_during_the_run(run, tmp_path):
    path = tmp_path / "report.json"
    tenant = FakeTenant(*(FakeUser(n, on_write=[Write(after=40.0 if n else 0.0)]) for n in range(30)))
    real, seen = tenant._read, []

    def read(user):
        if path.exists():
            seen.append((tenant.workers.now(), path.read_text(encoding="utf-8")))
        return real(user)

    tenant._read = read
    run(tenant, users=all_ids(tenant), report_path=str(path), **APP)
    begin = seen[0][0]
    late = [json.loads(text) for at, text in seen if at > begin + 20]
    assert late
    assert all(content["summary"]["changed"] >= 1 and not content["finished"] for content in late)


@pytest.mark.parametrize("link", [False, True])
def test_a_report_cannot_overwrite_the_list_that_is_read(run, tmp_path, link):
    path = tmp_path / "report.csv"
    path.write_text("user\nuser1@contoso.example\n")
    if link:
        (tmp_path / "link.csv").symlink_to(path)
    given = tmp_path / "link.csv" if link else path
    result = run(FakeTenant(FakeUser(1)), users_from=str(given), report_path=str(path), **APP)
    assert (result["reason"], result.session.calls) == ("invalid_options", [])
    assert "same file" in result["msg"]
    assert path.read_text() == "user\nuser1@contoso.example\n"


@pytest.mark.parametrize("state", [None, "disabled"])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_report_is_rolled_back_without_a_state(run, tmp_path, ending, state):
    tenant = FakeTenant(FakeUser(1), FakeUser(2, "ready"))
    path = str(tmp_path / f"report.{ending}")
    run(tenant, users=all_names(tenant), report_path=path, **APP)
    result = run(tenant, users_from=path, **({"state": state} if state else {}), **APP)
    assert [(user["user"], user["state"]) for user in result["users"]] == [("user1@contoso.example", "notEnabled")]
    assert result["warnings" if "warnings" in result else "reason"] is None


@pytest.mark.parametrize("ending", ["csv", "json"])
@pytest.mark.parametrize(
    ("more", "beside"),
    [
        ({"check_mode": True}, "report.check-mode"),
        ({}, "report.unchanged"),
        ({"exclude_users": ["nobody@contoso.example"]}, "report.unchanged"),
        ({"groups": ["missing"]}, "report.unchanged"),
    ],
)
def test_the_report_of_users_that_changed_is_kept(run, tmp_path, ending, more, beside):
    tenant = FakeTenant(FakeUser(1))
    path = tmp_path / f"report.{ending}"
    run(tenant, users=all_names(tenant), report_path=str(path), **APP)
    record = path.read_text()
    again = run(tenant, users=all_names(tenant), report_path=str(path), **more, **APP)
    assert path.read_text() == record
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([path.name, f"{beside}.{ending}"])
    assert [warning for warning in again.warnings if f"{beside}.{ending}" in warning]
    assert run(tenant, users_from=str(path), **APP)["summary"]["changed"] == 1


def test_a_second_run_that_changes_users_keeps_both_reports(run, tmp_path):
    tenant = FakeTenant(FakeUser(1), FakeUser(2))
    path = tmp_path / "report.csv"
    for name in all_names(tenant):
        result = run(tenant, users=[name], report_path=str(path), **APP)
    assert "user2@contoso.example" in path.read_text()
    assert "user1@contoso.example" in (tmp_path / "report.1.csv").read_text()
    assert [warning for warning in result.warnings if "report.1.csv" in warning]


# -- time


def test_run_timeout_counts_from_the_start_of_the_module(run):
    tenant = FakeTenant(*(FakeUser(n) for n in range(500)))
    tenant.workers.latency = 2.0
    result = run(tenant, users=all_names(tenant), run_timeout=10, **APP)
    assert result["reason"] == "incomplete"
    assert result["requests"]["seconds"] <= 10.0
    assert result["summary"]["skipped"] > 0


def test_options_reach_the_session(monkeypatch, capsys):
    made = []

    def session(verify, timeout, connections):
        made.append((verify, timeout, connections))
        return FakeSession(login(granted(TOKEN)), DrivenWorkers())

    monkeypatch.setattr(_work, "Session", session)
    with patch_module_args({"users": [], "ca_path": "/ca.pem", "request_timeout": 7, **APP}), pytest.raises(SystemExit):
        sms_sign_in.main()
    assert json.loads(capsys.readouterr().out)["reason"] is None
    assert made == [("/ca.pem", 7.0, _work.MOST_CALLS)]


# -- the log of the system


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"user": "anna@contoso.example", "phone_number": "+12065550101"}, "phone_number=********"),
        ({"phones": [{"user": "anna@contoso.example", "phone_number": "+12065550101"}]}, "phones=1"),
    ],
)
def test_the_system_log_gets_the_options_masked_as_in_the_result(monkeypatch, capsys, given, shown):
    logged = []
    monkeypatch.setattr(_module.AnsibleModule, "log", lambda _module, text, log_args=None: logged.append(text))
    monkeypatch.setattr(_work, "Session", lambda *_options: FakeSession(login(granted(TOKEN)), DrivenWorkers()))
    with patch_module_args({**given, **APP, "max_changes": 0, "_ansible_check_mode": True}), pytest.raises(SystemExit):
        phone_method.main()
    capsys.readouterr()
    (entry,) = logged
    assert entry.startswith("Invoked with ") and shown in entry
    assert "2065550101" not in entry and SECRET not in entry
