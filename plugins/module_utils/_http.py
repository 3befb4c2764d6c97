# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The one HTTP session: TLS, proxies, time-outs, no redirects. Nothing above it touches requests."""

from __future__ import annotations

import http.cookiejar
import json
import os
import ssl
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ._deps import requests, require_requests, urllib3
from ._domain._redaction import redact
from ._errors import InvalidOptions

if TYPE_CHECKING:
    from requests import Session as _Session
    from requests.adapters import HTTPAdapter as _HTTPAdapter
else:
    _Session, _HTTPAdapter = (requests.Session, requests.adapters.HTTPAdapter) if requests else (object, object)

USER_AGENT = "frontline.entra/0.1.0"
CONNECT_SECONDS = 10.0
LARGEST_BODY = 64 * 1024 * 1024

TLS = "tls"
PROXY = "proxy"
CONNECT = "connect"
TIMEOUT = "timeout"
DROPPED = "dropped"
REDIRECT = "redirect"


class NoAnswer(Exception):
    """No usable HTTP answer came. `kind` is one of TLS, PROXY, CONNECT, TIMEOUT, DROPPED, REDIRECT.

    After TIMEOUT, DROPPED and REDIRECT the service may have done what was asked.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Answer(NamedTuple):
    """An HTTP answer, read whole. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON, or None when it is something else (a proxy's HTML, a truncated text)."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Session(_Session):
    """A requests session that nothing in the environment can turn: neither REQUESTS_CA_BUNDLE nor a .netrc.

    Proxies still come from the environment, `NO_PROXY` included. `verify` is True, False or a path; `timeout` seconds.
    Raises InvalidOptions when no certificates can be read from the path.
    """

    def __init__(self, verify: bool | str, timeout: float, connections: int) -> None:
        require_requests()
        super().__init__()
        # requests lets REQUESTS_CA_BUNDLE win over `verify`, and a .netrc over our Authorization header.
        self.trust_env = False
        self.verify = bool(verify)
        if not verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self.timeout = timeout
        self.headers["User-Agent"] = USER_AGENT
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        self.mount("https://", _Adapter(_trust(verify), connections))
        self._proxies: dict[str, Any] = {}

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        # With `trust_env` off requests reads no proxy variables either; these we do want, once for each host.
        host = _host(url)
        if host not in self._proxies:
            self._proxies[host] = requests.utils.get_environ_proxies(url, no_proxy=None)
        return super().merge_environment_settings(url, {**self._proxies[host], **(proxies or {})}, stream, verify, cert)

    def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        params: Any = None,
        timeout: float | None = None,
    ) -> Answer:
        """One exchange, bounded by `timeout` seconds, save for a head that comes in drips. Raises NoAnswer."""
        limit = min(self.timeout, timeout) if timeout is not None else self.timeout
        deadline = time.monotonic() + limit
        try:
            with self.request(
                method,
                url,
                headers=dict(headers or {}),
                data=data,
                params=params,
                allow_redirects=False,
                stream=True,
                timeout=(min(CONNECT_SECONDS, limit), limit),
            ) as response:
                if 300 <= response.status_code < 400:
                    raise NoAnswer(REDIRECT, f"{_host(url)} answered with a redirect, which is not followed.")
                return Answer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    _read(response, deadline),
                )
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError) as error:
            raise _no_answer(error, url) from None


class _Adapter(_HTTPAdapter):
    """One `context` for all connections: requests has each of them load all authorities anew, which takes longer than
    a call.
    """

    def __init__(self, context: ssl.SSLContext, connections: int) -> None:
        self._context = context
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, ssl_context=self._context, **options)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        # Also for the connection to the proxy if that is TLS; other kinds know no such option.
        trusted = {"proxy_ssl_context": self._context} if proxy.lower().startswith("https:") else {}
        return super().proxy_manager_for(proxy, ssl_context=self._context, **trusted, **options)

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """The context knows whom to trust."""


def _trust(verify: bool | str) -> ssl.SSLContext:
    context: ssl.SSLContext = urllib3.util.ssl_.create_urllib3_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    path = verify if isinstance(verify, str) else requests.utils.DEFAULT_CA_BUNDLE_PATH
    try:
        context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
    except OSError as error:
        raise InvalidOptions(
            f"The CA file '{path}' ('ca_path' or REQUESTS_CA_BUNDLE) cannot be used: {error.strerror or error}."
        ) from None
    return context


def _read(response: Any, deadline: float) -> str:
    """The body. A time-out of requests bounds each piece; a slow drip needs the bound on the whole as well."""
    # What has arrived, as it arrives; before version 2, urllib3 knows whole pieces only.
    read = getattr(response.raw, "read1", response.raw.read)
    body = bytearray()
    while True:
        piece = read(65536, decode_content=True)
        body += piece
        if not piece:
            return body.decode("utf-8", "replace")
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("the answer did not end in time")
        if len(body) > LARGEST_BODY:
            raise requests.exceptions.ContentDecodingError("the answer is too large")


def _host(url: str) -> str:
    return urllib.parse.urlsplit(url).netloc


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and all that is wrapped in it: requests wraps urllib3, which wraps the socket's and TLS's own errors."""
    while error is not None:
        yield error
        inside = [arg for arg in error.args if isinstance(arg, BaseException)]
        error = getattr(error, "reason", None) or (inside[0] if inside else error.__cause__)
        if not isinstance(error, BaseException):
            return


def _no_answer(error: Exception, url: str) -> NoAnswer:
    host = _host(url)
    causes = list(_causes(error))
    detail = redact(str(causes[-1]))

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if caused_by(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError):
        advice = "The proxy did not let the request through to %s. Check HTTPS_PROXY and NO_PROXY. (%s)"
        return NoAnswer(PROXY, advice % (host, detail))
    # A connection that ends inside TLS broke; any other TLS error stays the same however often one tries.
    if caused_by(ssl.SSLError, requests.exceptions.SSLError) and not caused_by(ssl.SSLEOFError, ssl.SSLZeroReturnError):
        advice = (
            "No trusted TLS connection to %s. If your own authority signed its certificate, set 'ca_path' to it. (%s)"
        )
        return NoAnswer(TLS, advice % (host, detail))
    if caused_by(requests.exceptions.ConnectTimeout, urllib3.exceptions.NewConnectionError):
        advice = "%s cannot be reached. Check its name, the port and the network. (%s)"
        return NoAnswer(CONNECT, advice % (host, detail))
    if caused_by(requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        return NoAnswer(TIMEOUT, f"{host} did not answer in time.")
    proxy = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url, no_proxy=None))
    advice = " It goes through a proxy: check HTTPS_PROXY and NO_PROXY." if proxy else ""
    return NoAnswer(DROPPED, f"The connection to {host} broke before the answer was complete.{advice} ({detail})")
