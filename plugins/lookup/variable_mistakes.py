# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: variable_mistakes
short_description: Find misspelt variables and relative paths of a role
version_added: 1.0.0
description:
  - Compares the variables of a host with the argument specification of a role, and returns one sentence for each
    mistake. Without mistakes the list is empty.
  - A variable that begins with the role's name is a mistake when no entry point of the role knows it. Its value is
    never shown.
  - So is a variable that differs from a known one in the role's name only, such as C(sms_signin_users) or
    C(SMS_SIGN_IN_USERS), unless the known one is set too. Names that begin with an underscore are not compared.
  - A variable whose value holds an undefined variable fails the lookup, since it would count as not given.
  - A variable of the type C(path) is a mistake when its value is a relative path. Ansible runs the modules of a role in
    the folder of the playbook or of the collection, so the file would not be found where it is expected.
  - The roles of this collection call it before their first request. It is internal to this collection.
author:
  - The frontline.entra contributors (@frontline-entra)
options:
  _terms:
    description: The folder of the role, which is the variable C(role_path) inside of it.
    type: list
    elements: path
    required: true
  also:
    description: More known variables that begin with the role's name.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: Check the variables of the role
  ansible.builtin.assert:
    that: mistakes == []
    fail_msg: "{{ mistakes | join(' ') }}"
  vars:
    mistakes: "{{ query('frontline.entra.variable_mistakes', role_path) }}"
"""

RETURN = r"""
_raw:
  description: A sentence for each mistake, ordered by the name of the variable.
  type: list
  elements: str
"""

import difflib
import os
from typing import TYPE_CHECKING, Any

import yaml
from ansible.plugins.lookup import LookupBase

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping


ALMOST_EQUAL = 0.9
"""Of difflib's ratio, for names of 14 to 40 letters: one or two slips."""


class LookupModule(LookupBase):
    def run(self, terms: list[str], variables: Mapping[str, Any] | None = None, **direct: Any) -> list[str]:
        self.set_options(var_options=variables, direct=direct)
        variables = variables or {}
        (role,) = terms
        with open(os.path.join(role, "meta", "argument_specs.yml"), encoding="utf-8") as file:
            entry_points = yaml.safe_load(file)["argument_specs"].values()
        types = {
            name: option["type"] for entry_point in entry_points for name, option in entry_point["options"].items()
        }
        prefix = f"{os.path.basename(role)}_"
        given = sorted(name for name in variables if name.startswith(prefix))
        # All of them, so that one that holds an undefined variable fails here: where it is used, it would count as not
        # given, also a list of users to exclude.
        values = {name: self._templar.template(variables[name]) for name in given if name in types}
        known = {**types, **dict.fromkeys(self.get_option("also"), "raw")}
        return sorted(mistakes(given, known, values.__getitem__) + misspelt_prefixes(variables, known, prefix))


def mistakes(given: Iterable[str], known: Mapping[str, str], value_of: Callable[[str], Any]) -> list[str]:
    """A sentence for each of the `given` names that is not among the `known`, or whose path is relative."""
    found = []
    for name in given:
        if name not in known:
            found.append(_unknown(name, known))
        elif known[name] == "path" and _is_relative(value_of(name)):
            found.append(
                f"{name} is a relative path, and the role would look for it in the folder of the collection. Give a"
                " full path: \"{{ lookup('ansible.builtin.env', 'PWD') }}/FILE\", or '{{ playbook_dir }}/FILE' in a"
                " playbook of your own."
            )
    return found


def misspelt_prefixes(names: Collection[str], known: Iterable[str], prefix: str) -> list[str]:
    """A sentence for each name without the prefix that is, apart from a slip, a known one. Few names are compared.

    Where the known one is set too, the other is a variable of the user's own, such as one that its value uses.
    """
    known_by_letters = {_letters(name): name for name in known}
    first_word = prefix.partition("_")[0]
    found = []
    for name in sorted(names):
        if name.startswith(("_", prefix)) or not _letters(name).startswith(first_word):
            continue
        near = difflib.get_close_matches(_letters(name), known_by_letters, n=1, cutoff=ALMOST_EQUAL)
        if near and known_by_letters[near[0]] not in names:
            found.append(f"{name} is not a variable of this role. Did you mean {known_by_letters[near[0]]}?")
    return found


def _letters(name: str) -> str:
    return name.replace("_", "").lower()


def _unknown(name: str, known: Iterable[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    advice = f" Did you mean {nearest[0]}?" if nearest else ""
    return f"{name} is not a variable of this role.{advice}"


def _is_relative(value: Any) -> bool:
    """Whether a value is a relative path. Home folders and environment variables are expanded first."""
    if not isinstance(value, str) or not value.strip():
        return False
    return not os.path.isabs(os.path.expanduser(os.path.expandvars(value.strip())))
