# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import (
    CHANGED,
    DEFERRED,
    FAILED,
    KINDS,
    PLANNED,
    REFUSED,
    SKIPPED,
    UNCHANGED,
    Outcome,
    refusal,
    some_of,
    summarise,
)

FAULTS = (
    reasons.FORBIDDEN,
    reasons.UNVERIFIED,
    reasons.THROTTLED,
    reasons.UNKNOWN_STATE,
    reasons.SERVICE_ERROR,
    reasons.SKIPPED,
)

outcome_lists = st.lists(
    st.tuples(st.sampled_from(KINDS), st.none() | st.sampled_from(reasons.TOLERABLE)).map(
        lambda drawn: Outcome("anna@contoso.example", None, drawn[0], reason=drawn[1])
    )
)


@pytest.mark.parametrize(
    ("kind", "changed", "failed"),
    [
        (CHANGED, True, False),
        (UNCHANGED, False, False),
        (REFUSED, False, False),
        (FAILED, False, True),
        (SKIPPED, False, True),
        (DEFERRED, False, False),
        (PLANNED, False, False),
    ],
)
def test_an_entry_says_whether_it_changed_or_failed(kind, changed, failed):
    entry = Outcome("anna@contoso.example", None, kind).entry()
    assert (entry["changed"], entry["failed"]) == (changed, failed)


def test_an_entry_holds_everything_and_a_masked_number():
    support = {"status": 403, "code": "accessDenied", "request_id": None, "client_request_id": None, "date": None}
    outcome = Outcome(
        "anna@contoso.example",
        "11111111-0000-0000-0000-000000000001",
        FAILED,
        "notEnabled",
        "notEnabled",
        reasons.FORBIDDEN,
        "No.",
        "+1 2065550142",
        support,
    )
    assert outcome.entry() == {
        "user": "anna@contoso.example",
        "id": "11111111-0000-0000-0000-000000000001",
        "state": "notEnabled",
        "previous_state": "notEnabled",
        "changed": False,
        "failed": True,
        "reason": "forbidden",
        "msg": "No.",
        "phone_number": "********42",
        "support": support,
    }
    assert "2065550142" not in repr(outcome)


NUMBER = "+1 2065550142"
NOTATIONS = ["12065550142", "+1 (206) 555-0142", "%2B1206-555%2D0142", "206 exchange 555 line 0142", "5 5 5 0 1 4 2"]


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("field", ["user", "id", "state", "previous_state", "msg", "support"])
def test_no_field_of_an_entry_shows_the_phone_number_of_the_user(field, notation):
    value = {"code": notation} if field == "support" else f"{notation}@contoso.example"
    outcome = Outcome(**{"user": "anna", "id": None, "kind": FAILED, "phone_number": NUMBER, field: value})
    shown = re.sub(r"\D", "", str(outcome.entry()[field]))
    assert "5550142" not in shown
    assert "5550142" not in re.sub(r"\D", "", repr(outcome))


@pytest.mark.parametrize("odd", ["\ud800", "a\u202eb", "\x1b[31m", "\x00", "x" * 100_000])
@pytest.mark.parametrize("field", ["user", "id", "state", "previous_state", "msg", "support"])
def test_every_field_of_an_entry_is_short_printable_and_can_be_encoded(field, odd):
    value = {"code": odd} if field == "support" else odd
    entry = Outcome(**{"user": "anna", "id": None, "kind": FAILED, field: value}).entry()
    text = json.dumps(entry, ensure_ascii=False)
    assert text.encode("utf-8")
    assert text.isprintable()
    assert len(text) < 2000


def test_support_keeps_the_status_as_a_number():
    support = {"status": 409, "code": "conflict", "request_id": None, "client_request_id": None, "date": None}
    assert Outcome("anna", None, FAILED, support=support).entry()["support"] == support


@pytest.mark.parametrize("sentence", reasons.SENTENCES.values())
def test_the_sentence_of_a_reason_is_shown_as_it_is(sentence):
    assert Outcome("anna", None, FAILED, msg=sentence, phone_number=NUMBER).entry()["msg"] == sentence


@given(outcome_lists)
def test_a_summary_adds_up(run_outcomes):
    summary = summarise(run_outcomes)
    assert summary["total"] == len(run_outcomes) == sum(summary[kind] for kind in KINDS)
    assert sum(summary["reasons"].values()) == sum(outcome.reason is not None for outcome in run_outcomes)
    assert all(summary["reasons"].values())


def test_a_summary_without_users_has_every_count():
    assert summarise([]) == {"total": 0, **dict.fromkeys(KINDS, 0), "reasons": {}}


@pytest.mark.parametrize("reason", reasons.TOLERABLE)
def test_tolerate_accepts_a_refusal(reason):
    assert refusal(reason, [reason]) == REFUSED
    assert refusal(reason, [other for other in reasons.TOLERABLE if other != reason]) == FAILED


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_is_never_tolerated(reason):
    assert refusal(reason, [*reasons.TOLERABLE, reason]) == FAILED


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ([], ""),
        (["anna"], "anna"),
        (["anna", "ben", "carl", "dora", "emil"], "anna, ben, carl, dora, emil"),
        (["anna", "ben", "carl", "dora", "emil", "fay"], "anna, ben, carl, dora, emil and 1 more"),
        (["anna"] * 1000, "anna, anna, anna, anna, anna and 995 more"),
        (["a\nb\x1b"], "a b "),
        (["x" * 257, "y" * 256], "x" * 253 + "..., " + "y" * 256),
        (["12065550101@contoso.example"], "********01@contoso.example"),
    ],
)
def test_a_sentence_names_five_users_and_counts_the_others(names, shown):
    assert some_of(names) == shown


def test_a_message_has_room_for_a_reason_and_the_quote_of_the_service():
    assert len(Outcome("anna@contoso.example", None, "failed", msg="word " * 700).entry()["msg"]) == 1500


@pytest.mark.parametrize(
    ("identifier", "shown"),
    [
        # These digits are there by chance, and the id is what leads to the user.
        ("aaaa5550-142a-4000-8000-000000000000", "aaaa5550-142a-4000-8000-000000000000"),
        ("no-object-id", "no-object-id"),
        ("id-5550142", "id-********"),
        (None, None),
    ],
)
def test_an_object_id_is_shown_whole(identifier, shown):
    assert Outcome("anna", identifier, FAILED, phone_number="+1 2065550142").entry()["id"] == shown
