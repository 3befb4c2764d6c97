# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import Target
from ansible_collections.frontline.entra.plugins.module_utils._goals._goal import WRITE, Step
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import UNCHECKED, Planned, UnfitMembers
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
