#!/usr/bin/env python3
"""All that is proven of the field arithmetic, by one command: modulo 2^255 - 19, and modulo the primes and orders of P-256,
P-384 and P-521, with the assembly of the kernels of the first two; and of the kernels with AVX-512 IFMA (prove_lanes.py).
Usage: prove_field.py [--mutants]     needs Z3 (Debian: python3-z3), and a C++ compiler on x86-64 for the last; without, status 77"""
from prover import report
import prove_adx
import prove_curve25519
import prove_lanes
import prove_residues

if __name__ == "__main__":
    report(prove_curve25519.prove_all, prove_curve25519.survivors)
    report(prove_residues.prove_all, lambda: prove_residues.survivors(prove_residues.read()))
    report(prove_adx.prove_all, prove_adx.survivors)
    report(prove_lanes.prove_all, lambda: prove_lanes.survivors(prove_lanes.KERNELS))
