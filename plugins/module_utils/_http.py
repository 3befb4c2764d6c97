# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The one HTTP session: TLS, proxies, time-outs, no redirects. No layer above uses requests directly."""

from __future__ import annotations

import base64
import http.cookiejar
import json
import os
import re
import ssl
import time
import urllib.parse
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ._connecting import CannotConnect, connect
from ._deps import requests, require, urllib3
from ._domain._redaction import redact, redact_name
from ._proxies import Proxy, find_proxy
from ._trust import Trust
from ._version import VERSION

if TYPE_CHECKING:
    from requests import Session as _Session
    from requests.adapters import HTTPAdapter as _HTTPAdapter
    from urllib3.connection import HTTPConnection as _HTTPConnection
    from urllib3.connection import HTTPSConnection as _HTTPSConnection
else:
    _Session, _HTTPAdapter, _HTTPConnection, _HTTPSConnection = (
        (
            requests.Session,
            requests.adapters.HTTPAdapter,
            urllib3.connection.HTTPConnection,
            urllib3.connection.HTTPSConnection,
        )
        if requests
        else (object, object, object, object)
    )

USER_AGENT = f"frontline.entra/{VERSION}"
CONNECT_SECONDS = 10.0
"""For all addresses of a host together."""

LOCAL_CONNECT_SECONDS = 3.0
"""For an identity endpoint, which is on this machine or one hop away."""

LARGEST_BODY = 8 * 1024 * 1024
"""Bytes, decompressed. The largest answers are pages of 999 group members, about one megabyte."""

LARGEST_ERROR = 1024 * 1024

TLS = "tls"
PROXY = "proxy"
CONNECT = "connect"
TIMEOUT = "timeout"
DROPPED = "dropped"
REDIRECT = "redirect"
INVALID = "invalid"


class NoAnswer(Exception):
    """No usable HTTP answer came. `kind` is one of TLS, PROXY, CONNECT, TIMEOUT, DROPPED, REDIRECT, INVALID.

    After TIMEOUT, DROPPED and REDIRECT the service may have done what was asked. After INVALID nothing was sent: the
    address or a header has a character that no request can hold.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Answer(NamedTuple):
    """A complete HTTP answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON (a proxy's HTML, a truncated text)."""
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None


class Session(_Session):
    """A requests session. Of the environment it uses only the proxy variables, which are read once.

    `verify` is True, False or a path; `timeout` is in seconds. It uses `https` only. A `local` session is for the
    identity endpoint of this machine: it also uses `http`, and never a proxy.
    Raises InvalidOptions when no certificates can be read from the path, or a proxy variable cannot be used.
    """

    def __init__(self, verify: bool | str, timeout: float, connections: int, local: bool = False) -> None:
        require("requests")
        super().__init__()
        # In requests REQUESTS_CA_BUNDLE takes precedence over `verify`, and .netrc over our Authorization header.
        self.trust_env = False
        self.verify = bool(verify)
        if not verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self.timeout = timeout
        self._connect_seconds = LOCAL_CONNECT_SECONDS if local else CONNECT_SECONDS
        # Decompressed here, one layer and with a limit: three kilobytes can expand to gigabytes.
        self.headers.update({"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"})
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        # urllib3 1 passes no name to OpenSSL if the host is an address, and compares names itself.
        self._trust = Trust(verify, own_names=urllib3.__version__.startswith("1."))  # type: ignore[attr-defined]
        self._trusted = verify
        self._proxy = None if local else find_proxy(os.environ)
        self._bypass: dict[str, bool] = {}
        self.adapters.clear()
        for scheme in ("https://", "http://") if local else ("https://",):
            self.mount(scheme, _Adapter(self._trust, connections, self._proxy))

    @property
    def secrets(self) -> list[str]:
        """Values of the environment that must not be shown: the login to the proxy."""
        return self._proxy.secrets if self._proxy else []

    def for_identity(self) -> Session:
        """A session that asks an identity endpoint."""
        return Session(self._trusted, self.timeout, 1, local=True)

    def get_redirect_target(self, resp: Any) -> None:
        """None: requests would read the whole body, and fail on a Location that is not a URL."""

    def fetch(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        data: Any = None,
        params: Any = None,
        timeout: float | None = None,
    ) -> Answer:
        """One exchange, limited to `timeout` seconds, except for a head that arrives in drips. Raises NoAnswer."""
        limit = min(self.timeout, timeout) if timeout is not None else self.timeout
        deadline = time.monotonic() + limit
        proxy = self._proxy_for(url)
        try:
            with self.request(
                method,
                url,
                headers=dict(headers or {}),
                data=data,
                params=params,
                allow_redirects=False,
                stream=True,
                proxies={"all": proxy.url} if proxy else {},
                timeout=(min(self._connect_seconds, limit), limit),
            ) as response:
                if 300 <= response.status_code < 400:
                    raise NoAnswer(REDIRECT, _redirected(_host(url), response.headers.get("location", "")))
                return Answer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    _read(response, deadline),
                )
        except (requests.exceptions.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise _no_answer(error, _host(url), proxy, self._trust) from None

    def _proxy_for(self, url: str) -> Proxy | None:
        if self._proxy is None:
            return None
        host = _host(url)
        if host not in self._bypass:
            self._bypass[host] = requests.utils.should_bypass_proxies(url, no_proxy=None)
        return None if self._bypass[host] else self._proxy


class _Connecting:
    """A connection of urllib3 that tries the addresses of its host in parallel."""

    def _new_conn(self: Any) -> Any:
        seconds = self.timeout if isinstance(self.timeout, (int, float)) else CONNECT_SECONDS
        try:
            # The name with its final dot resolves differently. It is private to urllib3.
            made = connect(getattr(self, "_dns_host", self.host), self.port, seconds, self.socket_options or ())
        except CannotConnect as error:
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error
        made.settimeout(seconds)
        return made


class _PlainConnection(_Connecting, _HTTPConnection):
    pass


class _TlsConnection(_Connecting, _HTTPSConnection):
    pass


def _with_own_connections(manager: Any) -> Any:
    """`manager` with pools whose connections are ours."""
    manager.pool_classes_by_scheme = {
        scheme: type(pool.__name__, (pool,), {"ConnectionCls": ours})
        for (scheme, pool), ours in zip(
            sorted(manager.pool_classes_by_scheme.items()), (_PlainConnection, _TlsConnection)
        )
    }
    return manager


class _Adapter(_HTTPAdapter):
    """Uses one TLS context for all connections. requests loads all authorities for each connection, which takes longer
    than a call.
    """

    def __init__(self, trust: Trust, connections: int, proxy: Proxy | None) -> None:
        self._trust = trust
        self._proxy = proxy
        super().__init__(pool_maxsize=connections)

    def init_poolmanager(self, *sizes: Any, **options: Any) -> None:
        super().init_poolmanager(*sizes, ssl_context=self._trust.context, **options)
        _with_own_connections(self.poolmanager)

    def proxy_manager_for(self, proxy: Any, **options: Any) -> Any:
        if proxy in self.proxy_manager:
            return self.proxy_manager[proxy]
        # Also for a TLS connection to the proxy; other kinds do not have this option.
        trusted = {"proxy_ssl_context": self._trust.for_proxy()} if proxy.startswith("https:") else {}
        manager = super().proxy_manager_for(proxy, ssl_context=self._trust.context, **trusted, **options)
        # Pools of a SOCKS proxy connect in their own way.
        return manager if proxy.startswith("socks") else _with_own_connections(manager)

    def proxy_headers(self, proxy: Any) -> dict[str, str]:
        # requests encodes as Latin-1, which does not have all characters.
        if self._proxy is None or not (self._proxy.user or self._proxy.password):
            return {}
        login = base64.b64encode(f"{self._proxy.user}:{self._proxy.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {login}"}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Does nothing: the context has the authorities to trust."""


def _read(response: Any, deadline: float) -> str:
    """The decompressed body. The time-out of requests limits each piece; the deadline limits a slow drip as a whole."""
    limit = LARGEST_BODY if response.status_code < 400 else LARGEST_ERROR
    decompressor = _decompressor(response.headers.get("content-encoding", ""))
    # urllib3 1 would accept a truncated answer.
    response.raw.enforce_content_length = True
    # read1 returns data as it arrives; urllib3 before version 2 has only read.
    read = getattr(response.raw, "read1", response.raw.read)
    body = bytearray()
    while True:
        piece = read(65536, decode_content=False)
        try:
            if not decompressor:
                body += piece
            elif not decompressor.eof:
                body += decompressor.decompress(piece, limit + 1 - len(body))
        except zlib.error:
            raise requests.exceptions.ContentDecodingError("the compressed answer is damaged") from None
        if len(body) > limit:
            raise requests.exceptions.ContentDecodingError("the answer is too large")
        if not piece:
            break
        if time.monotonic() > deadline:
            raise requests.exceptions.ReadTimeout("the answer did not end in time")
    if decompressor and body and not decompressor.eof:
        raise requests.exceptions.ContentDecodingError("the compressed answer is not complete")
    # Gateways may put a byte order mark first.
    return body.decode("utf-8-sig", "replace")


def _decompressor(encoding: str) -> Any:
    """A decompressor for that Content-Encoding; None for a body that is not compressed."""
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return None
    if encoding in ("gzip", "x-gzip"):
        return zlib.decompressobj(16 + zlib.MAX_WBITS)
    raise requests.exceptions.ContentDecodingError(
        f"it is compressed as '{encoding[:40]}', which was not requested. Check whether a proxy does that"
    )


def _host(url: str) -> str:
    """The host and port, without a user name and password; nothing for an address that cannot be parsed."""
    try:
        return urllib.parse.urlsplit(url).netloc.rpartition("@")[2]
    except ValueError:
        return ""


def _redirected(host: str, location: str) -> str:
    """The message for a redirect. Of where it leads only the host is shown, without user name, port and path."""
    leads_to = _host(location).partition(":")[0]
    to = f" to {redact_name(leads_to)}" if re.fullmatch(r"(?ai)[a-z0-9.-]+", leads_to) else ""
    return (
        f"{host} answered with a redirect{to}, which is not followed. A web filter or the page of a proxy may be in"
        " between: check HTTPS_PROXY, NO_PROXY and the address."
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """`error` and the errors wrapped in it: requests wraps urllib3, which wraps errors of sockets and TLS."""
    while error is not None:
        yield error
        inside = [arg for arg in error.args if isinstance(arg, BaseException)]
        # `reason` of an `ssl.SSLError` is a text.
        reason = getattr(error, "reason", None)
        error = reason if isinstance(reason, BaseException) else inside[0] if inside else error.__cause__


def _no_answer(error: Exception, host: str, proxy: Proxy | None, trust: Trust) -> NoAnswer:
    if isinstance(error, ValueError):
        # The libraries check addresses and headers before they send, and repeat the value, which can be a secret.
        where = f" to {host}" if host else ""
        return NoAnswer(INVALID, f"The request{where} cannot be sent: its address or one of its headers is not valid.")
    causes = list(_causes(error))
    # urllib3 prefixes the connection object.
    detail = redact(re.sub(r"^(?:<[^>]*>|\w+\([^)]*\)): ", "", str(causes[-1])))
    through = f" The request goes through the proxy of {proxy.variable}: check it and NO_PROXY." if proxy else ""

    def caused_by(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in causes)

    if proxy:
        detail = proxy.mask(detail)
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    name = causes[-1] if tls is None and caused_by(requests.exceptions.SSLError) else None
    at_proxy = caused_by(requests.exceptions.ProxyError, urllib3.exceptions.ProxyError)
    cannot_connect = caused_by(
        requests.exceptions.ConnectTimeout,
        urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
    )
    if proxy and (at_proxy or cannot_connect):
        if tls is not None and tls.reason == "WRONG_VERSION_NUMBER":
            return NoAnswer(
                PROXY,
                f"The proxy of {proxy.variable} answers without TLS. Write http:// in front of its address, not"
                f" https://: {host} is still requested by TLS.",
            )
        return NoAnswer(
            PROXY,
            f"The proxy of {proxy.variable} did not let the request through to {host}. Check {proxy.variable} and"
            f" NO_PROXY. ({detail})",
        )
    # A connection that ends inside TLS broke. Any other TLS error is permanent.
    trouble = name if isinstance(tls, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) else tls or name
    if trouble is not None:
        return NoAnswer(TLS, trust.explain(host, trouble, proxy is None) + through)
    if cannot_connect:
        return NoAnswer(CONNECT, f"{host} cannot be reached. Check its name, the port and the network. ({detail})")
    if caused_by(requests.exceptions.Timeout, urllib3.exceptions.TimeoutError):
        return NoAnswer(TIMEOUT, f"{host} did not answer in time.{through}")
    if caused_by(requests.exceptions.ContentDecodingError):
        return NoAnswer(DROPPED, f"The answer of {host} cannot be read: {detail}.{through}")
    return NoAnswer(DROPPED, f"The connection to {host} broke before the answer was complete.{through} ({detail})")
