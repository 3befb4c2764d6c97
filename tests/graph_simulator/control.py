# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The control interface: watch and change a running simulator over HTTP, apart from Graph's paths."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .journal import selected, yes_or_no
from .state import State

_DONE: dict[str, Any] = {}


def control_app(state: State) -> Starlette:
    """Bodies and answers are JSON; 400 with a sentence for what does not fit, 404 for an unknown user."""

    async def journal(request: Request) -> Any:
        given: dict[str, list[str]] = {}
        for name, value in request.query_params.multi_items():
            given.setdefault(name, []).append(value)
        only_count = yes_or_no("count", given.pop("count", ["false"])[-1])
        entries = selected(state.journal.entries(), given)
        return {"count": len(entries)} if only_count else [asdict(entry) for entry in entries]

    async def clear_journal(request: Request) -> Any:
        state.journal.clear()
        return _DONE

    async def reset(request: Request) -> Any:
        state.reset()
        return _DONE

    async def faults(request: Request) -> Any:
        state.inject(await request.json())
        return _DONE

    async def read_user(request: Request) -> Any:
        return state.describe(request.path_params["name"])

    async def change_user(request: Request) -> Any:
        state.directory.change(request.path_params["name"], await request.json())
        return state.describe(request.path_params["name"])

    async def policy(request: Request) -> Any:
        state.set_policy(await request.json())
        return state.directory.policy.body()

    async def quota(request: Request) -> Any:
        state.set_quota(await request.json())
        return state.quota.spec and asdict(state.quota.spec)

    async def switches(request: Request) -> Any:
        for name, value in (await request.json()).items():
            state.switches.set(name, value)
        return asdict(state.switches)

    async def clock(request: Request) -> Any:
        given = await request.json()
        if set(given) != {"advance"}:
            raise ValueError('{"advance": SECONDS} is expected')
        state.clock.advance(given["advance"])
        return {"now": state.clock.now(), "time": state.clock.time()}

    async def device(request: Request) -> Any:
        state.answer_device_code(**await request.json())
        return _DONE

    async def token(request: Request) -> Any:
        return {"access_token": state.token(**await request.json())}

    def route(path: str, method: str, work: Callable[[Request], Awaitable[Any]]) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                state.catch_up()
                return JSONResponse(await work(request))
            except KeyError as error:
                return JSONResponse({"error": f"not found: {error.args[0]}"}, 404)
            except (ValueError, TypeError, AttributeError) as error:
                return JSONResponse({"error": str(error)}, 400)

        return Route(path, endpoint, methods=[method])

    return Starlette(
        routes=[
            route("/journal", "GET", journal),
            route("/journal", "DELETE", clear_journal),
            route("/reset", "POST", reset),
            route("/faults", "POST", faults),
            route("/users/{name:path}", "GET", read_user),
            route("/users/{name:path}", "POST", change_user),
            route("/policy", "POST", policy),
            route("/quota", "POST", quota),
            route("/switches", "POST", switches),
            route("/clock", "POST", clock),
            route("/device", "POST", device),
            route("/token", "POST", token),
        ]
    )
