# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Options that modules share, in groups; the doc fragment of the same name documents each."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ._auth._selector import argument_spec, first_variable
from ._deps import MINIMUM
from ._domain._clouds import Cloud, find_cloud
from ._domain._reasons import TOLERABLE
from ._errors import InvalidOptions, NotAvailableInCloud
from ._spec import DifferentFiles, Group, OneOf, Options, Range, Words

GRAPH_OPTIONS: Options = {
    **argument_spec(),
    "cloud": {"type": "str", "aliases": ["cloud_environment"]},
    "graph_url": {"type": "str"},
    "authority_host": {"type": "str"},
    "ca_path": {"type": "path"},
    "validate_certs": {"type": "bool", "default": True},
    "request_timeout": {"type": "float", "default": 75.0},
}


GRAPH = Group(GRAPH_OPTIONS, libraries=tuple(MINIMUM))
"""How to sign in and where to connect, in every module of the action group."""

USERS = Group(
    {
        "users": {"type": "list", "elements": "str", "aliases": ["user"]},
        "groups": {"type": "list", "elements": "str", "aliases": ["group"]},
        "users_from": {"type": "path"},
        "exclude_users": {"type": "list", "elements": "str"},
        "exclude_groups": {"type": "list", "elements": "str"},
    },
    name_lists=("users", "groups", "exclude_users", "exclude_groups"),
    constraints=(OneOf(("users", "groups", "users_from", "registered"), "No users selected"),),
)
"""Which users."""

REGISTERED = Group({"registered": {"type": "bool", "default": False}})
"""All users with a mobile phone in the registration report."""

MOST_SUBJECTS = 10_000_000
MOST_SECONDS = 10_000_000
"""Of any option that is a time. Sockets and threads cannot wait for more than some 300 years."""


def limits(tolerable: Sequence[str]) -> Group:
    """How much a run may change, and which refusals it accepts: those that `tolerable` names."""
    return Group(
        {
            "tolerate": {"type": "list", "elements": "str"},
            "max_changes": {"type": "int"},
            "max_failures": {"type": "int"},
            "change_limit": {"type": "str"},
            "verify_timeout": {"type": "float", "default": 60.0},
            "run_timeout": {"type": "float"},
        },
        constraints=(
            Words("tolerate", tolerable),
            Range("max_changes", 0, MOST_SUBJECTS),
            Range("max_failures", 1, MOST_SUBJECTS),
            Range("verify_timeout", 0, MOST_SECONDS),
            Range("run_timeout", 1, MOST_SECONDS),
        ),
    )


LIMITS = limits(TOLERABLE)

REPORT = Group(
    {
        "return_users": {"type": "str", "choices": ["all", "changed", "none"], "default": "all"},
        "report_path": {"type": "path"},
        "progress": {"type": "bool", "default": True},
        "progress_path": {"type": "path"},
    },
    constraints=(DifferentFiles(("users_from", "phones_from", "report_path", "progress_path")),),
)
"""What is reported, and where."""

LONGEST_REQUEST = 3600.0
"""Seconds. Graph itself cuts off after 60."""


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


def require_sms_actions(params: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Raises NotAvailableInCloud where SMS sign-in cannot be switched, and what `connection` raises."""
    cloud = connection(params, environment).cloud
    if not cloud.sms_actions:
        raise NotAvailableInCloud(f"SMS sign-in cannot be enabled or disabled in the cloud '{cloud.name}'.")


def _url(option: str, text: str) -> str:
    """`https://host[:port]` in lower case, from that or a bare host, with or without a final slash.

    The text is not repeated in full: it may hold a user name and a password.
    """
    found = re.fullmatch(r"(?ai)(?:https://)?([a-z0-9][a-z0-9.-]*|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?/?", text.strip())
    if not found or int(found.group(2) or 1) > 65535 or not _is_host(found.group(1)):
        shown = "" if "@" in text else f": {text[:200]!r}"
        hint = " A user name and a password cannot be part of it." if "@" in text else ""
        raise InvalidOptions(f"'{option}' must be https://HOST or https://HOST:PORT, and nothing else{shown}.{hint}")
    host, port = found.group(1).lower(), int(found.group(2) or 443)
    return f"https://{host}" if port == 443 else f"https://{host}:{port}"


def _is_host(host: str) -> bool:
    try:
        return not host.startswith("[") or bool(ipaddress.IPv6Address(host[1:-1]))
    except ValueError:
        return False
