# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""What the token of a run lacks: reported before the first request to Graph, all at once."""

from __future__ import annotations

from collections.abc import Sequence

from .._auth._token import Token
from .._domain._permissions import (
    MAY_READ_MEMBERS,
    MAY_READ_REPORT,
    MAY_RESOLVE,
    MAY_SEE_ACCOUNTS,
    TO_READ_MEMBERS,
    TO_READ_REPORT,
    TO_RESOLVE,
    TO_SEE_ACCOUNTS,
)
from .._errors import PermissionMissing
from .._goals._goal import Permission


def members_of(option: str) -> Permission:
    return Permission(MAY_READ_MEMBERS, f"{TO_READ_MEMBERS} (for '{option}')", role="")


def report_for(option: str, certain: bool = True) -> Permission:
    return Permission(MAY_READ_REPORT, f"{TO_READ_REPORT} (for '{option}')", role="Reports Reader", certain=certain)


GROUPS_BY_NAME = Permission(MAY_READ_MEMBERS, f"{TO_READ_MEMBERS} (to look groups up by name)", role="")
RESOLVE = Permission(MAY_RESOLVE, f"{TO_RESOLVE} (to look users up)", role="", certain=False)
SEE_ACCOUNTS = Permission(
    MAY_SEE_ACCOUNTS, f"{TO_SEE_ACCOUNTS} (to see names, guests and disabled accounts)", role="", certain=False
)


def require_permissions(needs: Sequence[Permission], token: Token) -> None:
    """Raises PermissionMissing if the token certainly lacks something. The message has what it may lack as well."""
    missing = [need for need in needs if token.permits(need.names) is False]
    if any(need.certain for need in missing):
        raise PermissionMissing(
            f"The token lacks permissions that this task needs, so Graph was not asked. {_how_to_grant(missing, token)}"
        )


def lacking(permission: Permission, token: Token) -> str | None:
    """A warning that this token could not apply what check mode shows."""
    if token.permits(permission.names) is not False:
        return None
    return f"The token does not hold the permission to apply this. {_how_to_grant([permission], token)}"


def _how_to_grant(missing: Sequence[Permission], token: Token) -> str:
    roles = dict.fromkeys(need.role for need in missing if need.role)
    return token.how_to_grant("; ".join(need.grant for need in missing), " and ".join(roles))
