# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""U2-U3: phones that are not there, and words that Graph hands through. Who is not found is in test_m05_people.py."""

from __future__ import annotations

import pytest

from integration.tenants import NOT_ENABLED, person, tenant

TENANT = tenant(
    person("anna", 1),
    person("carl"),
    person("officeonly", office="+1 2065550112"),
    person("ben", 2),
)
ANNA = "anna@contoso.example"
BEN = "ben@contoso.example"


@pytest.mark.covers("U2", "P5")
@pytest.mark.parametrize("state", ["enabled", "disabled"])
@pytest.mark.parametrize("name", ["carl", "officeonly"], ids=["an empty list", "other phones only"])
def test_whoever_has_no_mobile_phone_is_not_written_to(simulator, module, name, state):
    result = module(users=[f"{name}@contoso.example"], state=state)

    user = result.user(name)
    assert (user["state"], user["changed"]) == ("noMobilePhone", False)
    assert user["reason"] == ("no_mobile_phone" if state == "enabled" else None)
    assert len(simulator.calls()) == 1 and simulator.writes() == []


@pytest.mark.covers("U2")
@pytest.mark.parametrize("name", ["u2_phone_removed_resource_not_found", "u2_phone_removed_item_not_found"])
@pytest.mark.parametrize("users", [[ANNA], [ANNA, BEN]], ids=["alone", "in a batch"])
def test_a_phone_that_is_removed_before_the_write_is_no_mobile_phone(simulator, module, scenario, name, users):
    scenario(name)

    result = module(users=users)

    user = result.user("anna")
    assert (user["previous_state"], user["state"], user["changed"]) == (NOT_ENABLED, "noMobilePhone", False)
    assert (user["reason"], user["support"]["status"]) == ("no_mobile_phone", 404)
    assert [write.status for write in simulator.writes() if write.user == ANNA] == [404]
    assert result["summary"]["changed"] == len(users) - 1


@pytest.mark.covers("U3")
@pytest.mark.parametrize("name", ["u3_backend_words_400", "u3_backend_words_404"])
def test_words_of_the_service_behind_graph_are_final_and_told_in_ours(simulator, module, scenario, name):
    scenario(name)

    result = module(users=[ANNA])

    user = result.user("anna")
    assert (user["reason"], user["state"], user["changed"]) == ("service_error", NOT_ENABLED, False)
    assert user["msg"].startswith("The service failed. Run again") and user["support"]["status"] == int(name[-3:])
    assert len(simulator.writes()) == 1 and result["requests"]["seconds"] < 1
