#!/usr/bin/env python3
"""ML-DSA against OpenSSL: our client and server and Node.js, each set and a chain, plain, mutual and resumed.

usage: ml_dsa.py DRIVER

Debian 12 has no TLS stack with ML-DSA. This runs where `node`, or the program that BULLA_NODE names, has OpenSSL 3.5 or
later inside (Node.js from 24), and is skipped elsewhere.
"""
import json
import os
import shutil
import subprocess
import sys

from common import Process, free_port

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "..", "tls", "data")
# Leaves of each set under a CA of P-256, and a chain of all three sets.
CASES = (("mldsa44", "ca"), ("mldsa65", "ca"), ("mldsa87", "ca"), ("mldsa-chain", "mldsa-ca"))


def find_node():
    """Its path, if its OpenSSL knows ML-DSA."""
    node = shutil.which(os.environ.get("BULLA_NODE", "node"))
    if not node:
        return None
    version = subprocess.run([node, "-p", "process.versions.openssl"], capture_output=True, text=True, check=True).stdout
    return node if tuple(int(n) for n in version.strip().split("+")[0].split(".")[:2]) >= (3, 5) else None


def check(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: {got!r}, expected {wanted!r}")


def lines_of(command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stdout}{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def their_client(node, driver, identity, ca, mutual):
    port = free_port()
    with Process([driver, "server", str(port), *identity, "1.3", *([ca] if mutual else [])], port):
        visits = lines_of([node, os.path.join(HERE, "client.js"), str(port), ca, "1.3", "2",
                           *(identity if mutual else [])])
    check("connections", len(visits), 2)
    for i, visit in enumerate(visits):
        check("version", visit["version"], "TLSv1.3")
        check("resumed", visit["resumed"], i == 1)
        page = json.loads(visit["page"].split("\r\n\r\n", 1)[1])
        check("resumed, as our server says", page["resumed"], i == 1)
        check("the client, as our server says", page["peer"] != "", mutual)


def their_server(node, driver, identity, ca, mutual):
    port = free_port()
    with Process([node, os.path.join(HERE, "server.js"), str(port), *identity, "1.3", *([ca] if mutual else [])], port):
        visits = lines_of([driver, "client", str(port), ca, "1.3", "2", *(identity if mutual else [])])
    check("connections", len(visits), 2)
    for i, visit in enumerate(visits):
        check("resumed", visit["resumed"], i == 1)
        page = json.loads(visit["body"].split("\r\n\r\n", 1)[1])
        check("version", page["version"], "TLSv1.3")
        check("resumed, as their server says", page["resumed"], i == 1)
        check("the client, as their server says", page["client"] is not None, mutual)


def main():
    driver, node = sys.argv[1], find_node()
    if not node:
        print("SKIPPED: no Node.js with OpenSSL 3.5 or later (BULLA_NODE=PATH names one)")
        return 77
    for name, ca in CASES:
        identity = [os.path.join(DATA, f"{name}{end}.pem") for end in ("", ".key")]
        for cell in (their_client, their_server):
            # Node.js keeps no session of more than 10 KiB, and this chain in a ticket is 12.
            for mutual in (False,) if name == "mldsa-chain" else (False, True):
                cell(node, driver, identity, os.path.join(DATA, f"{ca}.pem"), mutual)
                print(f"{name} {cell.__name__.replace('_', ' ')}{', mutual' if mutual else ''}: full, resumed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
