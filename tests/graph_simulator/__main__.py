# Copyright: (c) 2026, the frontline.entra contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m graph_simulator``: serve a tenant until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
from pathlib import Path

from .rehearsal import REHEARSAL, tenant_from_csv
from .simulator import Simulator


def main() -> int:
    parser = argparse.ArgumentParser(prog="graph_simulator", description="Microsoft Graph and Entra login on loopback.")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--tenant", type=Path, help="tenant file (YAML)")
    source.add_argument("--csv", type=Path, help="list of users (CSV, JSON or text) that becomes a tenant")
    parser.add_argument("--port", type=int, default=0, help="Graph's port; 0, the default of all ports, is a free one")
    parser.add_argument("--login-port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--identity-port", type=int, default=0, help="managed identity, plain HTTP")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on; 0.0.0.0 is every address")
    parser.add_argument(
        "--name", action="append", default=[], help="another name or address in the certificate; URLs contain the first"
    )
    parser.add_argument(
        "--ca", type=Path, metavar="FILE", help="keep the certificate authority in this file; created if missing"
    )
    parser.add_argument("--ca-out", type=Path, metavar="FILE", help="write the CA certificate (PEM) to this file")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="write the ready line to this file too")
    parser.add_argument(
        "--scenario", action="append", default=[], metavar="FILE", help="scenario file (YAML) in force from the start"
    )
    options = parser.parse_args()

    # Blocked before any thread starts, they stay with this one until it waits for them.
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        simulator = Simulator(
            options.tenant or tenant_from_csv(options.csv),
            port=options.port,
            login_port=options.login_port,
            control_port=options.control_port,
            identity_port=options.identity_port,
            host=options.host,
            names=options.name,
            ca=options.ca,
        )
        with simulator:
            for file in options.scenario:
                simulator.inject_file(file)
            _report(simulator, options)
            signal.sigwait(ending)
    except (OSError, ValueError) as error:
        print(f"graph_simulator: {error}", file=sys.stderr)
        return 2
    return 0


def _report(simulator: Simulator, options: argparse.Namespace) -> None:
    """Write the ready line, and before it the files that options name."""
    if options.ca_out:
        shutil.copyfile(simulator.ca_file, options.ca_out)
    ready = json.dumps(
        {
            "graph_url": simulator.graph_url,
            "login_url": simulator.login_url,
            "control_url": simulator.control_url,
            "identity_url": simulator.identity_url,
            "identity_header": simulator.identity_header,
            "ca_file": str(options.ca_out.absolute() if options.ca_out else simulator.ca_file),
            **(REHEARSAL if options.csv else {}),
        }
    )
    if options.ready_file:
        # A program that waits for the file must not find half of it.
        half = options.ready_file.with_name(f"{options.ready_file.name}.new")
        half.write_text(f"{ready}\n", "utf-8")
        half.replace(options.ready_file)
    print(ready, flush=True)


if __name__ == "__main__":
    sys.exit(main())
