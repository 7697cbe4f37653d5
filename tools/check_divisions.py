#!/usr/bin/env python3
"""A division takes longer for some numbers than for others, and no checker of constant time reports it. So the crypto
room divides in few functions, which are named here with the public numbers that they divide.
Usage: check_divisions.py OBJDUMP ARCHIVE"""
import re
import subprocess
import sys

from sources import finish

DIVISION = re.compile(r"\t(?:i?div[bwlq]?|v?div[sp][sd]|v?sqrt[sp][sd])\b")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
MEMBER = re.compile(r"^(\S+\.o):\s+file format")
# Functions, and what they divide. Names that end in _vartime are for public numbers only.
ALLOWED = re.compile(
    r"_vartime\b"
    r"|\baes::.*\bexpand(_words)?\b"           # the number of a word by the number of words in a key
    r"|\bModulus::to_montgomery\b"             # lengths
    r"|\bremainder_small\b"                    # 2^64 by a public divisor; the dividend is multiplied instead
    r"|\bbulla::pbkdf2\b"                      # lengths
    r"|\bml_dsa::(inverse_)?ntt\b"            # places in a polynomial
    r"|\bScryptCost::memory\b|\bbulla::scrypt\b")  # costs


def main():
    objdump, archive = sys.argv[1:]
    text = subprocess.run([objdump, "-d", "-C", "--no-show-raw-insn", archive], check=True, capture_output=True,
                          text=True).stdout
    findings, member, function, functions = set(), "", "", 0
    for line in text.splitlines():
        if match := MEMBER.match(line):
            member = match.group(1)
        elif match := FUNCTION.match(line):
            function = match.group(1)
            functions += 1
        elif DIVISION.search(line) and "bulla::openssl::" not in function and not ALLOWED.search(function):
            findings.add(f"{archive}({member}): {function} divides: say in tools/check_divisions.py why that is public")
    if functions < 100:
        findings.add(f"{archive}: only {functions} functions were disassembled")
    finish("divisions", sorted(findings))


if __name__ == "__main__":
    main()
