# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusals of Graph, raised where they are decided and put into an envelope in one place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


class GraphError(Exception):
    """A request that Graph refuses.

    ``reason`` goes to the journal and holds no phone number; the message may hold one, as the service's would.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        reason: str = "",
        headers: Mapping[str, str] | None = None,
        inner_code: str | None = None,
    ) -> None:
        super().__init__(reason or f"{status} {code}")
        self.status = status
        self.code = code
        self.message = message
        self.reason = reason or message
        self.headers = dict(headers or {})
        self.inner_code = inner_code


def bad_request(message: str, *, reason: str = "") -> GraphError:
    return GraphError(400, "BadRequest", message, reason=reason)


def in_form(error: GraphError, form: str) -> GraphError:
    """The same refusal with its code where the switch ``refusal_code_form`` wants it."""
    if form == "outer":
        return error
    code, message, inner_code = "UnknownError", error.message, None
    if form == "inner":
        inner_code = error.code
    elif form == "empty":
        code = ""
    else:
        message = json.dumps({"Message": error.message})
    return GraphError(error.status, code, message, reason=error.reason, inner_code=inner_code)


def envelope(
    code: str,
    message: str,
    *,
    request_id: str,
    client_request_id: str,
    now: float,
    inner_name: str = "innerError",
    inner_code: str | None = None,
) -> dict[str, Any]:
    """Graph's error body; ``now`` in seconds since the epoch."""
    inner: dict[str, Any] = {"code": inner_code} if inner_code is not None else {}
    inner["date"] = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    inner["request-id"] = request_id
    inner["client-request-id"] = client_request_id
    return {"error": {"code": code, "message": message, inner_name: inner}}
