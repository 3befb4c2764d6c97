# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import SATISFIED, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._graph._messages import reply
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import (
    UNCHECKED,
    Finding,
    Planned,
    UnfitMembers,
    ask_all,
)
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import unshown


@pytest.mark.parametrize(
    ("account_enabled", "guest", "reason", "warned"),
    [
        (True, False, None, False),
        (False, False, "account_disabled", False),
        (False, None, "account_disabled", False),
        (True, True, "guest", False),
        (None, True, "guest", False),
        # The registration report shows only whether a user is a guest.
        (None, False, None, False),
        (True, None, None, False),
        (None, None, None, True),
    ],
)
def test_unreadable_properties_of_a_member_are_a_warning_and_no_refusal(account_enabled, guest, reason, warned):
    warnings = []
    member = Target("anna@contoso.example", account_enabled=account_enabled, guest=guest)
    found = UnfitMembers(warnings.append).ask([Planned(member, None, Step(WRITE))], None, unshown)

    assert {name: finding.reason for name, finding in found.items()} == ({member.name: reason} if reason else {})
    assert warnings == ([UNCHECKED] if warned else [])


ANNA, BEN = (Planned(Target(f"{name}@contoso.example"), None, Step(WRITE)) for name in ("anna", "ben"))
FIRST, SECOND = reply(403, {}, None, "1"), reply(404, {}, None, "2")


class Scripted:
    """A doubt about the users in `concerned` that finds `found` of each, and notes what it was asked."""

    needs = ()

    def __init__(self, found, *concerned):
        self.asked = []
        self._found, self._concerned = found, concerned or (ANNA, BEN)

    def concerns(self, planned):
        return planned in self._concerned

    def ask(self, planned, graph, show):
        self.asked.append(([*planned], graph))
        show(len(planned), 2)
        return {one.target.name: self._found for one in planned if self._found is not None}


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([Finding("guest", reply=FIRST)], Finding("guest", reply=FIRST)),
        ([Finding("guest", "One.", reply=FIRST), Finding(says="Two.")], Finding("guest", "One. Two.", reply=FIRST)),
        ([Finding(says="One."), Finding("guest", "Two.", reply=SECOND)], Finding("guest", "One. Two.", reply=SECOND)),
        # The reply belongs to the reason that counts.
        ([Finding("guest"), Finding("forbidden", reply=SECOND)], Finding("guest")),
        ([Finding(more={"a": 1}), Finding(more={"b": 2})], Finding(more={"a": 1, "b": 2})),
        ([None, Finding("guest")], Finding("guest")),
    ],
)
def test_the_first_reason_counts_and_the_rest_adds_up(findings, expected):
    doubts = [Scripted(finding) for finding in findings]

    assert ask_all(doubts, [ANNA, BEN], None, unshown) == {ANNA.target.name: expected, BEN.target.name: expected}


def test_a_doubt_is_asked_only_about_the_users_that_it_concerns():
    all_users, one, nobody = Scripted(Finding(says="One.")), Scripted(Finding(says="Two."), BEN), Scripted(None, None)
    progress = []

    found = ask_all([all_users, one, nobody], [ANNA, BEN], "a graph", lambda *counts: progress.append(counts))

    assert {name: finding.says for name, finding in found.items()} == {
        ANNA.target.name: "One.",
        BEN.target.name: "One. Two.",
    }
    assert (all_users.asked, one.asked, nobody.asked) == (
        [([ANNA, BEN], "a graph")],
        [([BEN], "a graph")],
        [],
    )
    assert progress == [(2, 2), (1, 2)]


def test_a_user_who_is_named_is_not_checked():
    doubt = UnfitMembers([].append)
    member, named = Target("anna@contoso.example", guest=True), Target("anna@contoso.example", guest=True, named=True)

    assert doubt.concerns(Planned(member, None, Step(WRITE)))
    assert not doubt.concerns(Planned(named, None, Step(WRITE)))
    assert not doubt.concerns(Planned(member, None, Step(SATISFIED)))
