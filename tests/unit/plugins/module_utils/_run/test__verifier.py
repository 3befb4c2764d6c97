# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import math

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import TO_RESOLVE
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._entra._phone_methods import Phone
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
    """The writes to a user during an outage of `seconds`: they fail with `status`."""

    tenant = None

    def __init__(self, status, seconds):
        self._status, self._seconds = status, seconds

    def pop(self, _first):
        now = Outage.tenant.workers.now() - START
        return Write(self._status, effect=False) if 0.3 < now < 0.3 + self._seconds else Write()


class VerifierRun:
    """A run of a Verifier over a fake tenant, and its outcomes."""

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
        """Each write: its time, the user and how it was addressed."""
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
def test_a_change_is_verified_by_one_read(wanted, before, after, action):
    run = VerifierRun(FakeUser(1, before), wanted=wanted)
    outcome = run.outcome
    assert (outcome.kind, outcome.previous_state, outcome.state, outcome.reason) == ("changed", before, after, None)
    assert outcome.phone_number == "+1 2065550101"
    assert [action for _at, _address, action in run.written] == [action]
    assert [method for method, _path in run.session.items] == ["POST", "GET"]
    assert (run.seconds, run.error, run.verifier.stopped) == (0.0, None, None)


@pytest.mark.parametrize("after", [0.5, 1, 7, 30, 59.5])
@pytest.mark.parametrize("by", ["id", "me"])
def test_a_late_change_is_waited_for(after, by):
    user = FakeUser(1, on_write=[Write(after=after)])
    run = VerifierRun(user, by=by, me=user)
    assert run.outcome.kind == "changed"
    assert len(run.written) == 1
    assert after <= run.seconds <= min(60.0, after + 8.0)


def test_a_refusal_that_the_run_began_with_is_none_of_the_write():
    run = VerifierRun(FakeUser(1, "phoneNumberNotUnique", on_write=[Write(after=5)]))
    assert run.outcome.kind == "changed"


def test_pauses_between_reads_grow_and_the_last_read_is_at_the_end():
    run = VerifierRun(FakeUser(1, on_write=[NO_EFFECT]))
    reads = [call.at - START for call in run.session.calls if call.method == "GET"]
    assert reads == [0, 1, 3, 7, 15, 23, 31, 39, 47, 55, 60]


# One call at a time, each of which takes a second and holds twenty users.
BATCH = 20


def one_call_at_a_time(*afters, **more):
    """A batch of users for each of `afters`, whose writes show that many seconds later."""
    users = [
        FakeUser(1 + number, on_write=[Write(after=after)])
        for number, after in enumerate(after for after in afters for _user in range(BATCH))
    ]
    return VerifierRun(*users, latency=1.0, most_calls=1, **more)


def test_the_first_read_is_delayed_as_long_as_earlier_changes_took():
    run = one_call_at_a_time(2.5, 2.5, 2.5, 2.5)
    assert set(run.kinds) == {"changed"}
    assert [at for at, _count in run.sent("POST")] == [0, 2, 5, 7]
    # The first two are read at once and again; the third three seconds after it was written to, as the first showed.
    # For the fourth it is four seconds, after which the second had shown.
    assert [round(at, 1) for at, _count in run.sent("GET")] == [1, 3, 4, 6, 9, 12]
    assert [count for _at, count in run.sent("GET")] == [BATCH] * 6


def test_a_run_with_a_deadline_has_time_for_a_second_read():
    run = one_call_at_a_time(2.5, 2.5, 2.5, deadline=START + 9)
    # Written to until 6, and read halfway to the end.
    assert [at for at, _count in run.sent("GET")][-1] == 7.5
    assert set(run.kinds) == {"changed"}


def test_the_delay_shrinks_when_changes_show_at_once():
    """Each user that shows at the first read takes a thousandth off."""
    run = one_call_at_a_time(2.5, *[0.0] * 59)
    assert set(run.kinds) == {"changed"}
    assert len(run.sent("GET")) == 61, "only the first are read twice"
    written, read = run.sent("POST")[-1][0] + 1, run.sent("GET")[-1][0]
    assert 0.999**1180 * 2.9 < read - written < 0.999**1100 * 3.0 + 1.0


@pytest.mark.parametrize(("verify_timeout", "reads"), [(0.0, 1), (0.5, 2), (5.0, 4)])
def test_a_change_that_never_shows_is_unverified_after_verify_timeout(verify_timeout, reads):
    run = VerifierRun(FakeUser(1, on_write=[NO_EFFECT]), verify_timeout=verify_timeout)
    outcome = run.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", "unverified", "notEnabled")
    assert "still notEnabled" in outcome.msg
    assert run.seconds == verify_timeout
    assert len(run.session.calls) == 1 + reads
    assert len(run.written) == 1


def test_a_remaining_time_below_the_clock_resolution_ends_verification():
    run = VerifierRun(FakeUser(1, on_write=[NO_EFFECT]), verify_timeout=5.0 + 1e-14)
    assert (run.outcome.reason, run.seconds) == ("unverified", 5.0)


def test_a_flickering_state_is_verified_by_the_first_read_that_shows_it():
    user = FakeUser(1, on_write=[Write(after=2.0)])
    user.history = [(START + 2.5, "notEnabled")]
    assert VerifierRun(user).outcome.kind == "changed"


@pytest.mark.parametrize(
    ("moves_to", "reason"),
    [
        ("phoneNumberNotUnique", "phone_number_not_unique"),
        ("notAllowedByPolicy", "not_allowed_by_policy"),
        ("notSupported", "not_supported"),
    ],
)
def test_a_state_that_changes_to_a_refusal_is_final(moves_to, reason):
    run = VerifierRun(FakeUser(1, on_write=[Write(moves_to=moves_to, after=1.0)]))
    assert (run.outcome.kind, run.outcome.reason, run.outcome.state) == ("failed", reason, moves_to)
    assert run.seconds == 1.0
    assert VerifierRun(FakeUser(1, on_write=[Write(moves_to=moves_to)]), tolerated=[reason]).outcome.kind == "refused"


def test_a_phone_removed_during_the_run_is_final():
    run = VerifierRun(FakeUser(1, on_read=[(200, {"value": []})]))
    outcome = run.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", "no_mobile_phone", "noMobilePhone")
    assert (outcome.msg, outcome.phone_number) == (reasons.SENTENCES["no_mobile_phone"], "+1 2065550101")


def test_verify_timeout_counts_from_the_accepted_write():
    run = VerifierRun(FakeUser(1, on_write=[NO_EFFECT]), latency=2.0, verify_timeout=5.0)
    assert (run.outcome.reason, run.seconds) == ("unverified", 7.0)


def test_an_unknown_state_verifies_nothing():
    run = VerifierRun(
        FakeUser(1, "ready", on_write=[Write(moves_to="brandNew")]), wanted="disabled", verify_timeout=5.0
    )
    assert (run.outcome.kind, run.outcome.reason, run.outcome.state) == ("failed", "unverified", "brandNew")


@pytest.mark.parametrize("broken", [(503, None), (200, {"value": None}), (403, error("accessDenied"))])
def test_failed_reads_do_not_end_verification(broken):
    run = VerifierRun(FakeUser(1, on_write=[Write(after=10.0)], on_read=[broken] * 4))
    assert run.outcome.kind == "changed"
    assert len(run.written) == 1


def test_when_no_read_succeeds_the_last_answer_is_reported():
    run = VerifierRun(FakeUser(1, readable=False), verify_timeout=5.0)
    assert (run.outcome.kind, run.outcome.reason, run.outcome.state) == ("failed", "unverified", "notEnabled")
    assert "403 accessDenied" in run.outcome.msg
    assert run.outcome.support["code"] == "accessDenied"


# -- by name


def test_a_write_by_name_without_effect_is_repeated_by_id():
    user = FakeUser(1, on_write=[Write(by_id=True), Write(by_id=True)])
    run = VerifierRun(user, by="name")
    assert run.outcome.kind == "changed"
    assert run.outcome.id == user.id
    assert run.written == [(0.0, user.name, "enableSmsSignIn"), (10.0, user.id, "enableSmsSignIn")]
    assert run.tenant.lookups == 1


@pytest.mark.parametrize("verify_timeout", [0.5, 1.0, 3.0, 10.0])
def test_the_write_by_id_fits_into_any_verify_timeout(verify_timeout):
    user = FakeUser(1, on_write=[Write(by_id=True), Write(by_id=True)])
    run = VerifierRun(user, by="name", verify_timeout=verify_timeout)
    assert run.outcome.kind == "changed"
    assert run.seconds == verify_timeout / 2


@pytest.mark.parametrize("by", ["id", "name"])
def test_reads_are_few_while_the_effect_of_a_write_is_unknown(by):
    run = VerifierRun(FakeUser(1, on_write=[Write(status=503, effect=False)] * 99), by=by)
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "service_error")
    assert len(run.written) == 4 and len(run.session.calls) < 24
    assert run.seconds == pytest.approx(64.0, abs=2.0)


def slow(lag, count=300):
    """A run by name whose writes show that many seconds late, under a quota of ten requests a second; and how many
    writes were repeated.
    """
    users = [FakeUser(number, on_write=[Write(after=lag) for _write in range(9)]) for number in range(count)]
    run = VerifierRun(*users, by="name", latency=0.1, quota=10.0)
    return run, len(run.written) - count


@pytest.mark.parametrize(("lag", "most"), [(0, 0), (5, 0), (12, 3), (20, 3), (40, 3), (55, 3)])
def test_slow_writes_by_name_are_not_repeated_by_id_for_all(lag, most):
    run, repeated = slow(lag)
    assert set(run.kinds) == {"changed"}
    assert repeated <= most


def test_where_names_do_not_work_all_are_repeated_by_id():
    users = [FakeUser(number, on_write=[Write(by_id=True) for _write in range(3)]) for number in range(200)]
    run = VerifierRun(*users, by="name", latency=0.1)
    assert set(run.kinds) == {"changed"}
    assert len(run.written) == 400
    assert run.seconds < 45


@pytest.mark.parametrize("verify_timeout", [0.4, 5.0, 20.0])
def test_where_names_do_not_work_all_users_are_verified_in_time(verify_timeout):
    users = [FakeUser(number, on_write=[Write(by_id=True) for _write in range(3)]) for number in range(60)]
    run = VerifierRun(*users, by="name", latency=0.001, verify_timeout=verify_timeout)
    assert set(run.kinds) == {"changed"}


def test_where_names_work_an_unverified_write_is_not_repeated_by_id():
    users = [FakeUser(number) for number in range(50)]
    users[7].on_write = [NO_EFFECT] * 9
    run = VerifierRun(*users, by="name")
    assert (run.outcomes[7].reason, len(run.written), run.tenant.lookups) == ("unverified", 50, 0)


def test_a_name_is_not_looked_up_when_the_change_shows_soon():
    run = VerifierRun(FakeUser(1, on_write=[Write(after=3.0)]), by="name")
    assert (run.outcome.kind, run.outcome.id, run.tenant.lookups) == ("changed", None, 0)


def test_a_write_without_effect_by_name_and_by_id_is_unverified_after_verify_timeout():
    user = FakeUser(1, on_write=[NO_EFFECT] * 9)
    run = VerifierRun(user, by="name")
    assert (run.outcome.kind, run.outcome.reason, run.outcome.id) == ("failed", "unverified", user.id)
    assert (len(run.written), run.seconds) == (2, 60.0)


@pytest.mark.parametrize(
    ("write", "least"),
    [(THROTTLED, 13.0), (LOST, 10.0), (Write(status=503, effect=False), 10.0)],
)
def test_a_write_by_id_that_meets_a_setback_is_repeated(write, least):
    user = FakeUser(1, on_write=[Write(by_id=True), write])
    run = VerifierRun(user, by="name")
    assert run.outcome.kind == "changed"
    assert run.seconds >= least
    assert len(run.written) == 3


def test_a_refused_write_by_id_has_its_reason():
    user = FakeUser(1, on_write=[Write(by_id=True), Write(400, False, code="disabledByPolicy")])
    run = VerifierRun(user, by="name")
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "not_allowed_by_policy")


def test_when_the_id_is_unreadable_the_run_continues_by_name_and_reports_it():
    user = FakeUser(1, on_write=[NO_EFFECT], resolvable=False)
    run = VerifierRun(user, by="name")
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "unverified")
    assert run.outcome.msg == (
        f"{reasons.SENTENCES['unverified']} The state is still notEnabled. The write addressed the user by name. It"
        " may only work by id, and Graph does not show the id (403 Authorization_RequestDenied Insufficient privileges)."
        f" Grant {TO_RESOLVE}, or give the object id."
    )
    assert (len(run.written), run.tenant.lookups) == (1, 1)


def test_the_signed_in_user_has_no_name_to_look_up():
    user = FakeUser(1, on_write=[NO_EFFECT])
    run = VerifierRun(user, by="me", me=user)
    assert (run.outcome.reason, run.tenant.lookups) == ("unverified", 0)


# -- no clear answer


def test_a_connection_that_breaks_after_the_effect_is_a_change_and_not_repeated():
    run = VerifierRun(FakeUser(1, on_write=[Write(status=None)]))
    assert (run.outcome.kind, len(run.written)) == ("changed", 1)


@pytest.mark.parametrize("setback", [LOST, Write(status=503, effect=False), Write(status=504, effect=False)])
def test_a_write_without_effect_is_repeated_after_a_read(setback):
    run = VerifierRun(FakeUser(1, on_write=[setback] * 3))
    assert run.outcome.kind == "changed"
    moments = [at for at, _address, _action in run.written]
    pauses = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert [round(pause / usual, 9) for pause, usual in zip(pauses, (0.5, 1, 2))] != [1.0] * 3, "spread by chance"
    assert all(0.75 <= pause / usual <= 1.25 for pause, usual in zip(pauses, (0.5, 1, 2)))
    assert [method for method, _path in run.session.items] == ["POST", "GET"] * 4


@pytest.mark.parametrize("lost", [0, 1, 3])
def test_a_repeated_write_counts_as_retried(lost):
    assert VerifierRun(FakeUser(1, on_write=[LOST] * lost)).graph.retried == lost


def test_a_write_that_never_gets_through_is_a_service_error():
    others = [FakeUser(number) for number in range(2, 12)]
    run = VerifierRun(FakeUser(1, on_write=[Write(status=503, effect=False)] * 99), *others)
    assert run.outcomes[0].reason == "service_error"
    assert run.outcomes[0].support["status"] == 503
    assert run.kinds == ["failed"] + ["changed"] * 10
    assert sum(number == 1 for _at, number, _address, _action in run.tenant.written) == 4


def test_a_write_lost_in_a_batch_of_others_is_repeated_alone():
    users = [FakeUser(number) for number in range(20)]
    users[3].on_write = [LOST]
    users[4].on_write = [Write(status=None)]
    run = VerifierRun(*users)
    assert set(run.kinds) == {"changed"}
    assert len(run.written) == 21


def test_a_throttled_write_is_repeated_when_the_wait_is_over():
    run = VerifierRun(FakeUser(1, on_write=[THROTTLED, THROTTLED]))
    assert run.outcome.kind == "changed"
    first, second, third = (at for at, _address, _action in run.written)
    assert 3.0 <= second - first < 4.0 and 3.0 <= third - second < 4.0


def test_a_throttled_write_that_took_effect_is_a_change_and_not_repeated():
    run = VerifierRun(FakeUser(1, on_write=[Write(status=429, headers={"Retry-After": "3"})]))
    assert (run.outcome.kind, len(run.written)) == ("changed", 1)


def test_endless_throttling_ends_the_run():
    run = VerifierRun(FakeUser(1, on_write=[THROTTLED] * 500))
    assert isinstance(run.error, OutOfTime)
    assert run.outcome.reason == "throttled"
    assert 180 <= run.seconds < 190


def test_a_refusal_after_a_lost_write_with_late_effect_is_a_change():
    user = FakeUser(
        1, on_write=[Write(status=None, after=5.0), Write(400, False, code="badRequest", message="It is on.")]
    )
    run = VerifierRun(user)
    assert run.outcome.kind == "changed"
    assert run.seconds >= 5.0


def test_a_refusal_after_a_lost_write_without_effect_is_a_refusal():
    user = FakeUser(1, on_write=[LOST, Write(400, False, code="notSupported")])
    run = VerifierRun(user, verify_timeout=10.0)
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "not_supported")
    assert 10.0 <= run.seconds <= 12.0
    assert len(run.written) == 2


def test_a_failed_read_after_a_lost_write_causes_no_other_write():
    run = VerifierRun(FakeUser(1, on_write=[LOST], readable=False))
    assert (run.outcome.kind, run.outcome.reason, len(run.written)) == ("failed", "unverified", 1)


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
def test_a_refusal_has_its_reason(write, reason):
    run = VerifierRun(FakeUser(1, on_write=[write]))
    outcome = run.outcome
    assert (outcome.kind, outcome.reason, outcome.state) == ("failed", reason, "notEnabled")
    assert outcome.support["status"] == write.status
    assert f"{write.status} {write.code}" in outcome.msg
    assert "2065550101" not in outcome.msg
    assert (len(run.written), run.seconds) == (1, 0.0)


def test_a_refused_write_that_took_effect_is_a_change():
    run = VerifierRun(FakeUser(1, on_write=[Write(409, code="phoneNumberNotUnique")]))
    assert (run.outcome.kind, run.outcome.state) == ("changed", "ready")


def test_the_reason_in_the_state_takes_precedence_over_the_answer():
    run = VerifierRun(FakeUser(1, on_write=[Write(400, True, code="badRequest", moves_to="notAllowedByPolicy")]))
    assert run.outcome.reason == "not_allowed_by_policy"


@pytest.mark.parametrize("reason", ["phone_number_not_unique", "not_supported"])
def test_a_refusal_can_be_tolerated(reason):
    code = {"phone_number_not_unique": "phoneNumberNotUnique", "not_supported": "notSupported"}[reason]
    run = VerifierRun(FakeUser(1, on_write=[Write(400, False, code=code)]), tolerated=[reason])
    assert (run.outcome.kind, run.outcome.reason) == ("refused", reason)


@pytest.mark.parametrize(
    "write", [NO_EFFECT, Write(409, False, code="phoneNumberNotUnique"), Write(400, False, code="badRequest")]
)
@pytest.mark.parametrize(("tolerated", "kind"), [((), "failed"), (("phone_number_not_unique",), "refused")])
def test_a_number_that_was_not_unique_is_tried_once(write, tolerated, kind):
    run = VerifierRun(FakeUser(1, "phoneNumberNotUnique", on_write=[write]), tolerated=tolerated, max_failures=1)
    assert (run.outcome.kind, run.outcome.reason) == (kind, "phone_number_not_unique")
    assert len(run.written) == 1
    assert run.verifier.stopped is None, "a refusal that was to be expected is no fault"


# -- many


def test_one_bad_user_never_stops_the_others():
    users = [FakeUser(number) for number in range(50)]
    users[0].on_write = [Write(403, False, code="accessDenied")]
    users[21].on_write = [NO_EFFECT]
    users[49].on_write = [Write(409, False, code="phoneNumberNotUnique")]
    run = VerifierRun(*users)
    assert [n for n, kind in enumerate(run.kinds) if kind != "changed"] == [0, 21, 49]
    assert [run.outcomes[n].reason for n in (0, 21, 49)] == ["forbidden", "unverified", "phone_number_not_unique"]
    assert len(run.written) == 50


def test_writes_and_reads_of_many_users_go_in_batches():
    run = VerifierRun(*(FakeUser(number) for number in range(300)), latency=0.1)
    assert set(run.kinds) == {"changed"}
    assert len(run.session.calls) <= 1.1 * (2 * 300 / 20 + 3)
    assert run.progress == 600


def test_when_the_token_lacks_the_permission_the_run_stops_after_one_batch():
    users = [FakeUser(number, on_write=[Write(403, False, code="accessDenied")] * 9) for number in range(100)]
    run = VerifierRun(*users, permitted=False)
    assert isinstance(run.error, PermissionMissing)
    assert "UserAuthMethod-Phone.ReadWrite.All or UserAuthenticationMethod.ReadWrite.All" in run.error.message
    assert len(run.written) == 20
    assert run.kinds == ["failed"] * 20 + ["skipped"] * 80
    assert {outcome.reason for outcome in run.outcomes[:20]} == {"forbidden"}


@pytest.mark.parametrize("privileged", [19, 20, 21, 150])
@pytest.mark.parametrize(("permitted", "app_only"), [(True, False), (True, True), (None, None)])
def test_privileged_users_at_the_head_of_the_list_do_not_stop_the_others(privileged, permitted, app_only):
    users = [FakeUser(number, on_write=[Write(403, False, code="accessDenied")]) for number in range(privileged)]
    users += [FakeUser(number) for number in range(privileged, privileged + 5)]
    run = VerifierRun(*users, permitted=permitted, app_only=app_only)
    assert (run.error, run.kinds) == (None, ["failed"] * privileged + ["changed"] * 5)


@pytest.mark.parametrize(("permitted", "stops"), [(True, False), (None, True), (False, True)])
def test_one_user_who_is_forbidden_may_be_privileged(permitted, stops):
    run = VerifierRun(FakeUser(1, on_write=[Write(403, False, code="accessDenied")]), permitted=permitted)
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "forbidden")
    assert isinstance(run.error, PermissionMissing) is stops


@pytest.mark.parametrize("max_failures", [1, 20, 21, 100])
def test_max_failures_stops_the_writes(max_failures):
    users = [FakeUser(number, on_write=[Write(400, False, code="badRequest")]) for number in range(600)]
    run = VerifierRun(*users, max_failures=max_failures, latency=0.1)
    written = len(run.written)
    # Batches that are under way when the limit is met cannot be called back.
    assert max_failures <= written < max_failures + 200
    assert run.kinds == ["failed"] * written + ["skipped"] * (600 - written)
    assert "max_failures" in run.verifier.stopped
    assert all("max_failures" in outcome.msg for outcome in run.outcomes[written:])


LATE_FAULTS = {
    "204 without effect": lambda: Write(effect=False),
    "500": lambda: Write(500, effect=False),
    "lost": lambda: Write(status=None, effect=False),
    "late": lambda: Write(after=45.0),
    "403 for some": lambda: Write(403, effect=False, code="accessDenied"),
}


class Watched(VerifierRun):
    """Records by how many users the allowance of unverified writes is exceeded, at most."""

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
def test_the_number_of_unverified_users_is_limited(fault, healthy, by):
    users = [
        FakeUser(n, on_write=[Write()] if n < healthy else [LATE_FAULTS[fault]() for _write in range(99)])
        for n in range(600)
    ]
    run = Watched(*users, max_failures=3, latency=0.2, by=by)
    assert run.excess <= 0
    if fault == "late":
        assert run.kinds == ["changed"] * 600
    else:
        assert "max_failures" in run.verifier.stopped
        written = {number for _at, number, _address, _action in run.tenant.written}
        assert len(written) <= 3 * healthy + 60


def test_without_max_failures_users_do_not_wait_for_others():
    run = Watched(*(FakeUser(n, on_write=[Write(after=10.0)]) for n in range(600)), latency=0.1)
    assert run.excess > 400


def test_the_allowance_does_not_slow_a_healthy_run():
    limited, free = (
        VerifierRun(*(FakeUser(n, on_write=[Write(after=1.0)]) for n in range(3000)), latency=0.2, max_failures=limit)
        for limit in (3, None)
    )
    assert set(limited.kinds) == {"changed"}
    assert limited.seconds < free.seconds + 8


def test_refused_users_do_not_use_up_the_allowance():
    users = [FakeUser(n, on_write=[Write(400, False, code="notSupported")]) for n in range(200)]
    run = VerifierRun(*users, max_failures=1, tolerated=["not_supported"], latency=0.1)
    assert run.kinds == ["refused"] * 200


@pytest.mark.parametrize("until", [30.0, 50.0])
def test_waiting_users_are_skipped_when_writing_ends(until):
    users = [FakeUser(n, on_write=[Write(after=40.0)]) for n in range(100)]
    run = VerifierRun(*users, max_failures=3, latency=0.1, write_until=START + until, deadline=START + 100)
    assert run.error is None and "run_timeout" in run.verifier.stopped
    changed = 20 if until == 30.0 else 80
    assert run.kinds == ["changed"] * changed + ["skipped"] * (100 - changed)


@pytest.mark.parametrize("retry_after", [None, "0", "1", "10"])
@pytest.mark.parametrize("count", [2, 200])
def test_a_user_whose_writes_are_always_throttled_fails(retry_after, count):
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    users = [FakeUser(number) for number in range(count)]
    users[1].on_write = [Write(429, effect=False, code="TooManyRequests", headers=headers) for _write in range(200)]
    run = VerifierRun(*users, latency=0.1)
    assert (run.error, run.kinds) == (None, ["changed", "failed"] + ["changed"] * (count - 2))
    assert run.outcomes[1].reason == "throttled"
    assert 40 < run.seconds < 240


def test_a_user_whose_writes_are_always_401_is_refused():
    users = [FakeUser(number) for number in range(60)]
    users[3].on_write = [Write(401, effect=False, code="unauthenticated") for _write in range(9)]
    run = VerifierRun(*users, latency=0.1)
    assert (run.error, [n for n, kind in enumerate(run.kinds) if kind != "changed"]) == (None, [3])
    assert (run.outcomes[3].reason, run.outcomes[3].written) == ("forbidden", False)


@pytest.mark.parametrize("status", [None, 503])
@pytest.mark.parametrize("seconds", [5.0, 60.0])
def test_an_outage_of_the_writes_is_waited_for(status, seconds):
    users = [FakeUser(number, on_write=Outage(status, seconds)) for number in range(300)]
    run = VerifierRun(*users, latency=0.1)
    assert (run.error, set(run.kinds)) == (None, {"changed"})


@pytest.mark.parametrize("max_failures", [1, 3, 19])
def test_a_failed_user_still_counts_against_the_allowance(max_failures):
    """No user is verified, so only the first twenty users are written to."""
    faults = ({"effect": False}, {"status": 500, "effect": False})
    users = [FakeUser(n, on_write=[Write(**faults[n % 4 == 0]) for _write in range(99)]) for n in range(200)]
    run = VerifierRun(*users, max_failures=max_failures, verify_timeout=30.0, latency=0.1)
    assert len({address for _at, address, _action in run.written}) == 20


def test_fewer_failures_than_max_failures_stop_nothing():
    run = VerifierRun(
        *(FakeUser(n, on_write=[Write(400, False, code="badRequest")]) for n in range(30)), max_failures=31
    )
    assert (run.kinds, run.verifier.stopped) == (["failed"] * 30, None)


def test_writes_under_way_when_writing_stops_are_verified():
    users = [FakeUser(number, on_write=[Write(after=5.0)]) for number in range(200)]
    users[0].on_write = [Write(400, False, code="badRequest")]
    run = VerifierRun(*users, max_failures=1, latency=0.1)
    written = len(run.written)
    assert 20 <= written < 200
    assert run.kinds == ["failed"] + ["changed"] * (written - 1) + ["skipped"] * (200 - written)


def test_a_lost_write_without_effect_is_a_service_error_when_writing_stops():
    run = VerifierRun(
        FakeUser(1, on_write=[LOST]), FakeUser(2, on_write=[Write(400, False, code="badRequest")]), max_failures=1
    )
    assert [outcome.reason for outcome in run.outcomes] == ["service_error", "service_error"]
    assert run.verifier.stopped is not None
    assert len(run.written) == 2


def test_tolerated_refusals_are_no_failures():
    users = [FakeUser(number, on_write=[Write(400, False, code="notSupported")]) for number in range(60)]
    run = VerifierRun(*users, max_failures=1, tolerated=["not_supported"])
    assert run.kinds == ["refused"] * 60


def test_max_failures_zero_writes_nothing():
    run = VerifierRun(FakeUser(1), max_failures=0)
    assert (run.kinds, run.written) == (["skipped"], [])


# -- time


def test_writing_ends_in_time_for_verification():
    users = [FakeUser(number, on_write=[Write(after=2.0)]) for number in range(1000)]
    run = VerifierRun(*users, latency=1.0, write_until=START + 4.5, deadline=START + 20)
    assert all(at < 4.5 for at, _address, _action in run.written)
    assert run.error is None
    assert "run_timeout" in run.verifier.stopped
    done = len(run.written)
    assert 0 < done < 1000
    assert run.kinds == ["changed"] * done + ["skipped"] * (1000 - done)


def test_at_the_deadline_sent_writes_are_unverified_and_the_others_skipped():
    users = [FakeUser(number, on_write=[Write(after=100.0)]) for number in range(500)]
    run = VerifierRun(*users, latency=1.0, deadline=START + 2.5)
    assert isinstance(run.error, OutOfTime)
    sent = len(run.written)
    assert 0 < sent < 500
    assert run.kinds == ["failed"] * sent + ["skipped"] * (500 - sent)
    assert {outcome.reason for outcome in run.outcomes} == {"unverified", "skipped"}
    assert run.seconds == 2.5


def test_a_write_that_hangs_beyond_the_deadline_is_unverified():
    run = VerifierRun(FakeUser(1), latency=100.0, deadline=START + 10)
    assert (run.outcome.kind, run.outcome.reason) == ("failed", "unverified")
    assert "the run ended before it was verified" in run.outcome.msg
    assert run.seconds == 10.0


@pytest.mark.parametrize("count", [1, 60])
def test_writes_rejected_for_the_token_count_as_not_sent(count):
    run = VerifierRun(*(FakeUser(number) for number in range(count)), rejected_tokens=("t1", "t2"))
    assert isinstance(run.error, AuthenticationFailed)
    assert (run.kinds, run.written) == (["skipped"] * count, [])


def test_a_token_that_expires_during_a_run_is_renewed():
    run = VerifierRun(*(FakeUser(number) for number in range(60)), rejected_tokens=("t1",))
    assert set(run.kinds) == {"changed"}
    assert len(run.written) == 60


def test_no_users_make_no_call():
    run = VerifierRun()
    assert (run.outcomes, run.session.calls, run.error) == ([], [], None)


class Explained(SmsSignIn):
    """A goal that explains a refusal by status 409."""

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
    run = VerifierRun(FakeUser(1, on_write=[Write(status=status, effect=False, code=code)]), goal=Explained)

    assert run.cases[0].outcome.reason == reason


class ReadsAgain(SmsSignIn):
    """A goal that is read right before the first write, with details of a refusal."""

    reads_again = True

    def decide(self, target, state):
        step = super().decide(target, state)
        return step._replace(says="A detail.") if step.verdict == "refuse" else step


def changed_to(state, *on_write):
    """A user that something else has changed since the run has read it as not enabled."""
    return FakeUser(1, history=[(START, state)], on_write=list(on_write))


def answered(status, body):
    """A user whose next read has this answer."""
    return FakeUser(1, on_read=[(status, body)])


@pytest.mark.parametrize(
    ("user", "kind", "reason", "states", "msg"),
    [
        (lambda: changed_to("ready"), "unchanged", None, ("ready", "ready"), "SMS sign-in is enabled."),
        (
            lambda: changed_to("notSupported"),
            "failed",
            "not_supported",
            ("notSupported", "notSupported"),
            f"{reasons.SENTENCES['not_supported']} A detail.",
        ),
        (
            lambda: answered(404, error("Request_ResourceNotFound", "No such user.")),
            "failed",
            "user_not_found",
            ("notEnabled", "notEnabled"),
            f"{reasons.SENTENCES['user_not_found']} Graph said: 404 Request_ResourceNotFound No such user.",
        ),
        (
            lambda: answered(200, {"value": "no list"}),
            "failed",
            "service_error",
            ("notEnabled", "notEnabled"),
            reasons.SENTENCES["service_error"],
        ),
    ],
)
def test_a_read_right_before_the_first_write_can_end_it(user, kind, reason, states, msg):
    run = VerifierRun(user(), goal=ReadsAgain)
    outcome = run.outcome

    assert (outcome.kind, outcome.reason, outcome.msg) == (kind, reason, msg)
    assert (outcome.previous_state, outcome.state) == states and not outcome.changed
    assert run.session.writes == [] and not outcome.written
    assert bool(outcome.support) is (reason == "user_not_found"), "only an answer that is no success has support data"


def test_what_is_read_right_before_the_first_write_is_the_state_before():
    run = VerifierRun(changed_to("notConfigured"), goal=ReadsAgain)

    assert (run.outcome.kind, run.outcome.previous_state, run.outcome.state) == ("changed", "notConfigured", "ready")
    assert [method for method, _path in run.session.items] == ["GET", "POST", "GET"]


def test_a_refusal_read_right_before_the_first_write_is_none_of_that_write():
    run = VerifierRun(changed_to("phoneNumberNotUnique", Write(after=5)), goal=ReadsAgain)

    assert run.outcome.kind == "changed"
    assert len(run.written) == 1


def test_failures_right_before_the_first_write_count_against_max_failures():
    users = [FakeUser(number, on_read=[(404, error("Request_ResourceNotFound"))]) for number in range(1, 4)]
    run = VerifierRun(*users, *(FakeUser(number) for number in range(4, 30)), goal=ReadsAgain, max_failures=2)

    assert run.kinds[:3] == ["failed"] * 3 and "max_failures" in run.verifier.stopped
    assert "skipped" in run.kinds and "unchanged" not in run.kinds
