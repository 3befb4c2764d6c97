# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""mutants.py FOLDER: mutation testing of the decision logic.

FOLDER holds a copy of the collection in ansible_collections/frontline/entra. mutmut changes the code in one place at a
time and runs the unit tests on each changed copy, a mutant. Prints the mutants that survived and the share that was
killed in each file; fails below LEAST percent in any file. docs/mutants.md explains the survivors.
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

FILES = [
    *("_domain/*.py", "_goals/*.py", "_run/*.py", "_graph/_patience.py"),
    *("_results/_lists.py", "_results/_message.py", "_results/_outcomes.py", "_results/_undo.py"),
]
# Its only function runs while it is imported, which is before mutmut chooses a mutant.
NOT_SEEN = ["_domain/_reasons.py"]
TESTED_BY = [
    *("_domain", "_goals", "_run", "_graph/test__patience.py", "_results"),
]

LEAST = 90
SECONDS = 14400
"""For all files together."""

# A mutant that never ends is killed by its time limit.
KILLED = {"killed", "timeout"}


def configure(folder: Path) -> None:
    """Write mutmut's settings to the folder that it is started in; its results are in the folder mutants there."""
    shutil.rmtree(folder / "mutants", ignore_errors=True)
    settings = {
        "source_paths": [COLLECTION],
        "only_mutate": [f"{CODE}/{file}" for file in FILES],
        "do_not_mutate": [f"{CODE}/{file}" for file in NOT_SEEN],
        "pytest_add_cli_args_test_selection": [f"{TESTS}/{test}" for test in TESTED_BY],
    }
    lines = ["[tool.mutmut]", *(f"{name} = {values!r}" for name, values in settings.items())]
    (folder / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def mutmut(folder: Path, *arguments: str) -> str:
    """The output of mutmut; ends with the last part of it if mutmut fails."""
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
        sys.exit(f"mutmut took longer than {SECONDS} seconds.")
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
        if verdict not in KILLED:
            print(f"{name.rpartition('.')[2]}: {verdict}\n{change(mutmut(folder, 'show', name))}\n", flush=True)
    poor = []
    for file, found in sorted(files.items()):
        killed = sum(verdict in KILLED for verdict in found)
        print(f"{100 * killed / len(found):5.1f} %  {killed:4} of {len(found):4}  {file}")
        if 100 * killed < LEAST * len(found):
            poor.append(file)
    if not files:
        sys.exit("There are no mutants.")
    if poor:
        sys.exit(f"Less than {LEAST} % killed in {', '.join(poor)}.")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
