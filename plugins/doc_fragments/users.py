# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """The users of a task."""

    DOCUMENTATION = r"""
---
options:
  users:
    description:
      - The users, each by object id or user principal name. V(me) is the signed-in user and needs a delegated token.
      - One of O(users), O(groups) and O(users_from) is required. An empty list is accepted and changes nothing.
      - Text is split at line breaks and commas. Blanks around an entry, invisible characters, quotes, C(mailto:),
        C(<...>) and braces around an id are removed. Blank entries are dropped, and a user named twice counts once.
      - Each entry must be an object id, or text with one C(@) and without blanks, C(;), C(,), C(:) and C(/). Any other
        entry fails the task before the first request. The message gives its position and does not repeat it.
    type: list
    elements: str
    aliases: [user]
  groups:
    description:
      - Security groups, each by object id or by a display name that is unique among security groups. All users in
        them are managed, including those in nested groups.
      - Text is split at line breaks only, because names can contain commas.
      - A number, a boolean, a date or null is refused, because YAML may have changed the name. V(0715) becomes V(461),
        and V(Yes) becomes V(true). Put such names in quotes, or give the object id.
      - Graph also shows no users if the membership is hidden and the permission C(Member.Read.Hidden) is missing.
    type: list
    elements: str
    aliases: [group]
  users_from:
    description:
      - A file with more O(users), read where the module runs. It must be a regular file of at most 64 MB.
      - The format is CSV with commas, semicolons or tabs, JSON, or plain text with one name a line and C(#) comments.
        JSON is a list of texts or objects, or an object with a list C(value). The encoding is UTF-8, or UTF-16 with a
        byte order mark.
      - Columns that name users are C(id) and C(objectId) where they hold object ids, then C(userPrincipalName),
        C(upn), C(memberObjectIdOrUpn), C(user), and C(name) if there is nothing else. Case, blanks, hyphens and
        underscores are ignored in headings. Other columns are ignored. The task fails if such a column occurs twice, or
        if nothing in it can be a name.
      - Of a report that O(frontline.entra.sms_sign_in#module:report_path) wrote, only the users that its run changed
        are taken. Users that it planned to change, or wrote to without verification, are included with a warning.
      - A report is refused if it was written in check mode, if its run changed no user, or if a column or a value that
        it needs is missing or unreadable.
    type: path
  exclude_users:
    description:
      - Users that are never changed, by object id or user principal name. Takes precedence over O(users), O(groups)
        and O(users_from). Entries are read as those of O(users).
      - An entry that matches none of the other users is looked up. If the user does not exist, the task stops before
        the first write, in check mode too. A mail address can differ from the user principal name.
    type: list
    elements: str
  exclude_groups:
    description:
      - Security groups whose members are never changed. Entries are read as those of O(groups). A group that is
        missing, ambiguous, unreadable or empty stops the task before the first write.
    type: list
    elements: str
"""
