# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutants.py FOLDER: puts small faults into the code that decides, one at a time, and asks the unit tests to notice.

FOLDER holds a copy of the collection in ansible_collections/frontline/entra. Prints the faults that went unnoticed and
the share noticed of each file; fails below LEAST percent in any. docs/mutants.md says why what is left is left.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

COLLECTION = "ansible_collections/frontline/entra"
CODE = f"{COLLECTION}/plugins/module_utils"
TESTS = f"{COLLECTION}/tests/unit/plugins/module_utils"

FILES = ["_domain/*.py", "_permission.py", "_prove.py", "_reconcile.py"]
TESTED_BY = ["_domain", "test__permission.py", "test__prove.py", "test__reconcile.py"]

LEAST = 90
SECONDS = 1500
"""For all together; about five minutes are needed on two cores."""

# One that makes the code run for ever is noticed by its time.
NOTICED = {"killed", "timeout"}


def configure(folder: Path) -> None:
    """mutmut takes its settings from the folder that it is started in, and keeps what it made in mutants/ there."""
    shutil.rmtree(folder / "mutants", ignore_errors=True)
    settings = {
        "source_paths": [COLLECTION],
        "only_mutate": [f"{CODE}/{file}" for file in FILES],
        "pytest_add_cli_args_test_selection": [f"{TESTS}/{test}" for test in TESTED_BY],
    }
    lines = ["[tool.mutmut]", *(f"{name} = {values!r}" for name, values in settings.items())]
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def mutmut(folder: Path, *arguments: str) -> str:
    """What mutmut says; ends the run with the last of it if mutmut fails."""
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        sys.exit(f"The time is over: {SECONDS} seconds.")
    if done.returncode:
        sys.exit(f"{done.stdout[-10000:]}\nmutmut failed.")
    return done.stdout


def change(diff: str) -> str:
    """The lines that a mutant changes, of its unified diff."""
    return "\n".join(line for line in diff.splitlines() if re.match(r"[-+](?![-+]{2} )", line))


def main(folder: Path) -> None:
    configure(folder)
    mutmut(folder, "run")
    verdicts = re.findall(r"^ *(\S+): (.+)$", mutmut(folder, "results", "--all", "true"), re.MULTILINE)
    files: dict[str, list[str]] = defaultdict(list)
    for name, verdict in verdicts:
        module = name.rpartition(".")[0].removeprefix(CODE.replace("/", ".") + ".")
        files[module.replace(".", "/") + ".py"].append(verdict)
        if verdict not in NOTICED:
            print(f"{name.rpartition('.')[2]}: {verdict}\n{change(mutmut(folder, 'show', name))}\n", flush=True)
    poor = []
    for file, found in sorted(files.items()):
        noticed = sum(verdict in NOTICED for verdict in found)
        print(f"{100 * noticed / len(found):5.1f} %  {noticed:4} of {len(found):4}  {file}")
        if 100 * noticed < LEAST * len(found):
            poor.append(file)
    if not files:
        sys.exit("No fault was put in anywhere.")
    if poor:
        sys.exit(f"Fewer than {LEAST} % were noticed in {', '.join(poor)}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
