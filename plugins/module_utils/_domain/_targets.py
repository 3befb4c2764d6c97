# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Names and ids from options and groups: valid names, and each user once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from ._redaction import redact_name

ME = "me"
LONGEST_NAME = 1000
"""Characters. A user principal name has far fewer."""

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_NOT_IN_A_NAME = frozenset(";,:/<>[]")
_DOMAIN = re.compile(r"[\w.-]+")
_QUOTES = (
    *('""', "''", "``"),
    *("\u201c\u201d", "\u201e\u201c", "\u201e\u201d", "\u2018\u2019", "\u201a\u2018", "\u00ab\u00bb"),
)
_MOST_BAD = 5
"""Positions that one message lists."""


def is_object_id(name: str) -> bool:
    return _GUID.fullmatch(name) is not None


def key(name: str) -> str:
    """What two spellings of one name or id have in common: Graph compares both without case."""
    folded = name.casefold()
    # The same object if possible: there may be a million.
    return name if folded == name else folded


def entries(values: Iterable[str] | None) -> list[str]:
    """The texts in a list option: split at line breaks (a survey's text area is one string), trimmed, no blanks."""
    return [line.strip() for value in values or () for line in str(value).splitlines() if line.strip()]


def user_entries(values: Iterable[str] | None) -> list[str]:
    """As `entries`, and split at commas too, which no user principal name contains."""
    return entries(part for value in values or () for part in str(value).split(","))


def visible(text: str) -> str:
    """`text` without invisible formatting characters (BOM, zero width, soft hyphen) and blanks around it."""
    if not text.isascii():
        text = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return text.strip().rstrip("\x1a").rstrip()


def plain_name(text: str) -> str:
    """The name in an entry, without the decoration that mail programs, spreadsheets and .NET put around it."""
    name = visible(text)
    while True:
        bare = _undecorated(name)
        if bare == name:
            return name
        name = bare


def _undecorated(name: str) -> str:
    if name[:7].casefold() == "mailto:":
        return name[7:].strip()
    if len(name) > 1 and name[0] + name[-1] in _QUOTES:
        return name[1:-1].strip()
    if name[:1] == "{" and name[-1:] == "}" and is_object_id(name[1:-1].strip()):
        return name[1:-1].strip()
    if name[-1:] == ">" and name.count("<") == name.count(">") == 1:
        return name[name.index("<") + 1 : -1].strip()
    return name


def can_be_name(name: str) -> bool:
    """Whether a user can have this name: `me`, an object id, or a text with one `@` that a request can hold."""
    if key(name) == ME or is_object_id(name):
        return True
    local, at, domain = name.partition("@")
    return (
        bool(local and at)
        and _DOMAIN.fullmatch(domain) is not None
        and len(name) <= LONGEST_NAME
        and name.isprintable()
        and not any(character.isspace() or character in _NOT_IN_A_NAME for character in name)
    )


def lookalikes(name: str) -> str:
    """Characters beyond ASCII of what looks like a name on screen, as ` (U+FF20)`, else nothing."""
    if not can_be_name(unicodedata.normalize("NFKC", name)):
        return ""
    return _codes(character for character in name if not character.isascii())


def unseen(text: str) -> str:
    """The characters of a text that a screen does not show, as ` (U+200B)`, else nothing."""
    return _codes(character for character in text if not character.isprintable())


def _codes(characters: Iterable[str]) -> str:
    """Up to three characters, in brackets behind a blank."""
    found = [f"U+{ord(character):04X}" for character in dict.fromkeys(characters)][:3]
    return f" ({', '.join(found)})" if found else ""


def positions(bad: list[str]) -> str:
    """Up to five positions and how many more there are, for a message that does not repeat what is there."""
    more = len(bad) - _MOST_BAD
    return ", ".join(bad[:_MOST_BAD]) + (f" and {more} more" if more > 0 else "")


class Target(NamedTuple):
    """One user of a run.

    `name` is as given, else the user principal name, else the id. What is not known is None. `named` is true for a user
    in `users`, which overrides doubts about guests and disabled accounts. `admin` is what the registration report says.
    `label` is a name that a report has beside the id: it is only shown, since another user may have it by now.
    """

    name: str
    id: str | None = None
    principal_name: str | None = None
    account_enabled: bool | None = None
    guest: bool | None = None
    named: bool = False
    admin: bool | None = None
    label: str | None = None

    @property
    def shown_as(self) -> str:
        """How results name the user."""
        return self.label or self.name

    @property
    def address(self) -> str:
        """What Graph is asked for: the id where it is known, since a write by name can be a 204 without effect."""
        return self.id or self.name

    @property
    def masked(self) -> bool:
        """Whether results hide the name, since it is a phone number. Then the id says which user it is."""
        return redact_name(self.name) != self.name

    @property
    def keys(self) -> list[str]:
        """All names and ids of this user."""
        return [key(known) for known in (self.name, self.id, self.principal_name) if known]


def named(name: str) -> Target:
    """A target out of a `users` entry."""
    if is_object_id(name):
        return Target(name=name, id=name.lower(), named=True)
    if key(name) == ME:
        return Target(name=ME, named=True)
    return Target(name=name, principal_name=name, named=True)


class Roster:
    """Users, each once. A user added again under another name or id is the same entry, knowing more.

    Groups may have a million members, so there is one list and one dictionary, and no more for each user.
    """

    def __init__(self, targets: Iterable[Target] = ()) -> None:
        self._entries: list[Target | None] = []
        self._place_of: dict[str, int] = {}
        # From the place of an entry that turned out to be an earlier one.
        self._moved: dict[int, int] = {}
        for target in targets:
            self.add(target)

    def add(self, target: Target) -> None:
        """Add `target`, or merge it into the user it turns out to be: also when it joins two entries into one."""
        keys = target.keys
        places = sorted({self._place(known) for known in keys if known in self._place_of})
        for place in places:
            target = _merged(self._entries[place] or target, target)
            self._entries[place] = None
        if not places:
            places = [len(self._entries)]
            self._entries.append(None)
        self._entries[places[0]] = target
        self._moved.update(dict.fromkeys(places[1:], places[0]))
        for known in keys:
            self._place_of.setdefault(known, places[0])

    def _place(self, known: str) -> int:
        place = self._place_of[known]
        while place in self._moved:
            place = self._moved[place]
        return place

    def holds(self, target: Target) -> bool:
        return any(known in self._place_of for known in target.keys)

    @property
    def targets(self) -> list[Target]:
        """All users, in the order in which they came."""
        return [target for target in self._entries if target is not None]


def _merged(first: Target, second: Target) -> Target:
    shown = first if first.named or not second.named else second
    return shown._replace(
        id=first.id or second.id,
        principal_name=first.principal_name or second.principal_name,
        account_enabled=second.account_enabled if first.account_enabled is None else first.account_enabled,
        guest=second.guest if first.guest is None else first.guest,
        admin=second.admin if first.admin is None else first.admin,
    )
