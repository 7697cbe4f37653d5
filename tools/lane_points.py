"""Claims about the points of Curve25519's kernel, over the field of lane_curve25519.py: edwards_ifma.cpp (coordinates in four lanes),
comb_ifma.cpp (a point in each lane) and the ladder's step of x25519_ifma.cpp compute the formulas of README.md from coordinates whose limbs
are within the bounds of their types, and theirs are again."""
from types import SimpleNamespace

from lane_curve25519 import CARRIED, LOOSE, P, TIGHT
from lane_numbers import AtPoint
from prover import claim

RING = AtPoint(P)
FOLDER = "crypto/curve25519/"


def value(numbers, name):
    return sum(numbers.inputs[f"{name}{i}"] << 51 * i for i in range(5)) % P


def claim_lanes(case, numbers, lanes, wanted, most):
    for i, number in enumerate(wanted):
        limbs = lanes[f"lane{i}"]
        claim(len(limbs) == 5 and numbers.of_limbs(limbs, 51) == number % P, f"another number in lane {i}")
        claim(all(0 <= x.lo and x.hi <= most for x in limbs), f"a limb exceeds its bound in lane {i}")


def points_add(p, q):
    """What add-2008-hwcd-3 gives for X, Y, Z, T and y - x, y + x, 2dxy, 2z."""
    (x, y, z, t), (minus, plus, product, z2) = p, q
    a, b, c, d = (y - x) * minus, (y + x) * plus, t * product, z * z2
    return finish(b - a, d - c, d + c, b + a)


def points_twice(p):
    x, y, z, _ = p
    a, b = x * x, y * y
    return finish(a + b - (x + y)**2, 2 * z * z + a - b, a - b, a + b)


def finish(e, f, g, h):
    return e * f, g * h, f * g, e * h


# ---- edwards_ifma.cpp -------------------------------------------------------------------------------------------------

def edwards(case, most_q=TIGHT - 1):
    numbers, lanes = case.run(lambda name, _: (0, most_q if name[0] == "q" else LOOSE - 1), RING)
    half = lambda name, first: [value(numbers, f"{name}{first + i}") for i in range(4) if f"{name}{first + i}0" in numbers.inputs]
    return numbers, lanes, [(half("p", first), half("q", first)) for first in (0, 4)]


def edwards_points(formula, most=LOOSE - 1):
    def check(case):
        numbers, lanes, halves = edwards(case)
        claim_lanes(case, numbers, lanes, [x for p, q in halves for x in formula(p, q)], most)
    return check


def negative(case):
    """Of what carry() leaves, or stands in a table: y + x, y - x, -2dxy, 2z."""
    numbers, lanes, halves = edwards(case, CARRIED)
    claim_lanes(case, numbers, lanes, [x for _, (a, b, c, d) in halves for x in (b, a, -c, d)], TIGHT - 1)


def tables(case):
    claim(case.outputs["most"] and max(case.numbers("most")) <= CARRIED, "limbs that negative() is not for")


EDWARDS = SimpleNamespace(
    FILES=(FOLDER + "edwards_ifma.cpp", FOLDER + "ifma_field.h"), CROSSING=("add", "twice", "negative", "factors"),
    CLAIMS={"add": edwards_points(points_add), "twice": edwards_points(lambda p, _: points_twice(p)), "negative": negative,
            "factors": edwards_points(lambda p, _: (p[1] - p[0], p[1] + p[0], p[3], p[2]), CARRIED), "tables": tables},
    WHAT="sums and doublings of points in four lanes",
    HARMLESS={  # what keep() sets to zero
        "factors_of: return carry(subtract_or_add(lane_0, permute<1, 1, 3, 2>(p), keep(lanes_0_1, permute<0, 0, {0 -> 1}, 0>(p))));",
        "factors_of: return carry(subtract_or_add(lane_0, permute<1, 1, 3, 2>(p), keep(lanes_0_1, permute<0, 0, 0, {0 -> 1}>(p))));",
        "twice: const Lanes51 roots = carry(permute<0, 1, 2, 0>(p) + keep(lane_3, permute<{1 -> 2}, 1, 1, 1>(p)));",
        "twice: const Lanes51 roots = carry(permute<0, 1, 2, 0>(p) + keep(lane_3, permute<1, {1 -> 2}, 1, 1>(p)));",
        "twice: const Lanes51 roots = carry(permute<0, 1, 2, 0>(p) + keep(lane_3, permute<1, 1, {1 -> 2}, 1>(p)));",
        "twice: const Loose<1> s_zz = keep(lanes_0_2, permute<3, 3, 2, {2 -> 3}>(squares));"},
    UNALTERED=('"crypto/curve25519/impl.h"', '"crypto/curve25519/edwards_tables.h"', '"crypto/wipe_stack.h"'),
    ALTERED={FOLDER + "edwards_ifma.cpp": ("finish", "factors_of", "add", "twice", "negative")})


# ---- comb_ifma.cpp ----------------------------------------------------------------------------------------------------

def comb_sum(case):
    numbers, lanes = case.run(lambda name, _: (0, TIGHT - 1 if name in "abc" else LOOSE - 1), RING)
    of = lambda names: [value(numbers, name) for name in names if f"{name}0" in numbers.inputs]
    out = points_twice(of("xyzt")) if case.name == "twice" else points_add(of("xyzt"), [*of("abc"), 2])
    claim_lanes(case, numbers, lanes, out[:3] if case.name == "add_before_doubling" else out, LOOSE - 1)


def entries(case):
    """Every entry of a block, as it is in lane 0, and negative in lane 7."""
    size = 32
    numbers, lanes = case.run(lambda _name, _i: (0, CARRIED), RING)
    for entry in range(size):
        minus, plus, product = (sum(numbers.inputs[f"{name}{size * i + entry}"] << 51 * i for i in range(5))
                                for name in ("minus", "plus", "product"))
        for lane, wanted in ((0, (minus, plus, product)), (7, (plus, minus, -product))):
            for name, number in zip(("minus", "plus", "product"), wanted):
                limbs = lanes[f"{name}_{entry}_{lane}"]
                claim(numbers.of_limbs(limbs, 51) == number % P, f"another entry than {entry}")
                claim(all(0 <= x.lo and x.hi < TIGHT for x in limbs), f"a limb of entry {entry}")


COMB = SimpleNamespace(
    FILES=(FOLDER + "comb_ifma.cpp", FOLDER + "ifma_field.h"), CROSSING=("entries",),
    CLAIMS={"add": comb_sum, "add_before_doubling": comb_sum, "twice": comb_sum, "entries": entries, "tables": tables},
    WHAT="sums, doublings and entries of the comb", HARMLESS={}, UNALTERED=('"crypto/curve25519/comb_table.h"', "<algorithm>"),
    ALTERED={FOLDER + "comb_ifma.cpp": ("finish", "add", "twice", "pick", "look_up")})


# ---- x25519_ifma.cpp --------------------------------------------------------------------------------------------------

def step_of(x1, z2, x2, x3, z3):
    """RFC 7748 §5, with the names of soft.cpp."""
    a, b = x2 + z2, x2 - z2
    e = a * a - b * b
    da, cb = (x3 - z3) * a, (x3 + z3) * b
    return e * (a * a + 121665 * e), (a * b)**2, (da + cb)**2, x1 * (da - cb)**2


def step(case):
    count, swap = case.parameters
    edge = lambda name, _: (0, TIGHT - 1 if name.endswith("x1") else LOOSE - 1)
    numbers, lanes = case.run(edge, RING)
    wanted = []
    for ladder in range(count // 4):
        x1, z2, x2, x3, z3 = (value(numbers, "other_" * ladder + name) for name in ("x1", "z2", "x2", "x3", "z3"))
        if swap >> 4 * ladder & 1:
            z2, x2, x3, z3 = z3, x3, x2, z2
        wanted += step_of(x1, z2, x2, x3, z3)
    claim_lanes(case, numbers, lanes, wanted, LOOSE - 1)


LADDER = SimpleNamespace(
    FILES=(FOLDER + "x25519_ifma.cpp", FOLDER + "ifma_field.h"), CROSSING=("step",), CLAIMS={"step": step},
    WHAT="a step of the ladder in four lanes, and of two",
    HARMLESS={  # what keep() sets to zero
        "step: keep(but_lane_1, permute<1, {1 -> 2}, 2, 2>(products))));"},
    UNALTERED=('"crypto/curve25519/impl.h"', '"crypto/curve25519/edwards.h"', '"crypto/curve25519/inverse.h"'),
    ALTERED={FOLDER + "x25519_ifma.cpp": ("step",)})
