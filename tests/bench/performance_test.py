#!/usr/bin/env python3
"""bench/performance.py: every row of a report comes into the table that asks for it, and into the plot."""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

SCRIPT = pathlib.Path(sys.argv.pop(1))
ROWS = [
    {"name": "primitive A & <B>", "unit": "cycles", "ours": 50000, "peer": 200000, "peer_name": "x", "ratio": 4.0},
    {"name": "primitive alone", "unit": "cycles", "ours": 1234, "peer": 0, "peer_name": "x", "ratio": 0.0},
    {"name": "seal C", "unit": "GB/s", "ours": 1.5, "peer": 3.0, "peer_name": "x", "ratio": 0.5},
]
DOCUMENT = """before
<!-- figures: primitive -->
| stale |
<!-- end -->
between
<!-- figures: seal -->
<!-- end -->
after
"""


class Performance(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)

    def run_on(self, rows, document=DOCUMENT):
        (self.path / "report").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        (self.path / "page").write_text(document, encoding="utf-8")
        return subprocess.run([SCRIPT, self.path / "report", "--document", self.path / "page", "--plot",
                               self.path / "plot"], capture_output=True, text=True, timeout=60)

    def test_tables_hold_the_rows_they_ask_for(self):
        run = self.run_on(ROWS)
        self.assertEqual(run.returncode, 0, run.stderr)
        page = (self.path / "page").read_text(encoding="utf-8")
        self.assertIn("| A & <B> | cycles | 50,000 | 200 k | 4.00 |", page)
        self.assertIn("| alone | cycles | 1,234 | — |  |", page)
        self.assertIn("| C | GB/s | 1.50 | 3.00 | 0.50 |", page)
        self.assertNotIn("stale", page)
        self.assertLess(page.index("alone"), page.index("between"))
        self.assertTrue(page.startswith("before\n") and page.endswith("<!-- end -->\nafter\n"))
        self.assertEqual(self.run_on(ROWS, page).returncode, 0)
        self.assertEqual((self.path / "page").read_text(encoding="utf-8"), page)

    def test_the_plot_has_a_bar_for_each_row_with_a_peer(self):
        self.assertEqual(self.run_on(ROWS).returncode, 0)
        image = ElementTree.parse(self.path / "plot").getroot()
        bars = image.findall("{http://www.w3.org/2000/svg}rect")
        self.assertEqual([bar.get("class") for bar in bars], ["faster", "slower"])
        widths = [float(bar.get("width")) for bar in bars]
        self.assertAlmostEqual(widths[0], 2 * widths[1], delta=0.3)  # four times as fast, half as fast
        self.assertIn("prefers-color-scheme: dark", (self.path / "plot").read_text(encoding="utf-8"))

    def test_a_table_without_rows_is_an_error(self):
        run = self.run_on(ROWS[:2])
        self.assertNotEqual(run.returncode, 0)
        self.assertIn('"seal"', run.stderr)
        self.assertIn("stale", (self.path / "page").read_text(encoding="utf-8"))

    def test_a_document_without_places_is_an_error(self):
        self.assertNotEqual(self.run_on(ROWS, "nothing here\n").returncode, 0)


if __name__ == "__main__":
    unittest.main()
