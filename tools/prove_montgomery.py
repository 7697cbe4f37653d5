#!/usr/bin/env python3
"""Proves the bounds and carries of src/crypto/ec/residue.h for the moduli in src/crypto/p*/curve.h, which are
read from there. Linear statements over all integers are proved by z3 (python3-z3); without it the exit status is
77, a skipped test. What is stated here line by line is what the C++ does; where one changes, change both.
Usage: prove_montgomery.py"""
import re
import sys
from pathlib import Path

try:
    from z3 import And, If, Implies, Int, Ints, Not, Or, Solver, unsat
except ImportError:
    print("SKIPPED: python3-z3 is not installed")
    sys.exit(77)

ROOT = Path(__file__).resolve().parent.parent / "src/crypto"
B = 2**64
proved = 0


def moduli():
    """(name, limbs) of each `struct P...` with a `value` in the headers of the curves."""
    for path in sorted(ROOT.glob("p*/curve.h")):
        text = path.read_text()
        for name, words in re.findall(r"struct (P\d+(?:Prime|Order)) \{\s*static constexpr \S+ value = \{([^}]*)\}", text):
            yield name, [int(word, 16) for word in words.replace(",", " ").split()]


def prove(what, *statement):
    """The last of the formulas follows from those before it."""
    global proved
    *given, claim = statement
    solver = Solver()
    solver.set("timeout", 120000)
    solver.add(*given, Not(claim))
    if solver.check() != unsat:
        sys.exit(f"NOT PROVED: {what}\n{solver}")
    proved += 1


def check(what, holds):
    global proved
    if not holds:
        sys.exit(f"DOES NOT HOLD: {what}")
    proved += 1


def limb(x):
    return And(0 <= x, x < B)


def bit(x):
    return And(0 <= x, x <= 1)


def exact_sum(out, carry, total):
    """What add_carry and multiply_add store: out + 2^64 carry = total, out a limb."""
    return And(limb(out), out + B * carry == total)


def primitives():
    a, b, c, out, carry = Ints("a b c out carry")
    prove("add_carry: the carry is 0 or 1", limb(a), limb(b), bit(c), exact_sum(out, carry, a + b + c), bit(carry))
    prove("subtract_borrow: the borrow is 0 or 1", limb(a), limb(b), bit(c), exact_sum(out, -carry, a - b - c), bit(carry))
    # a·b is at most (2^64 - 1)^2, and the carry any limb.
    product = Int("product")
    prove("multiply_add: 128 bits hold the sum, the carry is a limb", 0 <= product, product <= (B - 1)**2, limb(b), limb(c),
          exact_sum(out, carry, product + b + c), And(product + b + c < B * B, limb(carry)))
    prove("reduce: what is added to t[i + n] with the carries leaves 0 or 1", limb(a), limb(b), bit(c),
          exact_sum(out, carry, a + b + c), bit(carry))


def selection(name, m, r):
    """below_modulus, and the sum and difference that are built on it; numbers as wholes."""
    x, top, borrow, difference, result = Ints("x top borrow difference result")
    subtraction = And(0 <= difference, difference < r, bit(borrow), difference == x - m + r * borrow)
    keep = And(borrow == 1, top == 0)
    given = [0 <= x, x < r, bit(top), x + r * top < 2 * m, subtraction, result == If(keep, x, difference)]
    value = x + r * top
    prove(f"{name}: below_modulus gives the number below m", *given,
          And(0 <= result, result < m, Or(result == value, result == value - m)))

    a, b, carry = Ints("a b carry")
    below = [0 <= a, a < m, 0 <= b, b < m]
    prove(f"{name}: a + b is what below_modulus takes", *below, 0 <= x, x < r, a + b == x + r * carry,
          And(bit(carry), x + r * carry < 2 * m))
    added = If(borrow == 1, m, 0)
    prove(f"{name}: a - b, with m added where there was a borrow", *below, 0 <= x, x < r, x == a - b + r * borrow, bit(borrow),
          0 <= result, result < r, bit(carry), result + r * carry == x + added,
          And(result < m, Or(result == a - b, result == a - b + m), carry == borrow))


def cancel_generic(name, words):
    """t[j] = multiply_add(q, m[j], t[j], carry) for all j: the sum is t + q·m, its lowest limb is zero."""
    inverse = words[0]
    for _ in range(5):
        inverse = inverse * (2 - words[0] * inverse) % B
    minus_inverse = -inverse % B
    # t[0] + q·m[0] = t[0] (1 - 1) modulo 2^64, for q = t[0]·minus_inverse.
    check(f"{name}: minus_inverse is -1/m", (1 + minus_inverse * words[0]) % B == 0)
    n = len(words)
    q = Int("q")
    t, out, carry = ([Int(f"{s}{j}") for j in range(n + 1)] for s in ("t", "out", "carry"))
    steps = [limb(q), carry[0] == 0]
    for j, word in enumerate(words):
        prove(f"{name}: limb {j} of q·m leaves a limb as carry", limb(q), limb(t[j]), limb(carry[j]),
              exact_sum(out[j], carry[j + 1], q * word + t[j] + carry[j]), limb(carry[j + 1]))
        steps += [limb(t[j]), exact_sum(out[j], carry[j + 1], q * word + t[j] + carry[j])]
    whole = sum(t[j] * B**j for j in range(n)) + q * sum(w * B**j for j, w in enumerate(words))
    prove(f"{name}: cancel adds q·m", *steps, sum(out[j] * B**j for j in range(n)) + carry[n] * B**n == whole)


def cancel_p256(p):
    """P256Prime::cancel: t[0] counts as zero after it."""
    high, low, c1, c2, carry = Ints("high low c1 c2 carry")
    t, out = ([Int(f"{s}{j}") for j in range(4)] for s in ("t", "out"))
    q = high * 2**32 + low  # q << 32 is low · 2^32, q >> 32 is high
    given = [0 <= high, high < 2**32, 0 <= low, low < 2**32, t[0] == q, *map(limb, t),
             exact_sum(out[1], c1, t[1] + low * 2**32), exact_sum(out[2], c2, t[2] + high + c1),
             exact_sum(out[3], carry, q * (p >> 192) + t[3] + c2)]
    prove("P256Prime: the carries are bits, and a limb", *given, And(bit(c1), bit(c2), limb(carry)))
    prove("P256Prime: cancel adds q·p", *given,
          sum(out[j] * B**j for j in (1, 2, 3)) + carry * B**4 == sum(t[j] * B**j for j in range(4)) + q * p)


def cancel_p521(p):
    high, low, c, carry = Ints("high low c carry")
    t, out8 = [Int(f"t{j}") for j in range(9)], Int("out8")
    q = high * 2**55 + low  # q << 9 is low · 2^9, q >> 55 is high
    given = [0 <= high, high < 2**9, 0 <= low, low < 2**55, t[0] == q, *map(limb, t),
             exact_sum(out8, c, t[8] + low * 2**9), carry == high + c]
    prove("P521Prime: the carry is a limb", *given, And(bit(c), limb(carry)))
    prove("P521Prime: cancel adds q·p", *given,
          sum(t[j] * B**j for j in range(1, 8)) + out8 * B**8 + carry * B**9 == sum(t[j] * B**j for j in range(9)) + q * p)


def reduction(name, m, r):
    """n steps add Q·m, Q < R, to t < m·R, and divide by R."""
    t, q, out = Ints("t q out")
    prove(f"{name}: the reduced number is below 2 m, and fits into n limbs and a bit", 0 <= t, t < m * r, 0 <= q, q < r,
          r * out == t + q * m, And(0 <= out, out < 2 * m, out < 2 * r))
    check(f"{name}: a product of a Residue and any n limbs is below m·R", (m - 1) * (r - 1) < m * r)
    check(f"{name}: a Residue alone is below m·R", m - 1 < m * r)


def main():
    primitives()
    found = dict(moduli())
    check("six moduli were read", len(found) == 6)
    for name, words in found.items():
        m, r = sum(word * B**j for j, word in enumerate(words)), B**len(words)
        check(f"{name}: odd, and of that many limbs", m % 2 == 1 and words[-1] != 0 and all(word < B for word in words))
        selection(name, m, r)
        reduction(name, m, r)
        if name == "P256Prime":
            check("P256Prime: p", m == 2**256 - 2**224 + 2**192 + 2**96 - 1)
            cancel_p256(m)
        elif name == "P521Prime":
            check("P521Prime: p", m == 2**521 - 1)
            cancel_p521(m)
        else:
            cancel_generic(name, words)
    print(f"montgomery: {proved} statements proved for {', '.join(found)}")


main()
