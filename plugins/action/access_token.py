# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of the one module whose result is a secret: it goes into a variable and nowhere else."""

from __future__ import annotations

from typing import Any

from ansible_collections.frontline.entra.plugins.action.sms_sign_in import ActionModule as Shared
from ansible_collections.frontline.entra.plugins.plugin_utils._lint import options_check

main = options_check("access_token")


class ActionModule(Shared):
    # Ansible keeps the result of a job in a file, and async_status shows it.
    _supports_async = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        # Connections print at -vvv what a module has printed, unless this is set.
        self._play_context.no_log = True
        result = super().run(tmp, task_vars)
        if "access_token" in result:
            # Ansible registers such a result unchanged, and shows nothing of it. Before 2.19 that is not true of the
            # sum of a loop, which goes by the task.
            result["_ansible_no_log"] = self._task.no_log = True
        return result
