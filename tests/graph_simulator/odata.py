# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The little OData that the simulated resources speak: $select, $filter, $search, $orderby and pages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from .errors import GraphError, bad_request
from .exchange import Call
from .switches import Switches

MAX_TOP = 999
_TEXT = "'(?:[^']|'')*'"
_CLAUSE = re.compile(
    rf"\s*(?:(?P<name>\w+)\s+eq\s+(?P<value>{_TEXT}|true|false)"
    rf"|[sS]tarts[wW]ith\(\s*(?P<start>\w+)\s*,\s*(?P<prefix>{_TEXT})\s*\)"
    rf"|(?P<list>\w+)/any\(\s*(?P<one>\w+)\s*:\s*(?P=one)\s+eq\s+(?P<item>{_TEXT})\s*\))\s*"
)
_SEARCH = re.compile(r'\s*"(?P<name>\w+):(?P<words>[^"]+)"\s*')
_ORDER = re.compile(r"\s*(?P<name>\w+)(?:\s+(?P<way>asc|desc))?\s*")
_WORDS = re.compile(r"[^\W_]+")
_Thing = TypeVar("_Thing")


def options(call: Call, *allowed: str) -> dict[str, str]:
    """The query options; anything that is not ``allowed`` is refused."""
    for name in call.query:
        if name not in allowed:
            raise bad_request(f"The query specified in the URI is not valid. Query option '{name}' is not allowed.")
    return call.query


def select(text: str | None, known: Sequence[str], default: Sequence[str], kind: str) -> tuple[str, ...]:
    """The names in ``$select``; an unknown one is refused."""
    if text is None:
        return tuple(default)
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in known:
            raise bad_request(
                "Parsing OData Select and Expand failed: "
                f"Could not find a property named '{name}' on type 'microsoft.graph.{kind}'."
            )
    return names


Predicate = Callable[[Mapping[str, Any]], bool]


def conditions(text: str, known: Mapping[str, type]) -> Predicate:
    """What a ``$filter`` asks of an object's properties: ``property eq literal``, ``startsWith(property, 'text')`` and
    ``property/any(x: x eq 'text')``, joined by ``and``; anything else is refused. Case does not count."""
    tests: list[Predicate] = []
    position = 0
    while True:
        match = _CLAUSE.match(text, position)
        if match is None:
            raise bad_filter(text)
        tests.append(_condition(match, known, text))
        position = match.end()
        if position == len(text):
            return lambda values: all(test(values) for test in tests)
        if not text.startswith("and ", position):
            raise bad_filter(text)
        position += len("and ")


def _condition(match: re.Match[str], known: Mapping[str, type], text: str) -> Predicate:
    wanted = _literal(match["value"] or match["prefix"] or match["item"])
    name = match["name"] or match["start"] or match["list"]
    if known.get(name) is not (list if match["list"] else type(wanted)):
        raise bad_filter(text)

    def test(values: Mapping[str, Any]) -> bool:
        value = values[name]
        if match["list"]:
            return wanted in map(_lowered, value)
        if match["start"]:
            return value is not None and str(_lowered(value)).startswith(wanted)
        return value is not None and bool(_lowered(value) == wanted)

    return test


def _literal(text: str) -> Any:
    return text[1:-1].replace("''", "'").lower() if text.startswith("'") else text == "true"


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def refined(
    call: Call,
    things: Iterable[_Thing],
    properties: Callable[[_Thing], Mapping[str, Any]],
    *,
    filters: Mapping[str, type],
    searches: Collection[str],
) -> list[_Thing]:
    """The things that ``$filter`` and ``$search`` let through, as ``$orderby`` sorts them (by what can be searched)."""
    tests: list[Predicate] = []
    if (text := call.query.get("$filter")) is not None:
        tests.append(conditions(text, filters))
    if (text := call.query.get("$search")) is not None:
        tests.append(_search(text, searches))
    chosen = [thing for thing in things if all(test(properties(thing)) for test in tests)]
    if (text := call.query.get("$orderby")) is not None:
        match = _ORDER.fullmatch(text)
        if match is None or match["name"] not in searches:
            raise GraphError(400, "Request_UnsupportedQuery", "Sorting is not supported for current query.")
        name = match["name"]
        chosen.sort(key=lambda thing: str(properties(thing).get(name) or "").lower(), reverse=match["way"] == "desc")
    return chosen


def _search(text: str, known: Collection[str]) -> Predicate:
    """``"property:words"``: each word starts one of the property's words."""
    match = _SEARCH.fullmatch(text)
    if match is None or match["name"] not in known:
        raise bad_request("Syntax error or unsupported property in the value of $search.")
    name, words = match["name"], _WORDS.findall(match["words"].lower())

    def test(values: Mapping[str, Any]) -> bool:
        there = _WORDS.findall(str(values.get(name) or "").lower())
        return all(any(one.startswith(word) for one in there) for word in words)

    return test


def needs_eventual(call: Call, *names: str, count: bool = False) -> None:
    """Refuse an advanced query, which is one with any of these query options (or any at all, without names), unless
    ``ConsistencyLevel: eventual`` comes with it, and ``$count=true`` if ``count``."""
    used = [name for name in names if name in call.query]
    if names and not used:
        return
    eventual = call.headers.get("consistencylevel", "").lower() == "eventual"
    if eventual and (not count or call.query.get("$count") == "true"):
        return
    what = f"Request with {', '.join(used)} query parameter" if used else "OData cast"
    needed = "the ConsistencyLevel header set to eventual" + (" and $count=true" if count else "")
    raise GraphError(
        400,
        "Request_UnsupportedQuery",
        f"{what} only works through MSGraph with {needed}.",
        reason=f"{what} without {needed}",
    )


def bad_filter(text: str) -> GraphError:
    return GraphError(
        400, "Request_UnsupportedQuery", "Invalid filter clause.", reason=f"$filter not understood: {text}"
    )


@dataclass(frozen=True)
class Page:
    """Where a page starts; ``empty`` makes it an empty one that links on."""

    offset: int = 0
    empty: bool = False

    @classmethod
    def of(cls, token: str | None) -> Page:
        if token is None:
            return cls()
        try:
            offset, empty = json.loads(base64.urlsafe_b64decode(token))
            return cls(max(0, int(offset)), bool(empty))
        except (ValueError, TypeError) as error:
            raise GraphError(400, "Directory_ExpiredPageToken", "The specified page token value is invalid.") from error

    @property
    def token(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.offset, self.empty]).encode()).decode()


def page(
    call: Call, values: Sequence[Any], switches: Switches, graph_url: str, context: str
) -> tuple[dict[str, Any], Sequence[Any]]:
    """The frame of a page (context, count, link) and the slice of ``values`` that belongs on it."""
    here = Page.of(call.query.get("$skiptoken"))
    size = _top(call.query.get("$top"), switches)
    frame: dict[str, Any] = {"@odata.context": f"{graph_url}/v1.0/$metadata#{context}"}
    if call.query.get("$count") == "true" and "$skiptoken" not in call.query:
        frame["@odata.count"] = len(values)
    end = here.offset if here.empty else here.offset + size
    if end < len(values):
        following = Page(end, empty=switches.empty_page and here.offset == 0)
        rest = {**call.query, "$skiptoken": following.token}
        query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in rest.items())
        frame["@odata.nextLink"] = f"{graph_url}/v1.0{call.path}?{query}"
    return frame, values[here.offset : end]


def _top(text: str | None, switches: Switches) -> int:
    if text is None:
        return switches.page_size
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise bad_request(f"Invalid value '{text}' for $top query option found. A positive integer is expected.")
    if int(text) > MAX_TOP:
        if switches.top_over_limit == "refuse":
            raise GraphError(
                400, "Request_BadRequest", "Invalid page size specified. Must be between 1 and 999 inclusive."
            )
        return MAX_TOP if switches.top_over_limit == "clamp" else switches.page_size
    return int(text)
