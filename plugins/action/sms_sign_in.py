# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action of every module of this collection. The files with the names of the other modules import it.

Does the work in this worker process of Ansible if it can, else runs the module. The result is the same.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.path import unfrackpath

from ansible_collections.frontline.entra.plugins.module_utils._signals import Watch, parent_ended
from ansible_collections.frontline.entra.plugins.plugin_utils._here import work_here
from ansible_collections.frontline.entra.plugins.plugin_utils._lint import options_check
from ansible_collections.frontline.entra.plugins.plugin_utils._loops import loop_warning
from ansible_collections.frontline.entra.plugins.plugin_utils._place import Loaded, can_work_here, load
from ansible_collections.frontline.entra.plugins.plugin_utils._plain import plain, untrusted
from ansible_collections.frontline.entra.plugins.plugin_utils._reporter import Reporter, say

# This also loads the module, once in a play: Ansible loads this file before it makes the workers.
main = options_check("sms_sign_in")


class ActionModule(ActionBase):
    _supports_async = True
    _supports_check_mode = True

    @property
    def _loaded(self) -> Loaded | None:
        """The module of this task."""
        return load(self._task.action.rpartition(".")[2])

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        variables: Mapping[str, Any] = task_vars or {}
        arguments = dict(self._task.args)
        here = self._prepared(arguments, variables)
        result.update(self._here(*here, variables) if here else self._apart(arguments, variables))
        warning = loop_warning(arguments, variables)
        if warning:
            result["warnings"] = [*(result.get("warnings") or ()), warning]
        return result

    def _prepared(
        self, arguments: dict[str, Any], variables: Mapping[str, Any]
    ) -> tuple[Loaded, dict[str, Any], dict[str, Any]] | None:
        """The module, its options and what Ansible passes to it; None if this process cannot do the work."""
        loaded = self._loaded
        try:
            if loaded is None or not loaded.is_complete or not can_work_here(self, variables):
                return None
            given = plain(arguments)
            self._update_module_args(self._task.action, given, variables)
        except Exception:  # noqa: BLE001 - a module says what is wrong
            return None
        internal = {name[len("_ansible_") :]: given.pop(name) for name in [*given] if name.startswith("_ansible_")}
        return loaded, given, internal

    def _here(
        self, loaded: Loaded, options: dict[str, Any], internal: dict[str, Any], variables: Mapping[str, Any]
    ) -> dict[str, Any]:
        host = variables.get("inventory_hostname", "")
        found = work_here(
            loaded,
            options,
            internal,
            self._loader.get_basedir(),
            lambda line: say(f"{host}: {line}"),
            self._abandon,
        )
        return untrusted(found)

    def _apart(self, arguments: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The result of the module in a process of its own."""
        # This is a worker process of ansible-playbook, which does not end with it when that is killed.
        watch = Watch(parent_ended(), self._abandon)
        watch.start()
        try:
            return self._reported(arguments, variables)
        finally:
            watch.stop()

    def _reported(self, arguments: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        """The result of the module. Its progress is printed meanwhile if that is wanted."""
        if not self._wanted(arguments):
            return self._module(arguments, variables)
        if not _blank(arguments.get("progress_path")):
            # The module finds a relative path in the folder of the playbook.
            path = unfrackpath(arguments["progress_path"], basedir=self._loader.get_basedir())
            with Reporter(path, variables.get("inventory_hostname", "")):
                return self._module(arguments, variables)
        # ansible-playbook deletes its temporary folder at its end, even if it is stopped.
        path = os.path.join(constants.DEFAULT_LOCAL_TMP, f"progress-{uuid.uuid4()}.json")
        try:
            with Reporter(path, variables.get("inventory_hostname", "")):
                result = self._module({**arguments, "progress_path": path}, variables)
        finally:
            if os.path.exists(path):
                os.unlink(path)
        passed = (result.get("invocation") or {}).get("module_args")
        if isinstance(passed, dict):
            passed["progress_path"] = None
        return result

    def _module(self, arguments: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
        in_background = self._task.async_val and not self._connection.has_native_async
        returned: dict[str, Any] = self._execute_module(
            module_args=Arguments(arguments), task_vars=variables, wrap_async=in_background
        )
        return returned

    def _abandon(self) -> None:
        """End this process, whose result is no longer read. A module notices the same for its own, and stops.

        A job in the background has its own reader and continues, as it does without this plugin.
        """
        try:
            self.cleanup()
        finally:
            os._exit(1)

    def _wanted(self, arguments: dict[str, Any]) -> bool:
        """Whether progress of a module may be printed, and the file with it can be read from here."""
        if self._loaded is None or "progress_path" not in self._loaded.spec.options:
            return False
        progress = arguments.get("progress")
        asked = _blank(progress) or boolean(progress, strict=False)
        here = self._connection.transport == "local" and not self._connection.become
        # The module refuses a path that no file can have.
        possible = "\0" not in str(arguments.get("progress_path"))
        return bool(asked and here and possible and not self._task.no_log and not self._task.async_val)


class Arguments(dict[str, Any]):
    """The arguments of a module, of which nothing but the names can be printed: ANSIBLE_DEBUG prints them."""

    def __repr__(self) -> str:
        return f"<arguments {', '.join(self)}>"


def _blank(value: Any) -> bool:
    """Whether an option counts as not given, as in the module."""
    return value is None or not str(value).strip()
