#!/usr/bin/env python3
"""Every row of errors.def has a test that provokes it: its name stands as ErrorCode::<row> in the code of a *_test.cpp
that expects or asserts, and not only where the test makes that error itself; or as "<row>" in a test script. Names must
be unique, sections well-formed."""
import collections
import re

from errors_table import rows
from sources import ROOT, blank, code_files, finish

# What stands before a code that the test itself hands out: an answer to an operation, a failing callback.
NOT_MADE_HERE = r"(?<!Error\{)(?<!Error\()(?<!return )(?<![^=!]= )"


def provoked():
    """Every row name that some test names."""
    names = set()
    for path in code_files("tests"):
        code = blank(path.read_text())
        if path.name.endswith("_test.cpp") and re.search(r"\b(EXPECT|ASSERT)_\w+\(", code):
            names.update(re.findall(NOT_MADE_HERE + r"\bErrorCode::(\w+)", code))
    for path in (ROOT / "tests").rglob("*.py"):
        names.update(re.findall(r'"(\w+)"', path.read_text()))
    return names


def main():
    table, named = rows(), provoked()
    findings = [f"errors.def: {row.name}: no test provokes it" for row in table if row.name not in named]
    for name, count in collections.Counter(row.name for row in table).items():
        if count > 1:
            findings.append(f"errors.def: {name} appears {count} times")
    for row in table:
        if not row.sentence or not row.remedy:
            findings.append(f"errors.def: {row.name}: a row needs a sentence and a remedy")
        if row.section and not re.fullmatch(r"RFC \d{4} §[0-9A-Z]+(\.\d+)*", row.section):
            findings.append(f"errors.def: {row.name}: '{row.section}' is no section, as in 'RFC 9846 §4.2.3'")
    finish("errors", findings)


if __name__ == "__main__":
    main()
