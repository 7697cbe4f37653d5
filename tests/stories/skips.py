"""A story that cannot run here says so, and is not counted as passed."""
import pathlib
import socket
import subprocess
import sys
import unittest

from shell import SKIPPED, main

HERE = pathlib.Path(__file__).resolve().parent


def story(*words):
    return subprocess.run([sys.executable, *words], cwd=HERE, capture_output=True, text=True)


class Skips(unittest.TestCase):
    def test_a_port_that_is_taken_is_named(self):
        for port, *words in ((8443, "readme.py", "Readme.test_its_tour"), (4433, "readme.py", "Readme.test_its_tour"),
                             (4433, "story5_tls12.py")):
            with self.subTest(words, port=port), socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    other.bind(("127.0.0.1", port))
                    other.listen()
                except OSError:
                    pass  # somebody else has it, which is as good
                done = story(*words)
                self.assertEqual(done.returncode, SKIPPED, done.stderr)
                self.assertRegex(done.stderr, f"\nSKIPPED: .*another program listens on port .*{port}")

    def test_what_runs_is_not_skipped(self):
        self.assertEqual(story("readme.py", "Readme.test_its_links_lead_somewhere").returncode, 0)


if __name__ == "__main__":
    main()
