# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._auth._refusal import advise, refused

FOR_BOTH = {
    "tenant_id": [9001023, 50059, 50194, 90130, 50034, 51004, 50020, 90072, 900023, 90002, 700016],
    "cloud": [90038, 900382, 900432, 500011, 50001, 1002012],
    "onsent": [65001, 90094, 90095, 65004, 650057, 650052, 650056, 7000229],
    "Enterprise applications": [7000112, 70001, 50105, 501051],
    "secret": [7000215, 7000222, 7000218],
    "platform": [700025],
    "federated credential": [70021, 70025, 700211, 700212, 700213, 7002131, 7002137, 7002138],
    "Entra itself": [700229, 700222, 700238],
    "clock": [700030, 50012, 50013, 500133, 700024],
    "Upload": [700027],
    "one JWT": [50027],
    "Sign in again": [70043, 700082, 70008, 50173, 50132, 50133, 50089, 530036],
    "managed device": [53000, 53001, 50097],
    "disabled, locked": [50057, 50053, 50055],
    "later": [90033, 90006, 90024, 90055, 50087],
    "Wait a few minutes": [50196],
    "az login --service-principal": [65002],
}


@pytest.mark.parametrize(("words", "number"), [(words, one) for words, numbers in FOR_BOTH.items() for one in numbers])
@pytest.mark.parametrize("user", [True, False])
def test_a_number_has_its_advice(words, number, user):
    code, advice = advise(f"AADSTS{number}: Whatever.", user)
    assert code == f"AADSTS{number}" and words in advice


@pytest.mark.parametrize("number", [53003, 530032, 530035])
def test_a_policy_that_blocks_is_another_one_for_users(number):
    for_users, for_applications = (advise(f"AADSTS{number}: x", user)[1] for user in (True, False))
    assert "this user's sign-in" in for_users and "as an application" in for_users
    assert "for workload identities blocks this application" in for_applications
    assert all("correlation id" in advice for advice in (for_users, for_applications))


@pytest.mark.parametrize("number", [50072, 50074, 50076, 50078, 50079])
def test_multifactor_authentication_is_for_users_only(number):
    for_users, for_applications = (advise(f"AADSTS{number}: x", user)[1] for user in (True, False))
    assert "in a browser, or" in for_users and "unattended" in for_applications


@pytest.mark.parametrize("text", ["", "No code.", "AADSTSx", "AADSTS" + "7" * 40])
def test_without_a_number_there_is_no_advice(text):
    assert advise(text, True) == (None, "")


def test_an_unknown_number_is_shown_with_the_words_of_the_login():
    assert advise("AADSTS123456: New.", False) == ("AADSTS123456", "")
    assert "(AADSTS123456). New." in refused({"error_description": "AADSTS123456: New."}).message
