"""What the provers share: Z3, claims, and machine integers known as intervals and polynomials."""
import os
import sys

try:
    import z3
except ImportError:
    system = "/usr/bin/python3"  # where Debian's package is, whatever other Python comes first
    if os.path.exists(system) and os.path.realpath(sys.executable) != os.path.realpath(system):
        os.execv(system, [system, *sys.argv])
    print(f"{os.path.basename(sys.argv[0])}: there is no Z3 (Debian: python3-z3): nothing was proven")
    sys.exit(77)  # CTest: skipped


class Refuted(Exception):
    """A claim that does not hold, or a text that is not understood."""


class Undecided(Refuted):
    """A claim that Z3 neither proves nor refutes with the work that it is allowed."""


def claim(truth, what):
    if not truth:
        raise Refuted(what)


def claim_valid(facts, conclusion, what):
    solver = z3.Solver()
    solver.set("rlimit", 1000000)  # Z3's own measure of work, the same on every machine
    solver.add(*facts, z3.Not(conclusion))
    answer = solver.check()
    if answer == z3.unknown:
        raise Undecided(what)
    claim(answer == z3.unsat, what)


def report(prove, mutants=None):
    """The main of a prover: `prove(tell)`; with --mutants, `mutants()` as well, which gives (alive, count, undecided)."""
    try:
        prove(lambda line: print("proven: " + line, flush=True))
    except Refuted as why:
        sys.exit(f"NOT PROVEN: {why}")
    if "--mutants" in sys.argv[1:]:
        alive, count, undecided = mutants()
        print(f"mutants: {count}; proven all the same: {len(alive)}; neither proven nor refuted: {undecided}")
        for line in alive:
            print("  " + line)
        if alive:
            sys.exit(1)
