#!/usr/bin/python
# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sms_sign_in
short_description: Enable or disable SMS sign-in for Microsoft Entra users
version_added: 0.1.0
description:
  - Turns sign-in to Microsoft Entra ID by text message on or off for users and groups.
  - Reads the C(smsSignInState) of every user's mobile phone method and writes only where it differs. Then it reads the
    state back until the service shows the change.
  - Handles one user or many thousands in one task. Do not loop over users; a loop is far slower.
  - Microsoft retires SMS sign-in as a first factor in the public cloud, also for customers with a telephony provider of
    their own. No separate date is published for it. Microsoft's own delivery of text messages ends on 2027-02-01; other
    clouds follow later. Use check mode to find the users and O(state=disabled) to turn it off.
author:
  - The frontline.entra contributors (@frontline-entra)
requirements:
  - python >= 3.9
  - requests >= 2.28.0
  - msal >= 1.35.0
extends_documentation_fragment:
  - frontline.entra.graph
  - frontline.entra.graph.attributes
attributes:
  check_mode:
    support: full
    details:
      - Sends no write and needs read permission only. Predicts the changes and the refusals of a real run.
  diff_mode:
    support: full
    details:
      - Shows the state of changed users before and after. Phone numbers are masked.
  idempotent:
    support: partial
    details:
      - Every run with O(state=enabled) tries once to enable a user whose state is V(phoneNumberNotUnique). The account
        that held the number may have released it.
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
      - With O(state=enabled), members that are guests or disabled accounts are refused unless O(users) names them.
      - A group without users is a warning with O(state=enabled) and an error with O(state=disabled). Graph also
        shows no users if the membership is hidden and the permission C(Member.Read.Hidden) is missing.
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
      - A file without users is a warning with O(state=enabled) and an error with O(state=disabled).
      - A report that O(report_path) wrote rolls its run back. Only the users that the run changed are set back to the
        other state. Users that it planned to change, or wrote to without verification, are included with a warning.
        O(state) need not be given.
      - A report is refused if it was written in check mode, if its run changed no user, or if it set the same O(state).
        It is also refused if a column or a value that it needs is missing or unreadable.
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
  state:
    description:
      - Desired state of SMS sign-in.
      - V(previous) rolls back the run whose report O(users_from) names. Its users get the opposite of the state that
        the run set. Leave out O(users) and O(groups). A file that is not a report is refused.
      - If O(users_from) is a report and this option is not given, V(previous) is used.
    type: str
    choices: [enabled, disabled, previous]
    default: enabled
  tolerate:
    description:
      - Refusals that do not fail the task. They are listed with their reason and counted in RV(summary.refused).
      - Choices are V(no_mobile_phone), V(not_allowed_by_policy), V(phone_number_not_unique), V(not_supported),
        V(user_not_found), V(account_disabled), V(guest), V(privileged_user), V(not_in_report) and V(no_other_method).
        Faults are never tolerated.
    type: list
    elements: str
  max_changes:
    description:
      - Fail before the first write if more users than this would be written to, in check mode too. V(0) allows none.
    type: int
  max_failures:
    description:
      - Stop writing after this many failures while writing and verifying. The remaining users are V(skipped).
      - Refusals that are known before the first write do not count.
      - Failures can show late. Therefore at most 20 users plus 2 per verified user are written to and unverified at any
        time. Users that were given up count too, up to a larger O(max_failures).
    type: int
  change_limit:
    description:
      - Write to this many of the users that need it and report the others as deferred. A number, or a percentage such
        as V(10%), rounded up.
      - Several values with commas, such as V(10, 25%), are waves that one run takes together. Each wave takes its share
        of the users that the earlier waves left.
      - Users are ordered by name. Users that are expected to be refused come last, so that they do not use up every
        wave.
    type: str
  verify_timeout:
    description:
      - Seconds that a written state may take to become visible.
    type: float
    default: 60.0
  run_timeout:
    description:
      - Seconds that the task may take. Users that are not done by then are V(skipped), and the task fails.
    type: float
  return_users:
    description:
      - Which users RV(users) lists. V(changed) lists changed, failed, skipped and refused users. Totals are always
        included.
    type: str
    choices: [all, changed, none]
    default: all
  report_path:
    description:
      - A file for the outcome of every user, as CSV, JSON or HTML by its extension. Phone numbers are masked, and
        its mode is 0600. It must be a new or a regular file, not a link, and not the file of O(users_from).
      - Written before the first change (the plan) and updated at least every ten seconds. Also written in check mode;
        the C(check_mode) column shows it. The C(written) column shows to which users a write may have been sent.
      - A report of a run that changed users is never overwritten, because O(users_from) can roll that run back with it.
        A run in check mode is saved next to it as C(NAME.check-mode.csv), a run that changes no user as
        C(NAME.unchanged.csv). A run that changes users first moves it to C(NAME.1.csv), or the next free number. A
        warning names the new file. Of two runs that write to one path at the same time, one takes the next free number.
      - HTML is a page to read. It counts all users and lists at most 1,000, and O(users_from) cannot read it. The
        module M(frontline.entra.report) makes the same page from JSON, also for several tenants, and compares it with
        earlier reports.
      - Writing it never sets RV(ignore:changed).
    type: path
  progress:
    description:
      - Print progress lines once a run takes longer than ten seconds. They show the phase, users done, rate, share of
        throttled requests, and time left. They come every 5 seconds at first, later every 15 and then every 60.
      - The lines go to standard error without buffering. Standard output is not changed, so a callback that prints JSON
        keeps working. Set V(false) if a program reads both as one stream.
      - No lines are printed with C(no_log), C(async) or C(become), or if the connection is not C(local).
    type: bool
    default: true
  progress_path:
    description:
      - Write the same progress to this file as JSON, for other programs. It holds C(phase) (V(reading) or
        V(switching)), C(done) and C(total) users, C(seconds) since the phase began, and the requests C(sent) and
        C(throttled). C(waiting) is the number of seconds that the service makes the run wait. It must be a new or a
        regular file.
    type: path
notes:
  - The application needs C(UserAuthMethod-Phone.ReadWrite.All) or C(UserAuthenticationMethod.ReadWrite.All). For check
    mode C(UserAuthMethod-Phone.Read.All) or C(UserAuthenticationMethod.Read.All) is enough.
  - O(groups) and O(exclude_groups) need C(GroupMember.ReadBasic.All) or C(GroupMember.Read.All).
  - C(User.ReadBasic.All) or C(User.Read.All) is needed to look up users in O(exclude_users) that are not in the scope,
    and to match users given by name in one place and by id in another.
  - Only C(User.Read.All) shows which members of a group are guests or disabled. With a ReadBasic permission Graph
    probably returns neither.
  - Ansible writes module arguments to a temporary file unless pipelining is on. Turn pipelining on if credentials are
    options. With C(async) Ansible writes the file in any case, and C(ANSIBLE_KEEP_REMOTE_FILES) keeps it. Use
    credentials from the environment there, or O(certificate_path) or O(federated_token_file).
  - Secrets, tokens and phone numbers are masked in everything that the module returns or writes. A user name that is a
    phone number (nine digits or more) is masked as well; the object id next to it identifies the user.
  - A task fails if any user failed or was skipped. The result is returned in this case, too.
  - On SIGTERM, SIGINT or SIGHUP the module sends no further writes and takes up to 5 seconds to verify those it has
    sent. Then it fails with the result and the report of what was done. If it is killed, the last saved state of
    O(report_path) remains. Run it again in both cases; it continues from the states that it reads.
seealso:
  - module: frontline.entra.report
  - name: phoneAuthenticationMethod resource type
    description: The states and what they mean.
    link: https://learn.microsoft.com/en-us/graph/api/resources/phoneauthenticationmethod
"""

EXAMPLES = r"""
- name: Enable SMS sign-in for one user
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    user: anna@contoso.example

- name: Enable SMS sign-in for a group, except for the members of another
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
    exclude_groups: [Break glass]
    tolerate: [no_mobile_phone, account_disabled]
    max_changes: 500
    report_path: "{{ report_folder }}/frontline.csv"

- name: Roll back a run
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    users_from: "{{ report_folder }}/frontline.csv"
    state: previous

- name: Show in check mode which users would be enabled or refused
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
  check_mode: true
  register: dry_run
  failed_when: dry_run.reason not in [none, 'some_users_failed']

- name: Disable SMS sign-in for a group, ten users at a time
  frontline.entra.sms_sign_in:
    tenant_id: "{{ entra_tenant_id }}"
    client_id: "{{ entra_client_id }}"
    client_secret: "{{ entra_client_secret }}"
    groups: [Frontline]
    state: disabled
    change_limit: "10"
    max_failures: 3
"""

RETURN = r"""
msg:
  description:
    - If the run stopped early, why, and what to do next. Then the users that failed, at most five by name, and the
      counts of the others.
  returned: always
  type: str
  sample: "1 of 4 users failed: dora@contoso.example (phone_number_not_unique). 1 already enabled, 2 refused."
reason:
  description:
    - Why the task failed; null when it did not.
    - V(some_users_failed), V(incomplete), V(too_many_changes), V(authentication_failed), V(permission_missing),
      V(licence_missing), V(report_empty), V(group_not_found), V(group_ambiguous), V(group_empty), V(exclude_not_found),
      V(not_available_in_cloud), V(unreachable), V(invalid_options), V(invalid_file), V(missing_library) or
      V(internal_error).
  returned: always
  type: str
  sample: some_users_failed
support:
  description: The values for a support case, if a response of the service stopped the task. Null otherwise.
  returned: always
  type: dict
  contains: &support
    status:
      description: HTTP status.
      type: int
      sample: 403
    code:
      description: Error code.
      type: str
      sample: accessDenied
    request_id:
      description: The request id of the service.
      type: str
      sample: 5d3a1d8e-6f9e-4d9b-8a1f-1f4ab5fdb9a5
    client_request_id:
      description: The request id of the module.
      type: str
      sample: 0c8c52c9-43a5-4bd6-92a3-4d0a7e0c3b8e
    date:
      description: The time of the service.
      type: str
      sample: Mon, 23 Nov 2026 09:00:00 GMT
users:
  description:
    - One entry for each user that O(return_users) selects, at most 1,000. Failed users come first, then skipped,
      refused and changed users, then the rest.
  returned: always
  type: list
  elements: dict
  contains:
    user:
      description:
        - The user as given. For members of groups the user principal name, or the id if the name cannot be read. A
          phone number in it is masked.
      type: str
      sample: anna@contoso.example
    id:
      description: Object id; null if it is not known.
      type: str
      sample: 87d349ed-44d7-43e1-9a83-5f2406dee5bd
    state:
      description:
        - Graph's C(smsSignInState) as last read. V(noMobilePhone) without a mobile phone, null if it was never read. In
          check mode the predicted state.
      type: str
      sample: ready
    previous_state:
      description: The state before the run.
      type: str
      sample: notEnabled
    changed:
      description: Whether a read showed that the state changed; in check mode, whether it would change.
      type: bool
      sample: true
    failed:
      description: Whether this user fails the task.
      type: bool
      sample: false
    reason:
      description:
        - Why the user was refused, failed or skipped; null otherwise.
        - One of the values of O(tolerate), or V(forbidden), V(unverified), V(throttled), V(unknown_state),
          V(service_error) or V(skipped).
      type: str
      sample: not_allowed_by_policy
    msg:
      description: The state or the reason in words, and what to do next.
      type: str
      sample: SMS sign-in was enabled.
    phone_number:
      description: The mobile number with all but the last two digits masked.
      type: str
      sample: "********01"
    support:
      description: Same as RV(support), for this user.
      type: dict
      contains: *support
users_omitted:
  description: Number of users that RV(users) leaves out because of its size. The file of O(report_path) has all users.
  returned: always
  type: int
  sample: 0
summary:
  description: Counts. All but V(total) and RV(summary.reasons) add up to V(total).
  returned: always
  type: dict
  contains:
    total:
      description: All users.
      type: int
      sample: 4
    changed:
      description: Users whose state changed; in check mode, users whose state would change.
      type: int
      sample: 2
    unchanged:
      description: Users that were already in the desired state.
      type: int
      sample: 2
    refused:
      description: Users with a refusal that O(tolerate) accepts.
      type: int
      sample: 0
    failed:
      description: Users that failed.
      type: int
      sample: 0
    skipped:
      description: Users that were not reached.
      type: int
      sample: 0
    deferred:
      description: Users left out by O(change_limit).
      type: int
      sample: 0
    reasons:
      description: Number of users for each reason.
      type: dict
      sample: {"no_mobile_phone": 1}
requests:
  description: Requests and time of the run.
  returned: always
  type: dict
  contains:
    sent:
      description: HTTP calls, including those for the login.
      type: int
      sample: 5
    throttled:
      description: Requests that the service throttled, including those in batches.
      type: int
      sample: 0
    retried:
      description: Requests sent again.
      type: int
      sample: 0
    seconds:
      description: Run time of the module.
      type: float
      sample: 0.412
auth:
  description: How the module signed in.
  returned: always
  type: dict
  contains:
    method:
      description: The method.
      type: str
      sample: client_secret
    source:
      description: Where the credential came from, V(options) or V(environment).
      type: str
      sample: options
diff:
  description: States before and after by user, for at most 200 users that changed.
  returned: in diff mode
  type: dict
diff_omitted:
  description: Number of changed users that the diff leaves out.
  returned: in diff mode
  type: int
  sample: 0
"""

import re
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ansible_collections.frontline.entra.plugins.module_utils._domain._reasons import TOLERABLE
from ansible_collections.frontline.entra.plugins.module_utils._domain._states import DISABLED, ENABLED, PREVIOUS
from ansible_collections.frontline.entra.plugins.module_utils._domain._targets import (
    can_be_name,
    entries,
    lookalikes,
    plain_name,
    positions,
    user_entries,
)
from ansible_collections.frontline.entra.plugins.module_utils._errors import InvalidOptions
from ansible_collections.frontline.entra.plugins.module_utils._files import same_file
from ansible_collections.frontline.entra.plugins.module_utils._goals._sms_sign_in import SmsSignIn
from ansible_collections.frontline.entra.plugins.module_utils._module import EntraModule
from ansible_collections.frontline.entra.plugins.module_utils._options import MOST_SECONDS
from ansible_collections.frontline.entra.plugins.module_utils._run._doubts import UnfitMembers
from ansible_collections.frontline.entra.plugins.module_utils._run._limits import ChangeLimit, Limits
from ansible_collections.frontline.entra.plugins.module_utils._run._run import Order
from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Scope, Users

if TYPE_CHECKING:
    from collections.abc import Mapping, Set

    from ansible_collections.frontline.entra.plugins.module_utils._results._undo import Listed
    from ansible_collections.frontline.entra.plugins.module_utils._run._selection import Warn

OPTIONS = {
    "users": {"type": "list", "elements": "str", "aliases": ["user"]},
    "groups": {"type": "list", "elements": "str", "aliases": ["group"]},
    "users_from": {"type": "path"},
    "exclude_users": {"type": "list", "elements": "str"},
    "exclude_groups": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["enabled", "disabled", "previous"], "default": "enabled"},
    "tolerate": {"type": "list", "elements": "str"},
    "max_changes": {"type": "int"},
    "max_failures": {"type": "int"},
    "change_limit": {"type": "str"},
    "verify_timeout": {"type": "float", "default": 60.0},
    "run_timeout": {"type": "float"},
    "return_users": {"type": "str", "choices": ["all", "changed", "none"], "default": "all"},
    "report_path": {"type": "path"},
    "progress": {"type": "bool", "default": True},
    "progress_path": {"type": "path"},
}

LONGEST_GROUP_NAME = 256
"""Characters of a display name, at most (group resource page)."""

MOST_USERS = 10_000_000
LIMITS = (
    ("max_changes", 0, MOST_USERS),
    ("max_failures", 1, MOST_USERS),
    ("verify_timeout", 0, MOST_SECONDS),
    ("run_timeout", 1, MOST_SECONDS),
)
"""Options that are numbers, with their minimum and maximum."""


NAME_LISTS = ("users", "groups", "exclude_users", "exclude_groups")


def read_order(params: Mapping[str, Any], given: Set[str], check_mode: bool, warn: Warn) -> Order:
    """The order that the options describe. `given` are the options that the task sets. Raises EntraError."""
    if given.isdisjoint(("users", "groups", "users_from")):
        raise InvalidOptions("No users selected: set 'users', 'groups' or 'users_from'.")
    tolerate = entries(params["tolerate"])
    unknown = [reason for reason in tolerate if reason not in TOLERABLE]
    if unknown:
        raise InvalidOptions(f"'tolerate' cannot take '{unknown[0]}'. It takes {', '.join(TOLERABLE)}.")
    for option, least, most in LIMITS:
        if params[option] is not None and not least <= params[option] <= most:
            raise InvalidOptions(f"'{option}' must be a number from {least} to {most}.")
    require_different_files(params)
    users, exclude_users = read_users("users", params), read_users("exclude_users", params)
    wanted = params["state"] if "state" in given else None
    if params["users_from"] is None:
        if wanted == PREVIOUS:
            raise InvalidOptions("'state' previous rolls back a run: set 'users_from' to its report.")
    else:
        listed = read_file(params["users_from"], wanted, params.get("tenant_id"))
        if listed.state is not None and wanted in (None, PREVIOUS) and (users or params["groups"]):
            raise InvalidOptions(
                "'users_from' is a report, which sets its users back to the other state. Leave out 'users' and"
                " 'groups', or set 'state' to enabled or disabled for all of them."
            )
        users += listed.users
        wanted = listed.state or wanted
        for warning in listed.warnings:
            warn(warning)
    groups, exclude_groups = read_groups("groups", params), read_groups("exclude_groups", params)
    desired = wanted or params["state"]
    return Order(
        SmsSignIn(desired),
        Users(Scope(users, groups, exclude_users, exclude_groups), empty_group_fails=desired == DISABLED),
        Limits(
            tolerate=tolerate,
            max_changes=params["max_changes"],
            max_failures=params["max_failures"],
            change_limit=read_change_limit(params["change_limit"]),
            verify_timeout=params["verify_timeout"],
            run_timeout=params["run_timeout"],
        ),
        check_mode,
        doubts=[UnfitMembers()] if desired == ENABLED else [],
    )


def read_users(option: str, params: Mapping[str, Any]) -> list[str]:
    """The names in a list of users. Raises InvalidOptions with the positions of entries that cannot be names."""
    names = [plain_name(entry) for entry in user_entries(params[option])]
    bad = [
        f"entry {place}{lookalikes(name)}"
        for place, name in enumerate(names, start=1)
        if name and not can_be_name(name)
    ]
    if bad:
        raise InvalidOptions(
            f"'{option}' has no user name at {positions(bad)}. A user is an object id or a user principal name"
            " (NAME@DOMAIN), without blanks."
        )
    return [name for name in names if name]


def read_groups(option: str, params: Mapping[str, Any]) -> list[str]:
    """The names in a list of groups. Raises InvalidOptions for one that is longer than a display name can be."""
    names = entries(params[option])
    bad = [f"entry {place}" for place, name in enumerate(names, start=1) if len(name) > LONGEST_GROUP_NAME]
    if bad:
        raise InvalidOptions(f"'{option}' has a name of more than {LONGEST_GROUP_NAME} characters at {positions(bad)}.")
    return names


def require_different_files(params: Mapping[str, Any]) -> None:
    """Require that no file is both read and written, or written twice. Raises InvalidOptions."""
    for one, other in combinations(("users_from", "report_path", "progress_path"), 2):
        if params[one] is not None and params[other] is not None and same_file(params[one], params[other]):
            raise InvalidOptions(f"'{one}' and '{other}' are the same file. Give '{other}' another name.")


def read_file(path: str, wanted: str | None, tenant: str | None) -> Listed:
    """The users in `users_from`, and the state that rolls it back if it is a report."""
    # Imported only if needed, because Ansible compiles it again in every task.
    from ansible_collections.frontline.entra.plugins.module_utils._results._undo import users_from

    return users_from(path, wanted, tenant)


def read_change_limit(text: str | None) -> list[ChangeLimit] | None:
    """The waves in `10`, `10%` or `10, 25%`. Raises InvalidOptions for anything else, and for more than 100%."""
    return None if text is None else [_read_wave(wave.strip()) for wave in text.split(",")]


def _read_wave(text: str) -> ChangeLimit:
    found = re.fullmatch(r"(\d{1,9})(\s*%)?", text)
    if not found or (found.group(2) and int(found.group(1)) > 100):
        raise InvalidOptions(
            "'change_limit' must be a number or a percentage such as 10%, and so must each wave of the role:"
            f" {text[:80]!r}."
        )
    return ChangeLimit(int(found.group(1)), percent=bool(found.group(2)))


def main() -> None:
    EntraModule(OPTIONS, NAME_LISTS).reconcile(read_order)


if __name__ == "__main__":
    main()
