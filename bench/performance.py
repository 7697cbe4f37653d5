#!/usr/bin/env python3
"""Figures of `bulla-bench --json`, as tables of a document and as a plot, so that none is typed by hand.

    build/bench/bin/bulla-bench --json --paired > figures.json
    bench/performance.py figures.json --document docs/performance.md --plot docs/performance.svg

In the document, what stands between `<!-- figures: PREFIX -->` and `<!-- end -->` is replaced by a table of the rows
whose names begin with PREFIX. The plot shows the ratios of all rows that have a peer; its colours follow the reader's
choice of light or dark."""
import argparse
import json
import math
import re
import sys
from xml.sax.saxutils import escape

BLOCK = re.compile(r"(<!-- figures: (?P<prefix>.*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def number(value):
    if value == 0:
        return "—"
    if value < 100:
        return f"{value:.2f}"
    if value < 100_000:
        return f"{value:,.0f}"
    return f"{value / 1000:,.0f} k"


def table(rows, prefix):
    chosen = [row for row in rows if row["name"].startswith(prefix)]
    if not chosen:
        sys.exit(f"no row's name begins with \"{prefix}\"")
    peers = {row["peer_name"] for row in chosen}
    peer = peers.pop() if len(peers) == 1 and not next(iter(peers)).startswith("lib") else "libcrypto or libssl"
    lines = [f"| | unit | Bulla | {peer} | ratio |", "|---|---|---:|---:|---:|"]
    for row in chosen:
        ratio = f"{row['ratio']:.2f}" if row["peer"] else ""
        name = row["name"].removeprefix(prefix).strip().replace("|", "\\|")
        lines.append(f"| {name} | {row['unit']} | {number(row['ours'])} | {number(row['peer'])} | {ratio} |")
    return "\n".join(lines) + "\n"


def filled(document, rows):
    text, count = BLOCK.subn(lambda m: m[1] + table(rows, m["prefix"]) + m[3], document)
    if count == 0:
        sys.exit("the document has no <!-- figures: PREFIX --> ... <!-- end -->")
    return text


STYLE = """
    text { font: 12px system-ui, sans-serif; fill: #1f2328 }
    .faster { fill: #1a7f5a } .slower { fill: #bc5215 } .grid { stroke: #8c959f; stroke-opacity: .35 }
    .one { stroke: #1f2328 }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .faster { fill: #3fb58a } .slower { fill: #e08a4a } .one { stroke: #e6edf3 }
    }
"""
LEFT, WIDTH, LINE, TOP = 430, 900, 18, 50


def plot(rows):
    """A bar for each row, from 1 to its ratio, on a logarithmic scale: twice as fast reaches as far as half."""
    rows = [row for row in rows if row["peer"] and row["ours"]]
    if not rows:
        sys.exit("no row has a peer to be compared with")
    low = min(-1, math.floor(min(math.log2(row["ratio"]) for row in rows)))
    high = max(1, math.ceil(max(math.log2(row["ratio"]) for row in rows)))
    height = TOP + LINE * len(rows) + 20

    def x(power):
        return LEFT + (WIDTH - LEFT - 60) * (power - low) / (high - low)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
           "  <title>How many times as fast, or as small, as libcrypto and libssl</title>",
           f"  <style>{STYLE}  </style>",
           '  <text x="8" y="20">How many times as fast, or as small, as libcrypto and libssl</text>']
    for power in range(low, high + 1):
        kind = "one" if power == 0 else "grid"
        label = f"{2 ** power:g}×" if power >= 0 else f"1/{2 ** -power}"
        out.append(f'  <line class="{kind}" x1="{x(power):.1f}" x2="{x(power):.1f}" y1="{TOP - 6}" y2="{height - 12}"/>')
        out.append(f'  <text x="{x(power):.1f}" y="{TOP - 12}" text-anchor="middle">{label}</text>')
    for at, row in enumerate(rows):
        power, y = math.log2(row["ratio"]), TOP + LINE * at
        begin, end = sorted((x(0), x(power)))
        kind = "faster" if row["ratio"] >= 1 else "slower"
        out.append(f'  <text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(row["name"])}</text>')
        out.append(f'  <rect class="{kind}" x="{begin:.1f}" y="{y + 3}" width="{max(end - begin, 1):.1f}" '
                   f'height="{LINE - 6}"/>')
        out.append(f'  <text x="{max(x(0), end) + 4:.1f}" y="{y + 12}">{row["ratio"]:.2f}</text>')
    return "\n".join(out + ["</svg>", ""])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", help="what bulla-bench --json printed")
    parser.add_argument("--document")
    parser.add_argument("--plot")
    arguments = parser.parse_args()
    with open(arguments.report, encoding="utf-8") as report:
        rows = [json.loads(line) for line in report if line.strip()]
    if arguments.document:
        with open(arguments.document, encoding="utf-8") as document:
            text = filled(document.read(), rows)
        with open(arguments.document, "w", encoding="utf-8") as document:
            document.write(text)
    if arguments.plot:
        with open(arguments.plot, "w", encoding="utf-8") as image:
            image.write(plot(rows))


if __name__ == "__main__":
    main()
