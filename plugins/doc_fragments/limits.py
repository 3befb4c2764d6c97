# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How much a run may change, and which refusals it accepts."""

    DOCUMENTATION = r"""
---
options:
  tolerate:
    description:
      - Refusals that do not fail the task. They are listed with their reason and counted in RV(summary.refused).
      - Choices are V(no_mobile_phone), V(not_allowed_by_policy), V(phone_number_not_unique), V(not_supported),
        V(user_not_found), V(account_disabled), V(guest), V(privileged_user), V(not_in_report) and V(no_other_method).
        Faults are never tolerated.
    type: list
    elements: str
  max_changes:
    description:
      - Fail before the first write if more users than this would be written to, in check mode too. V(0) allows none.
    type: int
  max_failures:
    description:
      - Stop writing after this many failures while writing and verifying. The remaining users are V(skipped).
      - Refusals that are known before the first write do not count.
      - Failures can show late. Therefore at most 20 users plus 2 per verified user are written to and unverified at any
        time. Users that were given up count too, up to a larger O(max_failures).
    type: int
  change_limit:
    description:
      - Write to this many of the users that need it and report the others as deferred. A number, or a percentage such
        as V(10%), rounded up.
      - Several values with commas, such as V(10, 25%), are waves that one run takes together. Each wave takes its share
        of the users that the earlier waves left.
      - Users are ordered by name. Users that are expected to be refused come last, so that they do not use up every
        wave.
    type: str
  verify_timeout:
    description:
      - Seconds that a written state may take to become visible.
    type: float
    default: 60.0
  run_timeout:
    description:
      - Seconds that the task may take. Users that are not done by then are V(skipped), and the task fails.
    type: float
"""
