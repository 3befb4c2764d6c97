# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Requests, replies, and what a reply means: the one place that reads status codes and error envelopes."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from .._domain._redaction import redact
from .._domain._waiting import wait_of
from .._errors import Support, support_of

OK = "ok"
THROTTLED = "throttled"
RETRY = "retry"
LOST = "lost"
UNAUTHORIZED = "unauthorized"
REFUSED = "refused"

_THROTTLING = {429, 509}
# 424: one documentation page says so of a throttled batch item. 501 and 507 are final.
_PASSING = {408, 423, 424, 500, 502, 503, 504}
_OF_GATEWAYS = range(520, 600)
"""Statuses that no standard has. Gateways use them for a service that does not answer them, such as 520 to 530."""

_CONCURRENCY = "directory_concurrencyviolation"
_CHALLENGE = (
    ", with a claims challenge: this sign-in is not enough for a Conditional Access policy. A user must sign in"
    " again with multi-factor authentication; for an application, change the policy"
)

_CLAIMS = re.compile(r'\bclaims="([\w+/=-]{1,4000})"', re.ASCII)

_NEXT = ("odata.nextlink", "nextlink")

_NONE: Mapping[str, str] = MappingProxyType({})

FOREIGN = "foreign"
"""Value of `lost` for an answer that does not come from Graph but from a proxy, a filter or a gateway."""

_KEPT = ("retry-after", "date", "x-ms-throttle-limit-percentage", "x-ms-throttle-scope", "www-authenticate")
"""Headers that are read later. A run may hold a refusal for each user, so a Reply keeps no more than these."""


class Request(NamedTuple):
    """A request to Graph. `path` is percent-encoded and starts with a slash; it is relative to the version root.

    `body` is sent as JSON. `asks` marks a POST that only reads, such as checkMemberGroups.
    """

    method: str
    path: str
    headers: Mapping[str, str] = _NONE
    body: Any = None
    asks: bool = False

    @property
    def writes(self) -> bool:
        return self.method != "GET" and not self.asks


class Reply(NamedTuple):
    """The reply to one request, alone or inside a batch.

    `status` is 0 when no answer came; then `lost` has the kind (one of NoAnswer, or FOREIGN) and `message` the cause.
    `headers` are those in _KEPT, in lower case. `codes` are the error codes of the envelope in lower case, the most
    specific first. `message` is for humans and free of secrets and phone numbers; `text` is the original wording of the
    service, to compare with and never to show. `genuine` is false for a failure without Graph's error envelope: its
    status says nothing about the user or the identity.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = _NONE
    codes: tuple[str, ...] = ()
    message: str = ""
    text: str = ""
    support: Support | None = None
    lost: str | None = None
    genuine: bool = True

    def __repr__(self) -> str:
        return f"Reply({self.status}, {self.lost or self.codes!r})"

    @property
    def verdict(self) -> str:
        """OK, THROTTLED, RETRY (temporary), LOST (no answer), UNAUTHORIZED (the token) or REFUSED (final)."""
        if self.status == 0:
            return LOST
        if 200 <= self.status < 300:
            return OK
        if self.status in _THROTTLING:
            return THROTTLED
        if self.status in _PASSING or self.status in _OF_GATEWAYS or _CONCURRENCY in self.codes:
            return RETRY
        return UNAUTHORIZED if self.status == 401 and self.genuine else REFUSED

    @property
    def retry_after(self) -> float | None:
        """Seconds that the service asks to wait."""
        return wait_of(self.headers, time.time())

    @property
    def percentage(self) -> float | None:
        """The used share of the quota, which Graph reports from 0.8 on."""
        try:
            share = float(self.headers["x-ms-throttle-limit-percentage"])
        except (KeyError, ValueError):
            return None
        return share if 0.0 < share < 100.0 else None

    @property
    def limit(self) -> str | None:
        """The limit that throttled: Read, Write or ReadWrite (`<Scope>/<Limit>/<ApplicationId>/<ResourceId>`)."""
        parts = self.headers.get("x-ms-throttle-scope", "").split("/")
        return parts[1] if len(parts) > 1 else None

    @property
    def claims(self) -> str | None:
        """The claims, as JSON, that a new token needs for this request (claims challenge); None without a challenge."""
        found = _CLAIMS.search(self.headers.get("www-authenticate", ""))
        try:
            text = base64.b64decode(found[1] + "=" * (-len(found[1]) % 4), b"-_").decode() if found else ""
            return text if isinstance(json.loads(text), dict) else None
        except (ValueError, RecursionError):
            return None

    @property
    def said(self) -> str:
        """The service's message in one clause, with the meaning of a claims challenge."""
        words = self.message if self.lost else " ".join(filter(None, (str(self.status), self.code, self.message)))
        challenged = "claims=" in self.headers.get("www-authenticate", "")
        return words.rstrip(".") + (_CHALLENGE if challenged else "")

    @property
    def quoted(self) -> str:
        """`said` as a sentence. It names Graph only where Graph answered."""
        speaker = "A gateway in front of Graph" if self.status in _OF_GATEWAYS and not self.genuine else "Graph"
        return f"{self.said}." if self.lost else f"{speaker} said: {self.said}."

    @property
    def code(self) -> str | None:
        code = self.support["code"] if self.support else None
        return None if code is None else str(code)


def reply(status: int, headers: Mapping[str, Any], body: Any, client_request_id: str | None) -> Reply:
    """The Reply of an HTTP answer or a batch item. `body` is parsed JSON, or None if it cannot be parsed."""
    low = {str(name).lower(): str(value) for name, value in headers.items()}
    kept = {name: low[name] for name in _KEPT if name in low}
    if 200 <= status < 300:
        return Reply(status, body=body, headers=kept)
    error = body.get("error") if isinstance(body, dict) else None
    levels = list(_levels(error))
    codes = [level["code"] for level in levels if isinstance(level.get("code"), str) and level["code"]]
    text = _wording(levels)
    inner = {name: value for level in levels for name, value in level.items() if isinstance(value, str)}
    support = support_of(
        status=status,
        code=redact(codes[0]) if codes else None,
        request_id=_first(low.get("request-id"), inner.get("request-id")),
        client_request_id=_first(low.get("client-request-id"), inner.get("client-request-id"), client_request_id),
        date=_first(low.get("date"), inner.get("date")),
    )
    return Reply(
        status,
        headers=kept,
        codes=tuple(code.casefold() for code in reversed(codes)),
        message=redact(text),
        text=text,
        support=support,
        # Envelopes of gateways have a number as code, or none.
        genuine=(isinstance(error, dict) and isinstance(error.get("code"), str))
        or kept.get("www-authenticate", "").casefold().startswith("bearer"),
    )


def no_reply(kind: str, message: str, client_request_id: str | None, status: int | None = None) -> Reply:
    """The Reply for a request without an answer from Graph; `kind` is one of NoAnswer, or FOREIGN.

    `status` is that of the answer that came instead.
    """
    support = support_of(status=status, client_request_id=client_request_id)
    return Reply(0, lost=kind, message=message, support=support)


def from_elsewhere(answer: Reply, headers: Mapping[str, str], client_request_id: str | None) -> Reply | None:
    """The Reply for a whole HTTP answer that does not come from Graph; None for one that may.

    Every refusal of Graph has an error envelope. Busy and failing services may answer without one.
    """
    final = 400 <= answer.status < 500 or answer.status == 511
    if answer.genuine or answer.verdict != REFUSED or not final:
        return None
    message = (
        f"Something between here and Graph answered ({', '.join(_traits(answer.status, headers))}), not Graph itself."
        " Check the proxy: HTTPS_PROXY, NO_PROXY and 'graph_url'."
    )
    return no_reply(FOREIGN, message, client_request_id, answer.status)


def unreadable(status: int, headers: Mapping[str, str]) -> str:
    """The message for a success whose body is not the JSON object that Graph sends."""
    return (
        f"The answer is not the JSON object that Graph sends ({', '.join(_traits(status, headers))}). If it is the"
        " page of a proxy, check HTTPS_PROXY and NO_PROXY."
    )


def next_link(body: Mapping[str, Any], prefix: str = "") -> Any:
    """The link to the next page of the list `prefix`, as it was given; None without one.

    Version 4.01 of OData calls it `@nextLink`, version 3 `odata.nextLink`. A page that is not noticed would leave out
    users, so neither case nor blanks count.
    """
    for name, link in body.items():
        list_name, at, word = str(name).strip().rpartition("@")
        if link and list_name == prefix and word.casefold() in _NEXT and (at or "." in word):
            return link
    return None


def whole_list(body: Mapping[str, Any], name: str = "value") -> list[dict[str, Any]] | None:
    """The objects of the list `name` in a body. None if it is no list, holds something else, or has a next page."""
    items = body.get(name)
    if not isinstance(items, list) or next_link(body, "" if name == "value" else name):
        return None
    return items if all(isinstance(item, dict) for item in items) else None


def _traits(status: int, headers: Mapping[str, str]) -> Iterator[str]:
    """Status, content type and encoding, and the kind of sign-in that a proxy asks for."""
    yield f"status {status}"
    for name in ("content-type", "content-encoding"):
        if headers.get(name):
            yield redact(headers[name].partition(";")[0])[:60]
    challenge = (headers.get("www-authenticate") or headers.get("proxy-authenticate") or "").split()
    if challenge:
        yield f"asks for {redact(challenge[0])[:20]} sign-in"


def _levels(error: Any) -> Iterator[Mapping[str, Any]]:
    """The error and its inner errors, outermost first. Both spellings occur; `details` may hold the specific code."""
    for _depth in range(10):
        if not isinstance(error, dict):
            return
        yield error
        details = error.get("details")
        for detail in details if isinstance(details, list) else ():
            if isinstance(detail, dict):
                yield detail
        error = error.get("innerError") or error.get("innererror")


def _wording(levels: list[Mapping[str, Any]]) -> str:
    """The message. JSON of a back end inside it is unpacked (`{"Message": ...}`)."""
    text = str(next((level["message"] for level in levels if isinstance(level.get("message"), str)), ""))
    if not text.startswith("{"):
        return text
    try:
        unpacked = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return str(unpacked.get("Message") or unpacked.get("message") or text)


def _first(*values: str | None) -> str | None:
    return next((redact(value) for value in values if value), None)
