"""The README says what is true: its tour is typed line by line (two lines are replaced, as it says), its programs are those
that are compiled and run in tests, its links lead somewhere."""
import pathlib
import re
import time

import tour
from shell import Story, main

ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


def squeezed(text):
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


class Readme(Story):
    def test_its_programs_stand_in_examples(self):
        examples = [squeezed(path.read_text()) for path in (ROOT / "examples").glob("*.c*")]
        blocks = re.findall(r"```c(?:pp)?\n(.*?)```", README, re.S)
        self.assertGreaterEqual(len(blocks), 3)
        for block in blocks:
            self.assertTrue(any(squeezed(block) in example for example in examples), block)

    def test_its_tour(self):
        if not tour.ports_are_free(8443, 4433):
            self.skipTest("another program listens on port 8443 or 4433")
        shell = tour.Tour(self)
        steps = list(tour.steps_of(README))
        self.assertGreaterEqual(len(steps), 20)
        for command, expected in steps:
            # ./run builds a release first; what it runs then is this.
            typed = "bulla demo --once" if command == "./run --once" else command
            printed = shell.type(typed)
            end = time.monotonic() + 5
            while command.startswith("cat ") and not tour.matches(expected, printed) and time.monotonic() < end:
                time.sleep(0.1)  # the other process writes it
                printed = shell.type(typed)
            self.assertTrue(tour.matches(expected, printed),
                            f"$ {command}\nthe README says:\n{tour.plain(expected)}\nprinted is:\n{tour.plain(printed)}")

    def test_its_links_lead_somewhere(self):
        for page in [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("[A-Z]*.md")]:
            prose = re.sub(r"(?s)```.*?```", "", page.read_text())
            for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", prose):
                self.assertTrue((page.parent / target).exists(), f"{page}: {target}")


if __name__ == "__main__":
    main()
