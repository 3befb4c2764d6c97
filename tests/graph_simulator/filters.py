# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``$filter``: parsed by the grammar of OData, evaluated as far as Graph documents it for the simulated resources.

Text that is not a filter is refused as Graph refuses it. A filter that Graph may know and the simulator does not is
answered with 501, which shows that the answer is not Graph's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import GraphError

Predicate = Callable[[Mapping[str, Any]], bool]

_NUMBER = r"[+-]?\d[\w.:+-]*"
_NAME = r"[A-Za-z_@][\w.@]*(?:/[\w.@$]+)*"
_TOKEN = re.compile(rf"\s*('(?:[^']|'')*'|{_NUMBER}|{_NAME}|[(),:])")
# Parentheses and "not" in one filter, so that the descent stays within Python's stack.
_MAX_DEPTH = 100
_COMPARISONS = ("ne", "gt", "ge", "lt", "le", "has")
_CONSTANTS: Mapping[str, Any] = {"true": True, "false": False, "null": None}


def conditions(text: str, known: Mapping[str, type]) -> Predicate:
    """What a ``$filter`` asks of an object's properties; case does not count in texts.

    Understood are ``eq``, ``in``, ``startsWith`` and ``any`` with ``eq``, joined by ``and``, ``or`` and parentheses.
    """
    return _Parser(text, known).whole()


def bad_filter(text: str) -> GraphError:
    return GraphError(400, "Request_UnsupportedQuery", "Invalid filter clause.", reason=f"$filter is not valid: {text}")


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str, known: Mapping[str, type]) -> None:
        self._text = text
        self._known = known
        self._tokens = self._split()
        self._next = 0
        self._depth = 0

    def whole(self) -> Predicate:
        result = self._any_of()
        if self._peek():
            raise bad_filter(self._text)
        return result

    def _split(self) -> list[str]:
        tokens: list[str] = []
        position, end = 0, len(self._text.rstrip())
        while position < end:
            match = _TOKEN.match(self._text, position)
            if match is None:
                raise bad_filter(self._text)
            tokens.append(match[1])
            position = match.end()
        return tokens

    # -- tokens --------------------------------------------------------------------------------------------------------

    def _peek(self, offset: int = 0) -> str:
        place = self._next + offset
        return self._tokens[place] if place < len(self._tokens) else ""

    def _take(self, wanted: str = "") -> str:
        token = self._peek()
        if not token or (wanted and token.lower() != wanted):
            raise bad_filter(self._text)
        self._next += 1
        return token

    def _took(self, wanted: str) -> bool:
        if self._peek().lower() != wanted:
            return False
        self._next += 1
        return True

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise bad_filter(self._text)

    def _unknown(self) -> GraphError:
        return GraphError(
            501,
            "NotImplemented",
            f"The simulator does not know this filter, Graph may: {self._text}",
            reason=f"the simulator does not know this $filter: {self._text}",
        )

    # -- the grammar ---------------------------------------------------------------------------------------------------

    def _any_of(self) -> Predicate:
        tests = [self._all_of()]
        while self._took("or"):
            tests.append(self._all_of())
        return lambda values: any(test(values) for test in tests)

    def _all_of(self) -> Predicate:
        tests = [self._one()]
        while self._took("and"):
            tests.append(self._one())
        return lambda values: all(test(values) for test in tests)

    def _one(self) -> Predicate:
        if self._took("("):
            self._deeper()
            inner = self._any_of()
            self._take(")")
            return inner
        if self._peek().lower() == "not" and self._peek(1):
            self._take()
            self._deeper()
            self._one()
            raise self._unknown()
        name = self._take()
        if not re.fullmatch(_NAME, name):
            raise bad_filter(self._text)
        if self._took("("):
            return self._any(name[: -len("/any")]) if name.lower().endswith("/any") else self._function(name)
        return self._comparison(name)

    def _function(self, name: str) -> Predicate:
        """``startsWith(property, 'text')``."""
        first = self._take()
        arguments = []
        while self._took(","):
            arguments.append(self._literal())
        self._take(")")
        if name.lower() != "startswith":
            self._rest_of_comparison()
            raise self._unknown()
        if len(arguments) != 1 or not isinstance(arguments[0], str):
            raise bad_filter(self._text)
        prefix = arguments[0]
        self._check(first, prefix)
        return lambda values: values[first] is not None and str(_lowered(values[first])).startswith(prefix)

    def _any(self, name: str) -> Predicate:
        """``property/any(x: x eq 'text')``."""
        variable = self._take()
        self._take(":")
        if self._take() != variable:
            raise bad_filter(self._text)
        operator = self._take().lower()
        wanted = self._literal()
        self._take(")")
        if operator != "eq":
            raise self._unknown()
        if self._known.get(name) not in (list, None) or not isinstance(wanted, str):
            raise bad_filter(self._text)
        if name not in self._known:
            raise self._unknown()
        return lambda values: wanted in map(_lowered, values[name] or ())

    def _comparison(self, name: str) -> Predicate:
        operator = self._take().lower()
        if operator == "in":
            return self._in(name)
        if operator not in ("eq", *_COMPARISONS):
            raise bad_filter(self._text)
        wanted = self._literal()
        if operator != "eq":
            raise self._unknown()
        self._check(name, wanted)
        return lambda values: bool(_lowered(values[name]) == wanted)

    def _in(self, name: str) -> Predicate:
        """``property in ('one', 'two')``."""
        self._take("(")
        wanted = [self._literal()]
        while self._took(","):
            wanted.append(self._literal())
        self._take(")")
        for one in wanted:
            self._check(name, one)
        return lambda values: _lowered(values[name]) in wanted

    def _rest_of_comparison(self) -> None:
        """What may follow a function that is not a condition itself."""
        if self._peek().lower() in ("eq", *_COMPARISONS):
            self._take()
            self._literal()

    def _literal(self) -> Any:
        token = self._take()
        if token.startswith("'"):
            return token[1:-1].replace("''", "'").lower()
        if token.lower() in _CONSTANTS:
            return _CONSTANTS[token.lower()]
        if re.fullmatch(_NUMBER, token):
            raise self._unknown()
        raise bad_filter(self._text)

    def _check(self, name: str, wanted: Any) -> None:
        """Refuse a literal of a wrong type, and a property that is not filtered here. Any property may be null."""
        if name not in self._known:
            raise self._unknown()
        if self._known[name] is list or (wanted is not None and self._known[name] is not type(wanted)):
            raise bad_filter(self._text)


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
