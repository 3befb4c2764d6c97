# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The module adapter, and the only file that knows AnsibleModule: runs the work of a module in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._errors import InvalidOptions
from ._results._progress import Step
from ._signals import StopSignals, abandoned
from ._spec import Spec
from ._task import Task, mask_only_long

Work = Callable[[Task], dict[str, Any]]
"""The result for a task: `changed`, `msg`, `reason` (None if the task does not fail) and more. Raises nothing."""


def run_module(spec: Spec, work: Work) -> None:
    """Do `work` with the options of this process, and exit with its result."""
    _Module(spec, work).carry_out()


class _Module(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule with options that `spec` prepares, and complete results also for options that cannot be used."""

    params: dict[str, Any]

    def __init__(self, spec: Spec, work: Work) -> None:
        self._spec = spec
        self._work = work
        self._given: Set[str] = frozenset()
        self._problems: Sequence[str] = ()
        self._blank: Set[str] = frozenset()
        super().__init__(argument_spec=spec.options, supports_check_mode=True)
        mask_only_long(self)

    def _load_params(self) -> None:
        super()._load_params()
        impossible = None
        try:
            self.params, self._given, self._problems, self._blank = self._spec.prepare(self.params)
        except InvalidOptions as error:
            impossible = error.message
        if impossible:  # not in the handler: older Ansible would add a traceback
            self.fail_json(impossible)

    def fail_json(self, msg: str, **result: Any) -> None:
        """As Ansible's; Ansible's own complaints about options get the keys of every result as well."""
        if "reason" not in result:
            mask_only_long(self)
            task = self._task(self._spec.defaults, [msg])
            result = {**self._shown(self._work(task)), **result}
            msg = result.pop("msg")
        super().fail_json(msg=msg, **result)

    def _log_invocation(self) -> None:
        """As Ansible's, for the log of the system, which would get phone numbers and lists of users as they are."""
        shown = self._spec.shown(self.params)
        self.log(f"Invoked with {' '.join(f'{name}={value}' for name, value in shown.items())}")

    def carry_out(self) -> None:
        """Exit with the result of the work."""
        task = self._task(self.params, self._problems)
        with StopSignals(abandoned()) as signals:
            signals.ask = task.ask_to_stop
            result = self._shown(self._work(task))
        if result["reason"] is None:
            self.exit_json(**result)
        self.fail_json(**result)

    @property
    def secrets(self) -> set[str]:
        """See Host."""
        values: set[str] = self.no_log_values
        return values

    def show(self, step: Step) -> None:
        """See Host. Progress leaves a module by the file of `progress_path` only."""

    def _task(self, params: Mapping[str, Any], problems: Sequence[str]) -> Task:
        return Task(
            self._spec,
            self,
            params,
            self._given,
            check_mode=self.check_mode,
            diff=self._diff,
            no_log=self.no_log,
            problems=problems,
            blank=self._blank,
        )

    def _shown(self, result: Mapping[str, Any]) -> dict[str, Any]:
        return {**result, "invocation": {"module_args": self._spec.shown(self.params)}}
