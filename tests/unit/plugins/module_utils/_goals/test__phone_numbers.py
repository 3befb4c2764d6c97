# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import PHONE_TYPES, same_number
from ansible_collections.frontline.entra.plugins.module_utils._domain._phone_entries import ABSENT, Entry, PhoneList
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import named
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import PhoneMethod, Phones
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import REFUSE, SATISFIED, WRITE
from ansible_collections.frontline.entra.plugins.module_utils._goals._phone_numbers import (
    ADD,
    CHANGE,
    REMOVE,
    PhoneAudit,
    PhoneNumbers,
)
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import error

ANNA = "anna@contoso.example"
ONE, TWO, THREE = "+1 2065550101", "+1 2065550102", "+1 2065550103"
MASKED = "+1 XXXXXXXX01"


def phones(mobile=None, alternate=None, office=None, state="ready"):
    given_numbers = [
        ("mobile", mobile, state),
        ("alternateMobile", alternate, "notSupported"),
        ("office", office, "notSupported"),
    ]
    return Phones(tuple(PhoneMethod(*one) for one in given_numbers if one[1]))


def goal(*entries, **more):
    return PhoneNumbers(PhoneList(Entry(f"line {n}", ANNA, *entry) for n, entry in enumerate(entries, start=2)), **more)


def decided(state, *entries):
    """The verdicts of a user: the actions in order as short texts, or the reason of a refusal."""
    step = goal(*entries).decide(named(ANNA), state)
    if step.verdict == REFUSE:
        return step.reason
    actions = []
    while step.verdict == WRITE:
        actions.append(f"{step.action.verb} {step.action.phone_type}")
        state = apply(state, step.action)
        step = goal(*entries).decide(named(ANNA), state)
    assert step.verdict == SATISFIED
    return actions


def apply(state, action):
    """The phones after an action. The service keeps at most one phone of a type, and no alternate without a mobile."""
    numbers = {method.phone_type: method.number for method in state.methods}
    assert (action.phone_type in numbers) is (action.verb != ADD), "adds what is there, or changes what is not"
    assert (action.number is None) is (action.verb == REMOVE)
    numbers[action.phone_type] = action.number and action.number.replace(" ", "")
    assert numbers.get("mobile") or not numbers.get("alternateMobile"), "an alternate mobile without a mobile"
    return phones(numbers.get("mobile"), numbers.get("alternateMobile"), numbers.get("office"))


@pytest.mark.parametrize(
    ("state", "entries", "expected"),
    [
        # one number
        (phones(), [(ONE,)], ["add mobile"]),
        (phones(ONE), [(ONE,)], []),
        (phones("+12065550101"), [(ONE,)], []),
        (phones(TWO), [(ONE,)], ["change mobile"]),
        (phones(MASKED), [(ONE,)], "phone_number_unreadable"),
        (phones(office=TWO), [(ONE,)], ["add mobile"]),
        (phones(), [(ONE + "x12", "office")], ["add office"]),
        (phones(office=ONE), [(ONE + "x12", "office")], ["change office"]),
        # alternate before mobile and after
        (phones(), [(TWO, "alternateMobile")], "needs_mobile_phone"),
        (phones(office=ONE), [(TWO, "alternateMobile")], "needs_mobile_phone"),
        (phones(ONE), [(TWO, "alternateMobile")], ["add alternateMobile"]),
        (phones(), [(TWO, "alternateMobile"), (ONE,)], ["add mobile", "add alternateMobile"]),
        (phones(ONE), [(TWO, "alternateMobile"), (None, "mobile", ABSENT)], "needs_mobile_phone"),
        # removals
        (phones(), [(None, "mobile", ABSENT)], []),
        (phones(ONE), [(None, "mobile", ABSENT)], ["remove mobile"]),
        (phones(MASKED), [(None, "mobile", ABSENT)], ["remove mobile"]),
        (phones(ONE), [(ONE, "mobile", ABSENT)], ["remove mobile"]),
        (phones(TWO), [(ONE, "mobile", ABSENT)], []),
        (phones(MASKED), [(ONE, "mobile", ABSENT)], "phone_number_unreadable"),
        (phones(), [(ONE, "mobile", ABSENT)], []),
        (phones(ONE, TWO), [(None, "mobile", ABSENT)], "alternate_phone_exists"),
        (phones(ONE, TWO), [(None, "mobile", ABSENT), (TWO, "alternateMobile")], "alternate_phone_exists"),
        (phones(ONE, TWO), [(None, "mobile", ABSENT), (THREE, "alternateMobile", ABSENT)], "alternate_phone_exists"),
        (phones(ONE, TWO), [(None, "alternateMobile", ABSENT)], ["remove alternateMobile"]),
        (
            phones(ONE, TWO, THREE),
            [(None, "mobile", ABSENT), (None, "alternateMobile", ABSENT), (None, "office", ABSENT)],
            ["remove office", "remove alternateMobile", "remove mobile"],
        ),
        # the documented way to keep only the alternate number
        (
            phones(ONE, TWO),
            [(TWO,), (None, "alternateMobile", ABSENT)],
            ["change mobile", "remove alternateMobile"],
        ),
        (phones(ONE, TWO), [(TWO,), (ONE, "alternateMobile")], ["change mobile", "change alternateMobile"]),
        # bad entries
        (phones(), [("2065550101",)], "invalid_phone_number"),
        (phones(ONE), [(ONE,), (TWO,)], "conflicting_entries"),
    ],
)
def test_the_steps_of_a_user(state, entries, expected):
    assert decided(state, *entries) == expected


def test_a_state_that_breaks_the_rules_of_the_service_stops_no_other_write():
    step = goal((ONE, "office")).decide(named(ANNA), phones(alternate=TWO))

    assert (step.verdict, step.action.verb, step.action.phone_type) == (WRITE, ADD, "office")


@pytest.mark.parametrize("entries", [[("2065550101",)], [(ONE,), (TWO,)]])
def test_a_flaw_of_the_list_is_refused_with_the_place(entries):
    step = goal(*entries).decide(named(ANNA), phones(ONE))

    assert step.verdict == REFUSE and step.says.startswith("Line 2")


@pytest.mark.parametrize(
    ("state", "entries", "says"),
    [
        (phones(ONE), [(ONE,)], "The numbers are as requested."),
        (phones(), [(ONE, "mobile", ABSENT)], "The numbers are as requested."),
        (phones(ONE, TWO), [(ONE,), (THREE, "office", ABSENT)], "The numbers are as requested."),
        (phones(TWO), [(ONE, "mobile", ABSENT)], "The mobile number is another one, so it stays."),
        (
            phones(TWO, office=TWO),
            [(ONE, "mobile", ABSENT), (ONE, "office", ABSENT)],
            "The mobile number is another one, so it stays. The office number is another one, so it stays.",
        ),
    ],
)
def test_a_number_that_stays_is_named(state, entries, says):
    step = goal(*entries).decide(named(ANNA), state)

    assert (step.verdict, step.says) == (SATISFIED, says)


NUMBERS = st.sampled_from([None, ONE, TWO, THREE, "+12065550101"])
STATES = st.builds(phones, NUMBERS, NUMBERS, NUMBERS).filter(
    lambda state: not state.get("alternateMobile") or state.get("mobile")
)
WISHES = st.lists(
    st.tuples(NUMBERS.filter(bool), st.sampled_from(PHONE_TYPES), st.just("present"))
    | st.tuples(NUMBERS, st.sampled_from(PHONE_TYPES), st.just(ABSENT)),
    max_size=3,
    unique_by=lambda wish: wish[1],
)


@given(STATES, WISHES)
def test_the_steps_end_in_the_desired_state_and_change_nothing_else(state, entries):
    this, now, done = goal(*entries), state, []
    first = step = this.decide(named(ANNA), state)
    if step.verdict == REFUSE:
        assert step.reason in ("needs_mobile_phone", "alternate_phone_exists")
        return
    while step.verdict == WRITE:
        assert step.action not in done and len(done) < 3
        done.append(step.action)
        now = apply(now, step.action)
        step = this.decide(named(ANNA), now)

    assert step.verdict == SATISFIED, "refused after the first write"
    asked = {phone_type: (number, kind) for number, phone_type, kind in entries}
    for phone_type in PHONE_TYPES:
        number, kind = asked.get(phone_type, (None, None))
        before, after = (one.get(phone_type) and one.get(phone_type).number for one in (state, now))
        if kind == "present":
            assert same_number(after, number)
        elif kind == ABSENT and (number is None or same_number(before, number)):
            assert after is None
        else:
            assert (after and after.replace(" ", "")) == (before and before.replace(" ", ""))
    assert this.moved(state, now) is bool(done)
    if done:
        assert not this.moved(first.foreseen, now), "check mode predicts the numbers"


@pytest.mark.parametrize(
    ("state", "entries", "foreseen"),
    [
        (phones(), [(ONE,)], None),
        (phones(TWO, state="ready"), [(ONE,)], "ready"),
        (phones(TWO, state="notEnabled"), [(ONE,)], "ready"),
        (phones(TWO, state="phoneNumberNotUnique"), [(ONE,)], "ready"),
        (phones(TWO, state="notAllowedByPolicy"), [(ONE,)], "notAllowedByPolicy"),
        (phones(TWO, state="notSupported"), [(ONE,)], "notSupported"),
        (phones(ONE), [(None, "mobile", ABSENT)], "noMobilePhone"),
        (phones(ONE, state="notEnabled"), [(TWO, "office")], "notEnabled"),
    ],
)
def test_check_mode_predicts_known_states_of_sms_sign_in(state, entries, foreseen):
    assert goal(*entries).decide(named(ANNA), state).foreseen.state == foreseen


def test_check_mode_keeps_a_type_of_phone_that_this_version_does_not_know():
    unknown = PhoneMethod("pager", THREE, "notSupported")
    step = goal((ONE,)).decide(named(ANNA), Phones((*phones(TWO).methods, unknown)))

    assert [(one.phone_type, one.number) for one in step.foreseen.methods] == [("mobile", ONE), ("pager", THREE)]


@pytest.mark.parametrize(
    ("state", "note"),
    [
        ("ready", ""),
        (
            "phoneNumberNotUnique",
            "Another account signs in with the mobile number, so SMS sign-in is not enabled for it.",
        ),
        ("notAllowedByPolicy", "SMS sign-in is not enabled for the mobile number (notAllowedByPolicy)."),
        (None, "SMS sign-in is not enabled for the mobile number (no state given)."),
    ],
)
def test_a_stored_number_that_does_not_sign_in_gets_a_note(state, note):
    step = goal((ONE,)).decide(named(ANNA), phones(ONE, state=state))

    assert (step.verdict, step.note) == (SATISFIED, note)


def test_the_search_for_the_holder_names_accounts_it_cannot_see():
    step = goal((ONE,), find_holder=True).decide(named(ANNA), phones(ONE, state="phoneNumberNotUnique"))

    assert step.note.endswith(
        "enabled for it. 'holder' names it if it was found. Deleted and disabled accounts are not seen."
    )


def test_a_number_of_two_users_is_reported_and_refused_with_require_unique():
    entries = PhoneList([Entry("line 2", ANNA, ONE), Entry("line 3", "ben@contoso.example", ONE)])

    reported = PhoneNumbers(entries).decide(named(ANNA), phones())
    refused = PhoneNumbers(entries, require_unique=True).decide(named(ANNA), phones())
    there = PhoneNumbers(entries, require_unique=True).decide(named(ANNA), phones(ONE))

    assert reported.verdict == WRITE
    assert reported.would == (
        "The mobile number would be added. Another user gets the same mobile number (line 3), and a number signs in one"
        " user only."
    )
    assert (refused.verdict, refused.reason) == (REFUSE, "phone_number_not_unique") and "(line 3)" in refused.says
    assert there.verdict == SATISFIED


def test_require_unique_refuses_no_number_of_one_user():
    step = goal((ONE,), (TWO, "office"), require_unique=True).decide(named(ANNA), phones())

    assert step.verdict == WRITE
    assert step.would == "The mobile number would be added. The office number would be added."


def refused(status, code):
    return reply(status, {}, error(code), None)


@pytest.mark.parametrize(
    ("answer", "no_effect"),
    [
        (refused(409, "phoneNumberNotUnique"), False),
        (refused(409, ""), False),
        (refused(400, "phoneNumberNotUnique"), False),
        (refused(400, "badRequest"), True),
        (refused(403, "accessDenied"), True),
        (refused(503, "serviceNotAvailable"), False),
    ],
)
def test_a_conflict_does_not_show_that_nothing_was_stored(answer, no_effect):
    assert goal((ONE,)).had_no_effect(answer) is no_effect


@pytest.mark.parametrize(
    ("state", "entry", "expected"),
    [
        (phones(), (ONE,), {400: "invalid_phone_number", 409: "phone_number_not_unique"}),
        (phones(ONE), (None, "mobile", ABSENT), {400: "default_method", 409: "default_method"}),
        (phones(office=ONE), (None, "office", ABSENT), {400: "default_method", 409: "default_method"}),
    ],
)
def test_a_refusal_without_a_code_is_explained_by_the_request(state, entry, expected):
    assert goal(entry).decide(named(ANNA), state).refused_as == expected


@pytest.mark.parametrize(
    ("state", "entry", "method", "path", "body"),
    [
        (phones(), ("+12065550101",), "POST", "", {"phoneNumber": ONE, "phoneType": "mobile"}),
        (
            phones(TWO),
            (ONE,),
            "PATCH",
            "/3179e48a-750b-4051-897c-87b9720928f7",
            {"phoneNumber": ONE, "phoneType": "mobile"},
        ),
        (
            phones(office=TWO),
            (ONE + "x9", "office"),
            "PATCH",
            "/e37fc753-ff3b-4958-9484-eaa9425c82bc",
            {"phoneNumber": ONE + "x9", "phoneType": "office"},
        ),
        (
            phones(ONE, TWO),
            (None, "alternateMobile", ABSENT),
            "DELETE",
            "/b6332ec1-7057-4abe-9331-3d72feddfe41",
            None,
        ),
    ],
)
def test_requests(state, entry, method, path, body):
    this = goal(entry)
    request = this.write(ANNA, this.decide(named(ANNA), state).action)

    assert (request.method, request.body, request.writes) == (method, body, True)
    assert request.path == f"/users/anna%40contoso.example/authentication/phoneMethods{path}"


def test_facts_mask_all_numbers():
    facts = goal((ONE,)).facts(phones(TWO, THREE), phones(ONE, THREE, state="notEnabled"))

    assert (facts.state, facts.previous_state, facts.phone_number) == ("notEnabled", "ready", ONE)
    assert facts.more == {
        "phones": [
            {"phone_type": "mobile", "phone_number": "********01"},
            {"phone_type": "alternateMobile", "phone_number": "********03"},
        ],
        "previous_phones": [
            {"phone_type": "mobile", "phone_number": "********02"},
            {"phone_type": "alternateMobile", "phone_number": "********03"},
        ],
        "holder": None,
    }
    removed = goal((ONE,)).facts(phones(ONE), phones())
    assert (removed.state, removed.phone_number) == ("noMobilePhone", ONE)
    assert goal((ONE,)).facts(None, None).more == {"phones": None, "previous_phones": None, "holder": None}


@pytest.mark.parametrize(
    ("show_numbers", "mobile", "office"), [(False, "********01", "********03"), (True, ONE, THREE)]
)
def test_an_audit_shows_numbers_only_with_show_numbers(show_numbers, mobile, office):
    facts = PhoneAudit(show_numbers).facts(phones(TWO), phones(ONE, office=THREE, state="notEnabled"))

    # The number of the facts themselves is what names and messages are searched for.
    assert (facts.state, facts.previous_state, facts.phone_number) == ("notEnabled", "ready", ONE)
    assert facts.more == {
        "phone_number": mobile,
        "phones": [
            {"phone_type": "mobile", "phone_number": mobile},
            {"phone_type": "office", "phone_number": office},
        ],
    }


@pytest.mark.parametrize(
    ("read", "state", "shown"),
    [
        (phones(), "noMobilePhone", []),
        (None, None, None),
        (
            Phones((PhoneMethod("mobile", None, "ready"),)),
            "ready",
            [{"phone_type": "mobile", "phone_number": None}],
        ),
    ],
)
def test_an_audit_of_a_user_without_a_readable_number(read, state, shown):
    facts = PhoneAudit(True).facts(read, read)

    assert (facts.state, facts.previous_state, facts.phone_number) == (state, state, None)
    assert facts.more == {"phone_number": None, "phones": shown}


@pytest.mark.parametrize(
    ("entries", "number"),
    [
        ([(ONE,)], ONE),
        ([(TWO, "office"), (ONE,)], ONE),
        ([(ONE, "office")], None),
        ([(ONE, "mobile", ABSENT)], None),
    ],
)
def test_the_mobile_number_that_a_user_is_to_get(entries, number):
    assert goal(*entries).mobile_number_for(named(ANNA)) == number


def test_the_difference_shows_masked_numbers_and_states():
    entry = {
        "phones": [{"phone_type": "mobile", "phone_number": "********01"}],
        "previous_phones": [],
        "state": "ready",
        "previous_state": "noMobilePhone",
    }
    assert goal((ONE,)).difference(entry) == (
        {"smsSignInState": "noMobilePhone"},
        {"mobile": "********01", "smsSignInState": "ready"},
    )


def test_no_number_is_in_the_representation_of_a_step():
    step = goal((ONE,), (TWO, "alternateMobile")).decide(named(ANNA), phones(office=THREE))

    assert "206" not in repr(step) and CHANGE not in repr(step)


@pytest.mark.parametrize(
    ("before", "now", "moved"),
    [
        (phones(ONE), phones(ONE), False),
        (phones(ONE), phones("+12065550101"), False),
        (phones(ONE), phones(TWO), True),
        (phones(), phones(ONE), True),
        (phones(ONE, TWO), phones(ONE), True),
        (phones(ONE), phones(ONE, state="notEnabled"), True),
        (phones(ONE, state="notEnabled"), phones(ONE, state="phoneNumberNotUnique"), False),
        (phones(ONE), None, False),
        (None, phones(ONE), False),
    ],
)
def test_changes_of_state(before, now, moved):
    assert goal((ONE,)).moved(before, now) is moved
