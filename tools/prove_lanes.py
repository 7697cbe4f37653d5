#!/usr/bin/env python3
"""Proves the arithmetic of the kernels that multiply with AVX-512 IFMA, from their sources: what they compute in each lane is right for
all inputs, no word overflows, and bounds are as the types, or the comments, say.
A driver of tools/lanes is compiled with a kernel's own files and vectors whose operations are written down (tools/lanes/immintrin.h); the
record is run on polynomials with bounds (lane_numbers.py), and judged (lane_p256.py, ...). What is shown stands in the kernels' README.md.
Usage: prove_lanes.py [KERNEL...] [--mutants]     needs Z3 (prover.py), a C++ compiler (CXX) and an x86-64; without, status 77
  --mutants   also alters every constant, operator, index and instruction of the functions, one at a time, and wants refusals"""
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import lane_bignum
import lane_curve25519
import lane_p256
import lane_points
import lane_poly1305
import lane_stream
from lane_mutants import mutants
from lane_numbers import read_cases
from prover import Refuted, claim, report
from sources import ROOT

KERNELS = {"p256": lane_p256, "curve25519": lane_curve25519, "edwards": lane_points.EDWARDS, "comb": lane_points.COMB,
           "ladder": lane_points.LADDER, "poly1305": lane_poly1305, "bignum_lanes": lane_bignum, "bignum_stream": lane_stream}
# A word that is not set, or not there, must not pass for another.
STRICT = ("-ftrivial-auto-var-init=pattern", "-fsanitize=bounds", "-fsanitize-undefined-trap-on-error")
FLAGS = ("-std=c++20", "-O0", "-w", "-Wno-psabi", "-ffunction-sections", "-fdata-sections", *STRICT)
ONLY_WHAT_IS_CALLED = "-Wl,--gc-sections"  # other files of the kernels are not there


def compiler():
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        if name and shutil.which(name) and platform.machine() == "x86_64":
            return name
    print("prove_lanes.py: no C++ compiler, or no x86-64: nothing was proven")
    sys.exit(77)  # CTest: skipped


def compiled(folder, options, source, out):
    """Compiles with the kernel's files that stand below `folder`, the recorder's headers, and else those of the tree."""
    places = [f"-I{p}" for p in (ROOT / "tools/lanes", Path(folder, "src"), ROOT / "src", ROOT / "include")]
    return subprocess.run([compiler(), *FLAGS, *places, *options, source, "-o", out], capture_output=True, text=True, check=False)


def recorded(kernel, text_of, arguments):
    """What the driver of a kernel writes, whose files have the text that text_of(path) gives."""
    with tempfile.TemporaryDirectory() as folder:
        for name in KERNELS[kernel].FILES:
            path = Path(folder, "src", name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text_of(ROOT / "src" / name))
        program = Path(folder, "driver")
        built = compiled(folder, (*prefix.get(kernel, ()), ONLY_WHAT_IS_CALLED), ROOT / f"tools/lanes/{kernel}.cpp", program)
        claim(built.returncode == 0, f"{kernel} does not compile for the record: {built.stderr[:2000]}")
        run = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        claim(run.returncode == 0, f"{kernel}: the driver fails: {run.stdout[-200:]} {run.stderr[-200:]}")
        return run.stdout


prefix = {}  # what a kernel's altered files are compiled with


def compile_prefix(kernel, folder):
    """Headers that no alteration reaches, compiled once."""
    header = Path(folder, f"{kernel}.h")
    header.write_text("".join(f"#include {name}\n" for name in ("<immintrin.h>", *KERNELS[kernel].UNALTERED)))
    built = compiled(folder, ("-x", "c++-header"), header, f"{header}.gch")
    claim(built.returncode == 0, f"{kernel}: headers that do not compile: {built.stderr[:2000]}")
    prefix[kernel] = ("-include", str(header))


def judge(what, claims, given):
    try:
        claims(given)
    except (LookupError, ValueError, ArithmeticError, AttributeError, TypeError) as why:  # a record of another form
        raise Refuted(f"{what}: {why!r}") from why
    except Refuted as why:
        raise Refuted(f"{what}: {why}") from why


def prove_kernel(kernel, text_of=Path.read_text, arguments=()):
    claims = KERNELS[kernel]
    cases = read_cases(recorded(kernel, text_of, arguments))
    if hasattr(claims, "prove_text"):
        judge("its text", claims.prove_text, lambda name: text_of(ROOT / "src" / name))
    names = {case.name for case in cases}
    claim(names == set(claims.CLAIMS), f"{kernel}: other functions than those with claims: {names ^ set(claims.CLAIMS)}")
    for case in cases:
        claim(not case.crossed or case.name in getattr(claims, "CROSSING", ()), f"{case}: lanes are mixed")
        judge(case, claims.CLAIMS[case.name], case)
    return f"{kernel}, {len(cases)} cases: {claims.WHAT}"


def prove_instructions():
    """The recorder's instructions are the processor's, which it must have for that: the same words for the same."""
    outputs = []
    with tempfile.TemporaryDirectory() as folder:
        for place in (("-I", str(ROOT / "tools/lanes")), tuple(f"-mavx512{part}" for part in ("f", "vl", "bw", "dq", "ifma"))):
            program = Path(folder, f"program{len(outputs)}")
            source = ROOT / "tools/lanes/instructions.cpp"
            built = subprocess.run([compiler(), *FLAGS, *place, source, "-o", program], capture_output=True, text=True, check=False)
            claim(built.returncode == 0, f"instructions.cpp does not compile: {built.stderr[:2000]}")
            outputs.append(subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines())
    recorder, processor = outputs
    if len(processor) == 1:
        return f"(nothing of the instructions: {processor[0]})"
    for i, (ours, its) in enumerate(zip(recorder, processor)):
        claim(ours == its, f"an instruction gives something else than the recorder's, line {i}: {its}, not {ours}")
    claim(len(recorder) == len(processor) > 1000, "not the same instructions")
    return f"the recorder's instructions give what the processor's do, {len(recorder)} times"


def prove_all(tell=lambda line: None, kernels=("instructions", *KERNELS)):
    for kernel in kernels:
        tell(prove_instructions() if kernel == "instructions" else prove_kernel(kernel))


def refused(kernel, name, text):
    try:
        prove_kernel(kernel, lambda path: text if path == ROOT / "src" / name else path.read_text())
    except Refuted:
        return True
    return False


def survivors(kernels):
    tried = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as workers:
        for kernel in kernels:
            compile_prefix(kernel, folder)
            prove_kernel(kernel, arguments=("more",))  # of bignum_stream the longest numbers, too
            for name, functions in KERNELS[kernel].ALTERED.items():
                for what, text in mutants((ROOT / "src" / name).read_text(), functions):
                    if what not in KERNELS[kernel].HARMLESS:
                        tried.append((f"{name}: {what}", workers.submit(refused, kernel, name, text)))
        alive = []
        for i, (what, verdict) in enumerate(tried):
            if not verdict.result():
                alive.append(what)
            if os.environ.get("SHOWN"):
                print(i, what, verdict.result(), flush=True)
    return alive, len(tried), 0


if __name__ == "__main__":
    chosen = [a for a in sys.argv[1:] if a != "--mutants"] or ["instructions", *KERNELS]
    unknown = set(chosen) - {"instructions", *KERNELS}
    if unknown:
        sys.exit(f"prove_lanes.py: there is no kernel {', '.join(unknown)}; there are {', '.join(KERNELS)}, and instructions")
    report(lambda tell: prove_all(tell, chosen), lambda: survivors([kernel for kernel in chosen if kernel in KERNELS]))
