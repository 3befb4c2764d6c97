# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""JSON batching: the rules that refuse a whole batch, and how its items are run and answered.

Source: "Combine multiple HTTP requests using JSON batching" of Microsoft Graph, and its two refusals for writes without
a body or Content-Type as reported for the .NET SDK.
"""

from __future__ import annotations

import asyncio
import base64
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .errors import GraphError, bad_request
from .exchange import Call, Reply
from .state import State

MAX_ITEMS = 20
_METHODS = ("GET", "POST", "PATCH", "PUT", "DELETE")
_KEYS = {"id", "method", "url", "headers", "body", "dependsOn"}
# Microsoft's Python SDK sends it, and its batches work; the service knows dependsOn only.
_IGNORED = {"depends_on"}


@dataclass(frozen=True)
class Item:
    id: str
    call: Call
    depends_on: tuple[str, ...]


class Batch:
    """Runs the items of ``$batch`` calls through ``perform``, ``side_by_side`` of each batch at a time."""

    def __init__(self, state: State, perform: Callable[[Call], Awaitable[Reply]]) -> None:
        self._state = state
        self._perform = perform

    async def run(self, outer: Call) -> Reply:
        items = self._read(outer)
        gate = asyncio.Semaphore(max(1, self._state.service_time.side_by_side))
        replies: dict[str, asyncio.Task[Reply]] = {}

        async def one(item: Item) -> Reply:
            before = [await replies[name] for name in item.depends_on]
            async with gate:
                if any(reply.status >= 400 or reply.drop for reply in before):
                    item.call.caller = None
                    item.call.refusal = GraphError(424, "FailedDependency", "A request this one depends on failed.")
                return await self._perform(item.call)

        ordered = _ordered(items)
        async with asyncio.TaskGroup() as group:
            for item in ordered:
                replies[item.id] = group.create_task(one(item))
        done = {name: task.result() for name, task in replies.items()}
        return self._answer(outer, items, done)

    def _answer(self, outer: Call, items: Sequence[Item], replies: Mapping[str, Reply]) -> Reply:
        switches = self._state.switches
        answers = [self._item(item.id, replies[item.id]) for item in items]
        if switches.batch_order_seed is not None:
            random.Random(switches.batch_order_seed + outer.seq).shuffle(answers)
        throttled = any(reply.status == 429 for reply in replies.values())
        return Reply(
            switches.batch_throttled_outer if throttled else 200,
            {"responses": answers},
            drop=any(reply.drop for reply in replies.values()),
            truncate=next((reply.truncate for reply in replies.values() if reply.truncate is not None), None),
        )

    def _item(self, name: str, reply: Reply) -> dict[str, Any]:
        answer: dict[str, Any] = {"id": name, "status": reply.status, "headers": reply.headers}
        if reply.body is not None:
            answer["body"] = reply.body.decode() if isinstance(reply.body, bytes) else reply.body
        elif (form := self._state.switches.batch_no_content_body) != "absent":
            answer["body"] = None if form == "null" else {}
        return answer

    # -- the rules -----------------------------------------------------------------------------------------------------

    def _read(self, outer: Call) -> list[Item]:
        body = outer.json()
        requests = body.get("requests") if isinstance(body, Mapping) else None
        if not isinstance(requests, list) or not requests or set(body) != {"requests"}:
            raise bad_request("Invalid batch payload format.")
        if len(requests) > MAX_ITEMS:
            raise bad_request(f"Number of batch request steps exceeds the maximum value of {MAX_ITEMS}.")
        items = [self._item_of(one, outer) for one in requests]
        names: set[str] = set()
        for item in items:
            if item.id.lower() in names:
                raise bad_request("Request Id cannot be repeated in a batch.", reason=f"item id {item.id} is repeated")
            names.add(item.id.lower())
        known = {item.id for item in items}
        for item in items:
            for name in item.depends_on:
                if name not in known or name == item.id:
                    raise bad_request(f"Request step {item.id} depends on an invalid request step.")
        return items

    def _item_of(self, given: Any, outer: Call) -> Item:
        if not isinstance(given, Mapping) or set(given) - _KEYS - _IGNORED:
            raise bad_request("Invalid batch payload format.", reason="an item has unknown keys")
        name, method, url = given.get("id"), given.get("method"), given.get("url")
        if not isinstance(name, str) or not name:
            raise bad_request("Request Id is required in a batch.")
        if not isinstance(method, str) or method.upper() not in _METHODS:
            raise bad_request(f"Request step {name} has no valid method.")
        if not isinstance(url, str) or not url or "://" in url.partition("?")[0] or url.startswith("//"):
            raise bad_request(f"Request step {name} needs a url relative to the version of the service.")
        # Raw blanks are taken: Microsoft's own sample has them in a $filter.
        if not (url.isascii() and url.isprintable()):
            raise bad_request(f"Request step {name} has a url that is not percent-encoded.")
        headers = given.get("headers") or {}
        if not isinstance(headers, Mapping) or not all(isinstance(value, str) for value in headers.values()):
            raise bad_request(f"Request step {name} has headers that are no texts.")
        depends = given.get("dependsOn") or []
        if not isinstance(depends, list) or not all(isinstance(one, str) for one in depends):
            raise bad_request(f"Request step {name} has an invalid dependsOn.")
        lowered = {key.lower(): value for key, value in headers.items()}
        body = self._body(name, method.upper(), given, lowered)
        path, _mark, query = url.partition("?")
        call = Call(
            kind="item",
            method=method.upper(),
            path=path if path.startswith("/") else f"/{path}",
            raw_query=query,
            headers={"client-request-id": outer.client_request_id or outer.request_id} | lowered,
            body=body,
            batch=outer.seq,
        )
        call.caller, call.refusal, call.authorization = outer.caller, outer.refusal, outer.authorization
        return Item(name, call, tuple(depends))

    def _body(self, name: str, method: str, given: Mapping[str, Any], headers: Mapping[str, str]) -> bytes | None:
        if method in ("GET", "DELETE"):
            if "body" in given:
                raise bad_request(f"Request step {name} must not have a body.")
            return None
        lenient = self._state.switches.batch_action_body == "optional" and method == "POST"
        if "body" not in given or given["body"] is None:
            if lenient:
                return None
            raise bad_request(f"Write request id : {name} does not contain Content-Type header or body.")
        if "content-type" not in headers:
            raise bad_request(f"Write request with id '{name}' does not contain a Content-Type header.")
        if isinstance(given["body"], str):
            try:
                padded = given["body"] + "=" * (-len(given["body"]) % 4)
                return base64.b64decode(padded, altchars=b"-_", validate=True)
            except ValueError as error:
                raise bad_request(f"Request step {name} has a body that is neither JSON nor base64.") from error
        return json.dumps(given["body"]).encode()


def _ordered(items: Sequence[Item]) -> list[Item]:
    """The items, each after those it depends on; refuses a circle."""
    placed: dict[str, Item] = {}
    waiting = list(items)
    while waiting:
        ready = [item for item in waiting if all(name in placed for name in item.depends_on)]
        if not ready:
            raise GraphError(400, "BadRequest", "The request steps depend on each other in a circle.")
        placed |= {item.id: item for item in ready}
        waiting = [item for item in waiting if item.id not in placed]
    return list(placed.values())
