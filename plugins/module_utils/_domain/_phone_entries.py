# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Entries of a list of phone numbers, and what they ask for each user and type of phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from . import _reasons as reasons
from ._numbers import MOBILE, NumberError, parse_number
from ._targets import key, positions

PRESENT, ABSENT = "present", "absent"
MIXED = "mixed"
"""The state of a list in which some numbers must be present and others absent."""

NO_USER_NAME = "There is no user name."

_MOST_PLACES = 3
"""Entries with one number that a warning names."""


class Entry(NamedTuple):
    """One line of a list. `place` says where it stands, for a message; `user` is a name or id.

    `number` is as written, None for whatever number there is. `flaw` is a sentence if the entry cannot be used.
    """

    place: str
    user: str
    number: str | None = None
    phone_type: str = MOBILE
    state: str = PRESENT
    flaw: str = ""

    def __repr__(self) -> str:
        return f"Entry({self.place!r}, {self.phone_type!r}, {self.state!r})"


class Wish(NamedTuple):
    """Whether a phone must have `number`, as `parse_number` gives it. None, of an absent one, is any number."""

    present: bool
    number: str | None

    def __repr__(self) -> str:
        return f"Wish({self.present!r})"


class Flaw(NamedTuple):
    """Why the entries of a user are invalid: a reason, and sentences about it."""

    reason: str
    says: str


class Wishes(NamedTuple):
    """What the entries of one user ask for, by type of phone. With a `flaw` nothing of it is done."""

    by_type: Mapping[str, Wish]
    flaw: Flaw | None = None


class PhoneList:
    """Entries by user, each number read once."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.users: list[str] = []
        """The users of all entries, each once, in their order."""
        self.nameless: list[Entry] = []
        """Entries that name no user."""
        self._of: dict[str, list[tuple[Entry, Wish | Flaw]]] = {}
        self._places_of: dict[str, dict[str, str]] = {}
        for entry in entries:
            if not entry.user:
                self.nameless.append(entry)
                continue
            user, wish = key(entry.user), _wish(entry)
            if user not in self._of:
                self.users.append(entry.user)
            self._of.setdefault(user, []).append((entry, wish))
            if isinstance(wish, Wish) and wish.present and wish.number and entry.phone_type == MOBILE:
                self._places_of.setdefault(wish.number, {}).setdefault(user, entry.place)

    @property
    def state(self) -> str:
        """PRESENT or ABSENT if all entries ask for it, else MIXED."""
        states = {entry.state for entries in self._of.values() for entry, _wish in entries}
        return states.pop() if len(states) == 1 else MIXED

    @property
    def removes_given_numbers(self) -> bool:
        """Whether an entry removes one number and no other."""
        wishes = (wish for entries in self._of.values() for _entry, wish in entries)
        return any(isinstance(wish, Wish) and not wish.present and wish.number is not None for wish in wishes)

    def wishes(self, user_keys: Sequence[str]) -> Wishes:
        """What the entries of a user ask for; `user_keys` are all names and ids of that user."""
        mine = [one for user in dict.fromkeys(user_keys) for one in self._of.get(user, ())]
        broken = [_at(entry.place, wish.says) for entry, wish in mine if isinstance(wish, Flaw)]
        if broken:
            return Wishes({}, Flaw(reasons.INVALID_PHONE_NUMBER, " ".join(broken)))
        by_type: dict[str, Wish] = {}
        for entry, wish in mine:
            if isinstance(wish, Wish) and by_type.setdefault(entry.phone_type, wish) != wish:
                return Wishes({}, Flaw(reasons.CONFLICTING_ENTRIES, _conflict(mine, entry.phone_type)))
        return Wishes(by_type)

    def others_with(self, number: str, user_keys: Sequence[str]) -> list[str]:
        """The places of entries that give this mobile number to other users."""
        return [place for user, place in self._places_of.get(number, {}).items() if user not in user_keys]

    @property
    def warning(self) -> str:
        """A sentence about mobile numbers that the list gives to several users; empty if there is none."""
        shared = [list(places.values()) for places in self._places_of.values() if len(places) > 1]
        if not shared:
            return ""
        first = positions([" and ".join(places[:_MOST_PLACES]) for places in shared])
        return (
            f"Mobile numbers of several users: {first}. A number can sign in one user only; for multifactor"
            " authentication it may be shared."
        )


def _wish(entry: Entry) -> Wish | Flaw:
    if entry.flaw:
        return Flaw(reasons.INVALID_PHONE_NUMBER, entry.flaw)
    if entry.number is None and entry.state == ABSENT:
        return Wish(False, None)
    try:
        return Wish(entry.state == PRESENT, parse_number(entry.number or "", entry.phone_type))
    except NumberError as error:
        return Flaw(reasons.INVALID_PHONE_NUMBER, error.message)


def _conflict(mine: Sequence[tuple[Entry, Wish | Flaw]], phone_type: str) -> str:
    places = [entry.place for entry, _wish in mine if entry.phone_type == phone_type]
    return _at(positions(places), f"They ask for different things of the {phone_type} phone.")


def _at(place: str, sentence: str) -> str:
    return f"{place[:1].upper()}{place[1:]}: {sentence}" if place else sentence
