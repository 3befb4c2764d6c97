# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Workload identity federation: a token that another issuer wrote into a file, exchanged for one of Graph."""

from __future__ import annotations

from .._errors import InvalidOptions
from ._application import Application
from ._certificate import read_file
from ._login import Login


class WorkloadIdentity(Application):
    name = "workload_identity"

    def __init__(self, login: Login, tenant_id: str, client_id: str, federated_token_file: str) -> None:
        """Reads the file once, to fail early. Raises InvalidOptions when it cannot be read or holds no JWT."""

        def assertion() -> str:
            # Read for each login: whoever wrote the file renews it.
            text = read_file("federated_token_file", federated_token_file).decode("ascii", "replace").strip()
            if text.count(".") != 2 or not text.isprintable():
                raise InvalidOptions(f"'federated_token_file' holds no token: {federated_token_file}.")
            return text

        assertion()
        super().__init__(login, tenant_id, client_id, {"client_assertion": assertion})
