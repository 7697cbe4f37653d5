#!/usr/bin/env python3
"""Our client and server against TLS stacks that we did not write; prints a matrix, fails where a cell does.

usage: matrix.py DRIVER [--full]

Each cell checks version, suite, resumption and client identity as the *peer* reports them. Peers that are not
installed are named; with --full that is a failure.
"""
import json
import os
import subprocess
import sys
import tempfile
import traceback

import clients
import servers
from common import Certificates, Skipped

VERSIONS = ("1.2", "1.3")
KEYS = ("ecdsa", "rsa")


def suite_of(version, key):
    """What both sides agree on: ours prefer AES-128-GCM."""
    if version == "1.3":
        return "TLS_AES_128_GCM_SHA256"
    return f"TLS_ECDHE_{'ECDSA' if key == 'ecdsa' else 'RSA'}_WITH_AES_128_GCM_SHA256"


def check(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: peer reports {got!r}, expected {wanted!r}")


def our_server_cell(peer, driver, certs, version, key):
    """A peer's client against our server: plain, mutual and resumed."""
    marks = ""
    for client_auth in (False, True):
        if client_auth and not peer.can_authenticate:
            continue
        with servers.OurServer(driver, certs, version, key, client_auth) as server:
            for report in peer.visit(server.port, certs, version, key, client_auth, count=2 if peer.can_resume else 1):
                check("version", report.version, version)
                if report.suite is not None:
                    check("suite", report.suite, suite_of(version, key))
                # What our server saw of the same connection came back in the page.
                check("page's version", report.page["version"], f"TLS {version}")
                check("page's suite", report.page["suite"], suite_of(version, key))
                check("page's client", report.page["peer"], "CN=client" if client_auth else "")
                if peer.hybrid and version == "1.3":
                    check("page's group", report.page["group"], peer.hybrid)
                if report.resumed is not None:
                    check("resumed", report.resumed, report.expect_resumed)
                    check("page's resumed", report.page["resumed"], report.expect_resumed)
        marks += "m" if client_auth else "+"
    return marks + ("r" if peer.can_resume else "")


def our_client_cell(peer, driver, certs, version, key):
    """Our client against a peer's server: plain, mutual and resumed."""
    marks = ""
    for client_auth in (False, True):
        if client_auth and not peer.can_authenticate:
            continue
        with peer.serve(certs, version, key, client_auth) as server:
            command = [driver, "client", str(server.port), certs.ca, version, "2"]
            if client_auth:
                command += [certs.client, certs.client_key]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            if done.returncode != 0:
                raise AssertionError(done.stdout + done.stderr)
            check("connections", len(lines), 2)
            for i, ours in enumerate(lines):
                report = peer.read(ours["body"])
                check("version", report.version, version)
                if report.suite is not None:
                    check("suite", report.suite, ours["suite"])
                check("our resumed", ours["resumed"], i == 1 and peer.can_resume)
                if report.resumed is not None:
                    check("resumed", report.resumed, i == 1 and peer.can_resume)
                if client_auth and report.client is not None:
                    check("client", report.client, "client")
        marks += "m" if client_auth else "+"
    return marks + ("r" if peer.can_resume else "")


def run_half(title, peers, cell, driver, certs, full):
    print(f"\n{title:<22}" + "".join(f"{f'{v} {k}':>12}" for v in VERSIONS for k in KEYS))
    failures = []
    for peer in peers:
        row = f"{peer.name:<22}"
        for version in VERSIONS:
            for key in KEYS:
                try:
                    row += f"{cell(peer, driver, certs, version, key):>12}"
                except Skipped as why:
                    row += f"{'skipped':>12}"
                    if full:
                        failures.append(f"{peer.name}: not installed: {why}")
                except Exception as why:  # noqa: BLE001: every failure is reported with its cell
                    row += f"{'FAIL':>12}"
                    failures.append(f"{title}: {peer.name}, TLS {version}, {key}: {why}")
                    if os.environ.get("BULLA_INTEROP_TRACE"):
                        traceback.print_exc()
        print(row, flush=True)
    return failures


def main():
    driver, full = sys.argv[1], "--full" in sys.argv
    with tempfile.TemporaryDirectory(prefix="bulla-interop-") as folder:
        certs = Certificates(folder)
        failures = run_half("their client", clients.peers(full), our_server_cell, driver, certs, full)
        failures += run_half("their server", servers.peers(full), our_client_cell, driver, certs, full)
    print("\n+ data both ways   m mutual authentication   r resumed the second time")
    for failure in dict.fromkeys(failures):
        print(f"FAILED {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
