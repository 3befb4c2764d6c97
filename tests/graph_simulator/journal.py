# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrived, in order: every login request, Graph request and inner batch request."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from .clock import Clock

# A run of digits that is neither part of an identifier nor of a user's name.
_NUMBER = re.compile(r"(?<![\w-])\+?\d[\d ]{6,}\d(?![\w@-])")


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. ``at`` and ``done`` are seconds of the clock; ``status`` is 0 until, or if never, answered."""

    seq: int
    at: float
    done: float
    kind: str
    batch: int | None
    method: str
    path: str
    status: int
    user: str | None
    write: bool
    effect: bool
    fault: str | None
    client_request_id: str | None
    request_id: str
    reason: str
    authorization: str


class Journal:
    """Entries by sequence number; a request is listed from its arrival on."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._entries: dict[int, Entry] = {}
        self._next = 1

    def begin(
        self,
        kind: str,
        method: str,
        path: str,
        *,
        batch: int | None,
        write: bool,
        request_id: str,
        client_request_id: str | None,
    ) -> int:
        seq, self._next = self._next, self._next + 1
        now = self._clock.now()
        self._entries[seq] = Entry(
            seq=seq,
            at=now,
            done=now,
            kind=kind,
            batch=batch,
            method=method,
            path=_NUMBER.sub("...", path),
            status=0,
            user=None,
            write=write,
            effect=False,
            fault=None,
            client_request_id=client_request_id,
            request_id=request_id,
            reason="",
            authorization="missing",
        )
        return seq

    def update(self, seq: int, **outcome: Any) -> None:
        """Complete an entry; one that was cleared meanwhile stays away."""
        if entry := self._entries.get(seq):
            self._entries[seq] = replace(entry, done=self._clock.now(), **outcome)

    def entries(self) -> list[Entry]:
        return list(self._entries.values())

    def clear(self) -> None:
        self._entries.clear()
