# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of this module is the one of all modules. Ansible looks for it under the name of the module."""

from __future__ import annotations

from ansible_collections.frontline.entra.plugins.action.sms_sign_in import ActionModule
from ansible_collections.frontline.entra.plugins.plugin_utils._lint import options_check

__all__ = ["ActionModule", "main"]

main = options_check("sms_sign_in_info")
