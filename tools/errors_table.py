"""Reads include/bulla/errors.def as data."""
import dataclasses
import re

from sources import ROOT, blank

STRING = r'((?:"(?:\\.|[^"\\])*"\s*)+)'
ROW = re.compile(
    r"^BULLA_ERROR\(\s*(\w+)\s*,\s*(\w+)\s*,\s*(\w+)\s*,\s*" + r"\s*,\s*".join([STRING] * 3) + r"\)", re.M | re.S)


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    fault: str
    alert: str
    section: str
    sentence: str
    remedy: str


def unquoted(literal):
    return "".join(re.sub(r"\\(.)", r"\1", part) for part in re.findall(r'"((?:\\.|[^"\\])*)"', literal))


def rows():
    text = blank((ROOT / "include/bulla/errors.def").read_text(), keep_strings=True)
    found = [Row(*m.group(1, 2, 3), *map(unquoted, m.group(4, 5, 6))) for m in ROW.finditer(text)]
    count = len(re.findall(r"^BULLA_ERROR\(", text, re.M))
    assert len(found) == count, f"{count} rows, of which {len(found)} could be read"
    return found
