# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A task as the work of a module sees it, whichever adapter runs it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any, Protocol

from ._domain._redaction import redact
from ._errors import MOST_OF_A_PROBLEM, Interrupted, InvalidOptions, as_failure
from ._results._progress import Step
from ._spec import Spec

SHORTEST_SECRET = 8
"""Characters. Ansible stars a secret wherever it stands in a result; a shorter one would star half of the words."""

MOST_WARNINGS = 20
MOST_OF_A_WARNING = 1000
"""Warnings of a task, and characters of each. ansible-core before 2.19 keeps every copy of a warning."""


class Host(Protocol):
    """What a task needs from the adapter that runs it."""

    @property
    def secrets(self) -> set[str]:
        """Masked everywhere in the result."""

    def warn(self, text: str) -> None:
        """Show a warning to the user."""

    def show(self, step: Step) -> None:
        """Show the progress of the work to the user, if that is wanted. Called often."""


class Task:
    """One task. `params` has a value for each option; `given` has the names of the options that the task sets, `blank`
    of those that it sets to nothing.

    `no_log` hides names of users from messages. `started` is a time of `time.monotonic`. `auth` has the way in which
    the task signs in, once that is known.
    """

    def __init__(
        self,
        spec: Spec,
        host: Host,
        params: Mapping[str, Any],
        given: Set[str] = frozenset(),
        *,
        check_mode: bool = False,
        diff: bool = False,
        no_log: bool = False,
        problems: Sequence[str] = (),
        blank: Set[str] = frozenset(),
    ) -> None:
        """`problems` are sentences about options that cannot be used, found before."""
        self._spec = spec
        self._host = host
        self._problems = problems
        self._warned: set[str] = set()
        self.params = params
        self.given = given
        self.blank = blank
        self.check_mode = check_mode
        self.diff = diff
        self.no_log = no_log
        self.started = time.monotonic()
        self.auth: dict[str, str | None] = {"method": None, "source": None}
        self._at_the_end: list[Callable[[], None]] = []
        self.stop: Callable[[str], float | None] = lambda why: 0.0
        """Stops the work, for a reason in a sentence. Returns the seconds it still takes; 0 if it can be interrupted at
        once, None if nothing is left to stop."""

    def require_valid(self) -> None:
        """Raises InvalidOptions unless the options can be used."""
        if self._problems:
            raise InvalidOptions(" ".join(self._problems))
        self._spec.require(self.params, self.given)

    def warn(self, text: str) -> None:
        """Each text once and only so many: a warning can come from a loop over users."""
        text = redact(text, most=MOST_OF_A_WARNING)
        if text in self._warned or len(self._warned) > MOST_WARNINGS:
            return
        self._warned.add(text)
        self._host.warn(text if len(self._warned) <= MOST_WARNINGS else "There are more warnings, not shown here.")

    def conceal(self, secret: str) -> None:
        """Mask `secret` everywhere in the result."""
        if len(secret) >= SHORTEST_SECRET:
            self._host.secrets.add(secret)

    def reveal(self, secret: str) -> None:
        """Do not mask `secret`, because the result is for it."""
        self._host.secrets.discard(secret)

    def show(self, step: Step) -> None:
        """Show the progress of the work."""
        self._host.show(step)

    def at_the_end(self, close: Callable[[], None]) -> None:
        """Call `close` when the work has ended: an adapter may do many tasks in one process."""
        self._at_the_end.append(close)

    def ask_to_stop(self, why: str) -> float | None:
        """Calls `stop`, which changes while the task works: pass this method on, not `stop`."""
        return self.stop(why)

    def end(self) -> None:
        """The work has ended: nothing is left to stop, and what is open is closed."""
        self.stop = lambda why: None
        while self._at_the_end:
            self._at_the_end.pop()()


def mask_only_long(host: Host) -> None:
    """Mask no secret that is too short for one, because it would hide half of the words; and warn of it."""
    short = {secret for secret in host.secrets if len(secret) < SHORTEST_SECRET}
    host.secrets.difference_update(short)
    for length in sorted({len(secret) for secret in short}):
        host.warn(f"A secret has {length} characters only, too few for a real one, so it is not masked.")


def attempt(task: Task, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The result of `do`, or of its failure: `changed`, `msg`, `reason`, `support`. For work that is no run.

    `do` returns `changed`, `msg` and what the module has of its own.
    """
    try:
        task.require_valid()
        result = {**do(), "reason": None, "support": None}
        if not task.diff:
            result.pop("diff", None)
        return result
    except (Exception, Interrupted) as problem:  # noqa: BLE001 - whatever it is, the task gets a result
        error = as_failure(problem)
        said = redact(error.message, most=MOST_OF_A_PROBLEM)
        return {"changed": False, "msg": said, "reason": error.reason, "support": error.support}
    finally:
        task.end()
