# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
import yaml

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import named
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidFile, InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._options import GRAPH, REPORT, limits
from ansible_collections.frontline.entra.plugins.module_utils._task import Task
from ansible_collections.frontline.entra.plugins.modules import phone_method
from ansible_collections.frontline.entra.plugins.modules.phone_method import SPEC, make_order
from ansible_collections.frontline.entra.tests.unit.plugins.modules.test_sms_sign_in import Host

ONE, TWO = "+1 2065550101", "+1 2065550102"
ANNA, BEN = "anna@contoso.example", "ben@contoso.example"


def order(host=None, **options):
    task = Task(SPEC, host or Host(), {**SPEC.defaults, **options}, set(options))
    task.require_valid()
    return make_order(task)


def number_of(found, user):
    return found.goal.mobile_number_for(named(user))


def test_one_number():
    found = order(user=f" <{ANNA}> ", phone_number=ONE)

    assert found.subjects.scope.users == [ANNA] and number_of(found, ANNA) == ONE
    assert (found.goal.desired, found.doubts, found.unusable) == ("present", [], [])


def test_numbers_of_options_and_of_a_file(tmp_path):
    path = tmp_path / "phones.csv"
    path.write_text(f"user,phone\n{BEN},{TWO}\nBen,{TWO}\n")

    found = order(
        phones=[{"user": ANNA, "phone_number": ONE}, {"user": "Anna", "phone_number": ONE}], phones_from=str(path)
    )

    assert found.subjects.scope.users == [ANNA, BEN]
    assert [number_of(found, user) for user in (ANNA, BEN)] == [ONE, TWO]
    assert [(one.place, one.reason) for one in found.unusable] == [
        ("entry 2", "user_not_found"),
        ("line 3 of phones.csv", "user_not_found"),
    ]


def test_an_entry_has_a_type_and_a_state_of_its_own_or_those_of_the_task():
    entries = [
        {"user": ANNA, "phone_number": ONE, "phone_type": "mobile", "state": "present"},
        {"user": BEN, "phone_number": None, "phone_type": None, "state": None},
    ]

    found = order(phones=entries, phone_type="office", state="absent")

    assert found.goal.desired == "mixed" and number_of(found, ANNA) == ONE and number_of(found, BEN) is None


def test_numbers_of_several_users_get_one_warning():
    host = Host()

    order(host, phones=[{"user": ANNA, "phone_number": ONE}, {"user": BEN, "phone_number": ONE}])

    assert len(host.warnings) == 1 and "entry 1 and entry 2" in host.warnings[0]


def test_find_holder_adds_a_doubt():
    assert len(order(user=ANNA, phone_number=ONE, find_holder=True).doubts) == 1


@pytest.mark.parametrize("reason", reasons.TOLERABLE_FOR_PHONES)
def test_all_refusals_of_phones_can_be_tolerated(reason):
    assert list(order(phones=[], tolerate=[reason]).limits.tolerate) == [reason]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "set 'user', 'phones' or 'phones_from'"),
        ({"user": ANNA}, "'state' present needs 'phone_number'"),
        ({"user": "Anna", "phone_number": ONE}, "'user' is not a user name"),
        ({"user": ANNA, "phones": []}, "cannot be combined"),
        ({"phones": [], "phone_number": ONE}, "'phone_number' is the number of 'user'"),
        ({"phones": [], "tolerate": ["forbidden"]}, "'tolerate' cannot take 'forbidden'"),
        ({"phones_from": "/missing", "report_path": "/missing"}, "'report_path' another name"),
    ],
)
def test_invalid_options_are_refused(options, words):
    with pytest.raises(InvalidOptions, match=words):
        order(**options)


def test_a_missing_file_is_refused():
    with pytest.raises(InvalidFile, match="'phones_from'"):
        order(phones_from="/missing.csv")


def test_the_documentation_and_its_fragments_have_every_option():
    documentation = yaml.safe_load(phone_method.DOCUMENTATION)
    shared = {name for group in (GRAPH, limits(()), REPORT) for name in group.options}
    own = set(documentation["options"])
    assert shared | own == set(SPEC.options) and own & shared == {"tolerate"}
    entry = documentation["options"]["phones"]["suboptions"]
    assert {name: {**option, "description": None} for name, option in entry.items()} == {
        name: {**option, "description": None} for name, option in SPEC.options["phones"]["options"].items()
    }
    fragments = documentation["extends_documentation_fragment"]
    assert {f"frontline.entra.{name}" for name in ("graph", "limits", "report")} <= set(fragments)


def test_the_documentation_names_the_reasons():
    def named_in(description):
        return set(re.findall(r"V\((\w+)\)", " ".join(description)))

    returned = yaml.safe_load(phone_method.RETURN)
    of_a_user = named_in(returned["users"]["contains"]["reason"]["description"])
    tolerated = named_in(yaml.safe_load(phone_method.DOCUMENTATION)["options"]["tolerate"]["description"])

    assert tolerated <= set(reasons.TOLERABLE_FOR_PHONES)
    assert {name for name in reasons.TOLERABLE_FOR_PHONES if reasons.ALL[name].of == reasons.PHONES} <= tolerated
    assert {
        name for name, reason in reasons.ALL.items() if reason.of == reasons.PHONES and not reason.tolerable
    } <= of_a_user
    assert all(reasons.ALL[name].of != reasons.RUN and not reasons.ALL[name].tolerable for name in of_a_user)
    assert all(reasons.ALL[name].of == reasons.RUN for name in named_in(returned["reason"]["description"]))


def test_a_blank_number_does_not_remove_any_number():
    params = {**SPEC.defaults, "user": ANNA, "state": "absent"}
    with pytest.raises(InvalidOptions, match="'phone_number' is blank"):
        make_order(Task(SPEC, Host(), params, {"user", "state"}, blank={"phone_number"}))
    assert make_order(Task(SPEC, Host(), params, {"user", "state"})).goal.desired == "absent"


@pytest.mark.parametrize(
    ("entries", "again"),
    [
        ([{"user": ANNA, "phone_number": ONE, "state": "absent"}], True),
        ([{"user": ANNA, "state": "absent"}, {"user": BEN, "phone_number": ONE, "state": "present"}], False),
        ([{"user": ANNA, "phone_number": "1", "state": "absent"}], False),
    ],
)
def test_a_user_is_read_again_before_a_given_number_is_removed(entries, again):
    assert order(phones=entries).goal.reads_again is again
