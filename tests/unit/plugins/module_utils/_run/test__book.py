# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import Phone
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import SATISFIED, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignInView
from ansible_collections.frontline.entra.plugins.module_utils._graph._client import Job
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._run._book import Book
from ansible_collections.frontline.entra.plugins.module_utils._run._case import Case
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import error

ANNA, ID = Target("anna@contoso.example"), "aaaaaaaa-0000-4000-8000-000000000000"
BEFORE, READY = Phone("notEnabled", "+1 2065550101"), Phone("ready", "+1 2065550101")
STEP = Step(WRITE, "enable", says="It was done.", would="It would be done.", foreseen=READY, note="A note.")
REFUSAL = reply(404, {"request-id": "r1"}, error("notFound", "No such user."), "c1")
MORE = {"a": 1}
OWN = {"other_methods": None, **MORE}


@pytest.fixture
def book():
    return Book(SmsSignInView(), ["guest"])


def case(now=READY, written=True):
    """A user that was written to, in the state `now`, and whom doubts say something about."""
    one = Case(ANNA, BEFORE, STEP, MORE, "A doubt.")
    one.now, one.written = now, written
    return one


def states(outcome):
    return outcome.previous_state, outcome.state


def test_a_satisfied_user_has_the_sentence_and_the_note_of_the_step(book):
    step = Step(SATISFIED, says="It is so.", note="A note.", counts_as="blocked")
    outcome = book.satisfied(ANNA, READY, step, MORE)

    assert (outcome.user, outcome.kind, outcome.msg) == (ANNA.name, "unchanged", "It is so. A note.")
    assert (outcome.counts_as, outcome.more, outcome.reason) == ("blocked", OWN, None)
    assert states(outcome) == ("ready", "ready") and outcome.phone_number == "+1 2065550101"
    assert book.satisfied(ANNA, READY, Step(SATISFIED)).more == {"other_methods": None}


@pytest.mark.parametrize(
    ("reason", "kind", "begins"),
    [("guest", "refused", "The account is a guest"), ("user_not_found", "failed", "No such user")],
)
def test_a_refused_user_has_its_reason(book, reason, kind, begins):
    outcome = book.refused(ANNA, reason, BEFORE, REFUSAL, "A detail.", MORE)

    assert (outcome.kind, outcome.reason, outcome.more, outcome.written) == (kind, reason, OWN, False)
    assert outcome.msg.startswith(begins) and outcome.msg.endswith("No such user. A detail.")
    assert outcome.support == REFUSAL.support and states(outcome) == ("notEnabled", "notEnabled")
    assert book.refused(ANNA, reason, BEFORE).support is None


def test_check_mode_shows_what_is_foreseen(book):
    outcome = book.foreseen(case(BEFORE))

    assert (outcome.kind, outcome.msg, outcome.more) == ("changed", "It would be done. A doubt.", OWN)
    assert states(outcome) == ("notEnabled", "ready")


def test_a_deferred_user_stays_as_it_is(book):
    outcome = book.deferred(case(BEFORE), "Later.")

    assert (outcome.kind, outcome.msg, outcome.more) == ("deferred", "Later. A doubt.", OWN)
    assert states(outcome) == ("notEnabled", "notEnabled")


def test_a_changed_user_has_the_sentences_of_all_its_steps_once(book):
    one = case()
    one.said += ["First.", "Second.", "First."]
    outcome = book.changed(one, "A note.")

    assert (outcome.kind, outcome.msg, outcome.written) == ("changed", "First. Second. A note. A doubt.", True)
    assert states(outcome) == ("notEnabled", "ready")


def test_a_user_that_something_else_has_changed_is_unchanged(book):
    one = case(READY, written=False)
    one.before = READY
    outcome = book.unchanged(one, Step(SATISFIED, says="It is so.", note="A note."))

    assert (outcome.kind, outcome.msg, outcome.more) == ("unchanged", "It is so. A note.", OWN)
    assert (states(outcome), outcome.written) == (("ready", "ready"), False)


@pytest.mark.parametrize(("reason", "kind"), [("guest", "refused"), ("unverified", "failed")])
@pytest.mark.parametrize("moved", [True, False])
def test_a_user_whose_write_failed(book, reason, kind, moved):
    one = case()
    one.said.append("First.")
    one.remark = "A remark."
    outcome = book.failed(one, reason, "It failed.", REFUSAL, moved)

    assert (outcome.kind, outcome.reason, outcome.moved, outcome.written) == (kind, reason, moved, True)
    assert (outcome.msg, outcome.support) == ("First. It failed. A remark. A doubt.", REFUSAL.support)
    assert book.failed(one, reason, "It failed.", None, moved).support is None


def test_a_user_that_was_not_written_to_the_end_is_skipped(book):
    one = case()
    one.said.append("First.")
    outcome = book.skipped(one, "The rest was not written.", True)

    assert (outcome.kind, outcome.reason, outcome.moved) == ("skipped", "skipped", True)
    assert outcome.msg == "First. The rest was not written."


@pytest.mark.parametrize(
    ("planned", "cause", "expected"),
    [
        (None, "", ("skipped", "skipped", "Not reached: ", (None, None))),
        (None, "Stopped.", ("skipped", "skipped", "Not reached: Stopped.", (None, None))),
        (case(BEFORE), "", ("planned", None, "To be done.", ("notEnabled", "notEnabled"))),
        (case(BEFORE), "Stopped.", ("skipped", "skipped", "Not reached: Stopped.", ("notEnabled", "notEnabled"))),
    ],
)
def test_a_user_without_an_outcome_is_planned_until_the_run_has_ended(book, planned, cause, expected):
    outcome = book.unreached(ANNA, planned, cause, "To be done.")

    assert (outcome.kind, outcome.reason, outcome.msg, states(outcome)) == expected


@pytest.mark.parametrize(
    ("target", "address", "shown"),
    [(ANNA, ANNA.name, None), (ANNA, ID, ID), (Target(ANNA.name, id=ID), ANNA.name, ID)],
)
def test_the_id_is_shown_if_it_is_known(book, target, address, shown):
    one = Case(target, BEFORE, STEP)
    one.address = address

    assert book.changed(one, "").id == shown
    assert book.satisfied(target, BEFORE, STEP).id == target.id


def test_a_write_counts_as_sent_once_its_job_was(book):
    one = case(written=False)
    assert not book.changed(one, "").written

    one.attempt.job = Job(SmsSignInView.read(ANNA.name))
    one.attempt.job.sent = True
    assert book.changed(one, "").written
