# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions, NotAvailableInCloud
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_policy import Wanted, WantedTarget
from ansible_collections.frontline.entra.plugins.module_utils._policy import (
    digest_policy,
    one_policy,
    policy_inquiry,
    policy_order,
    read_wanted,
)
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import sms_policy, sms_policy_info


class Host:
    secrets = frozenset()

    def warn(self, text):
        raise AssertionError(text)


def task(spec=sms_policy.SPEC, check_mode=False, **options):
    made = Task(spec, Host(), {**spec.defaults, **options}, set(options), check_mode=check_mode)
    made.require_valid()
    return made


def target(group=None, state="present", **more):
    return {"group": group, "state": state, **more}


def wanted(**options):
    return read_wanted({**sms_policy.SPEC.defaults, **options})


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, Wanted()),
        ({"state": "disabled", "replace": True}, Wanted("disabled", replace=True)),
        ({"include": [], "exclude": []}, Wanted(include=[], exclude=[])),
        (
            {"include": [target(" Frontline ", sign_in=True), target("Kiosk", "absent", sign_in=None)]},
            Wanted(include=[WantedTarget("Frontline", True, True), WantedTarget("Kiosk", False)]),
        ),
        (
            {"include": [target(all_users=True, sign_in=False)], "allow_all_users": True},
            Wanted(include=[WantedTarget("all_users", True, False)], allow_all_users=True),
        ),
        ({"exclude": [target("Sales, EMEA")]}, Wanted(exclude=[WantedTarget("Sales, EMEA")])),
    ],
)
def test_the_desired_policy(options, expected):
    assert wanted(**options) == expected


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"include": [], "replace": True}, "'include' is empty"),
        ({"exclude": [], "replace": True}, "'exclude' is empty"),
        ({"exclude": [target("a"), target(7)]}, "'exclude' entry 2 is the number 7"),
        ({"include": [target(all_users=False)]}, "'include' entry 1 is null"),
        ({"include": [target({"name": "x"})]}, "'include' entry 1 is a mapping"),
        ({"include": [target("a"), target("  ")]}, "'include' has no name of a group at entry 2.*all_users"),
        ({"exclude": [target("x" * 257)]}, "'exclude' has no name of a group at entry 1"),
    ],
)
def test_invalid_targets_are_refused(options, words):
    with pytest.raises(InvalidOptions, match=words):
        wanted(**options)


def test_an_order():
    made = policy_order(task(check_mode=True, exclude=[target("Break glass")], verify_timeout=5.0))
    assert (made.check_mode, made.limits.verify_timeout, made.goal.reads_again) == (True, 5.0, True)
    assert [one.name for one in made.subjects.known] == ["sms_policy"]


@pytest.mark.parametrize("options", [{}, {"replace": True}, {"allow_all_users": True}])
def test_a_task_without_policy_options_is_refused(options):
    with pytest.raises(InvalidOptions, match="set 'state', 'include' or 'exclude'"):
        task(**options)


def test_a_cloud_without_the_policy():
    with pytest.raises(NotAvailableInCloud):
        policy_order(task(state="enabled", cloud="china"))
    with pytest.raises(NotAvailableInCloud):
        policy_inquiry(task(sms_policy_info.SPEC, cloud="china"))


def result(*entries, reason=None, msg="counts", **more):
    frame = {"changed": False, "msg": msg, "reason": reason, "support": None, "users_omitted": 0, "summary": {}}
    return {**frame, "users": list(entries), **more}


ENTRY = {"policy": {"state": "enabled"}, "previous_policy": {"state": "disabled"}, "msg": "Changed.", "support": None}


@pytest.mark.parametrize("before", [False, True])
def test_the_result_has_the_policy_instead_of_a_list(before):
    found = one_policy(result({**ENTRY, "reason": None}), before=before)
    assert found == {
        "changed": False,
        "msg": "Changed.",
        "reason": None,
        "support": None,
        "policy": {"state": "enabled"},
        **({"previous_policy": {"state": "disabled"}} if before else {}),
    }


def test_the_reason_is_that_of_the_policy():
    entry = {**ENTRY, "reason": "unverified", "msg": "Not seen.", "support": {"status": 204}}
    found = one_policy(result(entry, reason="some_users_failed"), before=True)
    assert (found["reason"], found["msg"], found["support"]) == ("unverified", "Not seen.", {"status": 204})


@pytest.mark.parametrize("entries", [[], [{**ENTRY, "reason": "skipped", "msg": "Not reached."}]])
def test_an_error_of_the_run_takes_precedence(entries):
    found = one_policy(result(*entries, reason="permission_missing", msg="Grant it."), before=True)
    assert (found["reason"], found["msg"]) == ("permission_missing", "Grant it.")
    assert {"policy", "previous_policy"} <= set(found)


@pytest.mark.parametrize(
    ("shown", "flat"),
    [
        (
            {"before": {"sms_policy": {"state": "a"}}, "after": {"sms_policy": {"state": "b"}}},
            ({"state": "a"}, {"state": "b"}),
        ),
        ({"before": {}, "after": {}}, ({}, {})),
    ],
)
def test_the_diff_is_that_of_the_policy(shown, flat):
    found = one_policy(result({**ENTRY, "reason": None}, diff=shown), before=True)
    assert (found["diff"]["before"], found["diff"]["after"]) == flat


def test_the_message_of_the_info_module():
    policy = {"state": "enabled", "include": [1, 2], "exclude": []}
    read = Outcome("sms_policy", None, "unchanged", more={"policy": policy})
    assert digest_policy([read]).msg == "The SMS policy is enabled: 2 include and 0 exclude targets."
    failed = Outcome("sms_policy", None, "failed", more={"policy": None})
    assert digest_policy([failed]).msg == digest_policy([]).msg == ""
