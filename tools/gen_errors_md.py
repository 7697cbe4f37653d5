#!/usr/bin/env python3
"""Writes docs/errors.md from include/bulla/errors.def. With --check: says whether the file is current, writes nothing."""
import itertools
import sys

from errors_table import rows
from sources import ROOT

FAULTS = {
    "peer_sent_garbage": "The peer sent bytes that no implementation should send",
    "peer_broke_protocol": "The peer broke the rules with well-formed messages",
    "peer_incompatible": "Both sides are right, but have nothing in common",
    "certificate": "A certificate, key or chain is not acceptable",
    "transport": "The network, the file system or the time",
    "api_misuse": "The calling program asked for something that makes no sense",
    "internal": "This library, or a resource that is used up",
}


def cell(text):
    return text.replace("|", "\\|")


def page():
    lines = ["# Errors", "", "Generated from `include/bulla/errors.def` by `tools/gen_errors_md.py`; change the table, then run it.", "",
             "Each failure names its row, whose fault it is, the rule and what to do next. The alert is what the peer is told;",
             "`close_notify` means that no fatal alert is sent.", ""]
    order = list(FAULTS)
    table = sorted(rows(), key=lambda row: order.index(row.fault))
    for fault, group in itertools.groupby(table, key=lambda row: row.fault):
        lines += [f"## {FAULTS[fault]} (`{fault}`)", "", "| Error | What happened | What to do | Alert | Rule |", "|---|---|---|---|---|"]
        lines += [f"| `{r.name}` | {cell(r.sentence)} | {cell(r.remedy)} | {r.alert} | {r.section} |" for r in group]
        lines.append("")
    return "\n".join(lines)


def main():
    path = ROOT / "docs/errors.md"
    if sys.argv[1:] != ["--check"]:
        path.write_text(page())
    elif not path.exists() or path.read_text() != page():
        sys.exit("docs/errors.md is not what errors.def says: run tools/gen_errors_md.py")


if __name__ == "__main__":
    main()
