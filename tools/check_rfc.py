#!/usr/bin/env python3
"""Collects the section tags of code and tests ("RFC 9846 §4.2.3") and fails on tags that are malformed or name a section
that RFC 9846 does not have. With --report: also lists the sections tagged in the code that no test is tagged with."""
import collections
import re
import sys

from sources import ROOT, code_files, finish, line_of, name_of

TAG = re.compile(r"RFC (\d+)((?:,? (?:and )?§[0-9A-Za-z.]*[0-9A-Za-z])+)")
SECTION = re.compile(r"§([0-9A-Za-z.]*[0-9A-Za-z])")
MALFORMED = [
    (re.compile(r"\bRFC[-_]?\d{3,}"), "write 'RFC 9846' with a space"),
    (re.compile(r"\bRFC \d+,? +(?:[Ss]ection|[Ss]ec\.|[Aa]ppendix|§ )"), "write '§4.2.3' or '§A.1' behind the number"),
]
SHAPE = re.compile(r"([0-9]+|[A-Z])(\.[0-9]+)*")


def known_sections():
    lines = (ROOT / "tools/rfc9846_sections.txt").read_text().splitlines()
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in lines if line and not line.startswith("#")}


def scan(path, known, tags, findings):
    text = path.read_text()
    here = name_of(path)
    for pattern, advice in MALFORMED:
        for match in pattern.finditer(text):
            findings.append(f"{here}:{line_of(text, match.start())}: '{match.group(0)}': {advice}")
    for match in TAG.finditer(text):
        for section in SECTION.findall(match.group(2)):
            where = f"{here}:{line_of(text, match.start())}"
            if not SHAPE.fullmatch(section):
                findings.append(f"{where}: RFC {match.group(1)} §{section} is no section number")
            elif match.group(1) == "9846" and section not in known:
                findings.append(f"{where}: RFC 9846 has no section {section}")
            else:
                tags[(match.group(1), section)].append(where)


def main():
    known, findings = known_sections(), []
    in_code, in_tests = collections.defaultdict(list), collections.defaultdict(list)
    for path in code_files("include", "src"):
        scan(path, known, in_code, findings)
    for path in code_files("tests", "fuzz"):
        scan(path, known, in_tests, findings)
    missing = sorted(set(in_code) - set(in_tests))
    if "--report" in sys.argv:
        for rfc, section in missing:
            title = f" {known[section]}" if rfc == "9846" else ""
            print(f"no test is tagged RFC {rfc} §{section}{title}; the code is, at {in_code[(rfc, section)][0]}")
    print(f"{len(in_code)} sections tagged in the code, {len(missing)} of them in no test (--report lists them)")
    finish("rfc", findings)


if __name__ == "__main__":
    main()
