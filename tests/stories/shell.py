"""A shell of its own for a story: an empty folder, an empty home, `bulla` on the PATH, and what was started ended."""
import os
import pathlib
import pty
import re
import select
import shlex
import signal
import subprocess
import sys
import tempfile
import termios
import threading
import time
import unittest

BULLA = os.environ.get("BULLA", "bulla")
PATIENCE = float(os.environ.get("BULLA_TEST_PATIENCE", "60"))


class Running:
    """A program that runs on; its output is collected as it comes."""

    def __init__(self, words, cwd, env, stdout=subprocess.PIPE):
        self.process = subprocess.Popen(words, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=stdout, stderr=subprocess.PIPE)
        self.streams = {"out": "", "err": ""}
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(name, pipe), daemon=True)
                        for name, pipe in (("out", self.process.stdout), ("err", self.process.stderr)) if pipe]
        for reader in self.readers:
            reader.start()

    def _read(self, name, pipe):
        while chunk := os.read(pipe.fileno(), 65536):
            with self.changed:
                self.streams[name] += chunk.decode("utf-8", "replace")
                self.changed.notify_all()
        with self.changed:
            self.changed.notify_all()

    @property
    def out(self):
        return self.streams["out"]

    @property
    def err(self):
        return self.streams["err"]

    def wait_for(self, pattern, stream="err"):
        """The match of `pattern`, once it is there."""
        end = time.monotonic() + PATIENCE
        with self.changed:
            while not (match := re.search(pattern, self.streams[stream])):
                alive = any(reader.is_alive() for reader in self.readers)
                if time.monotonic() > end or (not alive and not re.search(pattern, self.streams[stream])):
                    raise AssertionError(f"no {pattern!r} in std{stream} of {self.process.args}:\n{self.out}\n{self.err}")
                self.changed.wait(0.2)
            return match

    def type(self, text, wait=True):
        """`wait`: until the program has taken all of it."""
        def write():
            try:
                self.process.stdin.write(text.encode())
                self.process.stdin.flush()
            except BrokenPipeError:
                pass
        if wait:
            return write()
        threading.Thread(target=write, daemon=True).start()

    def end_input(self):
        self.process.stdin.close()

    def wait(self):
        """The exit status, after all output was read."""
        status = self.process.wait(PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        return status

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.wait()

    def discard(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for reader in self.readers:
            reader.join(5)
        for pipe in filter(None, (self.process.stdin, self.process.stdout, self.process.stderr)):
            try:
                pipe.close()
            except BrokenPipeError:
                pass


class Story(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="bulla-story-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.env = {key: value for key, value in os.environ.items()
                    if key not in ("SSLKEYLOGFILE", "SSL_CERT_FILE", "SSL_CERT_DIR", "XDG_DATA_HOME")}
        self.env["PATH"] = f"{pathlib.Path(BULLA).resolve().parent}:{self.env.get('PATH', '')}:/usr/sbin"
        self.env["HOME"] = str(self.folder)
        self.env["XDG_DATA_HOME"] = str(self.folder / "data")
        self.env["NO_PROXY"] = "*"

    def run_line(self, line, status=0, typed=None, env=None):
        """Runs one command line to its end; its exit status must be `status`."""
        done = subprocess.run(shlex.split(line), cwd=self.folder, env=self.env | (env or {}), timeout=PATIENCE,
                              input=None if typed is None else typed.encode(), capture_output=True,
                              stdin=subprocess.DEVNULL if typed is None else None)
        done.out, done.err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assertEqual(done.returncode, status, f"$ {line}\n{done.out}\n{done.err}")
        return done

    def run_shell(self, line, stop_on_failure=True):
        """A line pasted into a shell."""
        return subprocess.run(["sh", "-c", line], cwd=self.folder, env=self.env, timeout=PATIENCE, capture_output=True,
                              stdin=subprocess.DEVNULL, check=stop_on_failure)

    def start_shell(self, line, ready):
        """A line for a shell that runs on; `exec` before it lets stop() reach the program itself."""
        running = Running(["sh", "-c", line], self.folder, self.env)
        self.addCleanup(running.discard)
        running.match = running.wait_for(ready)
        return running

    def start(self, line, ready=None, env=None, stdout=subprocess.PIPE):
        """Starts a command line that runs on, and waits until it says `ready` on standard error."""
        running = Running(shlex.split(line), self.folder, self.env | (env or {}), stdout)
        self.addCleanup(running.discard)
        if ready:
            running.match = running.wait_for(ready)
        return running

    def serve(self, arguments):
        """`bulla serve ARGUMENTS` on a free port; its `url` ends with a slash, its `port` is a text."""
        server = self.start(f"bulla serve --listen localhost:0 {arguments}", r"at (https://localhost:(\d+)/)[^$]*?stops it")
        server.url, server.port = server.match.group(1), server.match.group(2)
        return server

    def listen(self, arguments):
        listener = self.start(f"bulla listen localhost:0 {arguments}", r"Listening on localhost:(\d+)[^$]*?Try:")
        listener.port = listener.match.group(1)
        return listener

    def write(self, name, text):
        (self.folder / name).write_text(text)

    def assert_in_order(self, text, *pieces):
        """Each of the regular expressions is found, behind the one before."""
        at = 0
        for piece in pieces:
            match = re.compile(piece).search(text, at)
            self.assertTrue(match, f"no {piece!r} from position {at} in:\n{text}")
            at = match.end()

    def on_terminal(self, line, answers):
        """Runs a command line on a terminal of its own; `answers`: pairs of what to wait for and what to type, what signal
        to send, or a function of what is shown that says it. Returns the exit status and what the terminal showed;
        self.echo is whether it showed at the end what is typed."""
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            words = shlex.split(line)
            os.execvpe(words[0], words, self.env)
        shown, answers, end = "", list(answers), time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if select.select([master], [], [], 0.2)[0]:
                try:
                    chunk = os.read(master, 65536)
                except OSError:  # the other side is closed
                    break
                if not chunk:
                    break
                shown += chunk.decode("utf-8", "replace")
            if answers and re.search(answers[0][0], shown):
                answer = answers.pop(0)[1]
                answer = answer(shown) if callable(answer) else answer
                if isinstance(answer, signal.Signals):
                    os.kill(pid, answer)
                elif answer:
                    os.write(master, answer.encode())
        else:
            os.kill(pid, signal.SIGKILL)
        self.echo = bool(termios.tcgetattr(master)[3] & termios.ECHO)
        os.close(master)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown


SKIPPED = 77


def main():
    """Runs the file's tests. A test that could not run is no success: the exit status is SKIPPED, and the last lines say why."""
    outcome = unittest.main(exit=False).result
    for test, why in outcome.skipped:
        print(f"SKIPPED: {test.id().removeprefix('__main__.')}: {why}", file=sys.stderr)
    sys.exit(1 if not outcome.wasSuccessful() else SKIPPED if outcome.skipped else 0)
