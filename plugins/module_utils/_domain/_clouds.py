# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Microsoft's clouds: where Graph and the login are (deployments page), and under which names AWX knows them."""

from __future__ import annotations

import urllib.parse
from typing import NamedTuple


class Cloud(NamedTuple):
    """`graph_url` and `authority_host` without a final slash; `sms_actions`: whether enabling exists there."""

    name: str
    graph_url: str
    authority_host: str
    sms_actions: bool = True


_GLOBAL = Cloud("global", "https://graph.microsoft.com", "https://login.microsoftonline.com")
_USGOV = Cloud("usgov", "https://graph.microsoft.us", "https://login.microsoftonline.us")
_USGOV_DOD = Cloud("usgov_dod", "https://dod-graph.microsoft.us", "https://login.microsoftonline.us")
_CHINA = Cloud("china", "https://microsoftgraph.chinacloudapi.cn", "https://login.chinacloudapi.cn", sms_actions=False)

_CLOUDS = {cloud.name: cloud for cloud in (_GLOBAL, _USGOV, _USGOV_DOD, _CHINA)}
_CLOUDS.update({"azurecloud": _GLOBAL, "azureusgovernment": _USGOV, "azurechinacloud": _CHINA})


def find_cloud(name: str | None) -> Cloud | None:
    """The cloud of that name in any case, the public one for no name, None for an unknown name."""
    return _CLOUDS.get(name.casefold()) if name else _GLOBAL


_LOGIN_HOSTS = (
    {"login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"},
    {"login.microsoftonline.us", "login.usgovcloudapi.net"},
    {"login.chinacloudapi.cn", "login.partner.microsoftonline.cn"},
)
"""Names of each cloud's login, as its instance discovery lists them."""


def same_login(url: str, authority: str) -> bool:
    """Whether `url` is on the host of `authority`, or on another login host of the same cloud of Microsoft."""
    try:
        scheme, host, *_rest = urllib.parse.urlsplit(url.lower())
    except ValueError:
        return False
    host, own = (
        name[:-4] if name.endswith(":443") else name for name in (host, urllib.parse.urlsplit(authority).netloc)
    )
    return scheme == "https" and (host == own or any({host, own} <= hosts for hosts in _LOGIN_HOSTS))
