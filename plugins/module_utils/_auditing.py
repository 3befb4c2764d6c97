# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""An audit of SMS sign-in: from the options of a task to the reads, and from the states to the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from ._domain._states import READY
from ._domain._targets import entries
from ._domain._words import Words
from ._entra._authentication_methods import of_use
from ._goals._sms_sign_in_audit import SmsSignInAudit
from ._reading import read_scope
from ._results._message import describe
from ._results._outcomes import FAILED, SKIPPED, UNCHANGED, Outcome
from ._run._inquiry import Inquiry
from ._run._selection import Users
from ._task import Task
from ._work import Digest, inquire

_WORDS = Words(changed="", unchanged="read", would="", planned="", phase="reading")


def audit(task: Task) -> dict[str, Any]:
    """The result of an audit of the users of a task."""
    states = frozenset(entries(task.params["states"]))
    usable = entries(task.params["usable_methods"]) if task.params["other_methods"] else None

    def make_inquiry(task: Task) -> Inquiry:
        users = Users(read_scope(task, empty_fails=True)[0], empty_group_fails=True)
        return Inquiry(
            SmsSignInAudit(usable),
            users,
            entries(task.params["tolerate"]),
            task.params["run_timeout"],
            about={"usable_methods": usable},
        )

    return inquire(task, make_inquiry, lambda found: digest(found, states, usable, names=not task.no_log))


def digest(found: Sequence[Outcome], states: Collection[str], usable: Sequence[str] | None, names: bool) -> Digest:
    """The part of an audit that is shown. With `states`, users in other states are not listed, but counted.

    A user that could not be read is listed anyway. `usable` is None where other methods were not read.
    """

    def is_alone(one: Outcome) -> bool:
        return usable is not None and _is_alone(one, usable)

    listed = [one for one in found if not states or one.state in states or one.kind in (FAILED, SKIPPED)]
    counts = Counter(one.state for one in found if one.state is not None)
    alone = None if usable is None else sum(map(is_alone, found))
    by_state = [one._replace(counts_as=one.state or "") if one.kind == UNCHANGED else one for one in found]
    msg = describe(by_state, _WORDS, False, None, names)
    if alone:
        msg += f" {alone} of the users in ready {'has' if alone == 1 else 'have'} no usable other method."
    return Digest(listed, {"states": dict(counts.most_common()), "sms_only": alone}, msg, is_alone)


def _is_alone(outcome: Outcome, usable: Sequence[str]) -> bool:
    """Whether SMS sign-in is on and no usable other method is registered."""
    return outcome.state == READY and not of_use(tuple(outcome.more.get("other_methods") or ()), usable)
