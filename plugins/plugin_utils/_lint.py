# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The options of our modules for ansible-lint, which finds an action where it looks for a module."""

from __future__ import annotations

from collections.abc import Callable

from ansible.module_utils import basic

from ._place import load


def options_check(name: str) -> Callable[[], None]:
    """Loads the module `name`, and returns a `main` that reads arguments as the module does, checks them, and stops.

    ansible-lint calls `main` in the file that it finds, with the arguments of a task, and a class of its own as
    AnsibleModule. The `main` of the module would do the work if that class were missing.
    """
    loaded = load(name)

    def main() -> None:
        if loaded is not None:
            basic.AnsibleModule(argument_spec=loaded.spec.options, supports_check_mode=True)

    return main
