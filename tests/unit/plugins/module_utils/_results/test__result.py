# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import (
    CHANGED,
    DEFERRED,
    FAILED,
    KINDS,
    REFUSED,
    SKIPPED,
    UNCHANGED,
    Outcome,
)
from ansible_collections.frontline.entra.plugins.module_utils._results._result import (
    DIFF_BUDGET,
    KEPT_CHANGED,
    MOST_DIFFS,
    MOST_USERS,
    USERS_BUDGET,
    shown_diff,
    shown_users,
)


def difference(entry):
    number = entry["phone_number"]
    return {"state": entry["previous_state"], "phone_number": number}, {"state": entry["state"], "phone_number": number}


def outcome(user="anna@contoso.example", kind=CHANGED, **more):
    return Outcome(**{"user": user, "id": None, "kind": kind, **more})


def test_failed_users_come_first_then_skipped_refused_changed_and_the_rest_each_by_name():
    kinds = (UNCHANGED, CHANGED, REFUSED, SKIPPED, DEFERRED, FAILED)
    entries, omitted = shown_users([outcome(f"{n}{kind}", kind) for n in "bA" for kind in kinds], "all")
    assert [entry["user"] for entry in entries] == [
        "Afailed",
        "bfailed",
        "Askipped",
        "bskipped",
        "Arefused",
        "brefused",
        "Achanged",
        "bchanged",
        "Adeferred",
        "Aunchanged",
        "bdeferred",
        "bunchanged",
    ]
    assert omitted == 0


def test_users_that_ahead_names_come_after_those_with_a_reason():
    given = [outcome("a", UNCHANGED), outcome("b", UNCHANGED), outcome("c", FAILED), outcome("d", UNCHANGED)]
    entries, _omitted = shown_users(given, "all", lambda one: one.user in ("b", "d"))
    assert [entry["user"] for entry in entries] == ["c", "b", "d", "a"]


@pytest.mark.parametrize(
    ("return_users", "kinds"), [("all", set(KINDS)), ("changed", {CHANGED, FAILED, SKIPPED, REFUSED}), ("none", set())]
)
def test_which_users_the_result_lists(return_users, kinds):
    entries, omitted = shown_users([outcome(kind, kind) for kind in KINDS], return_users)
    assert ({entry["user"] for entry in entries}, omitted) == (kinds, 0)


def test_a_result_has_at_most_a_thousand_users_and_two_hundred_diffs():
    many = [outcome(f"{number:05d}") for number in range(3000)]
    assert [len(shown_users(many, "all")[0]), shown_users(many, "all")[1]] == [MOST_USERS, 3000 - MOST_USERS]
    diff, omitted = shown_diff(many, difference)
    assert (len(diff["before"]), len(diff["after"]), omitted) == (MOST_DIFFS, MOST_DIFFS, 3000 - MOST_DIFFS)


@pytest.mark.parametrize("changed", [1, KEPT_CHANGED, 3000])
@pytest.mark.parametrize("msg", ["", "m" * 2000])
def test_changed_users_are_listed_for_any_number_of_failed_ones(changed, msg):
    """After those that failed. A later step needs their ids."""
    failed = [outcome(f"f{number}", FAILED, msg=msg) for number in range(2000)]
    skipped = [outcome(f"s{number}", SKIPPED) for number in range(2000)]
    entries, omitted = shown_users([*failed, *skipped, *(outcome(f"c{n}") for n in range(changed))], "all")
    kinds = [entry["user"][0] for entry in entries]
    listed = kinds.count("c")
    assert listed >= min(changed, KEPT_CHANGED) and kinds[-listed:] == ["c"] * listed and kinds[0] == "f"
    assert len(entries) <= MOST_USERS and len(entries) + omitted == 4000 + changed
    assert len(json.dumps(entries)) <= USERS_BUDGET + 2


def test_a_diff_shows_changed_users_before_and_after():
    diff, omitted = shown_diff(
        [
            outcome("ben", CHANGED, previous_state="notEnabled", state="ready", phone_number="+1 2065550142"),
            outcome("anna", UNCHANGED, previous_state="ready", state="ready"),
        ],
        difference,
    )
    assert omitted == 0
    assert diff == {
        "before": {"ben": {"state": "notEnabled", "phone_number": "********42"}},
        "after": {"ben": {"state": "ready", "phone_number": "********42"}},
    }


def test_refused_users_are_listed_before_changed_ones():
    many = [*(outcome(f"a{n:04d}") for n in range(MOST_USERS)), outcome("z", REFUSED)]
    entries, omitted = shown_users(many, "all")
    assert (entries[0]["user"], len(entries), omitted) == ("z", MOST_USERS, 1)


def test_users_with_the_same_shown_name_have_a_line_each():
    names = ["12065550101@contoso.example", "12065550201@contoso.example", "442065550101@contoso.example"]
    diff, omitted = shown_diff([outcome(name, state="ready") for name in names], difference)
    shown = "********01@contoso.example"
    assert (list(diff["before"]), omitted) == ([shown, f"{shown} (2)", f"{shown} (3)"], 0)
    assert list(diff["after"]) == list(diff["before"])


# Names of all sizes, short to write when a test fails.
names = st.one_of(
    st.tuples(st.text(max_size=10), st.just(1)),
    st.tuples(st.sampled_from('\u20ac"\\x'), st.sampled_from([200, 5_000, 30_000, 100_000])),
)


@given(st.lists(st.tuples(names, st.sampled_from(KINDS)), max_size=8), st.sampled_from([1, 20, 150]))
@settings(max_examples=30)
def test_results_stay_within_their_budgets_for_any_names(drawn, times):
    drawn_users = [(text * length, kind) for (text, length), kind in drawn for _time in range(times)]
    run_outcomes = [outcome(f"{name}{n}", kind, msg="m" * 100) for n, (name, kind) in enumerate(drawn_users)]
    entries, omitted = shown_users(run_outcomes, "all")
    assert len(json.dumps(entries)) <= USERS_BUDGET + 2
    assert len(entries) + omitted == len(run_outcomes)
    diff, diff_omitted = shown_diff(run_outcomes, difference)
    assert len(json.dumps(diff)) <= DIFF_BUDGET + 100
    assert len(diff["before"]) + diff_omitted == sum(o.kind == CHANGED for o in run_outcomes)
