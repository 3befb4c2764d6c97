# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What a module accepts: options in groups, and constraints on them as data. Knows nothing of Ansible's classes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence, Set
from typing import Any, NamedTuple, Protocol

from ._domain._redaction import redact, redact_name
from ._domain._targets import entries, positions
from ._errors import InvalidOptions
from ._files import same_file

Options = Mapping[str, Mapping[str, Any]]
"""As Ansible's argument spec: `type`, `elements`, `aliases`, `choices`, `default`, `required`, `no_log` by name."""

MOST_OF_AN_OPTION = 200
"""Characters of an option in `invocation`."""

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"

_IMPOSSIBLE = re.compile("[\0\ud800-\udb7f]")
"""No file system, URL or log takes these. The other surrogates stand for bytes of a path that are not UTF-8."""


class Constraint(Protocol):
    """A rule about the values of options. A module without the options of a rule never breaks it."""

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        """A sentence if `params` break the rule. `given` are the options that the task sets."""


class Range(NamedTuple):
    """A number from `least` to `most`."""

    option: str
    least: float
    most: float

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        value = params.get(self.option)
        if value is None or self.least <= value <= self.most:
            return None
        return f"'{self.option}' must be a number from {self.least} to {_in_words(self.most)}."


def _in_words(number: float) -> str:
    """A number as messages can hold it: seven digits would be masked as a phone number."""
    return f"{number / 1_000_000:g} million" if number >= 1_000_000 else f"{number:g}"


class Words(NamedTuple):
    """A list in which only these words can be."""

    option: str
    words: Sequence[str]

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        unknown = [word for word in entries(params.get(self.option)) if word not in self.words]
        return f"'{self.option}' cannot take '{unknown[0]}'. It takes {', '.join(self.words)}." if unknown else None


class OneOf(NamedTuple):
    """At least one of these options must be given, and not as false; `without` describes a task without them."""

    options: Sequence[str]
    without: str

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        known = [f"'{option}'" for option in self.options if option in params]
        if not known or any(option in given and params.get(option) is not False for option in self.options):
            return None
        *first, last = known
        return f"{self.without}: set {', '.join(first)}{' or ' if first else ''}{last}."


class Exclusive(NamedTuple):
    """At most one of these options may be given."""

    options: Sequence[str]

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        both = [f"'{option}'" for option in self.options if option in given]
        return f"{both[0]} and {both[1]} cannot be combined. Give one of them." if len(both) > 1 else None


class DifferentFiles(NamedTuple):
    """No file is both read and written, or written twice."""

    options: Sequence[str]

    def problem(self, params: Mapping[str, Any], given: Set[str]) -> str | None:
        paths = [(option, params[option]) for option in self.options if params.get(option) is not None]
        for place, (one, path) in enumerate(paths):
            for other, second in paths[place + 1 :]:
                if same_file(path, second):
                    return f"'{one}' and '{other}' are the same file. Give '{other}' another name."
        return None


class Group(NamedTuple):
    """Options that several modules share; a doc fragment describes them.

    `name_lists` are the options in which every entry is the name of a user or a group. `libraries` are those that a
    module with these options may need.
    """

    options: Options
    name_lists: Sequence[str] = ()
    constraints: Sequence[Constraint] = ()
    libraries: Sequence[str] = ()

    def only(self, *names: str) -> Group:
        """The same group with some of its options."""
        return self._replace(options={name: self.options[name] for name in names})


class Prepared(NamedTuple):
    """The arguments of a task for Ansible's own checks, the names of the options that they set, what is wrong.

    `blank` are the options that are set to nothing, which are not `given`.
    """

    arguments: dict[str, Any]
    given: Set[str]
    problems: Sequence[str]
    blank: Set[str]


class Spec:
    """All options of a module: those of `groups`, and its own `options`, in which `name_lists` and `constraints` hold.

    `options` is the argument spec for Ansible, `libraries` what the module may need of Python.
    """

    def __init__(
        self,
        *groups: Group,
        options: Options | None = None,
        name_lists: Sequence[str] = (),
        constraints: Sequence[Constraint] = (),
    ) -> None:
        parts = (*groups, Group(options or {}, name_lists, constraints))
        self.options = {name: dict(option) for part in parts for name, option in part.options.items()}
        self.libraries = [name for part in parts for name in part.libraries]
        self._name_lists = {name for part in parts for name in part.name_lists}
        self._constraints = [constraint for part in parts for constraint in part.constraints]

    @property
    def defaults(self) -> dict[str, Any]:
        """The value of each option when the task sets none."""
        return {name: option.get("default") for name, option in self.options.items()}

    def prepare(self, arguments: Mapping[str, Any]) -> Prepared:
        """A null or blank option counts as not given, before Ansible's own checks and conversions see it.

        AWX injects empty texts for fields left blank. Names and numbers are checked here too: Ansible would make a text
        of a number, a number of `yes`, and cut a text at its commas. Raises InvalidOptions for characters that no
        check may get.
        """
        kept, given, problems, blank = dict(arguments), set[str](), list[str](), set[str]()
        for name, option in self.options.items():
            for spelling in (name, *option.get("aliases", ())):
                value = kept.get(spelling)
                if is_blank(value):
                    blank.update([name] if spelling in kept else ())
                    kept.pop(spelling, None)
                    continue
                if "options" in option:
                    kept[spelling], problem = mappings_of(spelling, value, option["options"])
                    problems += [problem] if problem else []
                elif name in self._name_lists:
                    kept[spelling], problem = texts_of(spelling, value)
                    if name in given:
                        # Ansible would take the alias and drop the other list.
                        del kept[spelling]
                        problem = f"'{name}' and '{spelling}' are the same option, and both are set. Give one of them."
                    problems += [problem] if problem else []
                elif isinstance(value, bool) and option.get("type") in ("int", "float"):
                    problems.append(f"'{spelling}' is the boolean {str(value).lower()}, not a number.")
                elif option.get("type") == "int" and _is_infinite(value):
                    # Ansible's own conversion would crash.
                    raise InvalidOptions(f"'{spelling}' is infinite. Give a whole number, or leave it out.")
                elif isinstance(value, str) and _IMPOSSIBLE.search(value):
                    raise InvalidOptions(f"'{spelling}' contains a NUL character or half of a surrogate pair.")
                given.add(name)
        return Prepared(kept, given, problems, blank - given)

    def require(self, params: Mapping[str, Any], given: Set[str]) -> None:
        """Raises InvalidOptions for the first constraint that `params`, which Ansible has checked, break."""
        for constraint in self._constraints:
            problem = constraint.problem(params, given)
            if problem:
                raise InvalidOptions(problem)

    def shown(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The options for `invocation`: lists as counts, secrets masked."""
        secret = {name: bool(option.get("no_log")) for name, option in self.options.items()}
        return {name: _shown(name, params.get(name), secret[name]) for name in self.options}


def _is_infinite(value: Any) -> bool:
    try:
        return math.isinf(float(value))
    except (TypeError, ValueError, OverflowError):
        return False


def is_blank(value: Any) -> bool:
    """Whether an option with this value counts as not given."""
    return value is None or (isinstance(value, str) and not value.strip())


def mappings_of(option: str, value: Any, keys: Options) -> tuple[list[dict[str, Any]], str | None]:
    """The mappings in a list as YAML gives it, and a message if there is something else, which Ansible would repeat.

    Blank values of keys that only some words fit are left out. A blank name or number is judged later.
    """
    entries = list(value) if isinstance(value, (list, tuple)) else None
    wrong = [
        f"'{option}' entry {place} is {_kind(entry) or 'a text'}"
        for place, entry in enumerate(entries or (), start=1)
        if not isinstance(entry, Mapping)
    ]
    if entries is None:
        wrong = [f"'{option}' is {_kind(value) or 'a text'}"]
    if wrong:
        return [], f"{positions(wrong)}. Give a list of mappings with the keys {', '.join(keys)}; with -e give JSON."
    worded = {name for name, key in keys.items() if "choices" in key or key.get("type") == "bool"}
    kept = [
        {name: text for name, text in entry.items() if name not in worded or not is_blank(text)}
        for entry in entries or ()
    ]
    for name, words in ((name, key["choices"]) for name, key in keys.items() if "choices" in key):
        odd = [f"entry {place}" for place, entry in enumerate(kept, start=1) if entry.get(name, words[0]) not in words]
        if odd:
            return [], f"'{option}' has another '{name}' than {', '.join(words)} at {positions(odd)}."
    return kept, None


def _shown(name: str, value: Any, secret: bool) -> Any:
    if value and secret:
        return MASK
    if isinstance(value, (list, tuple, Mapping)):
        return len(value)
    if not isinstance(value, str):
        # A number can be a phone number.
        text = redact(str(value))
        return value if text == str(value) else text
    # The domain of a tenant can have eight digits: Microsoft's tenants for demonstrations do.
    return redact_name(value) if name == "tenant_id" else redact(value, most=MOST_OF_AN_OPTION)


def texts_of(option: str, value: Any) -> tuple[list[str], str | None]:
    """The texts in a list of names as YAML gives it, and a message if there is something else in it.

    A text is one entry whatever is in it: it is split later, as the option needs it.
    """
    if isinstance(value, str) and re.fullmatch(r"(?s)\[.*\]", value.strip()):
        return [], (
            f"'{option}' is text that looks like a list. Give a YAML list; with -e give JSON:"
            """ -e '{"VARIABLE": ["first", "second"]}'."""
        )
    values = value if isinstance(value, (list, tuple)) else [value]
    wrong = [f"'{option}' entry {place} is {kind}" for place, kind in enumerate(map(_kind, values), start=1) if kind]
    if not wrong:
        return list(values), None
    return [], (
        f"{positions(wrong)}. Only a text can be a name: YAML may have changed it, as 0715 to 461 and Yes to true."
        " Put the name in quotes, or give the object id (in place of a date, always the object id)."
    )


_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d(?:[T ][\d:.+Z-]*)?\s*")
"""How a date of YAML reaches a module: as a text."""


def _kind(value: Any) -> str | None:
    """What a value is that is no text, for a message."""
    if isinstance(value, str):
        return "a date" if _DATE.fullmatch(value) else None
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {redact(str(value))}"
    return "a mapping" if isinstance(value, Mapping) else "a list"
