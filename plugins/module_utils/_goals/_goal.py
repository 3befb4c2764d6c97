# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a run has to know about the setting that it manages. Everything else belongs to the engine, `_run`.

A subject is a user, or one object such as a policy. Its state is a value that only the goal understands: the engine
passes it on, and compares two of them with `==`. A goal is pure: it makes requests and reads replies.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from .._domain._targets import Target
from .._domain._words import Words
from .._graph._messages import Reply, Request

SATISFIED, WRITE, REFUSE = "satisfied", "write", "refuse"

NOTHING: Mapping[str, Any] = MappingProxyType({})


class Step(NamedTuple):
    """The next thing to do about one subject.

    `action` says what a WRITE does; two writes with equal actions are the same step, so a write is verified once
    `decide` asks for something else. `reason` says why a subject is refused; on a WRITE it is the refusal to expect if
    the one attempt has no effect. `says` is a sentence for the user: what is satisfied, what was written, or details
    of a refusal after the sentence of its reason. `would` is `says` in check mode. `foreseen` is the state that check
    mode predicts after a WRITE. `counts_as` replaces the word that the summary counts a satisfied subject under.
    `note` follows `says` of a satisfied subject, and what was written to get there. `refused_as` has the reason of a
    refused write by the status of its answer, where the answer gives none.
    """

    verdict: str
    action: Any = None
    reason: str | None = None
    says: str = ""
    would: str = ""
    foreseen: Any = None
    counts_as: str = ""
    note: str = ""
    refused_as: Mapping[int, str] = MappingProxyType({})


class Permission(NamedTuple):
    """Any of `names` is enough; `grant` is what to ask an administrator for.

    `role` is the Entra role that a signed-in user needs too, "" for none. `role_varies`: whether some subjects need a
    more privileged one, so that Graph can refuse them alone. `certain`: whether each run that asks for it will need it.
    """

    names: Sequence[str]
    grant: str
    role: str = "Authentication Administrator"
    role_varies: bool = True
    certain: bool = True


class Facts(NamedTuple):
    """What an outcome reports of a subject. `more` holds further keys of its entry, already masked.

    `says` is a sentence about a subject that was only looked at.
    """

    state: str | None = None
    previous_state: str | None = None
    phone_number: str | None = None
    more: Mapping[str, Any] = NOTHING
    says: str = ""


class View(Protocol):
    """The reading half of a goal."""

    @property
    def may_read(self) -> Permission:
        """The permission that `read` needs."""

    @property
    def unread(self) -> Any:
        """The state of a subject that could not be read."""

    def read(self, address: str) -> Request:
        """Reads the subject at `address` (an id or a name)."""

    def parse(self, reply: Reply) -> Any | None:
        """The state in an OK reply, None if its body is not what Graph sends."""

    def reason_of(self, reply: Reply) -> str:
        """The reason of a reply that is no success, of a read or a write."""

    def facts(self, before: Any, now: Any) -> Facts:
        """What to report of a subject that was in `before` and is in `now`."""


class Goal(View, Protocol):
    """A setting and its desired state."""

    @property
    def desired(self) -> str:
        """The desired state in one word, for report files."""

    @property
    def words(self) -> Words:
        """How messages name the change."""

    @property
    def may_write(self) -> Permission:
        """The permission that `write` needs."""

    @property
    def reads_again(self) -> bool:
        """Whether a subject is read once more right before its first write, since others may have changed it."""

    def decide(self, target: Target, state: Any) -> Step:
        """The next step of a subject in `state`. A goal may take several: they end when it is SATISFIED."""

    def write(self, address: str, action: Any) -> Request:
        """The request that does `action`."""

    def had_no_effect(self, reply: Reply) -> bool:
        """Whether this answer to a write, which is no success, shows for certain that nothing was stored."""

    def moved(self, before: Any, now: Any) -> bool:
        """Whether the setting changed between two reads."""

    def claim(self, state: Any) -> Hashable | None:
        """What a subject in `state` has to itself in the tenant, None for nothing. Two with equal claims clash."""

    @property
    def clash(self) -> str | None:
        """The reason that refuses the second of two subjects with equal claims, None if that cannot happen."""

    def still(self, state: Any) -> str:
        """A sentence about the state of a subject whose write did not show in time."""

    def difference(self, entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Before and after, for Ansible's diff, from the entry of a changed subject."""
