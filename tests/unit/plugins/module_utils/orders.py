# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Orders as the module sms_sign_in gives them."""

from __future__ import annotations

from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import UnfitMembers
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import Limits
from ansible_collections.frontline.entra.plugins.module_utils._run._rereads import Patience
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Users


def order_of(scope, wanted="enabled", check_mode=False, policy_timeout=0.0, **limits):
    """What the module sms_sign_in orders."""
    return Order(
        SmsSignIn(wanted),
        Users(scope, empty_group_fails=wanted == "disabled"),
        Limits(**limits),
        check_mode,
        [UnfitMembers(lambda text: None)] if wanted == "enabled" else [],
        Patience(policy_timeout, "policy_timeout", SmsSignIn.blocked) if policy_timeout else None,
    )
