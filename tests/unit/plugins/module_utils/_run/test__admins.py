# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._errors import EntraError
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import REFUSE, SATISFIED, WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._run._admins import Admins
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import Planned
from ansible_collections.frontline.entra.tests.unit.plugins.module_utils.fakes import client, error, per_item, unshown

IDS = [f"aaaaaaaa-0000-4444-8888-{number:012}" for number in range(10)]


def planned(number, admin=None, verdict=WRITE):
    return Planned(Target(f"user{number}@contoso.example", id=IDS[number], admin=admin), None, Step(verdict))


def asked(rows, *users):
    """The reasons by number, and the requests; `rows` is `isAdmin` by number."""

    def reply(call, method, path):
        number = next((number for number, identifier in enumerate(IDS) if path.endswith(identifier)), None)
        if number is None:
            return 200, {"value": [{"id": IDS[number], "isAdmin": admin} for number, admin in rows.items()]}
        if number not in rows:
            return 404, error("NotFound", "No record found for key")
        return 200, {"id": IDS[number], "isAdmin": rows[number]}

    graph, session = client(per_item(reply))
    found = Admins().ask(users, graph, unshown)
    return {int(name[4]): finding.reason for name, finding in found.items()}, session.items


@pytest.mark.parametrize(("verdict", "asks"), [(WRITE, True), (REFUSE, False), (SATISFIED, False)])
def test_only_users_that_would_be_written_to_are_looked_up(verdict, asks):
    assert Admins().concerns(planned(1, verdict=verdict)) is asks


@pytest.mark.parametrize("more", [0, 4], ids=["singly", "whole report"])
def test_administrators_are_not_written_to(more):
    rows = {0: True, 1: False, 2: None, **dict.fromkeys(range(4, 4 + more), False)}
    reasons, items = asked(rows, *(planned(number) for number in (*range(4), *range(4, 4 + more))))
    assert reasons == {0: "privileged_user", 2: "not_in_report", 3: "not_in_report"}
    assert len(items) == (1 if more else 4)


def test_users_found_in_the_report_are_not_looked_up_again():
    users = [planned(0, True), planned(1, False)]
    assert asked({}, *users) == ({0: "privileged_user"}, [])
    assert asked({2: False}, *users, planned(2))[1] == [
        ("GET", f"/reports/authenticationMethods/userRegistrationDetails/{IDS[2]}")
    ]


def test_a_refusal_is_raised():
    graph, _session = client(per_item(lambda *call: (403, error("accessDenied"))))
    with pytest.raises(EntraError) as caught:
        Admins().ask([planned(1)], graph, unshown)
    assert caught.value.reason == "permission_missing"
