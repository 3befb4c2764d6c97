# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""cores.py FOLDER: runs the tests of Ansible's commands on each ansible-core that this Python can have.

Each has an environment of its own in FOLDER, which is kept, and one more with the ansible-runner of older execution
nodes. One line an environment says how many tests passed; all is shown of a run that failed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import environment
from check import IDLE

CORES = {
    "2.16": ("3.10", "3.12"),
    "2.17": ("3.10", "3.12"),
    "2.18": ("3.11", "3.13"),
    "2.19": ("3.11", "3.13"),
    "2.20": ("3.12", "3.14"),
    "2.21": ("3.12", "3.14"),
}
"""From the oldest that meta/runtime.yml permits: the first and the last Python that each supports on the controller."""
TESTS = {"": ["tests/integration", "-m", "commands"], "2.4.1": ["tests/integration/test_runner.py"]}
"""What runs by the version of ansible-runner: with the newest everything, with the one of AWX 24 what depends on it."""


def minor(version: str) -> int:
    return int(version.split(".")[1])


def passes(core: str, runner: str, folder: Path) -> bool:
    name = f"core-{core}-runner-{runner}" if runner else f"core-{core}"
    wanted = folder / f"{name}.txt"
    version_of_runner = f"ansible-runner=={runner}\n" if runner else ""
    wanted.write_text(f"ansible-core=={core}.*\n{version_of_runner}", encoding="utf-8")
    place = folder / f"venv-{name}"
    environment.main(place, [Path("requirements/tests.txt"), wanted])
    python = place / "bin" / "python"
    version = (
        "import importlib.metadata as metadata; print(*(f'{name} {metadata.version(name)}' for name in"
        " ('ansible-core', 'ansible-runner')), sep=', ')"
    )
    found = subprocess.run([python, "-c", version], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    process = subprocess.run(
        [python, "-m", "pytest", "-q", "-n", "2", "-p", "no:cacheprovider", *TESTS[runner]],
        env={**os.environ, "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # A core that brings no test to run proves nothing either.
    counts = re.findall(r"^.*\d+ passed.* in .*s.*$", process.stdout, re.MULTILINE)
    passed = process.returncode == 0 and bool(counts) and not re.search(IDLE, process.stdout)
    if not passed:
        print(process.stdout)
    told = counts[-1] if counts else "no test"
    print(f"{'passed' if passed else 'FAILED'}: {found}, {told}", flush=True)
    return passed


def main(folder: Path) -> None:
    ours = sys.version_info.minor
    cores = [core for core, (first, last) in CORES.items() if minor(first) <= ours <= minor(last)]
    print(f"Python 3.{ours} can have ansible-core {', '.join(cores)}.", flush=True)
    failed = [core for core in cores for runner in TESTS if not passes(core, runner, folder)]
    if failed or not cores:
        sys.exit(f"Not everything passed: {', '.join(failed) or 'nothing was tried'}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
