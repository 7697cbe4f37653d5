#!/usr/bin/env python3
"""Nothing of the test data is left out silently: data/vector_sets.txt, the folder and the suites say the same.

vector_sets_test.py [SUITE...]: with the tests' executables, they are run, and every set that is said to be run must
have printed how many cases it has. BULLA_VECTORS names the folder; 77 where there is none.
"""
import fnmatch
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
PARTS = ("nist", "wycheproof")
HOW = ("run", "as", "no", "about")
# The counters of gigabytes read no set, and take minutes.
FILTER = "-HashCounters*:AeadCounters*"
REPORT = re.compile(r"^\[ vectors  \] (.*): (\d+) cases$", re.MULTILINE)


def read_manifest(text):
    """[(pattern, how, rest)], or the lines that are none as errors."""
    rules, errors = [], []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(None, 2)
        if not words or words[0].startswith("#"):
            continue
        how, rest = words[1] if len(words) > 1 else "", words[2].strip() if len(words) > 2 else ""
        if how not in HOW or (how in ("as", "no")) != bool(rest):
            errors.append(f"line {number}: {line}")
        rules.append((words[0], how, rest))
    return rules, errors


def check_files(rules, files):
    """Each file has one line, or several "as"; each line has a file."""
    errors = []
    for pattern, how, rest in rules:
        if not any(fnmatch.fnmatchcase(file, pattern) for file in files):
            errors.append(f"no such file: {pattern} {how} {rest}".rstrip())
    for file in files:
        hows = [how for pattern, how, _ in rules if fnmatch.fnmatchcase(file, pattern)]
        if not hows:
            errors.append(f"in no line: {file}")
        elif len(hows) > 1 and set(hows) != {"as"}:
            errors.append(f"in several lines: {file}")
    return errors


def sets_of(rules, files):
    """[(what the suites print, file)] for all that is said to be run."""
    matches = ((rule, f) for rule in rules for f in files if fnmatch.fnmatchcase(f, rule[0]))
    return [(rest or file, file) for (_, how, rest), file in matches if how in ("run", "as")]


def check_counts(rules, files, counts):
    """What is said to be run printed a count above 0; what is not, printed nothing."""
    wanted = sets_of(rules, files)
    errors = [f"said to be run, but no cases: {name} ({file})" for name, file in wanted if not counts.get(name)]
    others = set(files) - {file for _, file in wanted}
    return errors + [f"said not to be run: {file}" for file in sorted(others) if counts.get(file)]


def files_of(folder):
    paths = (p for part in PARTS for p in (folder / part).rglob("*") if p.is_file())
    return sorted({str(p.relative_to(folder)).removesuffix(".gz") for p in paths})


def run(suites, folder):
    """What they print: {set: cases}; the most where several tests run one set."""
    counts = {}
    around = {**os.environ, "BULLA_VECTORS": str(folder)}
    for suite in suites:
        done = subprocess.run([suite, f"--gtest_filter={FILTER}", "--gtest_brief=1"], capture_output=True, text=True,
                              env=around)
        if done.returncode:
            sys.exit(f"{suite} failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")
        for name, cases in REPORT.findall(done.stdout):
            counts[name] = max(counts.get(name, 0), int(cases))
    return counts


def check_self():
    """The checks find what they are for."""
    rules = [("a/*.txt", "run", ""), ("b", "no", "why"), ("c", "as", "the set"), ("c", "as", "its rest")]
    files = ["a/1.txt", "a/2.txt", "b", "c"]
    counts = {"a/1.txt": 1, "a/2.txt": 1, "the set": 1, "its rest": 1}
    assert not check_files(rules, files) and not check_counts(rules, files, counts)
    assert check_files(rules, files + ["d"]) == ["in no line: d"]
    assert check_files(rules, files[:3])[0].startswith("no such file: c")
    assert check_files(rules + [("a/1*", "run", "")], files) == ["in several lines: a/1.txt"]
    for name in counts:
        assert len(check_counts(rules, files, {**counts, name: 0})) == 1, name
        assert len(check_counts(rules, files, {n: c for n, c in counts.items() if n != name})) == 1, name
    assert check_counts(rules, files, {**counts, "b": 1}) == ["said not to be run: b"]
    assert read_manifest("# x\n\na run\nb as s t\n") == ([("a", "run", ""), ("b", "as", "s t")], [])
    for line in ("a", "a runs", "a run why", "a no", "a as"):
        assert len(read_manifest(line)[1]) == 1, line


def main(suites):
    check_self()
    folder = pathlib.Path(os.environ.get("BULLA_VECTORS") or HERE / "../../../shared/vectors")
    if not all((folder / part).is_dir() for part in PARTS):
        print(f"missing test data: {folder} (set BULLA_VECTORS to its folder)")
        return 77
    rules, errors = read_manifest((HERE / "data/vector_sets.txt").read_text())
    files = files_of(folder)
    errors += check_files(rules, files)
    if suites and not errors:
        counts = run(suites, folder)
        errors += check_counts(rules, files, counts)
        names = {name for name, _ in sets_of(rules, files)}
        print(f"{len(names)} sets, {sum(counts.get(name, 0) for name in names)} cases")
    for error in errors:
        print(error)
    print(f"{len(files)} files, {len(rules)} lines, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
