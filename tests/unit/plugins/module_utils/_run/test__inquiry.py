# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, InternalError, Interrupted
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in_audit import SmsSignInAudit
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Finding
from ansible_collections.frontline.entra.plugins.module_utils._run._inquiry import Inquiry, Survey
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import FakeTenant, FakeUser, error, jwt

NOBODY = "nobody@contoso.example"
GROUP = "cccccccc-0000-4000-8000-000000000000"


class Tokens:
    def token(self):
        return read_token(jwt(idtyp="app", roles=["UserAuthMethod-Phone.Read.All", "GroupMember.Read.All"]))


class Says:
    """A doubt about all users: `reasons` by name."""

    needs = ()
    reply = reply(403, {"request-id": "r1"}, error("forbidden"), "c1")

    def __init__(self, **reasons):
        self.reasons = reasons

    def concerns(self, planned):
        return True

    def ask(self, planned, graph, show):
        show(len(planned), len(planned))
        self.graph = graph
        return {
            one.target.name: Finding(
                self.reasons.get(one.target.name.partition("@")[0]), "A remark.", {"a": 1}, self.reply
            )
            for one in planned
        }


def survey(*existing, users=None, save=lambda outcomes: None, groups=None, warn=None, show=None, **more):
    tenant = FakeTenant(*existing, groups=groups)
    graph, session = tenant.client()
    names = [user.name for user in existing] if users is None else users
    inquiry = Inquiry(SmsSignInAudit(None), Users(Scope(names, groups=list(groups or ())), False), **more)
    return Survey(inquiry, graph, Tokens(), warn or [].append, save, show or [].append), session


def test_each_user_that_was_read_has_an_unchanged_outcome():
    run, session = survey(
        FakeUser(1, "ready"), FakeUser(2), users=["user1@contoso.example", "user2@contoso.example", NOBODY]
    )
    run.execute()
    assert [(one.kind, one.state, one.reason) for one in run.outcomes] == [
        ("unchanged", "ready", None),
        ("unchanged", "notEnabled", None),
        ("failed", None, "user_not_found"),
    ]
    assert run.outcomes[0].msg == "SMS sign-in is enabled." and run.outcomes[2].more["other_methods"] is None
    assert run.outcomes[2].support["status"] == 404
    assert session.writes == [] and run.stopped is None and run.stop("over") is None


def test_tolerated_reasons_do_not_fail():
    run, _session = survey(FakeUser(1), users=[NOBODY], tolerate=["user_not_found"])
    run.execute()
    assert [one.kind for one in run.outcomes] == ["refused"]


def test_doubts_add_a_sentence_and_may_fail_a_user():
    doubt = Says(user2="guest")
    run, _session = survey(FakeUser(1, "ready"), FakeUser(2), doubts=[doubt])
    run.execute()
    first, second = run.outcomes
    assert (first.kind, first.msg, first.more["a"]) == ("unchanged", "SMS sign-in is enabled. A remark.", 1)
    assert (second.kind, second.reason) == ("failed", "guest") and second.msg.endswith("A remark.")
    assert (second.more["a"], second.support) == (1, doubt.reply.support)
    assert doubt.graph is run._graph


@pytest.mark.parametrize(
    ("problem", "raised", "says"),
    [
        (EntraError("No more."), EntraError, "Not reached: No more."),
        (Interrupted("Stopped."), Interrupted, "Not reached: Stopped."),
        (ValueError("bug"), InternalError, "Not reached: Internal error"),
    ],
)
def test_an_error_that_ends_it_leaves_an_outcome_for_each_user(problem, raised, says):
    def save(_outcomes):
        raise problem

    run, session = survey(FakeUser(1), FakeUser(2), save=save)
    with pytest.raises(raised):
        run.execute()
    assert [one.kind for one in run.outcomes] == ["skipped"] * 2 and run.outcomes[0].msg.startswith(says)
    assert session.calls == []


def test_a_stop_ends_it_at_once():
    run, _session = survey(FakeUser(1))
    assert run.stop("Stopped.") == 0.0


def test_without_subjects_doubts_need_no_permission():
    run, session = survey(users=[], doubts=[Admins()])
    run.execute()
    assert (run.outcomes, session.calls) == ([], [])


def test_a_user_with_an_unknown_state_fails_without_support_data():
    run, _session = survey(FakeUser(1, None))
    run.execute()
    (outcome,) = run.outcomes
    assert (outcome.kind, outcome.reason, outcome.state, outcome.support) == ("failed", "unknown_state", None, None)


def test_the_outcomes_so_far_are_saved_before_anything_is_read():
    saved = []
    run, session = survey(FakeUser(1), save=lambda outcomes: saved.append(([*outcomes()], len(session.calls))))
    assert run.outcomes == []
    run.execute()
    (((outcome,), calls),) = saved
    assert (outcome.user, outcome.kind, calls) == ("user1@contoso.example", "skipped", 0)


def test_progress_shows_what_is_listed_read_and_checked():
    shown, members = [], [FakeUser(number, "ready") for number in range(1, 31)]
    run, _session = survey(
        *members, users=[], groups={GROUP: ("Frontline", members)}, show=shown.append, doubts=[Says()]
    )
    run.execute()
    assert [(one.phase, one.done, one.total) for one in shown] == [
        ("listing", 30, 0),
        *(("reading", done, 30) for done in range(1, 31)),
        ("checking", 30, 30),
    ]


def test_progress_shows_that_the_service_makes_the_run_wait():
    shown = []
    throttled = FakeUser(2, on_read=[(429, error("TooManyRequests"), {"Retry-After": "30"})])
    run, _session = survey(FakeUser(1), throttled, show=shown.append)
    run.execute()
    assert {one.phase for one in shown} == {"reading"} and max(one.waiting for one in shown) > 1
    assert [one.kind for one in run.outcomes] == ["unchanged"] * 2


def test_an_empty_group_is_a_warning():
    warnings = []
    run, _session = survey(users=[], groups={GROUP: ("Frontline", [])}, warn=warnings.append)
    run.execute()
    assert run.outcomes == [] and len(warnings) == 1 and "shows no users as members" in warnings[0]


def test_me_needs_a_signed_in_user():
    run, session = survey(users=["me"])
    with pytest.raises(EntraError, match="this token is an application's own"):
        run.execute()
    assert session.calls == [] and [one.kind for one in run.outcomes] == ["skipped"]


def test_a_refusal_of_all_users_names_the_permission_to_read():
    users = [FakeUser(number, readable=False) for number in range(1, 4)]
    run, _session = survey(*users)
    run._tokens.token = lambda: read_token("opaque")
    with pytest.raises(EntraError) as caught:
        run.execute()
    assert "UserAuthMethod-Phone.Read.All" in caught.value.message and "ReadWrite" not in caught.value.message


def test_without_the_permission_nothing_is_read():
    run, session = survey(FakeUser(1))
    run._tokens.token = lambda: read_token(jwt(idtyp="app", roles=["User.Read.All"]))
    with pytest.raises(EntraError, match="Graph was not asked"):
        run.execute()
    assert session.calls == []
