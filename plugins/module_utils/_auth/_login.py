# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""MSAL over our own HTTP session, with time limits and errors that say what to do."""

from __future__ import annotations

import importlib
import math
import random
import time
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple

from .._deps import require
from .._domain._clouds import same_login
from .._domain._redaction import redact
from .._domain._waiting import back_off, wait_of
from .._errors import AuthenticationFailed, OutOfTime, Unreachable
from .._http import CONNECT, DROPPED, Answer, NoAnswer, Session
from ._bounded import Overdue, bounded
from ._refusal import is_transient, refused
from ._token import Token, read_token

MOST_TRIES = 5

_TRIES_AT_FIRST = {DROPPED: 3, CONNECT: 2}
"""As MOST_TRIES, while the login has never answered: it probably never will."""

_SIGN_IN_ENDPOINTS = ("token_endpoint", "authorization_endpoint", "device_authorization_endpoint")
"""Fields of the discovery document. Other endpoints, such as `userinfo_endpoint`, are on other hosts of Microsoft."""

LONGEST_PAUSE = 300.0
"""Seconds. The run ends if the login asks for a longer pause."""


class Login(NamedTuple):
    """Where and for what to sign in.

    `authority` is `https://host`, `resource` the Graph host whose permissions are asked for. `deadline` is a time of
    `clock`; `sleep` takes seconds. `timeout` is in seconds, for one answer. `conceal` is called with each secret.
    """

    session: Session
    authority: str
    resource: str
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    timeout: float = 75.0
    conceal: Callable[[str], None] = lambda secret: None

    @property
    def scope(self) -> str:
        return self.resource + "/.default"

    def seconds(self) -> float:
        """Seconds left of the run, infinite without `run_timeout`. Raises OutOfTime when none are left."""
        left = math.inf if self.deadline is None else self.deadline - self.clock()
        if left <= 0:
            raise OutOfTime(
                "'run_timeout' ended before the sign-in was complete. Check the network and the proxy on the way to the"
                " login, or raise 'run_timeout'."
            )
        return left


class Passing(Exception):
    """A temporary failure. `retry_after` is in seconds, None if the login gave none."""

    def __init__(self, message: str, most_tries: int = MOST_TRIES, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.most_tries = most_tries
        self.retry_after = retry_after


class _Response:
    """A response as MSAL expects it."""

    def __init__(self, answer: Answer) -> None:
        self.status_code = answer.status
        self.headers = answer.headers
        self.text = answer.text

    def raise_for_status(self) -> None:
        """MSAL calls this for an unexpected status. `MsalHttp` has raised for those before."""


class MsalHttp:
    """The `http_client` of MSAL. Raises before MSAL can cache, repeat or misinterpret a failure."""

    speaker = "The login"
    advice = "Check 'authority_host'."

    def __init__(self, login: Login, session: Session | None = None) -> None:
        self._login = login
        self._session = session or login.session
        self._answered = False
        self.sent = 0

    def get(self, url: str, params: Any = None, headers: Any = None, **_kwargs: Any) -> _Response:
        return self._fetch("GET", url, params=params, headers=headers)

    def post(self, url: str, params: Any = None, data: Any = None, headers: Any = None, **_kwargs: Any) -> _Response:
        return self._fetch("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        """Does nothing: the caller closes the session."""

    def _fetch(self, method: str, url: str, **kwargs: Any) -> _Response:
        self._check_host(url)
        left = self._login.seconds()
        limit = min(self._login.timeout, left)
        self.sent += 1
        try:
            answer = bounded(
                lambda: self._session.fetch(method, url, timeout=limit, **kwargs),
                min(limit + 1, left),
            )
        except Overdue:
            self._login.seconds()
            raise Unreachable(f"{self.speaker} did not answer in {limit:.3g} s.") from None
        except NoAnswer as nothing:
            self._login.seconds()
            raise self._no_answer(nothing) from None
        self._answered = True
        self._judge(method, answer)
        return _Response(answer)

    def _check_host(self, url: str) -> None:
        """Raises AuthenticationFailed for a host that only the discovery document names."""
        if not same_login(url, self._login.authority):
            raise AuthenticationFailed(
                f"The login's discovery document names another place to sign in ({_place(url)}). Nothing was sent."
                " Check 'authority_host' and what answers at it."
            )

    def _no_answer(self, nothing: NoAnswer) -> Exception:
        message = f"{self.speaker}: {nothing.message}"
        if nothing.kind in _TRIES_AT_FIRST:
            return Passing(message, MOST_TRIES if self._answered else _TRIES_AT_FIRST[nothing.kind])
        return Unreachable(message)

    def _judge(self, method: str, answer: Answer) -> None:
        """Raise for an answer that MSAL must not get."""
        if answer.status == 429 or answer.status >= 500:
            raise busy(self.speaker, answer)
        body = answer.json()
        if not _of_a_login(method, answer.status, body):
            what = "JSON that no login sends" if isinstance(body, (dict, list)) else "something that is not JSON"
            raise Unreachable(
                f"The login answered (status {answer.status}) with {what}: likely the page of a proxy. Check"
                " HTTPS_PROXY, NO_PROXY and 'authority_host'."
            )
        if is_transient(body):
            raise Passing(f"{refused(body).message} The error may be temporary: run again later.")
        if method == "GET" and answer.status != 200:
            raise refused(body)
        for name in _SIGN_IN_ENDPOINTS:
            if isinstance(body.get(name), str):
                self._check_host(body[name])


def _of_a_login(method: str, status: int, body: Any) -> bool:
    """Whether the body is an error (RFC 6749), else a discovery document for a GET, and a token for a POST."""
    if not isinstance(body, dict):
        return False
    if isinstance(body.get("error"), str) or str(body.get("error_description")).startswith("AADSTS"):
        return True
    names = _SIGN_IN_ENDPOINTS[:2] if method == "GET" else ("access_token",)
    return status == 200 and all(isinstance(body.get(name), str) for name in names)


def _place(url: str) -> str:
    """Scheme and host of `url`, as they may be shown."""
    scheme, separator, rest = url.partition("://")
    return redact(f"{scheme[:20]}{separator}{rest.partition('/')[0].rpartition('@')[2]}")


def busy(speaker: str, answer: Answer) -> Passing:
    """The failure of an endpoint that answers 429 or 5xx."""
    message = f"{speaker} is too busy (status {answer.status}). Run again later."
    return Passing(message, retry_after=wait_of(answer.headers, time.time()))


def acquire(login: Login, http: MsalHttp, ask: Callable[[Any], Mapping[str, Any]]) -> Token:
    """The token that `ask(msal)` gets. Retries temporary failures.

    Raises AuthenticationFailed when the login refuses (it is not retried), Unreachable when there is no usable answer,
    OutOfTime when the run ends first.
    """
    require("msal")
    msal = importlib.import_module("msal")
    result = _patiently(login, lambda: _ask(msal, http, ask))
    if not isinstance(result.get("access_token"), str):
        raise refused(result, http.speaker)
    lifetime = _lifetime(result.get("expires_in"))
    return read_token(result["access_token"], None if lifetime is None else time.time() + lifetime)


def _patiently(login: Login, attempt: Callable[[], Any]) -> Any:
    jitter = random.Random()
    tries = 0
    while True:
        tries += 1
        try:
            return attempt()
        except Passing as trouble:
            pause = back_off(tries, jitter) if trouble.retry_after is None else trouble.retry_after
            if tries >= trouble.most_tries or pause > LONGEST_PAUSE:
                raise Unreachable(trouble.message) from None
            if pause >= login.seconds():
                raise OutOfTime(f"'run_timeout' leaves no time to retry. {trouble.message}") from None
            login.sleep(pause)


def _ask(msal: Any, http: MsalHttp, ask: Callable[[Any], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return ask(msal) or {}
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # MSAL does not check answers and fails on unexpected content.
        raise AuthenticationFailed(
            f"{http.speaker} gave an answer that MSAL cannot use ({type(error).__name__}). {http.advice}"
        ) from None


def _lifetime(expires_in: Any) -> float | None:
    """Lifetime of a token in seconds, None if the answer has none."""
    try:
        seconds = float(expires_in)
    except (OverflowError, TypeError, ValueError):
        return None
    return seconds if 0 < seconds < 10 * 86400 else None
