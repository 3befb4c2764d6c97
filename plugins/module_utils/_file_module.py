# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A module that works on files and needs no tenant: it has no shared options, and fails with a reason as all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._domain._reasons import INVALID_OPTIONS
from ._errors import EntraError


class FileModule(AnsibleModule):  # type: ignore[misc]
    """An Ansible module without the options that sign in."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        super().__init__(argument_spec=dict(options), supports_check_mode=True)

    def fail_json(self, msg: str, **result: Any) -> None:
        """As Ansible's; Ansible's own complaints about options get a reason as well."""
        super().fail_json(**{"changed": False, "reason": INVALID_OPTIONS, "msg": msg[:5000], **result})

    def carry_out(self, work: Callable[[Mapping[str, Any], bool, Callable[[str], None]], dict[str, Any]]) -> None:
        """Exit with the result of `work`, which is given the options, check mode, and a way to warn."""
        try:
            result = work(self.params, self.check_mode, self.warn)
        except EntraError as error:
            self.fail_json(msg=error.message, reason=error.reason)
        if not self._diff:
            del result["diff"]
        self.exit_json(**result)
