# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""matrix.py [--cores CORE...] [--only NAME...]: the checks that depend on ansible-core, on each of its versions.

Those are the versions that this Python can have. Each has an environment of its own, which is kept. Two more have what
others run: the ansible-runner of older execution nodes, and the ansible-lint of the certification.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import environment
from check import ANSIBLE_LINT, BUILD, HOME, PYTEST, PYTHON, SANITY, Check, prepare_ansible_test, report, run

CORES = {
    "2.16": ("3.10", "3.12"),
    "2.17": ("3.10", "3.12"),
    "2.18": ("3.11", "3.13"),
    "2.19": ("3.11", "3.13"),
    "2.20": ("3.12", "3.14"),
    "2.21": ("3.12", "3.14"),
}
"""From the oldest that meta/runtime.yml permits: the first Python that each supports on the controller, and the last
one that it supports at all."""

TARGETS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
"""From the oldest Python that tests/config.yml permits modules. Those that are installed are tried."""

TESTS = f"{PYTEST} -p no:cacheprovider"
PASSED = r"[1-9]\d* passed.* in [\d.]+s"


class Kind(NamedTuple):
    """A check of each version, or of some, and what its environment has besides the packages of the tests."""

    command: str
    evidence: str
    packages: tuple[str, ...] = ()
    cores: tuple[str, ...] = tuple(CORES)


KINDS = {
    "sanity": Kind(SANITY, r'Running sanity test "validate-modules".*'),
    # The Pythons hardly differ from one version to the next.
    "targets": Kind("", r'Running sanity test "import" on Python .*', cores=("2.16", "2.21")),
    "units": Kind(f"{TESTS} tests/unit/plugins", PASSED),
    "commands": Kind(f"{TESTS} tests/integration -m commands", PASSED),
    # The version of AWX 24.
    "runner": Kind(f"{TESTS} tests/integration/test_runner.py", PASSED, ("ansible-runner==2.4.1",)),
    # The version of Red Hat's certification.
    "lint": Kind(
        ANSIBLE_LINT, r"0 failure\(s\), 0 warning\(s\) on [1-9]\d* files", ("ansible-lint==24.12.2",), ("2.16",)
    ),
}


def minor(version: str) -> int:
    return int(version.split(".")[1])


def possible() -> list[str]:
    """The versions that support the Python that runs this."""
    return [core for core, (first, last) in CORES.items() if minor(first) <= sys.version_info.minor <= minor(last)]


def interpreters() -> dict[str, str]:
    """The target Pythons that are installed, by version."""
    found = {}
    for version in TARGETS:
        name = f"python{version}"
        if shutil.which(name):
            # A shim of pyenv may stand for a Python that is not there.
            command = [name, "-c", "import sys; print(sys.executable)"]
            asked = subprocess.run(command, capture_output=True, text=True, check=False)
            if not asked.returncode:
                found[version] = asked.stdout.strip()
    return found


def on_targets(core: str) -> str:
    """The command that compiles and imports the plugins for modules on each Python that the version has as target."""
    test = f"HOME={HOME} ansible-test sanity --test compile --test import --color no --requirements --venv"
    return " && ".join(
        f"{test} --python {version} --python-interpreter {python}"
        for version, python in interpreters().items()
        if minor(version) <= minor(CORES[core][1])
    )


def prepared(core: str, packages: tuple[str, ...]) -> Path:
    """The programs of the environment with this version and these packages."""
    name = "-".join([f"core-{core}", *(package.replace("==", "-") for package in packages)])
    wanted = BUILD / f"{name}.txt"
    wanted.write_text("\n".join([f"ansible-core=={core}.*", *packages, ""]), encoding="utf-8")
    environment.main(BUILD / f"venv-{name}", [Path("requirements/tests.txt"), wanted])
    return BUILD / f"venv-{name}" / "bin"


def checks(cores: list[str], names: list[str]) -> Iterator[Check]:
    for core in cores:
        for name, kind in KINDS.items():
            if name in names and core in kind.cores:
                programs = prepared(core, kind.packages)
                command = on_targets(core) if name == "targets" else kind.command
                begin = f"export PATH={programs}:$PATH && ansible --version | sed -n 1p && "
                yield Check(name, f"{core} {name}", begin + command, rf"^ansible \[core .*\]|{kind.evidence}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs what depends on ansible-core, on each version.")
    parser.add_argument("--cores", nargs="+", choices=possible(), default=possible())
    parser.add_argument("--only", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    print(f"Python {PYTHON} can have ansible-core {', '.join(possible())}.", flush=True)
    start = time.monotonic()
    prepare_ansible_test()
    report([run(check) for check in checks(options.cores, options.only)], start)


if __name__ == "__main__":
    main()
