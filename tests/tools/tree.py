# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""tree.py FOLDER: makes FOLDER a copy of the files that git knows here, committed or not, ignored ones left out.

ansible-test wants its collection at .../ansible_collections/NAMESPACE/NAME and follows no links. Only what differs is
copied, so that a run in the copy is not disturbed by the next one.
"""

from __future__ import annotations

import contextlib
import fcntl
import filecmp
import os
import shutil
import subprocess
import sys
from pathlib import Path


def known_files(folder: Path) -> set[str]:
    """The paths, relative to folder, of the files that git does not ignore; raises CalledProcessError outside git."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, check=True).stdout
    names = {os.fsdecode(name) for name in listing.split(b"\0") if name}
    # git names deleted files too, until their deletion is staged.
    return {name for name in names if (folder / name).is_file()}


def copy(source: Path, target: Path) -> None:
    if target.is_file() and filecmp.cmp(source, target) and source.stat().st_mode == target.stat().st_mode:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    shutil.copy2(source, draft)
    draft.replace(target)


def synchronise(source: Path, target: Path, wanted: set[str]) -> None:
    # Its own repository: otherwise ansible-test uses the surrounding one, which ignores the whole copy.
    subprocess.run(["git", "init", "--quiet"], cwd=target, check=True)
    for name in sorted(known_files(target) - wanted):
        (target / name).unlink()
        with contextlib.suppress(OSError):  # not empty
            os.removedirs((target / name).parent)
    for name in sorted(wanted):
        copy(source / name, target / name)
    # In folders that git does not know, reuse finds ignored files too.
    subprocess.run(["git", "add", "--all"], cwd=target, check=True)


def main(here: Path, folder: Path) -> None:
    try:
        wanted = known_files(here)
    except FileNotFoundError:
        sys.exit("git is needed and was not found; please install it.")
    except subprocess.CalledProcessError:
        sys.exit("The files to test are those that git knows; please work in a clone of the repository.")
    if "galaxy.yml" not in wanted:
        sys.exit("There is no galaxy.yml; please run this from the root of the collection.")
    folder.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        synchronise(here, folder, wanted)


if __name__ == "__main__":
    main(Path.cwd(), Path(sys.argv[1]))
