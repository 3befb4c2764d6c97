# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.frontline.entra.plugins.module_utils._auth._source import TokenSource
from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons
from ansible_collections.frontline.entra.plugins.module_utils._domain._permissions import with_role_ids
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, Interrupted, InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._results._message import UNREADABLE, describe, run_reason
from ansible_collections.frontline.entra.plugins.module_utils._results._outcomes import Outcome, summarise
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Finding
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import ChangeLimit, share_of
from ansible_collections.frontline.entra.plugins.module_utils._run._run import GRACE, Run, Unusable
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import (
    START,
    FakeTenant,
    FakeUser,
    Write,
    error,
    jwt,
    per_item,
)
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.orders import order_of

GROUP = "10000000-bbbb-4444-8888-000000000000"
MAY_READ = {"idtyp": "app", "roles": ["UserAuthenticationMethod.Read.All", "GroupMember.ReadBasic.All"]}
MAY_WRITE = {"idtyp": "app", "roles": ["UserAuthMethod-Phone.ReadWrite.All", "GroupMember.ReadBasic.All"]}
SIGNED_IN = {"scp": "UserAuthenticationMethod.ReadWrite.All openid"}


class Given:
    """A token source whose token has `claims`."""

    sent = 0

    def __init__(self, claims):
        self.asked = 0
        self._claims = claims

    def token(self, claims=None):
        self.asked += 1
        return read_token(jwt(**self._claims))


class Carried:
    """An order carried out on a fake tenant."""

    def __init__(self, tenant, claims=None, latency=0.0, progress=None, users=(), groups=(), show=None, **order):
        scope = Scope(users, groups, order.pop("exclude_users", ()), order.pop("exclude_groups", ()))
        more = {name: order.pop(name) for name in ("doubts", "unusable") if name in order}
        self.order = order_of(scope, **order)._replace(**more)
        self.tenant = tenant
        tenant.workers.latency = latency
        deadline = None if self.order.limits.run_timeout is None else START + self.order.limits.run_timeout
        graph, self.session = tenant.client(deadline=deadline)
        self.warnings, self.progress = [], []
        self.method = Given(MAY_WRITE if claims is None else claims)
        tokens = TokenSource(self.method, lambda token: None)
        self.run = Run(self.order, graph, tokens, self.warnings.append, progress or self._note, show or id)
        self.error = None
        try:
            self.run.execute()
        except (EntraError, Interrupted) as failure:
            self.error = failure

    def _note(self, run_outcomes):
        self.progress.append(run_outcomes() if len(self.progress) < 5 else None)

    @property
    def outcomes(self):
        return self.run.outcomes

    @property
    def outcome(self):
        (outcome,) = self.run.outcomes
        return outcome

    @property
    def kinds(self):
        return [outcome.kind for outcome in self.run.outcomes]

    @property
    def summary(self):
        return summarise(self.run.outcomes)

    @property
    def reason(self):
        return run_reason(self.error, self.run.stopped, self.summary)

    @property
    def message(self):
        problem = self.error.message if self.error else self.run.stopped
        return describe(self.run.outcomes, self.order.goal.words, self.order.check_mode, problem)


class Remark:
    """A doubt about users in these states, with a sentence and one more key."""

    needs = ()

    def __init__(self, *states):
        self.states = states
        self.asked = []

    def concerns(self, planned):
        return planned.state.state in self.states

    def ask(self, planned, graph, show):
        show(len(planned), len(planned))
        self.asked += [one.target.name for one in planned]
        return {one.target.name: Finding(says="A remark.", more={"remark": True}) for one in planned}


def carried(*users, **order):
    return Carried(FakeTenant(*users), users=[user.name for user in users], **order)


STATES = [
    ("ready", "unchanged", None, "changed", None),
    ("notEnabled", "changed", None, "unchanged", None),
    ("notConfigured", "changed", None, "unchanged", None),
    ("phoneNumberNotUnique", "changed", "phone_number_not_unique", "unchanged", None),
    ("notAllowedByPolicy", "failed", "not_allowed_by_policy", "unchanged", None),
    ("notSupported", "failed", "not_supported", "unchanged", None),
    ("unknownFutureValue", "failed", "unknown_state", "failed", "unknown_state"),
    (None, "failed", "unknown_state", "failed", "unknown_state"),
]


@pytest.mark.parametrize(("state", "when_enabled", "enabled_reason", "when_disabled", "disabled_reason"), STATES)
@pytest.mark.parametrize("check_mode", [False, True])
def test_every_state(state, when_enabled, enabled_reason, when_disabled, disabled_reason, check_mode):
    for wanted, kind, reason in (
        ("enabled", when_enabled, enabled_reason),
        ("disabled", when_disabled, disabled_reason),
    ):
        done = carried(FakeUser(1, state), wanted=wanted, check_mode=check_mode)
        if state == "phoneNumberNotUnique" and wanted == "enabled":
            # Check mode predicts the refusal, and this time the number was free after all.
            kind, reason = ("failed", reason) if check_mode else ("changed", None)
        assert (done.outcome.kind, done.outcome.reason, done.outcome.previous_state) == (kind, reason, state)
        assert len(done.tenant.written) == (kind == "changed" and not check_mode)
        assert done.outcome.msg
        assert done.outcome.phone_number == "+1 2065550101"


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_user_without_a_phone_is_refused_or_already_disabled(check_mode):
    enabled = carried(FakeUser(1, phone=False), check_mode=check_mode)
    assert (enabled.outcome.kind, enabled.outcome.reason) == ("failed", "no_mobile_phone")
    disabled = carried(FakeUser(1, phone=False), wanted="disabled", check_mode=check_mode)
    assert (disabled.outcome.kind, disabled.outcome.state) == ("unchanged", "noMobilePhone")
    assert enabled.session.writes == disabled.session.writes == []


def test_a_user_blocked_by_policy_is_not_reported_as_verified_disabled():
    done = carried(FakeUser(1, "notAllowedByPolicy"), wanted="disabled")
    assert "blocked by policy" in done.outcome.msg


@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
def test_check_mode_predicts_the_run_and_writes_nothing(wanted):
    def users():
        states = ["ready", "notEnabled", "notConfigured", "notAllowedByPolicy", "notSupported", "brandNew", None]
        return [*(FakeUser(number, state) for number, state in enumerate(states * 5)), FakeUser(99, phone=False)]

    predicted = carried(*users(), wanted=wanted, check_mode=True)
    done = carried(*users(), wanted=wanted)
    assert predicted.session.writes == []
    assert [(o.user, o.kind, o.state, o.previous_state, o.reason) for o in predicted.outcomes] == [
        (o.user, o.kind, o.state, o.previous_state, o.reason) for o in done.outcomes
    ]
    assert predicted.summary == done.summary
    assert len(done.tenant.written) == done.summary["changed"] > 0
    assert "would be" in predicted.message
    assert "would be" not in done.message


@pytest.mark.parametrize("wanted", ["enabled", "disabled"])
def test_a_second_run_writes_nothing(wanted):
    users = [FakeUser(number, "ready" if wanted == "disabled" else "notEnabled") for number in range(25)]
    tenant, names = FakeTenant(*users), [user.name for user in users]
    assert Carried(tenant, users=names, wanted=wanted).summary["changed"] == 25
    again = Carried(tenant, users=names, wanted=wanted)
    assert (again.summary["unchanged"], again.reason, again.session.writes) == (25, None, [])


# -- reading


@pytest.mark.parametrize(
    ("read", "reason", "said"),
    [
        ((404, error("Request_ResourceNotFound")), "user_not_found", " Graph said: 404 Request_ResourceNotFound."),
        ((403, error("accessDenied", "No.")), "forbidden", " Graph said: 403 accessDenied No."),
        ((400, error("badRequest")), "service_error", " Graph said: 400 badRequest."),
        ((501, None), "service_error", " Graph said: 501."),
        ((200, {"value": "x"}), "service_error", ""),
    ],
)
def test_an_unreadable_user_fails_and_the_others_continue(read, reason, said):
    bad, good = FakeUser(1, on_read=[read]), FakeUser(2)
    done = carried(bad, good)
    assert done.kinds == ["failed", "changed"]
    assert (done.outcomes[0].reason, done.outcomes[0].state) == (reason, None)
    assert done.outcomes[0].msg == (UNREADABLE if read[0] == 200 else reasons.SENTENCES[reason] + said)
    assert (done.outcomes[0].support or {"status": 200})["status"] == read[0]
    assert (done.reason, done.error) == ("some_users_failed", None)
    assert len(done.tenant.written) == 1


def test_a_missing_user_can_be_tolerated():
    missing = FakeUser(1, on_read=[(404, error("Request_ResourceNotFound"))])
    done = carried(missing, FakeUser(2), tolerate=["user_not_found"])
    assert (done.kinds, done.reason) == (["refused", "changed"], None)


@pytest.mark.parametrize("odd", ["a\ud800", "a\x00b", "\u202e"])
def test_a_member_with_an_invalid_name_is_addressed_by_id(odd):
    class Odd(FakeUser):
        name = f"{odd}@contoso.example"

    user = Odd(1)
    done = Carried(FakeTenant(user, groups={GROUP: ("G", [user])}), groups=["G"])
    assert (done.kinds, done.reason) == (["changed"], None)


TO_READ, TO_WRITE = (with_role_ids(text) for text in (reasons.TO_READ, reasons.TO_WRITE))
MAY_NOTHING = {"idtyp": "app", "roles": ["User.Read.All"]}


@pytest.mark.parametrize("check_mode", [True, False])
def test_without_subjects_doubts_need_no_permission_and_no_sign_in(check_mode):
    done = Carried(FakeTenant(), {"idtyp": "app", "roles": []}, doubts=[Admins()], check_mode=check_mode)
    assert (done.reason, done.outcomes, done.method.asked) == (None, [], 0)


@pytest.mark.parametrize("count", [1, 7, 100])
@pytest.mark.parametrize("claims", [{}, MAY_NOTHING])
@pytest.mark.parametrize(
    ("check_mode", "named"),
    [
        (True, TO_READ),
        (False, TO_WRITE),
    ],
)
def test_when_all_users_are_forbidden_the_missing_permission_is_named(count, claims, check_mode, named):
    users = (FakeUser(number, readable=False) for number in range(count))
    done = carried(*users, claims=claims, check_mode=check_mode)
    assert done.reason == "permission_missing"
    assert f"Grant it {named}" in done.error.message
    assert len(done.outcomes) == count
    # A token that shows what it lacks is not sent.
    assert len(done.session.items) == (0 if claims else count)


@pytest.mark.parametrize("claims", [{}, MAY_WRITE, SIGNED_IN])
def test_unreadable_users_at_the_head_of_the_list_do_not_stop_the_others(claims):
    users = [FakeUser(number, readable=number >= 25) for number in range(60)]
    done = carried(*users, claims=claims)
    assert (done.error, done.kinds) == (None, ["failed"] * 25 + ["changed"] * 35)


@pytest.mark.parametrize(
    ("claims", "count", "reason"),
    [
        (MAY_READ, 1, "some_users_failed"),
        ({}, 1, "permission_missing"),
        (MAY_READ, 2, "some_users_failed"),
        (SIGNED_IN, 2, "permission_missing"),
    ],
)
def test_an_unreadable_user_counts_as_privileged_if_the_token_may_read(claims, count, reason):
    done = carried(*(FakeUser(n, readable=False) for n in range(count)), claims=claims, check_mode=True)
    assert done.reason == reason


@pytest.mark.parametrize(
    ("claims", "count", "reason"),
    [
        (MAY_WRITE, 1, "some_users_failed"),
        ({}, 1, "permission_missing"),
        (MAY_WRITE, 2, "some_users_failed"),
        ({}, 2, "permission_missing"),
    ],
)
def test_a_refused_user_counts_as_privileged_if_the_token_may_write(claims, count, reason):
    done = carried(
        *(FakeUser(n, on_write=[Write(403, False, code="accessDenied")]) for n in range(count)), claims=claims
    )
    assert (done.reason, done.kinds) == (reason, ["failed"] * count)
    assert (TO_WRITE in done.message) is (reason == "permission_missing")


@pytest.mark.parametrize(("check_mode", "claims"), [(False, MAY_WRITE), (True, MAY_READ)])
def test_one_privileged_user_does_not_stop_the_others(check_mode, claims):
    users = [FakeUser(1, readable=False), *(FakeUser(n) for n in range(2, 40))]
    done = carried(*users, check_mode=check_mode, claims=claims)
    assert done.kinds == ["failed"] + ["changed"] * 38
    assert (done.outcomes[0].reason, done.reason) == ("forbidden", "some_users_failed")


@pytest.mark.parametrize(
    ("claims", "check_mode", "warned"),
    [
        (MAY_READ, True, True),
        (MAY_WRITE, True, False),
        ({}, True, False),
        (SIGNED_IN, True, False),
        (MAY_WRITE, False, False),
    ],
)
def test_check_mode_warns_when_the_token_lacks_the_permission_to_apply(claims, check_mode, warned):
    done = carried(FakeUser(1), claims=claims, check_mode=check_mode)
    assert any("UserAuthMethod-Phone.ReadWrite.All" in warning for warning in done.warnings) is warned


@pytest.mark.parametrize("option", ["users", "exclude_users"])
@pytest.mark.parametrize("name", ["me", "Me"])
def test_me_requires_a_signed_in_user(option, name):
    me, other = FakeUser(1), FakeUser(2)
    scope = {"users": [other.name], **{option: [name]}}
    refused = Carried(FakeTenant(me, other, me=me), MAY_WRITE, **scope)
    assert refused.reason == "invalid_options"
    assert refused.error.message == (
        "'me' is the signed-in user, and this token is an application's own. Name the user instead, or sign in"
        " as a user (auth_method azure_cli, or an access_token with delegated permissions)."
    )
    assert refused.session.calls == []
    fine = Carried(FakeTenant(me, other, me=me), SIGNED_IN, **scope)
    assert fine.error is None
    assert fine.kinds == ["changed"]


# -- members of groups


def test_members_of_a_group_are_enabled():
    users = [FakeUser(1), FakeUser(2)]
    assert Carried(FakeTenant(*users, groups={GROUP: ("Frontline", users)}), groups=["Frontline"]).kinds == [
        "changed",
        "changed",
    ]


@pytest.mark.parametrize(("wanted", "reason", "warned"), [("enabled", None, True), ("disabled", "group_empty", False)])
def test_an_empty_group_is_a_warning_and_not_an_all_disabled_success(wanted, reason, warned):
    done = Carried(FakeTenant(groups={GROUP: ("Frontline", [])}), groups=["Frontline"], wanted=wanted)
    assert done.reason == reason
    assert any("Frontline" in warning for warning in done.warnings) is warned


@pytest.mark.parametrize(("trait", "reason"), [({"enabled": False}, "account_disabled"), ({"guest": True}, "guest")])
@pytest.mark.parametrize("check_mode", [False, True])
def test_disabled_accounts_and_guests_of_a_group_are_refused(trait, reason, check_mode):
    user = FakeUser(1, **trait)

    def tenant():
        fresh = FakeUser(1, **trait)
        return FakeTenant(fresh, groups={GROUP: ("Frontline", [fresh])})

    refused = Carried(tenant(), groups=["Frontline"], check_mode=check_mode)
    assert (refused.outcome.kind, refused.outcome.reason, refused.outcome.id) == ("failed", reason, user.id)
    assert refused.tenant.written == []
    tolerated = Carried(tenant(), groups=["Frontline"], check_mode=check_mode, tolerate=[reason])
    assert (tolerated.kinds, tolerated.reason) == (["refused"], None)
    named = Carried(tenant(), groups=["Frontline"], users=[user.name], check_mode=check_mode)
    assert named.kinds == ["changed"]


@pytest.mark.parametrize("trait", [{"enabled": False}, {"guest": True}])
def test_disabled_accounts_and_guests_of_a_group_are_disabled_too(trait):
    user = FakeUser(1, "ready", **trait)
    tenant = FakeTenant(user, groups={GROUP: ("Frontline", [user])})
    assert Carried(tenant, groups=["Frontline"], wanted="disabled").kinds == ["changed"]


def test_disabled_accounts_with_sign_in_already_enabled_are_unchanged():
    user = FakeUser(1, "ready", enabled=False)
    tenant = FakeTenant(user, groups={GROUP: ("Frontline", [user])})
    assert Carried(tenant, groups=["Frontline"]).kinds == ["unchanged"]


@pytest.mark.parametrize("order", [{}, {"check_mode": True}])
def test_an_unresolvable_group_skips_each_user_once(order):
    done = Carried(
        FakeTenant(FakeUser(1)), users=[FakeUser(1).name, FakeUser(1).name.upper(), "b@x"], groups=["Missing"], **order
    )
    assert done.reason == "group_not_found"
    assert done.kinds == ["skipped"] * 2
    assert all("Missing" in outcome.msg for outcome in done.outcomes)


# -- guards


@pytest.mark.parametrize(
    ("needed", "limit", "refused"), [(5, 5, False), (5, 4, True), (0, 0, False), (1, 0, True), (5, 100, False)]
)
@pytest.mark.parametrize("check_mode", [False, True])
def test_max_changes(needed, limit, refused, check_mode):
    users = [
        *(FakeUser(n) for n in range(needed)),
        *(FakeUser(n, "ready") for n in range(50, 53)),
        FakeUser(60, phone=False),
    ]
    done = carried(*users, max_changes=limit, check_mode=check_mode)
    if refused:
        assert done.reason == "too_many_changes"
        assert f"{needed} users" in done.error.message
        assert done.tenant.written == []
        assert done.kinds == ["skipped"] * needed + ["unchanged"] * 3 + ["failed"]
        assert done.outcomes[0].state == "notEnabled"
    else:
        assert done.summary["changed"] == needed


def test_a_user_given_twice_counts_once_for_max_changes():
    user = FakeUser(1)
    done = Carried(FakeTenant(user), users=[user.name, user.name.upper(), user.id], max_changes=1)
    assert done.kinds == ["changed"]


@pytest.mark.parametrize(
    ("number", "percent", "count", "share"),
    [
        (10, False, 25, 10),
        (10, False, 4, 4),
        (0, False, 4, 0),
        (10, True, 25, 3),
        (100, True, 25, 25),
        (100, True, 1000, 1000),
        (0, True, 25, 0),
        (1, True, 1, 1),
        (50, True, 0, 0),
    ],
)
def test_a_wave(number, percent, count, share):
    assert ChangeLimit(number, percent).of(count) == share


@given(st.integers(0, 10**9), st.booleans(), st.integers(0, 10**6))
def test_a_wave_is_never_larger_than_the_number_of_users(number, percent, count):
    limit = ChangeLimit(number % 101 if percent else number, percent)
    share = limit.of(count)
    assert 0 <= share <= count
    if count and limit.number:
        assert share > 0


@pytest.mark.parametrize(
    ("waves", "count", "share"),
    [
        ([], 14, 0),
        ([(3, False), (4, False)], 14, 7),
        ([(10, False), (100, False)], 14, 14),
        ([(2, False), (25, True), (50, True)], 14, 10),
        ([(25, True), (2, False), (10, True)], 14, 7),
        ([(1, False), (100, True)], 14, 14),
        ([(0, False), (0, True)], 14, 0),
    ],
)
def test_each_wave_takes_its_share_of_the_users_that_are_left(waves, count, share):
    assert share_of([ChangeLimit(*wave) for wave in waves], count) == share


@pytest.mark.parametrize("check_mode", [False, True])
def test_waves_take_users_by_name_and_reach_all(check_mode):
    users = [FakeUser(number) for number in (4, 2, 3, 1, 5)] + [FakeUser(9, "ready"), FakeUser(8, "notSupported")]
    tenant, names = FakeTenant(*users), [user.name for user in users]
    first = Carried(
        tenant, users=names, change_limit=[ChangeLimit(2)], tolerate=["not_supported"], check_mode=check_mode
    )
    assert [outcome.user for outcome in first.outcomes if outcome.kind == "changed"] == [users[1].name, users[3].name]
    assert (first.summary["deferred"], first.reason) == (3, None)
    assert {o.msg for o in first.outcomes if o.kind == "deferred"} == {"Left for a later wave."}
    if not check_mode:
        waves = [
            Carried(tenant, users=names, change_limit=[ChangeLimit(2)], tolerate=["not_supported"])
            for _wave in range(3)
        ]
        assert [wave.summary["changed"] for wave in waves] == [2, 1, 0]
        assert [wave.summary["deferred"] for wave in waves] == [1, 0, 0]


def test_users_whose_refusal_is_expected_do_not_use_up_the_waves():
    def refused():
        return [Write(409, effect=False, code="phoneNumberNotUnique") for _run in range(20)]

    users = [FakeUser(n, "phoneNumberNotUnique", on_write=refused()) for n in range(10)]
    users += [FakeUser(100 + n, on_write=refused(), ends=50) for n in range(10)]
    users += [FakeUser(50, "ready"), *(FakeUser(200 + n) for n in range(10))]
    tenant, names = FakeTenant(*users), [user.name for user in users]
    changed = [
        Carried(tenant, users=names, change_limit=[ChangeLimit(5)], tolerate=["phone_number_not_unique"]).summary[
            "changed"
        ]
        for _wave in range(4)
    ]
    assert changed == [5, 5, 0, 0]


def with_numbers(*numbers, states=None):
    """Users whose phone numbers end like this."""
    return [FakeUser(10 + n, (states or {}).get(n, "notEnabled"), ends=number) for n, number in enumerate(numbers)]


NOT_UNIQUE = ("failed", "phone_number_not_unique")
ENABLED = ("changed", None)


@pytest.mark.parametrize(
    ("numbers", "states", "expected"),
    [
        ([1, 2], {}, [ENABLED, ENABLED]),
        ([1, 1], {}, [ENABLED, NOT_UNIQUE]),
        ([1, 2, 1, 1], {}, [ENABLED, ENABLED, NOT_UNIQUE, NOT_UNIQUE]),
        # a user who signs in with it has it
        ([1, 1], {1: "ready"}, [NOT_UNIQUE, ("unchanged", None)]),
        ([1, 1, 1], {0: "ready"}, [("unchanged", None), NOT_UNIQUE, NOT_UNIQUE]),
        # a user who is not enabled holds no number
        ([1, 1], {0: "notAllowedByPolicy"}, [("failed", "not_allowed_by_policy"), ENABLED]),
        ([1, 1], {0: "phoneNumberNotUnique"}, [NOT_UNIQUE, ENABLED]),
        # masked numbers cannot be compared
        (["masked", "masked"], {}, [ENABLED, ENABLED]),
    ],
)
def test_check_mode_predicts_that_a_number_signs_in_one_user_only(numbers, states, expected):
    done = carried(*with_numbers(*numbers, states=states), check_mode=True)
    assert [(outcome.kind, outcome.reason) for outcome in done.outcomes] == expected


def test_disabling_ignores_numbers():
    done = carried(*with_numbers(1, 1, states={0: "ready", 1: "ready"}), wanted="disabled", check_mode=True)
    assert done.kinds == ["changed", "changed"]


def test_a_real_run_tries_both_users_with_the_same_number():
    users = with_numbers(1, 1)
    assert carried(*users).kinds == ["changed", "changed"], "this service lets both in"
    users = with_numbers(1, 1)
    users[1].on_write = [Write(409, effect=False, code="phoneNumberNotUnique")]
    done = carried(*users)
    assert [(outcome.kind, outcome.reason) for outcome in done.outcomes] == [ENABLED, NOT_UNIQUE]


def test_a_wave_of_zero_users_defers_all():
    done = carried(FakeUser(1), FakeUser(2), change_limit=[ChangeLimit(0)], max_changes=0)
    assert (done.kinds, done.reason, done.session.writes) == (["deferred"] * 2, None, [])


def test_max_changes_applies_to_the_wave():
    done = carried(*(FakeUser(n) for n in range(9)), change_limit=[ChangeLimit(3)], max_changes=3)
    assert (done.summary["changed"], done.summary["deferred"]) == (3, 6)


def test_max_failures_leaves_the_rest_skipped():
    users = [FakeUser(n, on_write=[Write(400, False, code="badRequest")]) for n in range(300)]
    users += [FakeUser(400 + n, phone=False) for n in range(5)]
    done = carried(*users, max_failures=2, latency=0.1)
    assert done.reason == "incomplete"
    assert "max_failures" in done.message
    assert done.summary["skipped"] > 0
    assert done.summary["failed"] == len(done.tenant.written) + 5
    assert all("max_failures" in outcome.msg for outcome in done.outcomes if outcome.kind == "skipped")


def test_run_timeout_in_the_middle_of_writing():
    users = [FakeUser(n, on_write=[Write(after=0.5)]) for n in range(2000)]
    done = carried(*users, run_timeout=40.0, latency=1.0)
    assert done.reason == "incomplete"
    assert done.summary["changed"] == len(done.tenant.written) > 0
    assert done.summary["changed"] + done.summary["skipped"] == 2000
    assert all("run_timeout" in outcome.msg for outcome in done.outcomes if outcome.kind == "skipped")
    assert done.tenant.workers.now() <= START + 40.0


@pytest.mark.parametrize(
    ("run_timeout", "read_after", "kind"),
    [
        (70, 64.9, "failed"),
        (70, 65.0, "skipped"),
        (70, 65.1, "skipped"),
        (20, 17.9, "failed"),
        (20, 18.1, "skipped"),
    ],
)
def test_nothing_is_written_in_the_last_tenth_or_five_seconds_of_a_run(run_timeout, read_after, kind):
    done = carried(FakeUser(1), run_timeout=run_timeout, latency=read_after)
    assert (done.kinds, len(done.tenant.written)) == ([kind], kind == "failed")
    if kind == "skipped":
        assert done.outcome.msg == "Not written to: The time of the run ('run_timeout') is over."


def test_run_timeout_before_all_users_are_read():
    done = carried(*(FakeUser(n) for n in range(2000)), run_timeout=5.0, latency=1.0)
    assert (done.reason, done.kinds, done.tenant.written) == ("incomplete", ["skipped"] * 2000, [])
    assert all("run_timeout" in outcome.msg for outcome in done.outcomes)
    assert done.tenant.workers.now() <= START + 5.0


class Stopped(Carried):
    """A run that is stopped at the first reply to a write, and ended after `replies` more unless it is over."""

    def __init__(self, tenant, replies=None, **order):
        self.granted, self._left = [], replies
        super().__init__(tenant, **order)

    def _note(self, run_outcomes):
        if self.tenant.written:
            self.granted.append(self.run.stop("Stopped by a signal."))
            if self._left is not None and len(self.granted) > self._left:
                raise Interrupted("Stopped by a signal.")


def test_a_stopped_run_verifies_its_writes_and_sends_no_more():
    tenant = FakeTenant(*(FakeUser(n) for n in range(100)))
    run = Stopped(tenant, users=[user.name for user in tenant.users])
    assert run.granted[0] == GRACE and run.run.stopped == "Stopped by a signal."
    assert len(tenant.written) == run.summary["changed"] == 20 and run.summary["skipped"] == 80
    assert run.outcomes[50].msg == "Not written to: Stopped by a signal."


def test_writes_not_verified_in_the_grace_period_are_unverified():
    tenant = FakeTenant(*(FakeUser(n, on_write=[Write(after=30.0)]) for n in range(100)))
    run = Stopped(tenant, replies=25, users=[user.name for user in tenant.users])
    assert isinstance(run.error, Interrupted)
    assert run.summary["reasons"] == {"skipped": 80, "unverified": 20}
    assert "Stopped by a signal." in run.outcomes[0].msg


def test_a_run_without_writes_or_at_its_end_gets_no_grace_period():
    tenant = FakeTenant(FakeUser(1))
    graph, _session = tenant.client()
    granted = []
    tokens = TokenSource(Given(MAY_WRITE), lambda token: None)
    run = Run(
        order_of(Scope([tenant.users[0].name])), graph, tokens, print, lambda _outcomes: granted.append(run.stop(""))
    )
    granted.append(run.stop(""))
    assert run.outcomes == []
    run.execute()
    assert granted[:2] == [0.0, 0.0] and run.stop("") is None


def test_a_number_that_is_not_unique_is_tried_once_per_run():
    user = FakeUser(
        1, "phoneNumberNotUnique", on_write=[Write(204, effect=False), Write(409, False, code="phoneNumberNotUnique")]
    )
    tenant = FakeTenant(user)
    for run in (1, 2):
        done = Carried(tenant, users=[user.name], verify_timeout=5.0)
        assert (done.outcome.reason, done.reason) == ("phone_number_not_unique", "some_users_failed")
        assert len(tenant.written) == run
    assert Carried(tenant, users=[user.name]).kinds == ["changed"]


# -- progress


def test_each_phase_shows_how_far_it_is():
    users, steps = [FakeUser(number) for number in range(1, 6)], []
    tenant = FakeTenant(*users, groups={GROUP: ("Frontline", users)}, page=2)
    Carried(tenant, groups=["Frontline"], doubts=[Remark("notEnabled")], show=steps.append)
    last = {}
    for step in steps:
        last[step.phase] = (step.done, step.total)
    assert last == {"listing": (5, 0), "reading": (5, 5), "checking": (5, 5), "switching": (5, 5)}


def test_progress_is_shown_before_the_first_write_and_after_each_reply():
    done = carried(FakeUser(1), FakeUser(2, "ready"), FakeUser(3, phone=False))
    plan = done.progress[0]
    assert [outcome.kind for outcome in plan] == ["planned", "unchanged", "failed"]
    assert (plan[0].state, plan[0].reason, plan[0].msg) == ("notEnabled", None, "To be enabled.")
    assert len(done.progress) == 3
    assert [outcome.kind for outcome in done.progress[-1]] == done.kinds


@pytest.mark.parametrize("check_mode", [False, True])
def test_a_plan_that_cannot_be_saved_stops_the_run_before_the_first_write(check_mode):
    def cannot(_run_outcomes):
        raise InvalidOptions("'report_path' cannot be written.")

    users = [FakeUser(1), FakeUser(2, "ready")]
    done = Carried(FakeTenant(*users), users=[user.id for user in users], progress=cannot, check_mode=check_mode)
    assert (done.reason, done.session.writes) == ("invalid_options", [])
    assert done.kinds == ["skipped", "unchanged"]
    assert done.outcomes[0] == Outcome(
        users[0].id,
        users[0].id,
        "skipped",
        state="notEnabled",
        previous_state="notEnabled",
        reason="skipped",
        msg="Not reached: 'report_path' cannot be written.",
        phone_number="+1 2065550101",
        more={"other_methods": None},
    )


class Waited(Carried):
    """Records what was reported while the run waited."""

    def __init__(self, tenant, **order):
        self.steps, self.saved_at = [], []
        super().__init__(tenant, show=self.steps.append, progress=self._save, **order)

    def _save(self, run_outcomes):
        self.saved_at.append(self.tenant.workers.now() - START)
        self.last = run_outcomes()


def test_progress_and_report_are_updated_while_a_run_waits():
    busy = [Write(429, effect=False, headers={"Retry-After": "120"})]
    users = [FakeUser(0, on_write=busy), *(FakeUser(n) for n in range(1, 20))]
    done = Waited(FakeTenant(*users), users=[user.name for user in users])
    assert done.kinds == ["changed"] * 20
    waiting = [step.waiting for step in done.steps if step.waiting]
    assert waiting[:3] == [120, 119, 118] and waiting[-1] == 2
    assert done.steps[-1].waiting == 0
    assert max(later - earlier for earlier, later in zip(done.saved_at, done.saved_at[1:])) <= 2.0


def test_the_report_is_updated_while_the_service_does_not_answer():
    tenant = FakeTenant(*(FakeUser(n) for n in range(3)))
    done = Waited(tenant, users=[user.name for user in tenant.users], latency=40.0)
    assert max(later - earlier for earlier, later in zip(done.saved_at, done.saved_at[1:])) <= 2.0
    assert [outcome.kind for outcome in done.last] == ["changed"] * 3


def test_before_the_plan_nothing_is_saved():
    users = [FakeUser(0, on_read=[(429, None, {"Retry-After": "30"})]), FakeUser(1)]
    done = Waited(FakeTenant(*users), users=[user.name for user in users], check_mode=True)
    assert len(done.saved_at) == 1
    assert [step.waiting for step in done.steps if step.waiting][0] == 30


# -- unexpected exceptions


def test_an_unexpected_exception_before_the_first_write_leaves_each_user_skipped():
    def progress(_outcomes):
        raise OverflowError("+1 2065550101")

    done = carried(FakeUser(1), FakeUser(2, "ready"), progress=progress)
    assert (done.reason, done.tenant.written) == ("internal_error", [])
    assert done.kinds == ["skipped", "unchanged"]
    assert "OverflowError in module_utils/_run/_run.py, line " in done.error.message
    assert "2065550101" not in done.error.message


def test_an_unexpected_exception_after_a_write_keeps_each_outcome():
    calls = []

    def progress(_outcomes):
        calls.append(None)
        if len(calls) > 3:
            raise RecursionError

    # One user is verified by then, one was written to, and no user is left out.
    done = carried(FakeUser(1), FakeUser(2, on_write=[Write(after=40.0)]), FakeUser(3, phone=False), progress=progress)
    assert done.reason == "internal_error"
    assert sorted(done.kinds) == ["changed", "failed", "failed"]
    late = next(outcome for outcome in done.run.outcomes if outcome.user == "user2@contoso.example")
    assert (late.reason, late.written) == ("unverified", True)
    assert "RecursionError" in late.msg


@pytest.mark.parametrize("when", [0, 1, 5])
def test_an_unexpected_exception_loses_no_outcome(when):
    calls = []

    def progress(_run_outcomes):
        calls.append(True)
        if len(calls) == when + 1:
            raise OverflowError("cannot convert +12065550101")

    tenant = FakeTenant(*(FakeUser(n) for n in range(60)))
    done = Carried(tenant, users=[user.name for user in tenant.users], progress=progress)
    assert (done.reason, len(done.outcomes)) == ("internal_error", 60)
    assert "OverflowError in module_utils/_run/_run.py, line" in done.error.message
    assert "206555" not in done.error.message
    written = {number for _at, number, _address, _action in tenant.written}
    assert {outcome.user for outcome in done.outcomes if outcome.written} == {tenant.users[n].name for n in written}
    assert (when == 0) is (not written)


def test_an_unexpected_exception_in_the_token_renewal_loses_no_outcome():
    tenant = FakeTenant(*(FakeUser(n) for n in range(60)))

    class Breaking(Given):
        def token(self, claims=None):
            if tenant.written:
                raise OverflowError("1e999")
            return super().token()

    graph, _session = tenant.client()
    tokens = TokenSource(Breaking(MAY_WRITE), lambda token: None)
    run = Run(order_of(Scope([user.name for user in tenant.users])), graph, tokens, print, lambda _outcomes: None)
    graph._tokens = tokens
    real = tenant._reply

    def reply(call, method, path):
        if len(tenant.written) >= 20:
            tenant.rejected_tokens = (call.token,)
        return real(call, method, path)

    tenant._reply = reply
    graph._session._answer = per_item(reply)
    with pytest.raises(EntraError) as caught:
        run.execute()
    assert caught.value.reason == "internal_error"
    assert {outcome.kind for outcome in run.outcomes} <= {"changed", "failed", "skipped"}
    assert len(run.outcomes) == 60


# -- all in all


def test_a_run_without_users_succeeds_without_a_request():
    done = Carried(FakeTenant(), users=[])
    assert (done.outcomes, done.reason, done.session.calls, done.method.asked) == ([], None, [], 0)
    assert done.message == "No users selected."


@pytest.mark.parametrize("rejected", [("t1",), ("t1", "t2")])
def test_a_token_that_is_refused(rejected):
    tenant = FakeTenant(*(FakeUser(n) for n in range(30)))
    tenant.rejected_tokens = rejected
    done = Carried(tenant, users=[user.name for user in tenant.users])
    if len(rejected) == 1:
        assert (done.summary["changed"], done.reason) == (30, None)
    else:
        assert (done.summary["skipped"], done.reason) == (30, "authentication_failed")


def test_many_users_take_few_calls():
    users = [FakeUser(n, "notEnabled" if n < 300 else "ready") for n in range(1000)]
    done = carried(*users, latency=0.1)
    assert (done.summary["changed"], done.summary["unchanged"]) == (300, 700)
    assert len(done.session.calls) <= 1.1 * (1000 / 20 + 2 * 300 / 20 + 3)


# -- waiting for an edit of the policy


def edited(number, after):
    """A user that an edit of the policy reaches so many seconds after the start; never if that is None."""
    user = FakeUser(number, "notAllowedByPolicy")
    if after is not None:
        user.history.append((START + after, "notEnabled"))
    return user


def reads_of(done):
    return [call for call in done.session.calls if call.method == "GET" or "$batch" in call.url]


def test_a_blocked_user_is_read_again_until_the_policy_has_arrived():
    done = carried(edited(1, 20), edited(2, 0), policy_timeout=60.0)
    assert done.kinds == ["changed", "changed"]
    assert [outcome.previous_state for outcome in done.outcomes] == ["notEnabled", "notEnabled"]
    assert done.tenant.workers.now() - START < 40
    assert done.warnings == []


def test_a_user_who_stays_blocked_is_refused_after_policy_timeout():
    done = carried(edited(1, None), edited(2, 300), policy_timeout=60.0)
    assert done.kinds == ["failed", "failed"]
    assert {outcome.reason for outcome in done.outcomes} == {"not_allowed_by_policy"}
    assert 60 <= done.tenant.workers.now() - START < 62


def test_without_policy_timeout_a_blocked_user_is_refused_at_once():
    done = carried(edited(1, 5))
    assert done.kinds == ["failed"]
    assert done.tenant.workers.now() == START


def test_blocked_users_are_read_again_in_batches():
    done = carried(*(edited(number, 50) for number in range(200)), policy_timeout=120.0)
    assert set(done.kinds) == {"changed"}
    rounds = 5  # after 0, 2, 6, 14 and 30 seconds; after 60 the edit has arrived
    assert len([call for call in reads_of(done) if call.at - START < 59]) <= rounds * (200 / 20 + 1)


@pytest.mark.parametrize(("users", "words"), [(1, "1 user is in a state"), (3, "3 users are in a state")])
def test_check_mode_does_not_wait_and_says_so(users, words):
    done = carried(*(edited(number, 5) for number in range(users)), policy_timeout=60.0, check_mode=True)
    assert set(done.kinds) == {"failed"}
    assert done.tenant.workers.now() == START
    (warning,) = done.warnings
    assert "does not wait for 'policy_timeout'" in warning and words in warning
    ready = carried(FakeUser(1, "ready"), policy_timeout=60.0, check_mode=True)
    assert ready.warnings == []


def test_a_read_that_fails_while_waiting_leaves_the_state_known():
    user = edited(1, None)
    user.on_read = [None, (403, error("accessDenied", "No.")), None]
    done = carried(user, edited(2, None), policy_timeout=4.0)
    assert {outcome.reason for outcome in done.outcomes} == {"not_allowed_by_policy"}


def test_waiting_leaves_time_to_write():
    done = carried(edited(1, None), FakeUser(2), policy_timeout=600.0, run_timeout=60.0)
    assert done.kinds == ["failed", "changed"]
    assert done.error is None
    assert done.tenant.workers.now() - START < 40


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_doubt_can_add_to_the_message_of_a_satisfied_user(check_mode):
    remark = Remark("ready")

    run = carried(FakeUser(1, state="ready"), FakeUser(2), doubts=[remark], check_mode=check_mode)

    assert remark.asked == ["user1@contoso.example"]
    assert run.kinds == ["unchanged", "changed"]
    assert run.outcomes[0].msg == "SMS sign-in is enabled. A remark." and run.outcomes[0].more["remark"] is True


def test_the_number_of_a_satisfied_user_stays_held_despite_a_doubt():
    run = carried(FakeUser(1, state="ready"), FakeUser(2, ends=1), doubts=[Remark("ready")], check_mode=True)

    assert run.outcomes[1].reason == "phone_number_not_unique"


@pytest.mark.parametrize("check_mode", [True, False])
def test_entries_that_name_no_user_are_outcomes_of_the_run(check_mode):
    unusable = Unusable("line 7", "user_not_found", "There is no user name.")

    run = carried(FakeUser(1), unusable=[unusable], check_mode=check_mode)
    tolerated = carried(FakeUser(1), unusable=[unusable], check_mode=check_mode, tolerate=["user_not_found"])

    assert run.kinds == ["changed", "failed"] and tolerated.kinds == ["changed", "refused"]
    assert run.outcomes[1].user == "line 7" and run.outcomes[1].msg.endswith("There is no user name.")
    assert run.reason == "some_users_failed" and run.summary["total"] == 2


@pytest.mark.parametrize("check_mode", [True, False])
def test_the_message_of_a_change_includes_the_doubt(check_mode):
    run = carried(FakeUser(1), doubts=[Remark("notEnabled")], check_mode=check_mode)

    assert run.outcome.msg == f"SMS sign-in {'would be' if check_mode else 'was'} enabled. A remark."
    assert run.outcome.more["remark"] is True


def test_the_message_of_a_failure_includes_the_doubt():
    run = carried(
        FakeUser(1, on_write=[Write(status=403, effect=False, code="accessDenied")]), doubts=[Remark("notEnabled")]
    )

    assert run.outcome.reason == "forbidden" and run.outcome.msg.endswith(" A remark.")


class Refuses(Remark):
    """A doubt that refuses the users in these states, because of an answer of the service."""

    reply = reply(403, {"request-id": "r1"}, error("accessDenied", "No."), "c1")

    def ask(self, planned, graph, show):
        return {one.target.name: Finding("guest", "A remark.", {"remark": graph.now()}, self.reply) for one in planned}


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("state", ["notEnabled", "notSupported"])
def test_a_doubt_that_refuses_a_user_replaces_the_reason_of_the_state(state, check_mode):
    run = carried(FakeUser(1, state), doubts=[Refuses(state)], check_mode=check_mode)

    assert (run.outcome.kind, run.outcome.reason, run.outcome.state) == ("failed", "guest", state)
    assert run.outcome.msg == f"{reasons.SENTENCES['guest']} {Refuses.reply.quoted} A remark."
    assert (run.outcome.support, run.outcome.more["remark"]) == (Refuses.reply.support, START)


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_remark_about_a_user_whose_state_refuses_is_added(check_mode):
    run = carried(FakeUser(1, "notSupported"), doubts=[Remark("notSupported")], check_mode=check_mode)

    assert run.outcome.reason == "not_supported"
    assert run.outcome.msg == f"{reasons.SENTENCES['not_supported']} A remark."
    assert run.outcome.more["remark"] is True


def test_check_mode_keeps_the_remark_about_a_user_whom_a_clash_refuses():
    run = carried(FakeUser(1), FakeUser(2, ends=1), doubts=[Remark("notEnabled")], check_mode=True)

    assert [one.reason for one in run.outcomes] == [None, "phone_number_not_unique"]
    assert run.outcomes[1].msg.endswith(" A remark.") and run.outcomes[1].more["remark"] is True
