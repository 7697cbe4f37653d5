#!/usr/bin/env python3
"""The core rooms hold no mutable global: their archives have no symbol in .data, .bss or thread-local storage.
Usage: check_globals.py OBJDUMP ARCHIVE..."""
import re
import subprocess
import sys

from sources import finish

SYMBOL = re.compile(r"^[0-9a-f]{16} [lgu!w ].{5}O (\.(?:data|bss|tdata|tbss)(?!\.rel\.ro)[^\t ]*)\s+([0-9a-f]{16}) (?:\.hidden )?(.*)$")
# Read once and immutable after: the CPU word, the kernels picked by it, and the algorithm handles that the openssl
# provider fetches. The source of random bytes has a state, and says how it is shared.
ALLOWED = re.compile(r"^(guard variable for )?bulla::((openssl|builtin)_provider\(\)::|openssl::|crypto::(\(anonymous namespace\)::)?cpu_word)")


def main():
    objdump, *archives = sys.argv[1:]
    findings = []
    for archive in archives:
        text = subprocess.run([objdump, "-t", "-C", archive], check=True, capture_output=True, text=True).stdout
        member = ""
        for line in text.splitlines():
            if ":     file format" in line:
                member = line.split(":")[0]
            match = SYMBOL.match(line)
            if not match or "DW.ref." in line:
                continue
            if not ALLOWED.match(match.group(3)):
                findings.append(f"{archive}({member}): {match.group(3)} in {match.group(1)}: a mutable global")
    finish("globals", findings)


if __name__ == "__main__":
    main()
