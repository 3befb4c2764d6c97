# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """All users of the registration report."""

    DOCUMENTATION = r"""
---
options:
  registered:
    description:
      - Add every user that the registration report lists with a mobile phone. O(exclude_users) and O(exclude_groups)
        take precedence. O(users), O(groups) and O(users_from) are not required then.
      - The report leaves out disabled accounts and users without a registered method, and it lags. A warning says so.
      - Needs the permission C(AuditLog.Read.All) and Entra ID P1 or better. Without them the task fails with
        V(permission_missing) or V(licence_missing).
      - If it lists no such user, the task fails with V(report_empty). To enable SMS sign-in, that is a warning only.
      - A task that writes needs O(frontline.entra.sms_sign_in#module:max_changes) too; V(0) counts as given. Check mode
        warns without it.
    type: bool
    default: false
"""
