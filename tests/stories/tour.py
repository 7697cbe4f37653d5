"""The README's tour, run as it stands: a line that begins with "$ " is typed, what follows it is what is printed."""
import re
import signal
import socket

# What differs from run to run; both sides are changed in the same way before they are compared.
VARIABLE = [
    (r"\b[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", "DATE"),
    (r"\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000\]", "[DATE]"),
    (r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?: UTC|Z))?", "DATE"),
    (r"\b\d+ days ago", "N days ago"),
    (r"\b[0-9a-f]{32}\b", "SERIAL"),
    (r"\"port\":\d+", "\"port\":PORT"),
    (r"\"duration_ms\":\d+", "\"duration_ms\":TIME"),
    (r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", "FINGERPRINT"),
    (r"\b\d+ ?ms\b", "TIME"),
    (r"127\.0\.0\.1:\d{5}", "127.0.0.1:PORT"),
    (r"(?m)^([→←] .*), \d+ bytes", r"\1, SIZE"),  # signatures and names differ in length
    (r"Content-Length: \d+", "Content-Length: SIZE"),
    (r"curl/[0-9.]+", "curl/VERSION"),
    (r"Bulla local CA [^\s,]+", "Bulla local CA USER@HOST"),
    (r"(?:~|/\S*)(?:/\.local/share|/data)/bulla", "DATA"),
    (r"[ \t\r]+(?=\n)", ""),
]


def plain(text):
    for pattern, replacement in VARIABLE:
        text = re.sub(pattern, replacement, text)
    return text.strip("\n")


def matches(expected, printed):
    """A line of nothing but "…" stands for any lines."""
    parts = [[]]
    for line in plain(expected).split("\n"):
        if line.strip() == "…":
            parts.append([])
        else:
            parts[-1].append(re.escape(line))
    return re.fullmatch(r"(?:.*\n)*".join("".join(line + "\n" for line in part) for part in parts), plain(printed) + "\n") is not None


def steps_of(text):
    """Pairs of command and expected output, of all blocks that begin with a command."""
    for block in re.findall(r"```\n(\$ .*?)```", text, re.S):
        for step in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = step.partition("\n")
            yield command, output


class Tour:
    """Types commands in the folder of a Story, as a shell with job control would run them."""

    def __init__(self, story):
        self.story = story
        self.background = None

    def type(self, command):
        """What the command prints, on both streams; a server in the background until it is ready."""
        if command.startswith(("export PATH=", "export XDG_DATA_HOME=")):
            return ""  # the story's own: a PATH with the program, and a folder for this story's data
        command = command.replace("~/.local/share/", f"{self.story.env['XDG_DATA_HOME']}/")
        if command == "kill %1":
            before = len(self.background.err)
            self.background.stop(signal.SIGTERM)
            return self.background.err[before:]
        if command.endswith(" &"):
            line = command.removesuffix(" &")
            self.background = self.story.start_shell(line if "|" in line else "exec " + line, r"Ctrl-C stops it\.\n|Try: .*\n")
            return self.background.err
        done = self.story.run_shell(command, stop_on_failure=False)
        return (done.stderr + done.stdout).decode()


def ports_are_free(*ports):
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True
