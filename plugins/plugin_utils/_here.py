# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The action adapter: does the work of a module in a worker process of Ansible, with the result of the module."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError

from ..module_utils._errors import InvalidOptions
from ..module_utils._results._progress import ProgressLines, Step
from ..module_utils._signals import StopSignals, Watch, parent_ended
from ..module_utils._task import Task, mask_only_long
from ._place import Loaded

TO_SEND = 5.0
"""Seconds that a stopped task has to send its result: the reader may have stopped too."""

Say = Callable[[str], None]
Leave = Callable[[], None]


class _Ended:
    """Whether a signal has stopped a task in this process, which then starts no other."""

    def __init__(self) -> None:
        self.by_signal = False


_ENDED = _Ended()


class _Host:
    """What a task needs from its adapter; see Host in module_utils/_task.py."""

    def __init__(self, say: Say) -> None:
        self.secrets: set[str] = set()
        self.warnings: list[str] = []
        self._lines = ProgressLines(say, time.monotonic)
        self.shows = False

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def show(self, step: Step) -> None:
        if self.shows:
            self._lines.show(step)


def work_here(
    loaded: Loaded, options: Mapping[str, Any], internal: Mapping[str, Any], folder: str, say: Say, leave: Leave
) -> dict[str, Any]:
    """The result of the module for `options`, plain values.

    `internal` has what Ansible passes to modules, such as `check_mode`. Relative paths are in `folder`. `say` prints a
    line of progress. `leave` ends this process when its result is no longer read.
    """
    if _ENDED.by_signal:
        leave()
    host = _Host(say)
    task, params = _task(loaded, host, options, internal)
    host.shows = bool(task.params.get("progress")) and not task.no_log
    has_ended = parent_ended()
    with StopSignals(has_ended) as signals, _working_in(folder):
        signals.ask = task.ask_to_stop
        result = loaded.work(task)
    if signals.why:
        _ENDED.by_signal = True
        if has_ended():
            leave()
        end = time.monotonic() + TO_SEND
        Watch(lambda: time.monotonic() > end, leave).start()
    result["invocation"] = {"module_args": loaded.spec.shown(params)}
    return _as_of_a_module(result, host, internal)


def _task(
    loaded: Loaded, host: _Host, options: Mapping[str, Any], internal: Mapping[str, Any]
) -> tuple[Task, Mapping[str, Any]]:
    """The task, and the options for `invocation`. AnsibleModule does the same before a module begins."""
    spec, params = loaded.spec, options
    given: Set[str] = frozenset()
    blank: Set[str] = frozenset()
    problems: Sequence[str] = ()
    try:
        arguments, given, problems, blank = spec.prepare(options)
        checked = ArgumentSpecValidator(spec.options).validate(arguments)
        params = checked.validated_parameters
        host.secrets.update(checked._no_log_values)
        for both in checked._warnings:
            host.warn(f"Both option {both['option']} and its alias {both['alias']} are set.")
        wrong = _problem(checked, internal["module_name"])
    except InvalidOptions as error:
        wrong = error.message
    mask_only_long(host)
    task = Task(
        spec,
        host,
        spec.defaults if wrong else params,
        given,
        check_mode=internal["check_mode"],
        diff=internal["diff"],
        no_log=internal["no_log"],
        problems=[wrong] if wrong else problems,
        blank=blank,
    )
    return task, params


def _problem(checked: Any, module: str) -> str | None:
    """What Ansible says about options that do not pass its checks."""
    if not checked.error_messages:
        return None
    message = str(checked.errors.msg)
    if isinstance(checked.errors[0], UnsupportedError):
        return f"Unsupported parameters for ({module}) module: {message}"
    return message


def _as_of_a_module(result: dict[str, Any], host: _Host, internal: Mapping[str, Any]) -> dict[str, Any]:
    """The result as it comes out of a module: masked, and of JSON's types."""
    if not internal.get("inject_invocation", True):
        del result["invocation"]
    if result["reason"] is not None:
        result["failed"] = True
    if host.warnings:
        result["warnings"] = host.warnings
    made: dict[str, Any] = json.loads(json.dumps(remove_values(result, host.secrets)))
    return made


@contextlib.contextmanager
def _working_in(folder: str) -> Iterator[None]:
    """This process works in `folder` meanwhile, as modules on a local connection do."""
    before = os.open(".", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)
