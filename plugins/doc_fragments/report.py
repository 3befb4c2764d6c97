# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What is reported of a run, and where."""

    DOCUMENTATION = r"""
---
options:
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
        its mode is 0600. It must be a new or a regular file, not a link, and not a file that the task reads.
      - Written before the first change (the plan) and updated at least every ten seconds. Also written in check mode;
        the C(check_mode) column shows it. The C(written) column shows to which users a write may have been sent.
      - A report of a run that changed users is never overwritten, because
        O(frontline.entra.sms_sign_in#module:users_from) can roll that run back with it. A run in check mode is saved
        next to it as C(NAME.check-mode.csv), a run that changes no user as C(NAME.unchanged.csv). A run that changes
        users first moves it to C(NAME.1.csv), or the next free number. A warning names the new file. Of two runs that
        write to one path at the same time, one takes the next free number.
      - HTML is a page to read. It counts all users and lists at most 1,000, and it cannot roll a run back. The
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
      - Write the same progress to this file as JSON, for other programs. C(phase) is V(listing) (of group members and
        the registration report), V(reading), V(checking) (of other methods, or of who holds a number), then
        V(switching) or V(writing). C(done) and C(total) count users (V(0) if the total is not known yet), and
        C(seconds) is the time since the phase began. C(sent) and C(throttled) count requests. C(waiting) is the number
        of seconds that the service makes the run wait. It must be a new or a regular file.
    type: path
"""
