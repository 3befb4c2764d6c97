# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Doubts: what may stand against writing to a user whose own state would permit it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from .._domain import _reasons as reasons
from .._domain._targets import Target
from .._goals._goal import NOTHING, SATISFIED, Permission, Step
from .._graph._client import Graph
from .._graph._messages import Reply


class Planned(NamedTuple):
    """A subject, the state it was read in, and the step that the goal decided on."""

    target: Target
    state: Any
    step: Step


class Finding(NamedTuple):
    """What a doubt found about one subject. A `reason` refuses it.

    `says` is a sentence for its message, whether it is refused or not. `more` holds further keys of its entry. `reply`
    is the answer that the reason comes from, if it comes from one.
    """

    reason: str | None = None
    says: str = ""
    more: Mapping[str, Any] = NOTHING
    reply: Reply | None = None


Count = Callable[[int, int], None]
"""Gets the number of users that a doubt has read so far, and how many it will read."""


class Doubt(Protocol):
    """Asked after the goal has decided and before the limits count, in check mode too."""

    @property
    def needs(self) -> Sequence[Permission]:
        """The permissions that `ask` needs, beside those of the goal."""

    def concerns(self, planned: Planned) -> bool:
        """Whether to ask about this subject. It may be a satisfied one: then a finding has nothing to refuse."""

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        """Findings by the name of the target; a subject without one has nothing against it.

        `planned` are the subjects that the doubt concerns. It may send reads. Raises EntraError if the run must not
        continue without an answer; nothing was written yet.
        """


UNCHECKED = (
    "Graph shows this identity neither which members of a group are guests nor which of their accounts are disabled, so"
    " neither is checked. Grant User.Read.All."
)


class UnfitMembers:
    """Members of a group that are guests or disabled accounts. A user named in `users` is enabled anyway.

    What cannot be read is unknown and refuses nobody: `warn` gets a sentence about it.
    """

    needs: Sequence[Permission] = ()

    def __init__(self, warn: Callable[[str], None]) -> None:
        self._warn = warn

    def concerns(self, planned: Planned) -> bool:
        return planned.step.verdict != SATISFIED and not planned.target.named

    def ask(self, planned: Sequence[Planned], graph: Graph, show: Count) -> Mapping[str, Finding]:
        found = {}
        for target, _state, _step in planned:
            if target.account_enabled is False:
                found[target.name] = Finding(reasons.ACCOUNT_DISABLED)
            elif target.guest:
                found[target.name] = Finding(reasons.GUEST)
            elif target.account_enabled is None and target.guest is None:
                self._warn(UNCHECKED)
        return found


def ask_all(doubts: Sequence[Doubt], planned: Sequence[Planned], graph: Graph, show: Count) -> dict[str, Finding]:
    """The findings of all doubts. The first reason counts; the rest adds up. Raises EntraError."""
    found: dict[str, Finding] = {}
    for doubt in doubts:
        concerned = [one for one in planned if doubt.concerns(one)]
        for name, finding in doubt.ask(concerned, graph, show).items() if concerned else ():
            before = found.get(name, Finding())
            found[name] = Finding(
                before.reason or finding.reason,
                " ".join(filter(None, (before.says, finding.says))),
                {**before.more, **finding.more},
                before.reply if before.reason else finding.reply,
            )
    return found
