"""What the checks share: the tree's files, and C++ text without comments and strings."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CODE_FOLDERS = ("include", "src", "tests", "fuzz", "bench", "examples")
CODE_SUFFIXES = (".h", ".c", ".cpp", ".def")

TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^\s()\\]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.S)


def code_files(*folders):
    """The C and C++ files below the folders (default: all of ours), sorted."""
    for folder in folders or CODE_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in CODE_SUFFIXES:
                yield path


def tree_files():
    """The files of the tree: what git tracks or would track; without git, all but build folders."""
    git = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=False)
    if git.returncode == 0:
        return sorted(ROOT / name for name in set(git.stdout.split("\0")) if name)
    skipped = re.compile(r"build|build-.*|\.git|\.cache|compile_commands\.json")
    return sorted(p for p in ROOT.rglob("*") if not skipped.fullmatch(p.relative_to(ROOT).parts[0]))


def all_text_files():
    """(path, text) of every text file of the tree."""
    for path in tree_files():
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                yield path, data.decode("utf-8", "replace")


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def blank(text, keep_strings=False):
    """The text with comments (and strings) replaced by blanks; lines stay where they are."""
    def erase(match):
        token = match.group(0)
        if keep_strings and not token.startswith("/"):
            return token
        erased = re.sub(r"[^\n]", " ", token)
        return erased if token.startswith("/") else '"' + erased[1:-1] + '"'
    return TOKEN.sub(erase, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def finish(check, findings):
    """Prints the findings and ends the process: 1 if there are any."""
    for finding in findings:
        print(finding)
    print(f"{check}: {len(findings)} finding(s)")
    sys.exit(1 if findings else 0)
