#!/usr/bin/env python3
"""A division takes longer for some numbers than for others, and no checker of constant time reports it. So the crypto
room divides in few functions, which are named here with the public numbers that they divide.
Usage: check_divisions.py OBJDUMP ARCHIVE"""
import re
import subprocess
import sys

from sources import finish

DIVISION = re.compile(r"\t(?:i?div[bwlq]?|v?div[sp][sd]|v?sqrt[sp][sd])\b")
# The compiler's own functions for wide numbers: a call, or the relocation behind one (__udivmodti4 gives both results).
CALLED = re.compile(r"\b__(?:u?(?:div|mod)[dt]i3|u?divmod[dt]i4)\b")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.*)>:$")
MEMBER = re.compile(r"^(\S+\.o):\s+file format")
# Functions, and what they divide. Names that end in _vartime are for public numbers only.
ALLOWED = re.compile(
    r"_vartime\b"
    r"|\baes::.*\bexpand(_words)?\b"           # the number of a word by the number of words in a key
    r"|\bModulus::to_montgomery\b"             # lengths
    r"|\bremainder_small\b"                    # 2^64 by a public divisor; the dividend is multiplied instead
    r"|\bchacha20_poly1305::.*\bseal\b"      # sizes of pieces by that of a block
    r"|\bbulla::pbkdf2\b"                      # lengths
    r"|\bml_dsa::(inverse_)?ntt\b"            # places in a polynomial
    r"|\bScryptCost::memory\b|\bbulla::scrypt\b")  # costs


def divides(line):
    """Whether a line of the disassembly is a division, or calls one."""
    return bool(DIVISION.search(line) or CALLED.search(line))


def disassembly(objdump, archive):
    """With relocations, which name what is called from one object to another."""
    return subprocess.run([objdump, "-dr", "-C", "--no-show-raw-insn", archive], check=True, capture_output=True,
                          text=True).stdout


def divisions(text):
    """(functions seen, the pairs of member and function that divide and are not allowed to)."""
    found, member, function, functions = set(), "", "", 0
    for line in text.splitlines():
        if match := MEMBER.match(line):
            member = match.group(1)
        elif match := FUNCTION.match(line):
            function = match.group(1)
            functions += 1
        elif divides(line) and "bulla::openssl::" not in function and not ALLOWED.search(function):
            found.add((member, function))
    return functions, sorted(found)


def main():
    objdump, archive = sys.argv[1:]
    functions, found = divisions(disassembly(objdump, archive))
    findings = [f"{archive}({member}): {function} divides: say in tools/check_divisions.py why that is public"
                for member, function in found]
    if functions < 100:
        findings.append(f"{archive}: only {functions} functions were disassembled")
    finish("divisions", findings)


if __name__ == "__main__":
    main()
