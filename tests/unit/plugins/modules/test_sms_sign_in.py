# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.doc_fragments import limits
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, LIMITS, REGISTERED, REPORT, USERS
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import ChangeLimit
from ansible_collections.frontline.entra.plugins.module_utils._run._policy_refusals import PolicyRefusals
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import sms_sign_in
from ansible_collections.frontline.entra.plugins.modules.sms_sign_in import SPEC, make_order
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of

ID = "11111111-aaaa-4444-8888-000000000001"
RECORD = "user,id,outcome,check_mode,changed,desired_state\nb@x,,changed,false,true,{}\n"


class Host:
    """Keeps warnings."""

    def __init__(self):
        self.warnings = []
        self.secrets = set()

    def warn(self, text):
        self.warnings.append(text)

    def show(self, step):
        """Progress is ignored."""


def order(check_mode=False, host=None, **options):
    task = Task(SPEC, host or Host(), {**SPEC.defaults, **options}, set(options), check_mode=check_mode)
    task.require_valid()
    return make_order(task)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"users": []}, order_of(Scope([], [], [], []))),
        ({"users": ["anna@x\n ben@x ,<carl@x>", ""]}, order_of(Scope(["anna@x", "ben@x", "carl@x"], [], [], []))),
        ({"users": ["\u200b\n,"]}, order_of(Scope([], [], [], []))),
        ({"groups": ["G"]}, order_of(Scope([], ["G"], [], []))),
        ({"groups": ["Sales, EMEA\n Store 12 "]}, order_of(Scope([], ["Sales, EMEA", "Store 12"], [], []))),
        (
            {"users": ["me"], "groups": ["b"], "exclude_users": [f"c@x, {{{ID}}}"], "exclude_groups": ["d, x\ne"]},
            order_of(Scope(["me"], ["b"], ["c@x", ID], ["d, x", "e"])),
        ),
        ({"users": ["a@x"], "state": "disabled"}, order_of(Scope(["a@x"], [], [], []), wanted="disabled")),
        (
            {"users": ["a@x"], "tolerate": ["guest\nno_mobile_phone"]},
            order_of(Scope(["a@x"], [], [], []), tolerate=["guest", "no_mobile_phone"]),
        ),
        (
            {"users": ["a@x"], "max_changes": 0, "max_failures": 1, "change_limit": "10%"},
            order_of(Scope(["a@x"], [], [], []), max_changes=0, max_failures=1, change_limit=[ChangeLimit(10, True)]),
        ),
        (
            {"users": ["a@x"], "verify_timeout": 0.0, "run_timeout": 1.0},
            order_of(Scope(["a@x"], [], [], []), verify_timeout=0.0, run_timeout=1.0),
        ),
    ],
)
def test_options_become_an_order(options, expected):
    found = order(**options)
    assert (found.subjects.scope, found.goal.desired) == (expected.subjects.scope, expected.goal.desired)
    limits = [made.limits._replace(tolerate=list(made.limits.tolerate)) for made in (found, expected)]
    assert limits[0] == limits[1]


def test_check_mode_is_part_of_the_order():
    assert order(check_mode=True, users=[]).check_mode is True
    assert order(users=[]).check_mode is False


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, None),
        ({"policy_timeout": 0.0}, None),
        ({"policy_timeout": 300.0}, 300.0),
        ({"policy_timeout": 300.0, "state": "disabled"}, None),
    ],
)
def test_only_enabling_waits_for_an_edit_of_the_policy(options, seconds):
    patience = order(users=["a@x"], **options).patience
    assert (patience and patience.seconds) == seconds


@pytest.mark.parametrize(("state", "explained"), [("enabled", True), ("disabled", False)])
def test_only_a_refusal_of_enabling_is_explained(state, explained):
    doubts = order(users=["a@x"], state=state).doubts
    assert any(isinstance(doubt, PolicyRefusals) for doubt in doubts) is explained


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "set 'users', 'groups', 'users_from' or 'registered'"),
        ({"exclude_users": ["a"]}, "set 'users', 'groups', 'users_from' or 'registered'"),
        ({"users": ["x"]}, "'users' has no user name at entry 1[.]"),
        ({"users": ["a@x,b", "c@x\nd"]}, "'users' has no user name at entry 2, entry 4[.]"),
        ({"users": ["a b"] * 9}, "entry 5 and 4 more"),
        ({"exclude_users": ["c@x;"]}, "'exclude_users' has no user name at entry 1"),
        ({"users_from": "/missing", "report_path": "/MISSING"}, "'report_path' another name"),
        ({"users_from": "/missing", "progress_path": "/x/../missing"}, "'progress_path' another name"),
        ({"report_path": "/missing.csv", "progress_path": "/missing.csv"}, "'progress_path' another name"),
        ({"tolerate": ["forbidden"]}, "'tolerate' cannot take 'forbidden'.*guest"),
        ({"tolerate": ["guest", "Guest"]}, "'Guest'"),
        ({"max_changes": -1}, "'max_changes'.*0"),
        ({"max_failures": 0}, "'max_failures'.*1"),
        ({"verify_timeout": -0.1}, "'verify_timeout'.*0"),
        ({"policy_timeout": -0.1}, "'policy_timeout'.*0"),
        ({"run_timeout": 0.9}, "'run_timeout'.*1"),
        ({"run_timeout": float("inf")}, "'run_timeout'"),
        ({"verify_timeout": float("nan")}, "'verify_timeout'"),
        ({"change_limit": "some"}, "'change_limit'.*'some'"),
        ({"require_methods": ["fido2"]}, "'require_methods' is for state disabled only"),
        ({"require_methods": ["fido2"], "state": "enabled"}, "'require_methods' is for state disabled only"),
        ({"require_methods": ["phone"], "state": "disabled"}, "'require_methods' cannot take 'phone'.*fido2"),
        ({"require_methods": ["", " "], "state": "disabled"}, "'require_methods' is a list of blank texts"),
        ({"registered": True, "state": "disabled"}, "'registered' needs 'max_changes' outside check mode"),
    ],
)
def test_invalid_options_are_refused(options, words):
    given = options if not options or options == {"exclude_users": ["a"]} else {"users": ["a@x"], **options}
    with pytest.raises(InvalidOptions, match=words):
        order(**given)


@pytest.mark.parametrize(
    ("text", "state", "users", "wanted", "warnings"),
    [
        ("user\nb@x\n", None, ["a@x", "b@x"], "enabled", 0),
        ("user\nb@x\n", "disabled", ["a@x", "b@x"], "disabled", 0),
        ("user\n", None, ["a@x"], "enabled", 1),
        (RECORD.format("enabled"), "disabled", ["a@x", "b@x"], "disabled", 0),
    ],
)
def test_users_of_a_file_are_added(tmp_path, text, state, users, wanted, warnings):
    (tmp_path / "list.csv").write_text(text)
    host = Host()
    given = {"users": ["a@x"], "users_from": str(tmp_path / "list.csv"), **({"state": state} if state else {})}
    found = order(host=host, **given)
    assert (found.subjects.scope.users, found.goal.desired) == (users, wanted)
    assert len(host.warnings) == warnings + (wanted == "enabled")


@pytest.mark.parametrize(("state", "wanted"), [("enabled", "disabled"), ("disabled", "enabled")])
def test_a_report_gives_the_state_that_rolls_it_back(tmp_path, state, wanted):
    (tmp_path / "report.csv").write_text(RECORD.format(state))
    for given in ({}, {"state": "previous"}):
        found = order(users_from=str(tmp_path / "report.csv"), **given)
        assert (found.subjects.scope.users, found.goal.desired) == (["b@x"], wanted)


@pytest.mark.parametrize("more", [{"users": ["a@x"]}, {"groups": ["G"]}, {"users": []}])
def test_a_roll_back_needs_a_report(more):
    with pytest.raises(InvalidOptions, match="set 'users_from' to its report"):
        order(state="previous", **more)


@pytest.mark.parametrize("more", [{"users": ["a@x"]}, {"groups": ["G"]}, {"registered": True, "max_changes": 1}])
def test_the_state_of_a_report_is_not_applied_to_other_users(tmp_path, more):
    (tmp_path / "report.csv").write_text(RECORD.format("enabled"))
    for given in ({}, {"state": "previous"}):
        with pytest.raises(InvalidOptions, match="'users_from' is a report"):
            order(users_from=str(tmp_path / "report.csv"), **more, **given)
    assert order(users_from=str(tmp_path / "report.csv"), users=[], groups=[]).goal.desired == "disabled"


@pytest.mark.parametrize("reason", reasons.TOLERABLE)
def test_tolerable_refusals(reason):
    assert list(order(users=[], tolerate=[reason]).limits.tolerate) == [reason]


@pytest.mark.parametrize(
    ("options", "doubts"),
    [
        ({}, ["UnfitMembers"]),
        ({"state": "disabled"}, []),
        ({"state": "disabled", "require_methods": ["fido2"]}, ["NoOtherMethod"]),
        ({"state": "disabled", "require_methods": []}, []),
        ({"state": "enabled", "require_methods": []}, ["UnfitMembers"]),
        ({"exclude_admins": True}, ["UnfitMembers", "Admins"]),
        ({"state": "disabled", "require_methods": ["fido2"], "exclude_admins": True}, ["Admins", "NoOtherMethod"]),
    ],
)
def test_options_select_the_doubts(options, doubts):
    found = order(users=["a@x"], **options).doubts
    assert [type(doubt).__name__ for doubt in found if type(doubt).__name__ != "PolicyRefusals"] == doubts


@pytest.mark.parametrize(
    ("options", "check_mode", "warned"),
    [
        ({}, True, "A real run needs 'max_changes'"),
        ({"max_changes": 0}, True, None),
        ({"max_changes": 0}, False, None),
    ],
)
def test_all_registered_users_need_a_limit(options, check_mode, warned):
    host = Host()
    found = order(check_mode, host, registered=True, state="disabled", **options)
    assert found.subjects.scope.registered is True
    assert bool(host.warnings) is bool(warned) and (warned or "") in "".join(host.warnings)


def test_false_selects_no_users():
    with pytest.raises(InvalidOptions, match="No users selected"):
        order(registered=False)


@pytest.mark.parametrize(
    ("options", "warned"),
    [
        ({"state": "disabled", "require_methods": ["fido2", "password"]}, "'require_methods' lists password"),
        ({"state": "disabled", "require_methods": ["fido2"]}, None),
        ({}, "ends on 2027-02-01"),
        ({"cloud": "global"}, "ends on 2027-02-01"),
        ({"cloud": "AzureCloud", "graph_url": "https://localhost"}, "ends on 2027-02-01"),
        ({"cloud": "usgov"}, None),
        ({"state": "disabled"}, None),
    ],
)
def test_warnings_about_options(options, warned):
    host = Host()
    order(host=host, users=["a@x"], **options)
    assert len(host.warnings) == bool(warned) and (warned or "") in "".join(host.warnings)


def test_the_documentation_and_its_fragments_have_every_option():
    documentation = yaml.safe_load(sms_sign_in.DOCUMENTATION)
    own = {name: {**option, "description": None} for name, option in documentation["options"].items()}
    assert own == {name: {**SPEC.options[name], "description": None} for name in own}
    assert set(own) == {"state", "require_methods", "exclude_admins", "policy_timeout"}
    shared = {name for group in (GRAPH, USERS, REGISTERED, LIMITS, REPORT) for name in group.options}
    assert shared | set(own) == set(SPEC.options)
    fragments = documentation["extends_documentation_fragment"]
    names = ("graph", "users", "registered", "limits", "report")
    assert {f"frontline.entra.{name}" for name in names} <= set(fragments)


def test_the_documentation_names_every_reason_and_no_other():
    def named(description):
        return set(re.findall(r"V\((\w+)\)", " ".join(description)))

    returned = yaml.safe_load(sms_sign_in.RETURN)
    tolerated = yaml.safe_load(limits.ModuleDocFragment.DOCUMENTATION)["options"]["tolerate"]["description"]
    defined = reasons.ALL.values()

    assert named(returned["reason"]["description"]) == {reason.name for reason in defined if reason.of == reasons.RUN}
    assert named(tolerated) == set(reasons.TOLERABLE)
    assert named(returned["users"]["contains"]["reason"]["description"]) == {
        reason.name for reason in defined if reason.of == reasons.USER and not reason.tolerable
    }
