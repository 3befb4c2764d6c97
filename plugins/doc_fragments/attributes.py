# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The attributes of modules. `attributes.action_group` is for modules of the action group.

    No variable here may have the name of another fragment: Ansible would use that one in its place.
    """

    DOCUMENTATION = r"""
---
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
  diff_mode:
    description: Shows what has changed, or would change in C(check_mode), when in diff mode.
  idempotent:
    description:
      - When run twice in a row outside check mode, with the same arguments, the second invocation indicates no change.
"""

    ACTION_GROUP = r"""
---
attributes:
  action_group:
    description: Use C(group/frontline.entra.graph) in C(module_defaults) to set the shared options once.
    support: full
    membership:
      - frontline.entra.graph
"""
