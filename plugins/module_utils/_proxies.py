# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""The proxy of the environment. Its value is checked here and never shown, because it may hold a password."""

from __future__ import annotations

import importlib.util
import ipaddress
import re
import sys
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from ._errors import InvalidOptions, MissingLibrary

VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
"""In order of precedence. All requests through a proxy use `https`."""

_HTTP = ("http", "https")
_SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
_TO_ENCODE = {"/": "%2F", "#": "%23", "?": "%3F", "[": "%5B", "]": "%5D"}


class Proxy(NamedTuple):
    """A proxy from the environment variable `variable`. `url` is its address in a form that all libraries accept."""

    variable: str
    url: str
    user: str = ""
    password: str = ""
    value: str = ""

    @property
    def secrets(self) -> list[str]:
        """Texts that must not be shown, in every form that can occur."""
        forms = [self.value, self.url, self.url.partition("://")[2], self.user, self.password]
        forms += [quote(part, safe="") for part in (self.user, self.password)]
        return sorted({form for form in forms if form}, key=len, reverse=True) if self.user or self.password else []

    def mask(self, text: str) -> str:
        """`text` without the user name and the password."""
        for secret in self.secrets:
            text = text.replace(secret, "********") if len(secret) > 3 else text
        return text


def find_proxy(environment: Mapping[str, str]) -> Proxy | None:
    """The proxy for requests by `https`, None without one. Raises InvalidOptions or MissingLibrary.

    The messages name the variable and never its value.
    """
    for variable in VARIABLES:
        value = environment.get(variable, "").strip()
        if value:
            return _checked(variable, value)
    return None


def _checked(variable: str, value: str) -> Proxy:
    scheme, rest = _split_scheme(variable, value)
    userinfo, at, place = rest.rpartition("@")
    if at:
        _check_userinfo(variable, userinfo)
    user, colon, password = userinfo.partition(":")
    user, password = unquote(user), unquote(password)
    host, port = _host_and_port(variable, place[:-1] if place.endswith("/") else place)
    login = f"{quote(user, safe='')}{colon}{quote(password, safe='')}@" if at else ""
    return Proxy(variable, f"{scheme}://{login}{host}{port}", user, password, value)


def _split_scheme(variable: str, value: str) -> tuple[str, str]:
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise _invalid(
            variable, "contains a blank or a non-ASCII character: percent-encode it, the euro sign as %E2%82%AC"
        )
    scheme, separator, rest = value.partition("://")
    if not separator and not re.match("(?i)(?:https?|socks(?:4a?|5h?)?):", value):
        return "http", value
    scheme = scheme.lower() if separator else ""
    if scheme in _SOCKS:
        if importlib.util.find_spec("socks") is None:
            raise MissingLibrary(
                f"The proxy in {variable} is a SOCKS proxy, which needs a Python library. Run: {sys.executable} -m pip"
                " install PySocks"
            )
    elif scheme not in _HTTP:
        known = ", ".join(f"{name}://" for name in (*_HTTP, *_SOCKS))
        raise _invalid(variable, f"does not begin with one of {known}")
    return scheme, rest


def _check_userinfo(variable: str, userinfo: str) -> None:
    found = [f"{character} as {code}" for character, code in _TO_ENCODE.items() if character in userinfo]
    if found:
        raise _invalid(variable, f"has a user name or password to percent-encode: {', '.join(found)}")


def _host_and_port(variable: str, place: str) -> tuple[str, str]:
    """The host, and the port with its colon or nothing."""
    found = re.fullmatch(r"(?ai)([a-z0-9_](?:[a-z0-9._-]*)|\[[0-9a-f:.]+\])(?::(\d{1,5}))?", place)
    if not found or not (0 < int(found.group(2) or 1) < 65536) or not _is_address(found.group(1)):
        raise _invalid(
            variable,
            "has no valid host and port. Write http://HOST:PORT. A user name and a password stand before HOST, as"
            " USER:PASSWORD and @, with / # ? [ ] @ in them percent-encoded",
        )
    return found.group(1).lower(), f":{found.group(2)}" if found.group(2) else ""


def _is_address(host: str) -> bool:
    if not host.startswith("["):
        return True
    try:
        return bool(ipaddress.ip_address(host[1:-1]))
    except ValueError:
        return False


def _invalid(variable: str, problem: str) -> InvalidOptions:
    return InvalidOptions(f"The proxy in the environment variable {variable} {problem}. Its value is not shown here.")
