# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What arrived, in order: every login request, Graph request and inner batch request."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
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


def selected(entries: Sequence[Entry], wanted: Mapping[str, Sequence[str]]) -> list[Entry]:
    """The entries that have one of the wanted values in each field, of ``kind``, ``method``, ``status``, ``user``,
    ``path`` (a regular expression), ``write``, ``effect`` and ``fault`` (true or false), or that came after ``since``.

    Raises ValueError for another field or a value that the field cannot have.
    """
    if unknown := sorted(set(wanted) - set(_TESTS)):
        raise ValueError(f"unknown: {', '.join(unknown)}; the journal can be filtered by {', '.join(_TESTS)}")
    groups = [[_TESTS[name](value) for value in values] for name, values in wanted.items()]
    return [entry for entry in entries if all(any(test(entry) for test in tests) for tests in groups)]


_Test = Callable[[Entry], bool]


def _same(name: str) -> Callable[[str], _Test]:
    def make(value: str) -> _Test:
        lowered = value.lower()
        return lambda entry: str(getattr(entry, name) or "").lower() == lowered

    return make


def _status(value: str) -> _Test:
    """A status, or a class of them: 4xx."""
    if not re.fullmatch(r"\d{1,3}|[1-5]xx", value.lower()):
        raise ValueError(f"status is a number or 2xx to 5xx, not {value}")
    pattern = re.compile(value.lower().replace("x", r"\d"))
    return lambda entry: bool(pattern.fullmatch(str(entry.status)))


def _path(value: str) -> _Test:
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise ValueError(f"path is no regular expression: {error}") from error
    return lambda entry: bool(pattern.search(entry.path))


def _since(value: str) -> _Test:
    try:
        seq = int(value)
    except ValueError:
        raise ValueError(f"since is the seq of an entry, not {value}") from None
    return lambda entry: entry.seq > seq


def _flag(name: str) -> Callable[[str], _Test]:
    def make(value: str) -> _Test:
        wanted = yes_or_no(name, value)
        return lambda entry: bool(getattr(entry, name)) is wanted

    return make


def yes_or_no(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise ValueError(f"{name} is true or false, not {value}")
    return value == "true"


_TESTS: Mapping[str, Callable[[str], _Test]] = {
    "kind": _same("kind"),
    "method": _same("method"),
    "status": _status,
    "path": _path,
    "user": _same("user"),
    "write": _flag("write"),
    "effect": _flag("effect"),
    "fault": _flag("fault"),
    "since": _since,
}
