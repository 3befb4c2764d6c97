# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""measured.py FILE COMMAND...: runs a command and writes into FILE its seconds, CPU seconds and maximum memory in KiB.

It is a small, separate program, because the kernel counts the memory of the parent for a forked process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(file: str, *command: str) -> int:
    started = time.perf_counter()
    process = subprocess.Popen(command)
    _pid, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    taken = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "kib": used.ru_maxrss}
    Path(file).write_text(json.dumps(taken), encoding="utf-8")
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
