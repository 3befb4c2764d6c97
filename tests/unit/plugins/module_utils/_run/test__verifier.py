# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import Phone
from ansible_collections.frontline.entra.plugins.module_utils._entra._users import TO_RESOLVE
from ansible_collections.frontline.entra.plugins.module_utils._errors import (
    AuthenticationFailed,
    EntraError,
    OutOfTime,
    PermissionMissing,
)
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._http import Answer
from ansible_collections.frontline.entra.plugins.module_utils._run._case import Case
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import Limits
from ansible_collections.frontline.entra.plugins.module_utils._run._permissions import PermissionWatch
from ansible_collections.frontline.entra.plugins.module_utils._run._verifier import Verifier
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    MOST_CALLS,
    START,
    FakeTenant,
    FakeUser,
    Write,
    error,
    jwt,
)

NO_EFFECT = Write(effect=False)
LOST = Write(status=None, effect=False)
THROTTLED = Write(status=429, effect=False, headers={"Retry-After": "3"})
POLICY = "Can not enable Sms sign in on phone auth method as the credential policy is not enabled on user."


class Outage:
    """The writes to a person while the service takes none for some `seconds`: they fail with `status`."""

    tenant = None

    def __init__(self, status, seconds):
        self._status, self._seconds = status, seconds

    def pop(self, _first):
        now = Outage.tenant.workers.now() - START
        return Write(self._status, effect=False) if 0.3 < now < 0.3 + self._seconds else Write()


class Proof:
    """A run of a Verifier over a fake tenant, and what became of it."""

    def __init__(
        self,
        *users,
        wanted="enabled",
        by="id",
        tolerated=(),
        verify_timeout=60.0,
        max_failures=None,
        write_until=None,
        deadline=None,
        permitted=True,
        app_only=False,
        rejected_tokens=(),
        me=None,
        latency=0.0,
        most_calls=MOST_CALLS,
        quota=None,
        goal=SmsSignIn,
    ):
        self.tenant = Outage.tenant = FakeTenant(*users, me=me)
        self.tenant.rejected_tokens = rejected_tokens
        self.tenant.workers.latency = latency
        self.graph, self.session = self.tenant.client(deadline=deadline, most_calls=most_calls)
        if quota is not None:
            self.session._answer = self._paced(self.session._answer, quota)
        goal = goal(wanted)
        self.cases = [self._case(user, by, goal) for user in users]
        self.progress = 0
        self.error = None
        held = goal.may_write.names[0] if permitted else "User.Read"
        claims = jwt(idtyp="app", roles=[held]) if app_only else jwt(scp=held)
        token = read_token("opaque" if permitted is None else claims)
        watch = PermissionWatch(len(users), goal.may_write, token, goal.reason_of)
        limits = Limits(tolerate=tolerated, verify_timeout=verify_timeout, max_failures=max_failures)
        self.verifier = Verifier(self.graph, goal, limits, write_until, watch, self._count_progress)
        try:
            self.verifier.run(self.cases)
        except EntraError as failure:
            self.error = failure
        for case in self.cases:
            if case.outcome is None:
                self.verifier.abandon(case, self.error.message if self.error else self.verifier.stopped or "")

    def _case(self, user, by, goal):
        if by == "id":
            target = Target(user.name, id=user.id, principal_name=user.name)
        else:
            target = Target("me" if by == "me" else user.name, named=True)
        phone = Phone(user.state, user.phone_number)
        return Case(target, phone, goal.decide(target, phone))

    def _paced(self, served, quota):
        """`served`, but for calls beyond `quota` requests a second, of which a bucket holds 20."""
        workers, left = self.tenant.workers, [20.0, START]

        def answer(call):
            left[:] = [min(20.0, left[0] + quota * (workers.now() - left[1])), workers.now()]
            if left[0] < len(call.items):
                return Answer(429, {"retry-after": "1"}, json.dumps(error("TooManyRequests")))
            left[0] -= len(call.items)
            return served(call)

        return answer

    def _count_progress(self, _settled):
        self.progress += 1

    @property
    def outcomes(self):
        return [case.outcome for case in self.cases]

    @property
    def outcome(self):
        (outcome,) = self.outcomes
        return outcome

    @property
    def kinds(self):
        return [outcome.kind for outcome in self.outcomes]

    @property
    def written(self):
        """When, to whom and how was written."""
        return [(at - START, address, action) for at, _number, address, action in self.tenant.written]

    def sent(self, method):
        """When batches of this method were sent, and how many requests were in each."""
        return [(call.at - START, len(call.items)) for call in self.session.calls if call.items[0][0] == method]

    @property
    def seconds(self):
        return self.tenant.workers.now() - START


# -- accepted


@pytest.mark.parametrize(
    ("wanted", "before", "after", "action"),
    [
        ("enabled", "notEnabled", "ready", "enableSmsSignIn"),
        ("enabled", "notConfigured", "ready", "enableSmsSignIn"),
        ("enabled", "phoneNumberNotUnique", "ready", "enableSmsSignIn"),
        ("disabled", "ready", "notEnabled", "disableSmsSignIn"),
    ],
)
def test_a_change_is_proved_by_one_read(wanted, before, after, action):
    proof = Proof(FakeUser(1, before), wanted=wanted)
    outcome = proof.outcome
    assert (outcome.kind, outcome.previous_state, outcome.state, outcome.reason) == ("changed", before, after, None)
    assert outcome.phone_number == "+1 2065550101"
    assert [action for _at, _address, action in proof.written] == [action]
    assert [method for method, _path in proof.session.items] == ["POST", "GET"]
    assert (proof.seconds, proof.error, proof.verifier.stopped) == (0.0, None, None)


@pytest.mark.parametrize("after", [0.5, 1, 7, 30, 59.5])
@pytest.mark.parametrize("by", ["id", "me"])
def test_a_change_that_shows_late_is_waited_for(after, by):
    user = FakeUser(1, on_write=[Write(after=after)])
    proof = Proof(user, by=by, me=user)
    assert proof.outcome.kind == "changed"
    assert len(proof.written) == 1
    assert after <= proof.seconds <= min(60.0, after + 8.0)


def test_looks_come_less_and_less_often_and_once_at_the_end():
    proof = Proof(FakeUser(1, on_write=[NO_EFFECT]))
    looks = [call.at - START for call in proof.session.calls if call.method == "GET"]
    assert looks == [0, 1, 3, 7, 15, 23, 31, 39, 47, 55, 60]


# One call at a time, each of which takes a second and holds twenty people.
BATCH = 20


def one_call_at_a_time(*afters, **more):
    """A batch of people for each of `afters`, whose writes show that many seconds later."""
    users = [
        FakeUser(1 + number, on_write=[Write(after=after)])
        for number, after in enumerate(after for after in afters for _person in range(BATCH))
    ]
    return Proof(*users, latency=1.0, most_calls=1, **more)


def test_people_are_read_when_the_others_have_shown_to_be_ready():
    proof = one_call_at_a_time(2.5, 2.5, 2.5, 2.5)
    assert set(proof.kinds) == {"changed"}
    assert [at for at, _count in proof.sent("POST")] == [0, 2, 5, 7]
    # The first two are read at once and again; the third three seconds after it was written to, as the first showed.
    # For the fourth it is four seconds, after which the second was seen to be ready.
    assert [round(at, 1) for at, _count in proof.sent("GET")] == [1, 3, 4, 6, 9, 12]
    assert [count for _at, count in proof.sent("GET")] == [BATCH] * 6


def test_before_the_end_of_the_run_is_time_for_another_look():
    proof = one_call_at_a_time(2.5, 2.5, 2.5, deadline=START + 9)
    # Written to until 6, and read halfway to the end.
    assert [at for at, _count in proof.sent("GET")][-1] == 7.5
    assert set(proof.kinds) == {"changed"}


def test_a_delay_that_was_is_forgotten():
    """Each who shows at the first read takes a thousandth off."""
    proof = one_call_at_a_time(2.5, *[0.0] * 59)
    assert set(proof.kinds) == {"changed"}
    assert len(proof.sent("GET")) == 61, "only the first are read twice"
    written, read = proof.sent("POST")[-1][0] + 1, proof.sent("GET")[-1][0]
    assert 0.999**1180 * 2.9 < read - written < 0.999**1100 * 3.0 + 1.0


@pytest.mark.parametrize(("verify_timeout", "looks"), [(0.0, 1), (0.5, 2), (5.0, 4)])
def test_a_change_that_never_shows_is_unverified_in_bounded_time(verify_timeout, looks):
    proof = Proof(FakeUser(1, on_write=[NO_EFFECT]), verify_timeout=verify_timeout)
    outcome = proof.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", "unverified", "notEnabled")
    assert "still notEnabled" in outcome.msg
    assert proof.seconds == verify_timeout
    assert len(proof.session.calls) == 1 + looks
    assert len(proof.written) == 1


def test_a_rest_of_time_that_the_clock_cannot_show_ends_the_proof():
    proof = Proof(FakeUser(1, on_write=[NO_EFFECT]), verify_timeout=5.0 + 1e-14)
    assert (proof.outcome.reason, proof.seconds) == ("unverified", 5.0)


def test_a_state_that_flickers_is_proved_by_the_first_read_that_shows_it():
    user = FakeUser(1, on_write=[Write(after=2.0)])
    user.history = [(START + 2.5, "notEnabled")]
    assert Proof(user).outcome.kind == "changed"


@pytest.mark.parametrize(
    ("moves_to", "reason"),
    [
        ("phoneNumberNotUnique", "phone_number_not_unique"),
        ("notAllowedByPolicy", "not_allowed_by_policy"),
        ("notSupported", "not_supported"),
    ],
)
def test_a_state_that_moves_to_a_refusal_is_an_answer(moves_to, reason):
    proof = Proof(FakeUser(1, on_write=[Write(moves_to=moves_to, after=1.0)]))
    assert (proof.outcome.kind, proof.outcome.reason, proof.outcome.state) == ("failed", reason, moves_to)
    assert proof.seconds == 1.0
    assert Proof(FakeUser(1, on_write=[Write(moves_to=moves_to)]), tolerated=[reason]).outcome.kind == "refused"


def test_a_phone_that_is_taken_away_meanwhile_is_an_answer():
    proof = Proof(FakeUser(1, on_read=[(200, {"value": []})]))
    outcome = proof.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", "no_mobile_phone", "noMobilePhone")
    assert (outcome.msg, outcome.phone_number) == (reasons.SENTENCES["no_mobile_phone"], "+1 2065550101")


def test_the_time_for_a_proof_counts_from_when_the_write_was_accepted():
    proof = Proof(FakeUser(1, on_write=[NO_EFFECT]), latency=2.0, verify_timeout=5.0)
    assert (proof.outcome.reason, proof.seconds) == ("unverified", 7.0)


def test_a_state_that_nobody_knows_is_no_proof():
    proof = Proof(FakeUser(1, "ready", on_write=[Write(moves_to="brandNew")]), wanted="disabled", verify_timeout=5.0)
    assert (proof.outcome.kind, proof.outcome.reason, proof.outcome.state) == ("failed", "unverified", "brandNew")


@pytest.mark.parametrize("broken", [(503, None), (200, {"value": None}), (403, error("accessDenied"))])
def test_reads_that_fail_in_between_do_not_end_the_proof(broken):
    proof = Proof(FakeUser(1, on_write=[Write(after=10.0)], on_read=[broken] * 4))
    assert proof.outcome.kind == "changed"
    assert len(proof.written) == 1


def test_when_no_read_succeeds_the_last_answer_is_told():
    proof = Proof(FakeUser(1, readable=False), verify_timeout=5.0)
    assert (proof.outcome.kind, proof.outcome.reason, proof.outcome.state) == ("failed", "unverified", "notEnabled")
    assert "403 accessDenied" in proof.outcome.msg
    assert proof.outcome.support["code"] == "accessDenied"


# -- by name


def test_a_write_by_name_without_effect_is_repeated_by_id():
    user = FakeUser(1, on_write=[Write(by_id=True), Write(by_id=True)])
    proof = Proof(user, by="name")
    assert proof.outcome.kind == "changed"
    assert proof.outcome.id == user.id
    assert proof.written == [(0.0, user.name, "enableSmsSignIn"), (10.0, user.id, "enableSmsSignIn")]
    assert proof.tenant.lookups == 1


@pytest.mark.parametrize("verify_timeout", [0.5, 1.0, 3.0, 10.0])
def test_there_is_time_for_the_id_within_any_verify_timeout(verify_timeout):
    user = FakeUser(1, on_write=[Write(by_id=True), Write(by_id=True)])
    proof = Proof(user, by="name", verify_timeout=verify_timeout)
    assert proof.outcome.kind == "changed"
    assert proof.seconds == verify_timeout / 2


@pytest.mark.parametrize("by", ["id", "name"])
def test_looks_are_few_while_it_is_not_known_what_became_of_a_write(by):
    proof = Proof(FakeUser(1, on_write=[Write(status=503, effect=False)] * 99), by=by)
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "service_error")
    assert len(proof.written) == 4 and len(proof.session.calls) < 24
    assert proof.seconds == pytest.approx(64.0, abs=2.0)


def slow(lag, count=300):
    """A run by name whose writes show that many seconds late, under a quota of ten requests a second; and how many
    writes were repeated.
    """
    users = [FakeUser(number, on_write=[Write(after=lag) for _write in range(9)]) for number in range(count)]
    proof = Proof(*users, by="name", latency=0.1, quota=10.0)
    return proof, len(proof.written) - count


@pytest.mark.parametrize(("lag", "most"), [(0, 0), (5, 0), (12, 3), (20, 3), (40, 3), (55, 3)])
def test_slow_writes_by_name_are_not_repeated_by_id_for_all(lag, most):
    proof, repeated = slow(lag)
    assert set(proof.kinds) == {"changed"}
    assert repeated <= most


def test_where_names_do_not_work_all_are_repeated_by_id():
    users = [FakeUser(number, on_write=[Write(by_id=True) for _write in range(3)]) for number in range(200)]
    proof = Proof(*users, by="name", latency=0.1)
    assert set(proof.kinds) == {"changed"}
    assert len(proof.written) == 400
    assert proof.seconds < 45


@pytest.mark.parametrize("verify_timeout", [0.4, 5.0, 20.0])
def test_where_names_do_not_work_there_is_time_for_all(verify_timeout):
    users = [FakeUser(number, on_write=[Write(by_id=True) for _write in range(3)]) for number in range(60)]
    proof = Proof(*users, by="name", latency=0.001, verify_timeout=verify_timeout)
    assert set(proof.kinds) == {"changed"}


def test_where_names_work_a_write_that_does_not_show_is_not_questioned():
    users = [FakeUser(number) for number in range(50)]
    users[7].on_write = [NO_EFFECT] * 9
    proof = Proof(*users, by="name")
    assert (proof.outcomes[7].reason, len(proof.written), proof.tenant.lookups) == ("unverified", 50, 0)


def test_a_name_is_not_looked_up_when_the_change_shows_soon():
    proof = Proof(FakeUser(1, on_write=[Write(after=3.0)]), by="name")
    assert (proof.outcome.kind, proof.outcome.id, proof.tenant.lookups) == ("changed", None, 0)


def test_a_write_without_effect_by_name_and_by_id_is_unverified_in_time():
    user = FakeUser(1, on_write=[NO_EFFECT] * 9)
    proof = Proof(user, by="name")
    assert (proof.outcome.kind, proof.outcome.reason, proof.outcome.id) == ("failed", "unverified", user.id)
    assert (len(proof.written), proof.seconds) == (2, 60.0)


@pytest.mark.parametrize(
    ("write", "least"),
    [(THROTTLED, 13.0), (LOST, 10.0), (Write(status=503, effect=False), 10.0)],
)
def test_a_write_by_id_that_meets_a_setback_is_repeated(write, least):
    user = FakeUser(1, on_write=[Write(by_id=True), write])
    proof = Proof(user, by="name")
    assert proof.outcome.kind == "changed"
    assert proof.seconds >= least
    assert len(proof.written) == 3


def test_a_write_by_id_that_is_refused_tells_why():
    user = FakeUser(1, on_write=[Write(by_id=True), Write(400, False, code="disabledByPolicy")])
    proof = Proof(user, by="name")
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "not_allowed_by_policy")


def test_when_the_id_cannot_be_learned_the_run_goes_on_by_name_and_says_so():
    user = FakeUser(1, on_write=[NO_EFFECT], resolvable=False)
    proof = Proof(user, by="name")
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "unverified")
    assert proof.outcome.msg == (
        f"{reasons.SENTENCES['unverified']} The state is still notEnabled. The write addressed the user by name. It"
        " may only work by id, and Graph does not show the id (403 Authorization_RequestDenied Insufficient privileges)."
        f" Grant {TO_RESOLVE}, or give the object id."
    )
    assert (len(proof.written), proof.tenant.lookups) == (1, 1)


def test_the_signed_in_user_has_no_name_to_look_up():
    user = FakeUser(1, on_write=[NO_EFFECT])
    proof = Proof(user, by="me", me=user)
    assert (proof.outcome.reason, proof.tenant.lookups) == ("unverified", 0)


# -- no clear answer


def test_a_connection_that_breaks_after_the_effect_is_a_change_and_not_repeated():
    proof = Proof(FakeUser(1, on_write=[Write(status=None)]))
    assert (proof.outcome.kind, len(proof.written)) == ("changed", 1)


@pytest.mark.parametrize("setback", [LOST, Write(status=503, effect=False), Write(status=504, effect=False)])
def test_a_write_without_effect_is_repeated_after_a_look(setback):
    proof = Proof(FakeUser(1, on_write=[setback] * 3))
    assert proof.outcome.kind == "changed"
    moments = [at for at, _address, _action in proof.written]
    pauses = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert [round(pause / usual, 9) for pause, usual in zip(pauses, (0.5, 1, 2))] != [1.0] * 3, "spread by chance"
    assert all(0.75 <= pause / usual <= 1.25 for pause, usual in zip(pauses, (0.5, 1, 2)))
    assert [method for method, _path in proof.session.items] == ["POST", "GET"] * 4


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_a_repeated_write_counts_as_retried(lost):
    assert Proof(FakeUser(1, on_write=[LOST] * lost)).graph.retried == lost


def test_a_write_that_never_gets_through_is_the_services_fault():
    others = [FakeUser(number) for number in range(2, 12)]
    proof = Proof(FakeUser(1, on_write=[Write(status=503, effect=False)] * 99), *others)
    assert proof.outcomes[0].reason == "service_error"
    assert proof.outcomes[0].support["status"] == 503
    assert proof.kinds == ["failed"] + ["changed"] * 10
    assert sum(number == 1 for _at, number, _address, _action in proof.tenant.written) == 4


def test_a_write_lost_in_a_batch_of_others_is_repeated_alone():
    users = [FakeUser(number) for number in range(20)]
    users[3].on_write = [LOST]
    users[4].on_write = [Write(status=None)]
    proof = Proof(*users)
    assert set(proof.kinds) == {"changed"}
    assert len(proof.written) == 21


def test_a_throttled_write_is_repeated_when_the_wait_is_over():
    proof = Proof(FakeUser(1, on_write=[THROTTLED, THROTTLED]))
    assert proof.outcome.kind == "changed"
    first, second, third = (at for at, _address, _action in proof.written)
    assert 3.0 <= second - first < 4.0 and 3.0 <= third - second < 4.0


def test_a_throttled_write_that_took_effect_is_a_change_and_not_repeated():
    proof = Proof(FakeUser(1, on_write=[Write(status=429, headers={"Retry-After": "3"})]))
    assert (proof.outcome.kind, len(proof.written)) == ("changed", 1)


def test_writes_that_are_throttled_for_ever_end_the_run():
    proof = Proof(FakeUser(1, on_write=[THROTTLED] * 500))
    assert isinstance(proof.error, OutOfTime)
    assert proof.outcome.reason == "throttled"
    assert 180 <= proof.seconds < 190


def test_a_refusal_after_a_lost_write_that_took_effect_late_is_no_refusal():
    user = FakeUser(
        1, on_write=[Write(status=None, after=5.0), Write(400, False, code="badRequest", message="It is on.")]
    )
    proof = Proof(user)
    assert proof.outcome.kind == "changed"
    assert proof.seconds >= 5.0


def test_a_refusal_after_a_lost_write_without_effect_is_one_in_the_end():
    user = FakeUser(1, on_write=[LOST, Write(400, False, code="notSupported")])
    proof = Proof(user, verify_timeout=10.0)
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "not_supported")
    assert 10.0 <= proof.seconds <= 12.0
    assert len(proof.written) == 2


def test_a_look_that_fails_after_a_lost_write_does_not_lead_to_another_write():
    proof = Proof(FakeUser(1, on_write=[LOST], readable=False))
    assert (proof.outcome.kind, proof.outcome.reason, len(proof.written)) == ("failed", "unverified", 1)


# -- refusals


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (Write(409, False, code="phoneNumberNotUnique", message="+1 2065550101 is used"), "phone_number_not_unique"),
        (Write(400, False, code="disabledByPolicy"), "not_allowed_by_policy"),
        (Write(403, False, code="disabledByPolicy"), "not_allowed_by_policy"),
        (Write(405, False, code="methodNotAllowed", message=POLICY), "not_allowed_by_policy"),
        (Write(400, False, code="notSupported"), "not_supported"),
        (Write(403, False, code="accessDenied"), "forbidden"),
        (Write(404, False, code="Request_ResourceNotFound"), "user_not_found"),
        (Write(400, False, code="badRequest"), "service_error"),
    ],
)
def test_a_refusal_is_believed_and_has_its_reason(write, reason):
    proof = Proof(FakeUser(1, on_write=[write]))
    outcome = proof.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", reason, "notEnabled")
    assert outcome.support["status"] == write.status
    assert f"{write.status} {write.code}" in outcome.msg
    assert "2065550101" not in outcome.msg
    assert (len(proof.written), proof.seconds) == (1, 0.0)


def test_a_refused_write_that_took_effect_all_the_same_is_a_change():
    proof = Proof(FakeUser(1, on_write=[Write(409, code="phoneNumberNotUnique")]))
    assert (proof.outcome.kind, proof.outcome.state) == ("changed", "ready")


def test_the_state_knows_better_than_the_answer_why():
    proof = Proof(FakeUser(1, on_write=[Write(400, True, code="badRequest", moves_to="notAllowedByPolicy")]))
    assert proof.outcome.reason == "not_allowed_by_policy"


@pytest.mark.parametrize("reason", ["phone_number_not_unique", "not_supported"])
def test_a_refusal_can_be_tolerated(reason):
    code = {"phone_number_not_unique": "phoneNumberNotUnique", "not_supported": "notSupported"}[reason]
    proof = Proof(FakeUser(1, on_write=[Write(400, False, code=code)]), tolerated=[reason])
    assert (proof.outcome.kind, proof.outcome.reason) == ("refused", reason)


@pytest.mark.parametrize(
    "write", [NO_EFFECT, Write(409, False, code="phoneNumberNotUnique"), Write(400, False, code="badRequest")]
)
@pytest.mark.parametrize(("tolerated", "kind"), [((), "failed"), (("phone_number_not_unique",), "refused")])
def test_a_number_that_was_not_unique_is_tried_once(write, tolerated, kind):
    proof = Proof(FakeUser(1, "phoneNumberNotUnique", on_write=[write]), tolerated=tolerated, max_failures=1)
    assert (proof.outcome.kind, proof.outcome.reason) == (kind, "phone_number_not_unique")
    assert len(proof.written) == 1
    assert proof.verifier.stopped is None, "a refusal that was to be expected is no fault"


# -- many


def test_one_bad_user_never_stops_the_others():
    users = [FakeUser(number) for number in range(50)]
    users[0].on_write = [Write(403, False, code="accessDenied")]
    users[21].on_write = [NO_EFFECT]
    users[49].on_write = [Write(409, False, code="phoneNumberNotUnique")]
    proof = Proof(*users)
    assert [n for n, kind in enumerate(proof.kinds) if kind != "changed"] == [0, 21, 49]
    assert [proof.outcomes[n].reason for n in (0, 21, 49)] == ["forbidden", "unverified", "phone_number_not_unique"]
    assert len(proof.written) == 50


def test_writes_and_proofs_of_many_go_in_batches():
    proof = Proof(*(FakeUser(number) for number in range(300)), latency=0.1)
    assert set(proof.kinds) == {"changed"}
    assert len(proof.session.calls) <= 1.1 * (2 * 300 / 20 + 3)
    assert proof.progress == 600


def test_when_the_token_lacks_the_permission_the_run_stops_after_one_batch():
    users = [FakeUser(number, on_write=[Write(403, False, code="accessDenied")] * 9) for number in range(100)]
    proof = Proof(*users, permitted=False)
    assert isinstance(proof.error, PermissionMissing)
    assert "UserAuthMethod-Phone.ReadWrite.All or UserAuthenticationMethod.ReadWrite.All" in proof.error.message
    assert len(proof.written) == 20
    assert proof.kinds == ["failed"] * 20 + ["skipped"] * 80
    assert {outcome.reason for outcome in proof.outcomes[:20]} == {"forbidden"}


@pytest.mark.parametrize("privileged", [19, 20, 21, 150])
@pytest.mark.parametrize(("permitted", "app_only"), [(True, False), (True, True), (None, None)])
def test_privileged_users_at_the_head_of_the_list_do_not_stop_the_others(privileged, permitted, app_only):
    users = [FakeUser(number, on_write=[Write(403, False, code="accessDenied")]) for number in range(privileged)]
    users += [FakeUser(number) for number in range(privileged, privileged + 5)]
    proof = Proof(*users, permitted=permitted, app_only=app_only)
    assert (proof.error, proof.kinds) == (None, ["failed"] * privileged + ["changed"] * 5)


@pytest.mark.parametrize(("permitted", "stops"), [(True, False), (None, True), (False, True)])
def test_one_user_who_is_forbidden_may_be_privileged(permitted, stops):
    proof = Proof(FakeUser(1, on_write=[Write(403, False, code="accessDenied")]), permitted=permitted)
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "forbidden")
    assert isinstance(proof.error, PermissionMissing) is stops


@pytest.mark.parametrize("max_failures", [1, 20, 21, 100])
def test_writing_stops_after_max_failures(max_failures):
    users = [FakeUser(number, on_write=[Write(400, False, code="badRequest")]) for number in range(600)]
    proof = Proof(*users, max_failures=max_failures, latency=0.1)
    written = len(proof.written)
    # Batches that are under way when the limit is met cannot be called back.
    assert max_failures <= written < max_failures + 200
    assert proof.kinds == ["failed"] * written + ["skipped"] * (600 - written)
    assert "max_failures" in proof.verifier.stopped
    assert all("max_failures" in outcome.msg for outcome in proof.outcomes[written:])


LATE_FAULTS = {
    "204 without effect": lambda: Write(effect=False),
    "500": lambda: Write(500, effect=False),
    "lost": lambda: Write(status=None, effect=False),
    "late": lambda: Write(after=45.0),
    "403 for some": lambda: Write(403, effect=False, code="accessDenied"),
}


class Watched(Proof):
    """Notes by how many the users who are written to and not verified exceed the allowance, at most."""

    excess = -math.inf

    def _count_progress(self, settled):
        super()._count_progress(settled)
        written = {number for _at, number, _address, _action in self.tenant.written}
        outcomes = [case.outcome for case in self.cases if case.outcome is not None]
        verified = sum(outcome.kind == "changed" for outcome in outcomes)
        open_users = len(written) - sum(outcome.written for outcome in outcomes)
        self.excess = max(self.excess, open_users - (20 + 2 * verified))


@pytest.mark.parametrize("fault", LATE_FAULTS)
@pytest.mark.parametrize("healthy", [0, 50])
@pytest.mark.parametrize("by", ["id", "name"])
def test_the_users_written_to_and_not_verified_are_limited(fault, healthy, by):
    users = [
        FakeUser(n, on_write=[Write()] if n < healthy else [LATE_FAULTS[fault]() for _write in range(99)])
        for n in range(600)
    ]
    proof = Watched(*users, max_failures=3, latency=0.2, by=by)
    assert proof.excess <= 0
    if fault == "late":
        assert proof.kinds == ["changed"] * 600
    else:
        assert "max_failures" in proof.verifier.stopped
        written = {number for _at, number, _address, _action in proof.tenant.written}
        assert len(written) <= 3 * healthy + 60


def test_without_max_failures_nobody_waits_for_the_others():
    proof = Watched(*(FakeUser(n, on_write=[Write(after=10.0)]) for n in range(600)), latency=0.1)
    assert proof.excess > 400


def test_the_allowance_does_not_slow_a_healthy_run():
    limited, free = (
        Proof(*(FakeUser(n, on_write=[Write(after=1.0)]) for n in range(3000)), latency=0.2, max_failures=limit)
        for limit in (3, None)
    )
    assert set(limited.kinds) == {"changed"}
    assert limited.seconds < free.seconds + 8


def test_refused_users_do_not_use_up_the_allowance():
    users = [FakeUser(n, on_write=[Write(400, False, code="notSupported")]) for n in range(200)]
    proof = Proof(*users, max_failures=1, tolerated=["not_supported"], latency=0.1)
    assert proof.kinds == ["refused"] * 200


@pytest.mark.parametrize("until", [30.0, 50.0])
def test_users_who_wait_for_their_turn_are_skipped_when_writing_ends(until):
    users = [FakeUser(n, on_write=[Write(after=40.0)]) for n in range(100)]
    proof = Proof(*users, max_failures=3, latency=0.1, write_until=START + until, deadline=START + 100)
    assert proof.error is None and "run_timeout" in proof.verifier.stopped
    changed = 20 if until == 30.0 else 80
    assert proof.kinds == ["changed"] * changed + ["skipped"] * (100 - changed)


@pytest.mark.parametrize("retry_after", [None, "0", "1", "10"])
@pytest.mark.parametrize("count", [2, 200])
def test_a_user_whose_writes_are_always_throttled_is_given_up(retry_after, count):
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    users = [FakeUser(number) for number in range(count)]
    users[1].on_write = [Write(429, effect=False, code="TooManyRequests", headers=headers) for _write in range(200)]
    proof = Proof(*users, latency=0.1)
    assert (proof.error, proof.kinds) == (None, ["changed", "failed"] + ["changed"] * (count - 2))
    assert proof.outcomes[1].reason == "throttled"
    assert 40 < proof.seconds < 240


def test_a_user_whose_writes_are_always_401_is_refused():
    users = [FakeUser(number) for number in range(60)]
    users[3].on_write = [Write(401, effect=False, code="unauthenticated") for _write in range(9)]
    proof = Proof(*users, latency=0.1)
    assert (proof.error, [n for n, kind in enumerate(proof.kinds) if kind != "changed"]) == (None, [3])
    assert (proof.outcomes[3].reason, proof.outcomes[3].written) == ("forbidden", False)


@pytest.mark.parametrize("status", [None, 503])
@pytest.mark.parametrize("seconds", [5.0, 60.0])
def test_an_outage_of_the_writes_is_waited_for(status, seconds):
    users = [FakeUser(number, on_write=Outage(status, seconds)) for number in range(300)]
    proof = Proof(*users, latency=0.1)
    assert (proof.error, set(proof.kinds)) == (None, {"changed"})


@pytest.mark.parametrize("max_failures", [1, 3, 19])
def test_a_user_who_is_given_up_makes_no_room_for_another(max_failures):
    """Nobody is verified, so the twenty users of the beginning are all that are written to."""
    faults = ({"effect": False}, {"status": 500, "effect": False})
    users = [FakeUser(n, on_write=[Write(**faults[n % 4 == 0]) for _write in range(99)]) for n in range(200)]
    proof = Proof(*users, max_failures=max_failures, verify_timeout=30.0, latency=0.1)
    assert len({address for _at, address, _action in proof.written}) == 20


def test_as_many_failures_as_there_are_users_stop_nobody():
    proof = Proof(*(FakeUser(n, on_write=[Write(400, False, code="badRequest")]) for n in range(30)), max_failures=31)
    assert (proof.kinds, proof.verifier.stopped) == (["failed"] * 30, None)


def test_what_was_written_when_writing_stops_is_still_proved():
    users = [FakeUser(number, on_write=[Write(after=5.0)]) for number in range(200)]
    users[0].on_write = [Write(400, False, code="badRequest")]
    proof = Proof(*users, max_failures=1, latency=0.1)
    written = len(proof.written)
    assert 20 <= written < 200
    assert proof.kinds == ["failed"] + ["changed"] * (written - 1) + ["skipped"] * (200 - written)


def test_a_lost_write_that_was_read_back_without_effect_is_the_services_fault_when_writing_stops():
    proof = Proof(
        FakeUser(1, on_write=[LOST]), FakeUser(2, on_write=[Write(400, False, code="badRequest")]), max_failures=1
    )
    assert [outcome.reason for outcome in proof.outcomes] == ["service_error", "service_error"]
    assert proof.verifier.stopped is not None
    assert len(proof.written) == 2


def test_tolerated_refusals_are_no_failures():
    users = [FakeUser(number, on_write=[Write(400, False, code="notSupported")]) for number in range(60)]
    proof = Proof(*users, max_failures=1, tolerated=["not_supported"])
    assert proof.kinds == ["refused"] * 60


def test_max_failures_of_nothing_writes_nothing():
    proof = Proof(FakeUser(1), max_failures=0)
    assert (proof.kinds, proof.written) == (["skipped"], [])


# -- time


def test_writing_ends_in_time_for_the_proofs():
    users = [FakeUser(number, on_write=[Write(after=2.0)]) for number in range(1000)]
    proof = Proof(*users, latency=1.0, write_until=START + 4.5, deadline=START + 20)
    assert all(at < 4.5 for at, _address, _action in proof.written)
    assert proof.error is None
    assert "run_timeout" in proof.verifier.stopped
    done = len(proof.written)
    assert 0 < done < 1000
    assert proof.kinds == ["changed"] * done + ["skipped"] * (1000 - done)


def test_at_the_deadline_what_was_sent_is_unverified_and_the_rest_is_skipped():
    users = [FakeUser(number, on_write=[Write(after=100.0)]) for number in range(500)]
    proof = Proof(*users, latency=1.0, deadline=START + 2.5)
    assert isinstance(proof.error, OutOfTime)
    sent = len(proof.written)
    assert 0 < sent < 500
    assert proof.kinds == ["failed"] * sent + ["skipped"] * (500 - sent)
    assert {outcome.reason for outcome in proof.outcomes} == {"unverified", "skipped"}
    assert proof.seconds == 2.5


def test_a_write_that_hangs_beyond_the_deadline_is_unverified():
    proof = Proof(FakeUser(1), latency=100.0, deadline=START + 10)
    assert (proof.outcome.kind, proof.outcome.reason) == ("failed", "unverified")
    assert "the run ended before it was verified" in proof.outcome.msg
    assert proof.seconds == 10.0


@pytest.mark.parametrize("count", [1, 60])
def test_writes_refused_for_the_token_alone_were_not_sent(count):
    proof = Proof(*(FakeUser(number) for number in range(count)), rejected_tokens=("t1", "t2"))
    assert isinstance(proof.error, AuthenticationFailed)
    assert (proof.kinds, proof.written) == (["skipped"] * count, [])


def test_a_token_that_expires_in_the_middle_goes_unnoticed():
    proof = Proof(*(FakeUser(number) for number in range(60)), rejected_tokens=("t1",))
    assert set(proof.kinds) == {"changed"}
    assert len(proof.written) == 60


def test_nobody_to_write_to_is_no_call():
    proof = Proof()
    assert (proof.outcomes, proof.session.calls, proof.error) == ([], [], None)


class Explained(SmsSignIn):
    """A goal that knows what a refusal by status 409 means."""

    def decide(self, target, state):
        return super().decide(target, state)._replace(refused_as={409: "default_method"})


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (409, "", "default_method"),
        (409, "badRequest", "default_method"),
        (409, "phoneNumberNotUnique", "phone_number_not_unique"),
        (400, "badRequest", "service_error"),
    ],
)
def test_a_refusal_that_the_answer_does_not_explain_is_explained_by_the_step(status, code, reason):
    proof = Proof(FakeUser(1, on_write=[Write(status=status, effect=False, code=code)]), goal=Explained)

    assert proof.cases[0].outcome.reason == reason
