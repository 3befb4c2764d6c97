# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._token import read_token
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError, InternalError, Interrupted
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in_audit import SmsSignInAudit
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Finding
from ansible_collections.frontline.entra.plugins.module_utils._run._inquiry import Inquiry, Survey
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import FakeTenant, FakeUser, jwt

NOBODY = "nobody@contoso.example"


class Tokens:
    def token(self):
        return read_token(jwt(idtyp="app", roles=["UserAuthMethod-Phone.Read.All"]))


class Says:
    """A doubt about all users: `reasons` by name."""

    needs = ()

    def __init__(self, **reasons):
        self.reasons = reasons

    def concerns(self, planned):
        return True

    def ask(self, planned, graph, show):
        show(len(planned), len(planned))
        return {
            one.target.name: Finding(self.reasons.get(one.target.name.partition("@")[0]), "A remark.", {"a": 1})
            for one in planned
        }


def survey(*existing, users=None, save=lambda outcomes: None, **more):
    tenant = FakeTenant(*existing)
    graph, session = tenant.client()
    names = [user.name for user in existing] if users is None else users
    inquiry = Inquiry(SmsSignInAudit(None), Users(Scope(names), True), **more)
    return Survey(inquiry, graph, Tokens(), [].append, save), session


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
    assert session.writes == [] and run.stopped is None and run.stop("over") is None


def test_tolerated_reasons_do_not_fail():
    run, _session = survey(FakeUser(1), users=[NOBODY], tolerate=["user_not_found"])
    run.execute()
    assert [one.kind for one in run.outcomes] == ["refused"]


def test_doubts_add_a_sentence_and_may_fail_a_user():
    run, _session = survey(FakeUser(1, "ready"), FakeUser(2), doubts=[Says(user2="guest")])
    run.execute()
    first, second = run.outcomes
    assert (first.kind, first.msg, first.more["a"]) == ("unchanged", "SMS sign-in is enabled. A remark.", 1)
    assert (second.kind, second.reason) == ("failed", "guest") and second.msg.endswith("A remark.")


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
