# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module, and while that takes long, tells how far it is. The module does the same work without it."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
import uuid
from typing import Any

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible.utils.path import unfrackpath

from ansible_collections.frontline.entra.plugins.module_utils._progress import tell

FIRST_AFTER = 10.0
THEN_EVERY = 5.0
"""Seconds until the first line, and from each to the next."""


class ActionModule(ActionBase):
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        arguments = dict(self._task.args)
        host = (task_vars or {}).get("inventory_hostname", "")
        if not self._wanted(arguments):
            result.update(self._module(arguments, task_vars))
            return result
        given = None if _blank(arguments.get("progress_path")) else arguments["progress_path"]
        # What lies in Ansible's own temporary folder goes with ansible-playbook, even when that is stopped.
        unnamed = os.path.join(constants.DEFAULT_LOCAL_TMP, f"progress-{uuid.uuid4()}.json")
        # The module finds a relative path in the folder of the playbook.
        path = unfrackpath(given or unnamed, basedir=self._loader.get_basedir())
        watcher = Watcher(path, host)
        watcher.start()
        try:
            result.update(self._module({**arguments, "progress_path": path}, task_vars))
        finally:
            watcher.stop()
            if not given and os.path.exists(path):
                os.unlink(path)
        passed = (result.get("invocation") or {}).get("module_args")
        if isinstance(passed, dict):
            passed["progress_path"] = given
        return result

    def _module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        in_background = self._task.async_val and not self._connection.has_native_async
        returned: dict[str, Any] = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=in_background
        )
        return returned

    def _wanted(self, arguments: dict[str, Any]) -> bool:
        """Whether there is somebody to tell, and a file that can be looked at from here."""
        progress = arguments.get("progress")
        asked = _blank(progress) or boolean(progress, strict=False)
        here = self._connection.transport == "local" and not self._connection.become
        return bool(asked and here and not self._task.no_log and not self._task.async_val)


def _blank(value: Any) -> bool:
    """Whether an option counts as not given, as in the module."""
    return value is None or not str(value).strip()


class Watcher(threading.Thread):
    """Looks at the progress file and tells what is in it."""

    def __init__(self, path: str, host: str) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._host = host
        self._over = threading.Event()

    def run(self) -> None:
        # What tells the process to stop has to wake its main thread, which waits for the module.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        wait = FIRST_AFTER
        while not self._over.wait(wait):
            wait = THEN_EVERY
            try:
                with open(self._path, encoding="utf-8") as file:
                    step = json.load(file)
                    # A run that waits writes nothing.
                    step["seconds"] += max(0.0, time.time() - os.fstat(file.fileno()).st_mtime)
                    line = tell(step)
            except (OSError, ValueError, KeyError, TypeError):
                continue
            # Ansible hands it to the process that prints, through a queue that threads may share. That process keeps
            # standard output back while it is a pipe; and what a program reads there stays as it was.
            Display().display(f"{self._host}: {line}", stderr=True)

    def stop(self) -> None:
        self._over.set()
        self.join(1.0)
