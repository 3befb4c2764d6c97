# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Whether a task can do its work in the worker process of Ansible that it is in, or needs a process of its own."""

from __future__ import annotations

import functools
import importlib
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ..module_utils._deps import require
from ..module_utils._spec import Spec
from ..module_utils._task import Task

SWITCH = "frontline_entra_in_process"
"""The variable that switches work in the worker process off."""

_CHOSEN_BY_ANSIBLE = ("", "auto", "auto_silent", "auto_legacy", "auto_legacy_silent")


class Loaded(NamedTuple):
    """A module in this process: what it accepts, what it does, and whether its libraries are here."""

    spec: Spec
    work: Callable[[Task], dict[str, Any]]
    is_complete: bool


@functools.cache
def load(name: str) -> Loaded | None:
    """The module `name` of this collection with its libraries; None if Python cannot import it here."""
    try:
        module = importlib.import_module(f"ansible_collections.frontline.entra.plugins.modules.{name}")
    except Exception:  # noqa: BLE001 - whatever is wrong here, the Python of the module may have it right
        return None
    return Loaded(module.SPEC, module.work, _are_here(module.SPEC.libraries))


def _are_here(libraries: Iterable[str]) -> bool:
    try:
        require(*libraries)
    except Exception:  # noqa: BLE001 - as above
        return False
    return True


def can_work_here(action: ActionBase, variables: Mapping[str, Any]) -> bool:
    """Whether no keyword and no variable of the task asks for a process of its own."""
    task, connection = action._task, action._connection
    return (
        connection.transport == "local"
        and connection.become is None
        and not task.async_val
        and not task.timeout
        # The process of a worker ends with its task; that of ansible-playbook is not ours to change.
        and multiprocessing.parent_process() is not None
        and _is_on(action, variables)
        and not _sets_environment(action)
        and _uses_this_python(action, variables)
    )


def _is_on(action: ActionBase, variables: Mapping[str, Any]) -> bool:
    value = action._templar.template(variables.get(SWITCH))
    return value is None or not str(value).strip() or boolean(value, strict=False)


def _sets_environment(action: ActionBase) -> bool:
    environment: dict[str, Any] = {}
    action._compute_environment_string(environment)
    return bool(environment)


def _uses_this_python(action: ActionBase, variables: Mapping[str, Any]) -> bool:
    host = action._task.delegate_to
    if host:
        variables = variables["ansible_delegated_vars"][host]
    configured = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
    interpreter = str(action._templar.template(configured) or "").strip()
    return interpreter in (*_CHOSEN_BY_ANSIBLE, sys.executable)
