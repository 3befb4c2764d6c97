# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""A client secret."""

from __future__ import annotations

from ._application import Application
from ._login import Login
from ._way import SHARED, Option, Way


class ClientSecret(Application):
    def __init__(self, login: Login, tenant_id: str, client_id: str, client_secret: str) -> None:
        super().__init__(login, tenant_id, client_id, client_secret)


CLIENT_SECRET = Way(
    name="client_secret",
    options=(
        Option(
            "client_secret",
            {"type": "str", "no_log": True, "aliases": ["secret"]},
            ("AZURE_CLIENT_SECRET", "AZURE_SECRET"),
            credential=True,
        ),
    ),
    needs=SHARED,
    build=lambda login, value: ClientSecret(login, value["tenant_id"], value["client_id"], value["client_secret"]),
)
