# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.frontline.entra.plugins.module_utils._domain import _reasons as reasons

OF_A_USER = {
    "no_mobile_phone",
    "not_allowed_by_policy",
    "phone_number_not_unique",
    "not_supported",
    "user_not_found",
    "account_disabled",
    "guest",
    "forbidden",
    "unverified",
    "throttled",
    "unknown_state",
    "service_error",
    "skipped",
}


def test_each_reason_of_a_user_has_a_sentence():
    assert set(reasons.SENTENCES) == OF_A_USER
    assert all(sentence.endswith(".") for sentence in reasons.SENTENCES.values())


def test_seven_reasons_can_be_tolerated():
    assert set(reasons.TOLERABLE) == OF_A_USER - {
        "forbidden",
        "unverified",
        "throttled",
        "unknown_state",
        "service_error",
        "skipped",
    }


@pytest.mark.parametrize("permission", [*reasons.MAY_WRITE, *reasons.MAY_READ])
def test_permissions_are_of_the_two_families(permission):
    assert permission.split(".")[0] in ("UserAuthMethod-Phone", "UserAuthenticationMethod")


def test_whoever_may_write_may_read():
    assert set(reasons.MAY_WRITE) < set(reasons.MAY_READ)
    assert all(".ReadWrite" in permission for permission in reasons.MAY_WRITE)


@pytest.mark.parametrize(
    ("grants", "accepted"), [(reasons.TO_WRITE, reasons.MAY_WRITE), (reasons.TO_READ, reasons.MAY_READ)]
)
def test_what_a_message_asks_for_is_accepted(grants, accepted):
    permissions = grants.split(" or ")
    assert len(permissions) == 2
    assert set(permissions) < set(accepted)
    assert all(permission.endswith(".All") for permission in permissions)
