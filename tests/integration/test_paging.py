# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists that come in pages. Links to other hosts and in circles are in test_redirects.py."""

from __future__ import annotations

import pytest

from integration.tenants import make_user, tenant

TENANT = tenant(
    make_user("anna", 1),
    {"count": 2100, "name": "worker{n:04}@contoso.example", "mobile": "+44 163296{n:04}", "sms_sign_in": True},
    groups=[{"name": "All workers", "members_match": "worker*"}],
)


@pytest.mark.covers("L1")
@pytest.mark.parametrize(
    ("name", "statuses"),
    [("l1_later_page_throttled", [200, 429, 200, 200]), ("l1_empty_page", [200, 200, 200, 200])],
)
def test_empty_and_throttled_pages_lose_no_user(simulator, module, scenario, name, statuses):
    scenario(name)

    last = [f"worker{number:04}@contoso.example" for number in (999, 1000, 1998, 1999, 2100)]

    result = module(users=["anna@contoso.example", *last], exclude_groups=["All workers"])

    assert result["reason"] is None and list(result.reasons) == ["anna@contoso.example"]
    pages = simulator.requests("transitiveMembers")
    assert [page.status for page in pages] == statuses
    answered = [page.path for page in pages if page.status == 200]
    assert len(set(answered)) == len(answered), "no page is asked for again that was answered"
    assert simulator.early(0.2) == []
