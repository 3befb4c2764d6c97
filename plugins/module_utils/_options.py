# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Options that every module shares; their documentation is the doc fragment `graph`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ._auth._selector import argument_spec, first_variable
from ._domain._clouds import Cloud, find_cloud
from ._domain._redaction import redact
from ._domain._targets import positions
from ._errors import InvalidOptions

GRAPH_OPTIONS: dict[str, dict[str, Any]] = {
    **argument_spec(),
    "cloud": {"type": "str", "aliases": ["cloud_environment"]},
    "graph_url": {"type": "str"},
    "authority_host": {"type": "str"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "request_timeout": {"type": "float", "default": 75.0},
}


LONGEST_REQUEST = 3600.0
"""Seconds. Graph itself cuts off after 60."""

MOST_SECONDS = 10_000_000
"""Of any option that is a time. Sockets and threads cannot wait for more than some 300 years."""


class Connection(NamedTuple):
    """Where to go and how. URLs have no final slash; `verify` is True, False or a path; `timeout` is in seconds."""

    cloud: Cloud
    graph_url: str
    authority: str
    verify: bool | str
    timeout: float


def connection(params: Mapping[str, Any], environment: Mapping[str, str]) -> Connection:
    """Raises InvalidOptions for an unknown cloud, a URL that is not `https://HOST`, a time-out out of its range."""
    name = params["cloud"] or first_variable(environment, ("AZURE_CLOUD_ENVIRONMENT",))
    cloud = find_cloud(name)
    if cloud is None:
        raise InvalidOptions(
            f"'cloud' (or AZURE_CLOUD_ENVIRONMENT) is {name!r}. It can be global, usgov, usgov_dod or china, or AWX's"
            " AzureCloud, AzureUSGovernment or AzureChinaCloud."
        )
    authority = params["authority_host"] or first_variable(environment, ("AZURE_AUTHORITY_HOST",))
    ca_path = params["ca_path"] or first_variable(environment, ("REQUESTS_CA_BUNDLE",))
    if not 0 < params["request_timeout"] <= LONGEST_REQUEST:
        raise InvalidOptions(f"'request_timeout' must be more than 0 and at most {LONGEST_REQUEST:.0f} seconds.")
    return Connection(
        cloud=cloud,
        graph_url=_url("graph_url", params["graph_url"] or cloud.graph_url),
        authority=_url("authority_host", authority or cloud.authority_host),
        verify=(ca_path or True) if params["validate_certs"] else False,
        timeout=params["request_timeout"],
    )


def _url(option: str, text: str) -> str:
    """`https://host[:port]` in lower case, from that or a bare host, with or without a final slash.

    The text is not repeated in full: it may hold a user name and a password.
    """
    found = re.fullmatch(r"(?ai)(?:https://)?([a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?/?", text.strip())
    if not found or int(found.group(2) or 1) > 65535 or not _is_host(found.group(1)):
        shown = "" if "@" in text else f": {text[:200]!r}"
        hint = " A user name and a password cannot be part of it." if "@" in text else ""
        raise InvalidOptions(
            f"'{option}' must be https://HOST or https://HOST:PORT, and nothing else{shown}.{hint}"
        )
    host, port = found.group(1).lower(), int(found.group(2) or 443)
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"


def _is_host(host: str) -> bool:
    try:
        return not host.startswith("[") or bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False


def texts_of(option: str, value: Any) -> tuple[list[str], str | None]:
    """The texts in a list of names as YAML gives it, and a message if there is something else in it.

    A text is one entry whatever is in it: it is split later, as the option needs it.
    """
    if isinstance(value, str) and re.fullmatch(r"(?s)\[.*\]", value.strip()):
        return [], (
            f"'{option}' is text that looks like a list. Give a YAML list; with -e give JSON:"
            """ -e '{"VARIABLE": ["first", "second"]}'."""
        )
    values = value if isinstance(value, (list, tuple)) else [value]
    wrong = [f"'{option}' entry {place} is {kind}" for place, kind in enumerate(map(_kind, values), start=1) if kind]
    if not wrong:
        return list(values), None
    return [], (
        f"{positions(wrong)}. Only a text can be a name: YAML may have changed it, as 0715 to 461 and Yes to true."
        " Put the name in quotes, or give the object id (in place of a date, always the object id)."
    )


_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d(?:[T ][\d:.+Z-]*)?\s*")
"""How a date of YAML reaches a module: as a text."""


def _kind(value: Any) -> str | None:
    """What a value is that is no text, for a message."""
    if isinstance(value, str):
        return "a date" if _DATE.fullmatch(value) else None
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    if isinstance(value, (int, float)):
        return f"the number {redact(str(value))}"
    return "a mapping" if isinstance(value, Mapping) else "a list"
