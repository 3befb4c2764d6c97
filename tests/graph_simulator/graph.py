# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Microsoft Graph v1.0 as far as it is simulated: routes, and the way of every request through them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import directory_objects, methods, phone_methods, report, sms_policy
from .batch import Batch
from .errors import GraphError, bad_request
from .exchange import Call, Reply
from .faults import conduct
from .odata import without_annotations
from .state import State

VERSION = "/v1.0"
Handler = Callable[..., Reply]
Observer = Callable[[Call, Reply], None]
_CONTENT_TYPE = "application/json;odata.metadata={};odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
_DIAGNOSTIC = json.dumps(
    {"ServerInfo": {"DataCenter": "Simulator", "Slice": "E", "Ring": "1", "ScaleUnit": "000", "RoleInstance": "SIM"}}
)

_SMALL_TOPS = frozenset(str(top) for top in range(1, 20))


def unobserved(call: Call, reply: Reply) -> None:
    """The default observer, which does nothing."""


@dataclass(frozen=True)
class Route:
    """``*`` in the path is a key; the rest is compared without case. ``kind`` and ``resource`` name the quota."""

    path: tuple[str, ...]
    handlers: dict[str, Handler]
    resource: str = ""
    kind: str = "directory"
    in_china: bool = True

    def match(self, segments: tuple[str, ...]) -> list[str] | None:
        """The keys in the path, or None."""
        if len(segments) != len(self.path):
            return None
        keys = []
        for wanted, segment in zip(self.path, segments, strict=True):
            if wanted == "*":
                keys.append(segment)
            elif wanted.lower() != segment.lower():
                return None
        return keys if all(keys) else None


def _route(path: str, resource: str = "", kind: str = "directory", in_china: bool = True, **handlers: Handler) -> Route:
    return Route(tuple(path.split("/")[1:]), handlers, resource, kind, in_china)


_PHONES = "/users/*/authentication/phoneMethods"
_TRANSITIVE, _CAST = "/groups/*/transitiveMembers", "microsoft.graph.user"
_POLICY = "/policies/authenticationMethodsPolicy"
_SMS = f"{_POLICY}/authenticationMethodConfigurations/*"
_REPORT = "/reports/authenticationMethods/userRegistrationDetails"
ROUTES = (
    _route(_PHONES, kind="phone", GET=phone_methods.read_all, POST=phone_methods.add),
    _route(f"{_PHONES}/$count", kind="phone", GET=phone_methods.count),
    _route(
        f"{_PHONES}/*",
        kind="phone",
        GET=phone_methods.read_one,
        PATCH=phone_methods.change,
        DELETE=phone_methods.remove,
    ),
    _route(f"{_PHONES}/*/enableSmsSignIn", kind="phone", in_china=False, POST=phone_methods.enable),
    _route(f"{_PHONES}/*/disableSmsSignIn", kind="phone", in_china=False, POST=phone_methods.disable),
    _route("/users/*/authentication/methods", kind="phone", GET=methods.read_all),
    _route("/users", "users", GET=directory_objects.list_users),
    _route("/users/$count", "users", GET=directory_objects.count_users),
    _route("/users/*/checkMemberGroups", POST=directory_objects.check_member_groups),
    _route("/users/*", GET=directory_objects.read_user),
    _route("/groups", GET=directory_objects.list_groups),
    _route("/groups/$count", GET=directory_objects.count_groups),
    _route("/groups/*", GET=directory_objects.read_group),
    _route("/groups/*/members", "members", GET=directory_objects.members),
    _route("/groups/*/members/$count", "members", GET=directory_objects.count_members),
    _route(f"/groups/*/members/{_CAST}", "members", GET=directory_objects.member_users),
    _route(f"/groups/*/members/{_CAST}/$count", "members", GET=directory_objects.count_member_users),
    _route("/groups/*/owners", "members", GET=directory_objects.owners),
    _route(_TRANSITIVE, "transitiveMembers", GET=directory_objects.transitive_members),
    _route(f"{_TRANSITIVE}/$count", "transitiveMembers", GET=directory_objects.count_transitive_members),
    _route(f"{_TRANSITIVE}/{_CAST}", "transitiveMembers", GET=directory_objects.transitive_users),
    _route(f"{_TRANSITIVE}/{_CAST}/$count", "transitiveMembers", GET=directory_objects.count_transitive_users),
    _route(_REPORT, kind="report", GET=report.read),
    _route(f"{_REPORT}/*", kind="report", GET=report.read_one),
    _route(_POLICY, in_china=False, GET=sms_policy.read_whole),
    _route(_SMS, in_china=False, GET=sms_policy.read, PATCH=sms_policy.change, DELETE=sms_policy.revert),
)


class Graph:
    """Answers requests against a state, and shows each with its answer to ``observe``."""

    def __init__(self, state: State, observe: Observer = unobserved) -> None:
        self._state = state
        self._observe = observe
        self._batch = Batch(state, self._perform_item)

    async def answer(self, call: Call, version: str) -> Reply:
        """The answer to a request that came over a connection of its own."""
        await self._state.sleep(self._state.service_time.per_call)
        self._identify(call)
        self._find_target(call)
        if version != VERSION:
            call.refusal = bad_request(f"Invalid version: {version.strip('/')}")
            call.caller = None
        return await self._perform(call)

    async def _perform(self, call: Call) -> Reply:
        reply = await conduct(self._state, call, self._whole if call.is_batch else self._operation)
        self._observe(call, self._dressed(call, reply))
        return reply

    async def _perform_item(self, call: Call) -> Reply:
        self._find_target(call)
        return await self._perform(call)

    def _identify(self, call: Call) -> None:
        authorization = call.headers.get("authorization")
        try:
            call.caller = self._state.tokens.validate(authorization)
            call.authorization = "ok"
        except GraphError as error:
            call.refusal = error
            call.authorization = "bad" if authorization else "missing"

    def _find_target(self, call: Call) -> None:
        """The addressed user, for faults and the journal."""
        try:
            segments = call.segments
        except GraphError:
            return
        key = None
        if segments[0].lower() == "me" and call.caller:
            key = call.caller.user_id
        elif segments[0].lower() == "users" and len(segments) > 1:
            key = segments[1]
        call.target = self._state.directory.find(key) if key else None
        call.user = call.target.name if call.target else None

    async def _whole(self, call: Call) -> Reply:
        """The ``$batch`` call itself."""
        try:
            call.authenticated()
            if call.method != "POST":
                raise _not_allowed()
            return await self._batch.run(call)
        except GraphError as error:
            return self._state.refused(call, error)

    async def _operation(self, call: Call) -> Reply:
        """One request to one resource."""
        headers: dict[str, str] = {}
        try:
            await self._state.work(call, self._state.service_time.per_item)
            caller = call.authenticated()
            route, keys = self._resolve(call)
            handler = route.handlers.get(call.method)
            if handler is None:
                raise _not_allowed()
            headers = self._state.quota.charge(
                caller.client_id,
                kind=route.kind,
                write=call.write,
                resource=route.resource,
                select="$select" in call.query,
                small_top=call.query.get("$top", "") in _SMALL_TOPS,
            )
            reply = handler(self._state, call, *keys)
            if call.bare:
                reply.body = without_annotations(reply.body)
        except GraphError as error:
            reply = self._state.refused(call, error)
        reply.headers = headers | reply.headers
        return reply

    def _resolve(self, call: Call) -> tuple[Route, list[str]]:
        segments = call.segments
        if segments[0].lower() == "me":
            user_id = call.authenticated().user_id
            if user_id is None:
                raise bad_request("/me request is only valid with delegated authentication flow.")
            if call.method == "PATCH":
                raise _not_allowed()
            segments = ("users", user_id, *segments[1:])
        china = self._state.switches.cloud == "china"
        for route in ROUTES:
            keys = route.match(segments)
            if keys is not None and (route.in_china or not china):
                return route, keys
        raise self._no_route(segments)

    def _no_route(self, segments: tuple[str, ...]) -> GraphError:
        """Graph names the first segment that no route has."""
        best = 0
        for route in ROUTES:
            common = 0
            for wanted, segment in zip(route.path, segments, strict=False):
                if wanted.lower() != segment.lower() and wanted != "*":
                    break
                common += 1
            best = max(best, common)
        culprit = segments[min(best, len(segments) - 1)]
        return bad_request(f"Resource not found for the segment '{culprit}'.", reason="no such route")

    def _dressed(self, call: Call, reply: Reply) -> Reply:
        """The answer with the headers that every one has."""
        headers: dict[str, Any] = {"Cache-Control": "no-store" if call.kind == "graph" else "no-cache"}
        if reply.body is not None:
            content_type = _CONTENT_TYPE.format("none" if call.bare else "minimal")
            headers["Content-Type"] = content_type if call.kind == "graph" else "application/json"
        if self._state.switches.request_id_header:
            headers["request-id"] = call.request_id
        if call.kind == "graph":
            headers["client-request-id"] = call.client_request_id or call.request_id
            headers["x-ms-ags-diagnostic"] = _DIAGNOSTIC
            headers["Strict-Transport-Security"] = "max-age=31536000"
        reply.headers = headers | reply.headers
        return reply


def _not_allowed() -> GraphError:
    return GraphError(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.")
