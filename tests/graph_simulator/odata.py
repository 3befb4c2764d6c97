# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The little OData that the simulated resources speak: $select, $filter and pages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from .errors import GraphError, bad_request
from .exchange import Call
from .switches import Switches

MAX_TOP = 999
_COMPARISON = re.compile(r"\s*(\w+)\s+eq\s+('(?:[^']|'')*'|true|false)\s*")


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


def equalities(text: str, known: Mapping[str, type]) -> dict[str, str | bool]:
    """A ``$filter`` of ``property eq literal`` joined by ``and``; anything else is refused."""
    result: dict[str, str | bool] = {}
    position = 0
    while True:
        match = _COMPARISON.match(text, position)
        if match is None:
            raise bad_filter(text)
        name, literal = match[1], match[2]
        value: str | bool = literal[1:-1].replace("''", "'") if literal.startswith("'") else literal == "true"
        if known.get(name) is not type(value) or name in result:
            raise bad_filter(text)
        result[name] = value
        position = match.end()
        if position == len(text):
            return result
        if not text.startswith("and ", position):
            raise bad_filter(text)
        position += len("and ")


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
        return MAX_TOP
    return int(text)
