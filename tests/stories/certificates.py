"""docs/certificates.md says what is true: every line of it is typed in its order, and what is printed is compared."""
import pathlib
import time

import tour
from shell import Story, main

PAGE = (pathlib.Path(__file__).resolve().parents[2] / "docs/certificates.md").read_text()


class Certificates(Story):
    def test_the_page(self):
        if not tour.ports_are_free(8443):
            self.skipTest("another program listens on port 8443")
        shell = tour.Tour(self)
        steps = list(tour.steps_of(PAGE))
        self.assertGreaterEqual(len(steps), 20)
        for command, expected in steps:
            printed = shell.type(command)
            end = time.monotonic() + 5
            while command.startswith("head ") and not tour.matches(expected, printed) and time.monotonic() < end:
                time.sleep(0.1)  # the server writes it
                printed = shell.type(command)
            self.assertTrue(tour.matches(expected, printed),
                            f"$ {command}\nthe page says:\n{tour.plain(expected)}\nprinted is:\n{tour.plain(printed)}")


if __name__ == "__main__":
    main()
