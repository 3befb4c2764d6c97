# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""environment.py FOLDER FILE...: a virtual environment in FOLDER with the requirements in the FILEs, unless up to date.

It is up to date when the same interpreter made it, at the same place, from files with the same content; those that a
file includes with -r count too.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import subprocess
import sys
import venv
from pathlib import Path


def with_included(files: list[Path]) -> list[Path]:
    """The files and those that they include; one that is missing stays in the list."""
    found = list(files)
    for file in found:
        if file.exists():
            lines = re.findall(r"^-r +(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
            found += [file.parent / name for name in lines]
    return found


def main(folder: Path, files: list[Path]) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        read = with_included(files)
        missing = [str(file) for file in read if not file.exists()]
        if missing:
            sys.exit(f"{missing[0]} is missing. In an installed collection only 'make simulator' works; use a clone.")
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in read]
        origin = "\n".join([os.path.realpath(sys.executable), sys.version, str(folder), *digests])
        # Written last: an environment without it is incomplete.
        stamp = folder / "made-from"
        if stamp.exists() and stamp.read_text(encoding="utf-8") == origin:
            return
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"Preparing {folder.name} with Python {version}, once; it takes about a minute ...", flush=True)
        venv.create(folder, clear=True, symlinks=True, with_pip=True)
        command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        for file in files:
            command += ["--requirement", str(file)]
        pip = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if pip.returncode:
            sys.exit(f"{pip.stdout}\nThe packages could not be installed; the environment was not made.")
        stamp.write_text(origin, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
