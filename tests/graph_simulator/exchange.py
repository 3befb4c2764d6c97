# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and its answer, on a connection of their own or inside a batch."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, unquote_plus

from .errors import GraphError, bad_request

if TYPE_CHECKING:
    from .directory import User
    from .tokens import Caller

# Statuses of answers that have no body.
NO_CONTENT = (204, 304)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# users('id') is another way to write users/id. A quote inside the key is doubled.
_KEY_IN_PARENTHESES = re.compile(
    r"(users|groups|authenticationMethodConfigurations|phoneMethods|userRegistrationDetails)\('((?:[^']|'')*)'\)",
    re.IGNORECASE,
)
_COUNT = "$count"
# A POST that only reads.
_QUESTION = "/checkmembergroups"


@dataclass
class Call:
    """A request. ``kind`` is login, graph or item; ``path`` is raw (percent-encoded) and without its version."""

    kind: str
    method: str
    path: str
    raw_query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    batch: int | None = None
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # Collected while the request is handled, for the journal.
    seq: int = 0
    began: float = 0.0
    caller: Caller | None = None
    refusal: GraphError | None = None
    target: User | None = None
    user: str | None = None
    effect: bool = False
    fault: str | None = None
    reason: str = ""
    authorization: str = "missing"

    @property
    def client_request_id(self) -> str | None:
        return self.headers.get("client-request-id")

    @property
    def is_batch(self) -> bool:
        return self.kind == "graph" and self.path == "/$batch"

    @property
    def write(self) -> bool:
        changing = self.method in ("POST", "PATCH", "PUT", "DELETE") and not self.path.lower().endswith(_QUESTION)
        return self.kind != "login" and changing and not self.is_batch

    @property
    def cut_off(self) -> bool:
        """Whether the service gives up on this call after a while, as it does on those of authentication methods."""
        places = ("/authentication/", "/authenticationmethodspolicy/")
        return self.kind != "login" and any(place in self.path.lower() for place in places)

    def authenticated(self) -> Caller:
        """Who calls; raises the refusal of the token."""
        if self.caller is None:
            raise self.refusal or GraphError(401, "InvalidAuthenticationToken", "Access token is empty.")
        return self.caller

    @cached_property
    def shown_path(self) -> str:
        """The decoded path with its query: for display and for the patterns of faults."""
        path = unquote(self.path, errors="replace")
        return f"{path}?{unquote_plus(self.raw_query, errors='replace')}" if self.raw_query else path

    @cached_property
    def segments(self) -> tuple[str, ...]:
        """The decoded path segments: an encoded slash belongs to its segment, dots mean nothing.

        Empty segments right behind the version are dropped, as Microsoft's Python SDK sends one. A segment that begins
        with ``$`` is not a key: such a key must be written in parentheses.
        """
        result: list[str] = []
        for part in self.path.lstrip("/").split("/"):
            if _BAD_PERCENT.search(part):
                raise bad_request("The request URI is not properly percent-encoded.")
            try:
                text = unquote(part, errors="strict")
            except UnicodeDecodeError as error:
                raise bad_request("The request URI is not properly percent-encoded.") from error
            # The metadata give their namespace a short name, and clients use it in casts.
            if text.startswith("graph."):
                text = f"microsoft.{text}"
            if match := _KEY_IN_PARENTHESES.fullmatch(text):
                result += [match[1], match[2].replace("''", "'")]
            elif result and text.startswith("$") and text.lower() != _COUNT:
                raise bad_request(
                    f"The request URI is not valid. Since the segment '{result[-1]}' refers to a collection, this must "
                    "be the last segment in the request URI or it must be followed by an function or action that can "
                    "be bound to it otherwise all intermediate segments must refer to a single resource.",
                    reason="a key that begins with $ is not in parentheses",
                )
            else:
                result.append(text)
        return tuple(result)

    @property
    def eventual(self) -> bool:
        """Whether the call asks for eventual consistency, as advanced queries must."""
        return self.headers.get("consistencylevel", "").lower() == "eventual"

    @property
    def bare(self) -> bool:
        """Whether the call asks for an answer without OData's annotations."""
        return "odata.metadata=none" in self.headers.get("accept", "").lower().replace(" ", "")

    @cached_property
    def query(self) -> dict[str, str]:
        """The query options; one given twice is refused."""
        result: dict[str, str] = {}
        for pair in filter(None, self.raw_query.split("&")):
            name, _equals, value = pair.partition("=")
            name = unquote_plus(name)
            if name in result:
                raise bad_request(f"Query option '{name}' was specified more than once, but it must be specified once.")
            result[name] = unquote_plus(value)
        return result

    def json(self) -> Any:
        """The JSON body; raises GraphError for another body, or one not declared as JSON."""
        if not self.headers.get("content-type", "").lower().startswith("application/json"):
            raise bad_request(
                "A supported MIME type could not be found that matches the content type of the request. "
                "None of the supported type(s) 'application/json' matches the content type."
            )
        try:
            return json.loads(self.body or b"")
        except ValueError as error:
            raise bad_request("Unable to read JSON request payload.") from error


@dataclass
class Reply:
    """An answer. ``body`` is JSON, raw bytes or None; what follows ``headers`` is done to it on its connection."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    no_tls: bool = False
    truncate: int | None = None
    gzip: bool = False
    drip: float = 0.0

    def content(self) -> bytes:
        if self.body is None:
            return b""
        if isinstance(self.body, bytes):
            return self.body
        return json.dumps(self.body, separators=(",", ":")).encode()


class Answer(NamedTuple):
    """An answer as it goes onto a connection.

    It is reset if ``drop``, or sees bytes that are no TLS if ``no_tls``. Of the body come ``truncate`` bytes before the
    end of the connection, or each after a pause of ``drip`` seconds.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    drop: bool
    truncate: int | None
    no_tls: bool
    drip: float
