# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._run._case import Case
from ansible_collections.frontline.entra.plugins.module_utils._run._names import Names

ANNA, ID = "anna@contoso.example", "aaaaaaaa-0000-4000-8000-000000000000"


def case(name=ANNA, identifier=None, reason=None):
    return Case(Target(name, id=identifier), None, Step(WRITE, reason=reason))


def tried(names, helps_after=None):
    """A user whose write by name is repeated by id, which shows `helps_after` seconds after it was accepted."""
    one = case()
    names.try_id(one)
    one.address = ID
    if helps_after is not None:
        names.learn(one, helps_after)
    return one


@pytest.mark.parametrize(("verify_timeout", "patience"), [(60.0, 10.0), (20.0, 10.0), (12.0, 6.0)])
def test_a_write_by_name_is_in_doubt_after_ten_seconds_or_half_the_time(verify_timeout, patience):
    assert Names(verify_timeout).patience == patience


@pytest.mark.parametrize(
    ("one", "in_question"),
    [
        (case(), True),
        (case(identifier=ID), False),
        (case("me"), False),
        # A refusal is expected, so there is one attempt only.
        (case(reason="phone_number_not_unique"), False),
    ],
)
def test_only_a_write_by_name_is_in_question(one, in_question):
    assert Names(60.0).in_question(one) is in_question


def test_a_refused_or_repeated_write_is_not_in_question():
    refused, repeated = case(), case()
    refused.attempt.setback = reply(400, {}, None, None)
    names = Names(60.0)
    names.try_id(repeated)

    assert not names.in_question(refused) and not names.in_question(repeated)


def test_three_users_at_a_time_find_out_whether_an_id_helps():
    names, pilots = Names(60.0), []
    for _user in range(3):
        assert names.should_try_id(59.0)
        pilots.append(tried(names))
    assert not names.should_try_id(59.0)

    names.settle(case())
    assert not names.should_try_id(59.0), "a user that was no pilot makes no room for one"
    names.settle(pilots[0])
    assert names.should_try_id(59.0)


def test_once_an_id_helped_the_others_are_repeated_after_the_least_wait_that_helped():
    names = Names(60.0)
    for seconds in (20.0, 14.0, 30.0):
        tried(names, seconds)

    assert [names.should_try_id(waited) for waited in (13.9, 14.0, 40.0)] == [False, True, True]


@pytest.mark.parametrize(
    ("learned", "in_question"),
    [
        (case(), False),
        # These show nothing about names.
        (case(identifier=ID), True),
        (case("me"), True),
    ],
)
def test_where_a_name_has_worked_no_other_is_in_question(learned, in_question):
    names = Names(60.0)
    names.learn(learned, 1.0)

    assert names.in_question(case()) is in_question


def test_a_user_whose_id_could_not_be_read_shows_that_names_work():
    names, one = Names(60.0), case()
    names.try_id(one)
    names.learn(one, 12.0)

    assert not names.in_question(case())


def test_a_write_by_id_does_not_show_that_names_work():
    names = Names(60.0)
    tried(names, 12.0)

    assert names.in_question(case())
