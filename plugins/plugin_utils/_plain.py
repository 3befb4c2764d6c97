# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Private to this collection: may change without notice.
"""Values of Ansible as plain ones, as a module would get them."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

try:
    from ansible.parsing.vault import EncryptedString as Vaulted
except ImportError:  # before ansible-core 2.19
    from ansible.parsing.yaml.objects import AnsibleVaultEncryptedUnicode as Vaulted
    from ansible.utils.unsafe_proxy import wrap_var

    mark_untrusted = wrap_var
else:
    mark_untrusted = None


def plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Copies `arguments` as JSON would carry them to a module, without tags of Ansible.

    Raises TypeError for a value that JSON cannot carry, and what Ansible raises for one that it cannot decrypt.
    """
    copied: dict[str, Any] = json.loads(json.dumps(_plain(arguments)))
    return copied


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Vaulted):
        return str.__str__(str(value))
    if isinstance(value, str):
        # Of a class of Ansible, str() may return the value itself.
        return str.__str__(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is no value for a module")


def untrusted(result: dict[str, Any]) -> dict[str, Any]:
    """`result`, in which Ansible takes no text for a template. From ansible-core 2.19 on that needs no mark."""
    if mark_untrusted is None:
        return result
    marked: dict[str, Any] = mark_untrusted(result)
    return marked
