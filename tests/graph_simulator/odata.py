# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The part of OData that the simulated resources know: $select, $search, $orderby, $count and pages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from urllib.parse import quote

from .errors import GraphError, bad_request
from .exchange import Call, Reply
from .filters import Predicate, conditions
from .switches import Switches

MAX_TOP = 999
# Characters that a path contains unencoded; a batch may have raw blanks.
_IN_PATHS = "/%:@!$&'()*+,;=~"
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


def select(text: str | None, known: Collection[str], default: Sequence[str], kind: str) -> tuple[str, ...]:
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
    """Refuse an advanced query without ``ConsistencyLevel: eventual``, and without ``$count=true`` if ``count``.

    A call is one when it has any of these query options. Without names it is one in any case.
    """
    used = [name for name in names if name in call.query]
    if (names and not used) or (call.eventual and (not count or call.query.get("$count") == "true")):
        return
    what = f"Request with {', '.join(used)} query parameter" if used else "OData cast"
    needed = "a special request header: 'ConsistencyLevel: eventual'" + (" and $count=true" if count else "")
    raise GraphError(
        400,
        "Request_UnsupportedQuery",
        f"{what} only works through MSGraph with {needed}",
        reason=f"{what} without {needed}",
    )


def counted(listing: Callable[..., Reply]) -> Callable[..., Reply]:
    """The handler of the ``$count`` segment behind a list: the number alone, an advanced query."""

    def handler(state: Any, call: Call, *keys: str) -> Reply:
        needs_header_to_count(call)
        listed = replace(call)
        listed.query = {**options(call, "$filter", "$search", "$count"), "$count": "true"}
        return plain_count(listing(state, listed, *keys).body["@odata.count"])

    return handler


def needs_header_to_count(call: Call) -> None:
    if not call.eventual:
        message = "$count is not currently supported."
        raise GraphError(400, "Request_BadRequest", message, reason="$count without ConsistencyLevel: eventual")


def plain_count(number: int) -> Reply:
    return Reply(200, str(number).encode(), {"Content-Type": "text/plain"})


def context(graph_url: str, path: str, selected: str | None, *, entity: bool = False) -> str:
    """``@odata.context``: the path in the metadata, with the properties that ``$select`` names."""
    names = f"({','.join(name.strip() for name in selected.split(','))})" if selected else ""
    return f"{graph_url}/v1.0/$metadata#{path}{names}{'/$entity' if entity else ''}"


def without_annotations(body: Any) -> Any:
    """A body as ``odata.metadata=none`` asks for it: of the annotations only counts and links stay."""
    if isinstance(body, Mapping):
        return {name: without_annotations(value) for name, value in body.items() if _stays(name)}
    return [without_annotations(one) for one in body] if isinstance(body, list) else body


def _stays(name: str) -> bool:
    return "@odata." not in name or name in ("@odata.count", "@odata.nextLink")


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
    call: Call, values: Sequence[Any], switches: Switches, graph_url: str, path: str, most: int = MAX_TOP
) -> tuple[dict[str, Any], Sequence[Any]]:
    """The frame of a page (context, count, link) and the slice of ``values`` that belongs on it, ``most`` of them.

    ``$count=true`` without ``ConsistencyLevel: eventual`` is ignored, as Graph documents it.
    """
    here = Page.of(call.query.get("$skiptoken"))
    size = min(most, _top(call.query.get("$top"), switches))
    frame: dict[str, Any] = {"@odata.context": context(graph_url, path, call.query.get("$select"))}
    if call.query.get("$count") == "true" and call.eventual and "$skiptoken" not in call.query:
        frame["@odata.count"] = len(values)
    end = here.offset if here.empty else here.offset + size
    if end < len(values):
        following = Page(end, empty=switches.empty_page and here.offset == 0)
        rest = {**call.query, "$skiptoken": following.token}
        query = "&".join(f"{quote(name, safe='$')}={quote(value, safe='')}" for name, value in rest.items())
        frame["@odata.nextLink"] = f"{graph_url}/v1.0{quote(call.path, safe=_IN_PATHS)}?{query}"
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
