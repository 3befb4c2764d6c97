# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs over phone numbers at a service that refuses, loses and delays requests at random: the guarantees hold."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auth._source import TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain._numbers import PHONE_TYPES, same_number
from ansible_collections.frontline.entra.plugins.module_utils._domain._phone_entries import Entry, PhoneList
from ansible_collections.frontline.entra.plugins.module_utils._domain._reasons import REFUSALS
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import METHOD_IDS
from ansible_collections.frontline.entra.plugins.module_utils._goals._phone_numbers import PhoneNumbers
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import Limits
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order, Run
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    DrivenWorkers,
    client,
    error,
    jwt,
    per_item,
)

TYPES = {method_id: phone_type for phone_type, method_id in METHOD_IDS.items()}
ONE, TWO, THREE = "+1 2065550101", "+1 2065550102", "+1 2065550103"


@dataclass
class Answer:
    """How a write is answered, whether it has its effect, and how many seconds later reads show that."""

    status: int = 204
    effect: bool = True
    after: float = 0.0


@dataclass
class User:
    """A user with numbers by type, and the answers to the writes to come."""

    numbers: dict = field(default_factory=dict)
    answers: list = field(default_factory=list)
    history: list = field(default_factory=list)
    written: list = field(default_factory=list)


class Service:
    """A Graph that follows the rules of phone methods, with any answers."""

    def __init__(self, users):
        self.workers = DrivenWorkers()
        self.users = {f"user{place}@contoso.example": user for place, user in enumerate(users)}
        self.before = {name: dict(user.numbers) for name, user in self.users.items()}

    def reply(self, call, method, path):
        parts = path.replace("%40", "@").split("/")
        if len(parts) < 4:
            return 403, error("Authorization_RequestDenied", "Insufficient privileges.")
        user = self.users[parts[2]]
        if method == "GET":
            return 200, {"value": [self._shown(*one) for one in self.seen(user).items()]}
        return self._write(user, method, parts[-1], call, path)

    def seen(self, user):
        """The numbers that a read shows."""
        visible = [numbers for since, numbers in user.history if since <= self.workers.now()]
        return visible[-1] if visible else user.numbers

    def _shown(self, phone_type, number):
        return {"id": METHOD_IDS[phone_type], "phoneType": phone_type, "phoneNumber": number, "smsSignInState": "ready"}

    def _write(self, user, method, last, call, path):
        body = call.body
        if call.path == "/$batch":
            (body,) = [
                item.get("body") for item in body["requests"] if item["url"] == path and item["method"] == method
            ]
        phone_type = TYPES.get(last) or body["phoneType"]
        answer = user.answers.pop(0) if user.answers else Answer()
        last_numbers = user.history[-1][1] if user.history else user.numbers
        numbers = {key: number for key, number in last_numbers.items() if key != phone_type}
        if method != "DELETE":
            numbers[phone_type] = body["phoneNumber"].replace(" ", "")
        user.written.append(method)
        legal = (phone_type in last_numbers) is (method != "POST")
        if not legal or ("alternateMobile" in numbers and "mobile" not in numbers):
            return 400, error("badRequest")
        if answer.effect:
            user.history.append((self.workers.now() + answer.after, numbers))
        if answer.status is None:
            return None
        return answer.status, None if answer.status < 300 else error("badRequest"), {"Retry-After": "1"}


class Given:
    sent = 0

    def token(self, claims=None):
        return read_token(jwt(idtyp="app", roles=["UserAuthMethod-Phone.ReadWrite.All"]))


def carried(service, wishes, check_mode=False):
    """The outcomes by user of the wishes, which are (number, type, state) by user."""
    phones = PhoneList(Entry("", name, *wish) for name, some in wishes.items() for wish in some)
    order = Order(PhoneNumbers(phones), Users(Scope(phones.users), False), Limits(verify_timeout=60.0), check_mode)
    graph, _session = client(per_item(service.reply), workers=service.workers)
    run = Run(order, graph, TokenSource(Given(), lambda token: None), lambda text: None, lambda outcomes: None)
    run.execute()
    return {outcome.user: outcome for outcome in run.outcomes}


NUMBERS = st.sampled_from([ONE, TWO, THREE])
PHONES = st.dictionaries(st.sampled_from(PHONE_TYPES), NUMBERS).filter(
    lambda numbers: "mobile" in numbers or "alternateMobile" not in numbers
)
ANSWERS = st.builds(
    Answer,
    status=st.sampled_from([204, 204, 200, 400, 409, 429, 500, 503, 504, None]),
    effect=st.booleans(),
    after=st.sampled_from([0.0, 0.0, 3.0, 20.0]),
).map(lambda answer: answer if answer.status not in (400, 429) else Answer(answer.status, effect=False))
USERS = st.builds(User, numbers=PHONES, answers=st.lists(ANSWERS, max_size=4))
WISHES = st.lists(
    st.tuples(NUMBERS, st.sampled_from(PHONE_TYPES), st.just("present"))
    | st.tuples(st.none() | NUMBERS, st.sampled_from(PHONE_TYPES), st.just("absent")),
    min_size=1,
    max_size=3,
    unique_by=lambda wish: wish[1],
)


def plain(numbers):
    return {phone_type: number.replace(" ", "") for phone_type, number in numbers.items()}


def holds(numbers, before, wish):
    number, phone_type, state = wish
    there = numbers.get(phone_type)
    if state == "present":
        return same_number(there, number) is True
    return there is None or (number is not None and not same_number(there, number))


@given(st.lists(st.tuples(USERS, WISHES), min_size=1, max_size=4))
def test_the_guarantees_hold_with_random_service_faults(given_users):
    service = Service([user for user, _wishes in given_users])
    wishes = dict(zip(service.users, [some for _user, some in given_users]))

    outcomes = carried(service, wishes)

    for name, user in service.users.items():
        outcome, before, seen = outcomes[name], plain(service.before[name]), plain(service.seen(user))
        assert outcome.changed is (before != seen), "changed is as read back"
        if outcome.kind in ("changed", "unchanged"):
            assert all(holds(seen, before, wish) for wish in wishes[name])
        else:
            assert outcome.reason
        if outcome.kind == "unchanged" or (outcome.reason in REFUSALS and not user.answers and not outcome.written):
            assert user.written == []
        touched = {phone_type for _number, phone_type, _state in wishes[name]}
        assert {key: number for key, number in seen.items() if key not in touched} == {
            key: number for key, number in before.items() if key not in touched
        }


@given(st.lists(st.tuples(USERS, WISHES), min_size=1, max_size=4))
def test_check_mode_writes_nothing_and_predicts_a_service_without_faults(given_users):
    users = [User(user.numbers) for user, _wishes in given_users]
    service = Service(users)
    wishes = dict(zip(service.users, [some for _user, some in given_users]))

    foreseen = carried(service, wishes, check_mode=True)
    assert all(user.written == [] for user in users)
    applied = carried(service, wishes)

    for name, outcome in applied.items():
        assert (foreseen[name].kind, foreseen[name].reason) == (outcome.kind, outcome.reason)
        assert foreseen[name].more["phones"] == outcome.more["phones"]
    assert {outcome.kind for outcome in carried(service, wishes).values()} <= {"unchanged", "failed"}


@pytest.mark.parametrize("after", [0.0, 3.0, 20.0])
def test_after_a_lost_answer_the_state_is_read_before_a_repetition(after):
    service = Service([User(answers=[Answer(None, effect=True, after=after)])])

    outcome = carried(service, {"user0@contoso.example": [(ONE, "mobile", "present")]})["user0@contoso.example"]

    assert outcome.kind == "changed"
    assert (
        service.users["user0@contoso.example"].numbers == {}
        and len(service.users["user0@contoso.example"].history) == 1
    )


def test_a_run_that_is_stopped_between_two_steps_says_what_was_written():
    service, name = Service([User({"mobile": ONE})]), "user0@contoso.example"
    phones = PhoneList([Entry("", name, TWO), Entry("", name, THREE, "alternateMobile")])
    order = Order(PhoneNumbers(phones), Users(Scope(phones.users), False), Limits())
    graph, _session = client(per_item(service.reply), workers=service.workers)

    def show(position):
        if service.users[name].written:
            run.stop("Stopped.")

    run = Run(order, graph, TokenSource(Given(), lambda token: None), lambda text: None, lambda outcomes: None, show)
    run.execute()
    (outcome,) = run.outcomes
    assert service.users[name].written == ["PATCH"]
    assert (outcome.kind, outcome.changed, outcome.written) == ("skipped", True, True)
    assert outcome.msg == "The mobile number was changed. The rest was not written: Stopped."


def test_a_number_that_never_shows_is_unverified():
    service = Service([User({"mobile": ONE}, answers=[Answer(204, effect=False)])])

    (outcome,) = carried(service, {"user0@contoso.example": [(TWO, "mobile", "present")]}).values()

    assert (outcome.kind, outcome.reason, outcome.changed) == ("failed", "unverified", False)
    assert "The service still shows the numbers of before." in outcome.msg
