# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the module and prints its progress if it takes long. The module works the same without this plugin."""

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

from ansible_collections.frontline.entra.plugins.module_utils._results._progress import pause, progress_line
from ansible_collections.frontline.entra.plugins.module_utils._signals import Watch, parent_ended

MOST_BYTES = 10_000
"""A progress file has about 150."""


class ActionModule(ActionBase):
    _supports_async = True
    _supports_check_mode = True

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        del tmp
        arguments = dict(self._task.args)
        host = (task_vars or {}).get("inventory_hostname", "")
        # This is a worker process of ansible-playbook, which does not end with it when that is killed.
        watch = Watch(parent_ended(), self._abandon)
        watch.start()
        try:
            result.update(self._reported(arguments, task_vars, host))
        finally:
            watch.stop()
        return result

    def _reported(self, arguments: dict[str, Any], task_vars: Any, host: str) -> dict[str, Any]:
        """The result of the module. Its progress is printed meanwhile if that is wanted."""
        if not self._wanted(arguments):
            return self._module(arguments, task_vars)
        given = None if _blank(arguments.get("progress_path")) else arguments["progress_path"]
        # ansible-playbook deletes its temporary folder at its end, even if it is stopped.
        unnamed = os.path.join(constants.DEFAULT_LOCAL_TMP, f"progress-{uuid.uuid4()}.json")
        # The module finds a relative path in the folder of the playbook.
        path = unfrackpath(given or unnamed, basedir=self._loader.get_basedir())
        reporter = Reporter(path, host)
        reporter.start()
        try:
            result = self._module({**arguments, "progress_path": path}, task_vars)
        finally:
            reporter.stop()
            if not given and os.path.exists(path):
                os.unlink(path)
        passed = (result.get("invocation") or {}).get("module_args")
        if isinstance(passed, dict):
            passed["progress_path"] = given
        return result

    def _module(self, arguments: dict[str, Any], task_vars: Any) -> dict[str, Any]:
        in_background = self._task.async_val and not self._connection.has_native_async
        returned: dict[str, Any] = self._execute_module(
            module_args=Arguments(arguments), task_vars=task_vars, wrap_async=in_background
        )
        return returned

    def _abandon(self) -> None:
        """End this process, whose result is no longer read. The module then notices the same for its own, and stops.

        A job in the background has its own reader and continues, as it does without this plugin.
        """
        try:
            self.cleanup()
        finally:
            os._exit(1)

    def _wanted(self, arguments: dict[str, Any]) -> bool:
        """Whether progress may be printed, and the file with it can be read from here."""
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


class Reporter(threading.Thread):
    """Reads the progress file at intervals and prints a line about it."""

    def __init__(self, path: str, host: str) -> None:
        super().__init__(daemon=True)
        self._path = path
        self._host = host
        self._over = threading.Event()

    def run(self) -> None:
        # A signal that stops this process must wake its main thread, which waits for the module.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        began = time.monotonic()
        while not self._over.wait(pause(time.monotonic() - began)):
            try:
                line = _read(self._path)
            except (OSError, ValueError, KeyError, TypeError):
                continue
            _print(f"{self._host}: {line}")

    def stop(self) -> None:
        self._over.set()
        self.join(1.0)


def _read(path: str) -> str:
    """The line about the file at `path`. Does not block if the path is a pipe."""
    with open(path, encoding="utf-8", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        step = json.loads(file.read(MOST_BYTES))
        # A run that waits writes nothing.
        return progress_line(step, max(0.0, time.time() - os.fstat(file.fileno()).st_mtime))


def _print(line: str) -> None:
    """Pass a line to the process that prints, through the queue of this worker, which threads may share.

    Not with `display`: ansible-runner replaces that method by one that takes locks, which this process may have
    inherited locked. Standard error is not buffered when it is a pipe, and programs read results on standard output.
    """
    queue = Display()._final_q
    if queue is not None:
        queue.send_display("display", line, stderr=True)
