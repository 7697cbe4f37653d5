"""The README's programs are those that are compiled and run in tests, and its commands are commands of this program."""
import pathlib
import re
import shlex
import unittest

from shell import Story

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

    def test_its_commands_and_options_exist(self):
        lines = re.findall(r"^\$ (bulla .*?)(?: &)?$", README, re.M)
        self.assertGreaterEqual(len(lines), 5)
        for line in lines:
            words = shlex.split(line)
            verb = " ".join(words[:3] if words[1] == "cert" else words[:2])
            known = self.run_line(f"{verb} --help").out
            for word in words:
                if word.startswith("-"):
                    self.assertRegex(known, rf"(?m)^ +(\S+,)?{re.escape(word)}\b", line)

    def test_its_links_lead_somewhere(self):
        for target in re.findall(r"\]\(([^)#:]+)\)", README):
            self.assertTrue((ROOT / target).exists(), target)


if __name__ == "__main__":
    unittest.main()
