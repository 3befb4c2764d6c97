# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of Graph, raised where they are decided and put into an envelope in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .switches import Switches


# What the inner error of every 429 holds (Microsoft Graph throttling guidance).
_THROTTLED = {"code": "429", "message": "Please retry after", "status": "429"}


class GraphError(Exception):
    """A request that Graph refuses.

    ``reason`` goes to the journal and holds no phone number; the message may hold one, as the service's would.
    ``inner`` is put into the inner error, ``details`` beside it.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
        inner: Mapping[str, Any] | None = None,
        details: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(reason or f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.reason = reason or message
        self.headers = dict(headers or {})
        self.inner = dict(inner or (_THROTTLED if status == 429 else {}))
        self.details = list(details)


def bad_request(message: str, *, reason: str = "") -> GraphError:
    return GraphError(400, "BadRequest", message, reason=reason)


def in_form(error: GraphError, switches: Switches) -> GraphError:
    """The same refusal with its code where the switch ``refusal_code_form`` wants it."""
    form, code = switches.refusal_code_form, error.code
    if form == "outer":
        return error
    message = error.message
    inner: dict[str, Any] = {}
    details: list[dict[str, Any]] = []
    if form == "inner":
        inner = {"code": code}
    elif form == "nested":
        inner = {"code": "generalException", switches.inner_error_name: {"code": code}}
    elif form == "details":
        details = [{"code": code, "message": message, "target": None}]
    elif form == "backend":
        message = json.dumps({"Message": message})
    outer = "" if form == "empty" else "UnknownError"
    return GraphError(error.status, outer, message, reason=error.reason, inner=inner, details=details)


def envelope(
    error: GraphError, *, date: datetime, request_id: str, client_request_id: str, inner_name: str
) -> dict[str, Any]:
    """Graph's error body; ``date`` is in UTC."""
    inner = error.inner | {
        "date": date.strftime("%Y-%m-%dT%H:%M:%S"),
        "request-id": request_id,
        "client-request-id": client_request_id,
    }
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.details:
        body["details"] = error.details
    return {"error": {**body, inner_name: inner}}
