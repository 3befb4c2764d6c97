# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""MSAL over our own HTTP session, with errors that say what to do."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from .._deps import require
from .._domain._redaction import redact
from .._domain._waiting import back_off, parse_retry_after
from .._errors import AuthenticationFailed, Unreachable
from .._http import Answer, NoAnswer, Session
from ._token import Token, read_token

MSAL_VERSION = "1.35.0"
"""The first that computes a certificate's thumbprint itself."""

MOST_TRIES = 5

_ADVICE = {
    7000215: "The client secret is wrong. Give the secret's value, not its id.",
    7000222: "The client secret has expired. Create a new one in the app registration.",
    90002: "There is no such tenant in this cloud. Check 'tenant_id' and 'cloud'.",
    900023: "The tenant is neither an id nor a domain name. Check 'tenant_id'.",
    700016: "The tenant knows no such application. Check 'client_id' and 'tenant_id', and that an admin consented.",
    700027: "The certificate is not the application's, or has expired. Upload its public part to the registration.",
    70021: "No federated credential of the application matches the token's issuer, subject and audience.",
    700211: "No federated credential of the application matches the token's issuer.",
    700213: "No federated credential of the application matches the token's subject.",
    700212: "No federated credential of the application matches the token's audience.",
    700024: "The assertion is not valid now. Check the clock of this machine and that the token file is kept fresh.",
    7000229: "The application has no service principal in this tenant. An admin has to consent first.",
    53003: "A Conditional Access policy blocks this application.",
    1002012: "The scope is of another cloud. Check 'cloud'.",
}


class Login(NamedTuple):
    """Where and for what to sign in.

    `authority` is `https://host`, `resource` the Graph host whose permissions are asked for. `deadline` is a time of
    `clock`; `sleep` takes seconds.
    """

    session: Session
    authority: str
    resource: str
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    @property
    def scope(self) -> str:
        return self.resource + "/.default"


class LoginBusy(Exception):
    """The login answered 429 or 5xx. `retry_after` in seconds, None if it named none."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.retry_after = retry_after


class _Response:
    """What MSAL wants of a response."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = answer.headers
        self.text = answer.text

    def raise_for_status(self) -> None:
        """MSAL asks after a status it did not expect; those we have sorted out before it sees them."""


class MsalHttp:
    """The `http_client` that MSAL is given. Raises before MSAL can cache, repeat or misread a failure."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.sent = 0

    def get(self, url: str, params: Any = None, headers: Any = None, **_kwargs: Any) -> _Response:
        return self._fetch("GET", url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_kwargs: Any) -> _Response:
        return self._fetch("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        """The session is not ours to close."""

    def _fetch(self, method: str, url: str, **kwargs: Any) -> _Response:
        self.sent += 1
        answer = self._session.fetch(method, url, **kwargs)
        if answer.status == 429 or answer.status >= 500:
            raise LoginBusy(answer.status, parse_retry_after(answer.headers.get("retry-after"), time.time()))
        body = answer.json()
        if not isinstance(body, dict):
            raise Unreachable(
                f"The login answered (status {answer.status}) with something that is not JSON: likely the page of a"
                " proxy. Check HTTPS_PROXY, NO_PROXY and 'authority_host'."
            )
        if method == "GET" and answer.status != 200:
            raise refused(body)
        return _Response(answer)


def acquire(login: Login, http: MsalHttp, ask: Callable[[Any], Mapping[str, Any]]) -> Token:
    """The token that `ask(msal)` gets, waiting while the login is busy.

    Raises AuthenticationFailed when the login refuses (asked once), Unreachable when it cannot be asked.
    """
    msal = require("msal", MSAL_VERSION)
    jitter = random.Random()
    for tries in range(1, MOST_TRIES + 1):
        try:
            result = ask(msal)
            break
        except LoginBusy as busy:
            pause = back_off(tries, jitter) if busy.retry_after is None else busy.retry_after
            no_time = login.deadline is not None and login.clock() + pause > login.deadline
            if tries == MOST_TRIES or no_time or pause > 300:
                raise Unreachable(f"The login is too busy (status {busy.status}). Run again later.") from None
            login.sleep(pause)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            # MSAL trusts what it is answered, and stumbles over what no login would say.
            raise AuthenticationFailed(
                f"The login gave an answer that MSAL cannot use ({type(error).__name__}). Check 'authority_host'."
            ) from None
        except NoAnswer as nothing:
            raise Unreachable(f"The login: {nothing.message}") from None
    if not isinstance(result.get("access_token"), str):
        raise refused(result)
    return read_token(result["access_token"], time.time() + float(result.get("expires_in", 3600)))


def refused(body: Mapping[str, Any]) -> AuthenticationFailed:
    """The failure that a login's error body tells of: its AADSTS code and what to do. Shows no secret."""
    description = str(body.get("error_description") or body.get("error") or "")
    codes = body.get("error_codes")
    found = re.search(r"AADSTS(\d+)", description)
    listed = codes[0] if isinstance(codes, list) and codes and isinstance(codes[0], int) else 0
    number = int(found.group(1)) if found else listed
    code = f"AADSTS{number}" if number else str(body.get("error") or "unknown")
    advice = _ADVICE.get(number) or redact(description.splitlines()[0] if description else "No reason was given.")
    support: dict[str, Any] = {
        "status": None,
        "code": redact(code),
        "request_id": _text(body.get("trace_id")),
        "client_request_id": _text(body.get("correlation_id")),
        "date": _text(body.get("timestamp")),
    }
    return AuthenticationFailed(f"The login refused ({redact(code)}). {advice}", support)


def _text(value: Any) -> str | None:
    return redact(str(value)) if value else None
