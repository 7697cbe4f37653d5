"""Claims about src/crypto/curve25519/ifma_field.h: for all limbs within the bounds of its types, the record of each function gives
the right number modulo p, and limbs as the type of its result says."""
from lane_numbers import add, of_limbs, scaled, times
from prover import claim

FILES = ("crypto/curve25519/ifma_field.h", "crypto/curve25519/ifma_lanes.h")
P = 2**255 - 19
TIGHT, LOOSE = 2**52, 2**61
CARRIED = 2**51 + 2**18  # the limbs that carry() leaves, at most
STORED = 2**51 + 19


def below(limit):
    """The limbs of Loose<limit>, or of Tight for 0, are below this."""
    return limit * LOOSE if limit else TIGHT


def number(name):
    return {(f"{name}{i}",): 2**(51 * i) for i in range(5)}


def congruent(f, g):
    """Coefficients are fractions whose denominators are powers of two, of which there are inverses."""
    return all(c.numerator * pow(c.denominator, -1, P) % P == 0 for c in add(f, g, -1).values())


def check(case, wanted, a=0, b=0, limit=None, most=None):
    """`a`, `b`: limits of what is given; `limit`: that of the result; `most`: a closer bound of its limbs."""
    edges = {"a": below(a) - 1, "b": below(b) - 1}
    _, lanes = case.run(lambda name, _: (0, edges[name]))
    limbs, (given,) = lanes["limb"], case.numbers("limit")
    claim(len(limbs) == 5 and (limit is None or given == limit), "another type")
    claim(congruent(of_limbs(limbs, 51), wanted), "not congruent")
    edge = below(given) - 1 if most is None else most
    claim(all(0 <= x.lo and x.hi <= edge < below(given) for x in limbs), "a limb exceeds its bound")


def product(case):
    check(case, times(number("a"), number("a" if case.name == "square" else "b")), limit=1)


def total(case):
    _, j, k = case.parameters
    minus = case.name in ("difference", "subtract_where")
    check(case, add(number("a"), number("b"), -1 if minus else 1), j, k)


def times_121665(case):
    k = case.parameters[1]
    check(case, add(number("a"), number("b"), 121665), k, 0)


CLAIMS = {
    "product": product, "product_alone": product, "square": product,
    "multiply": lambda case: check(case, times(number("a"), number("b")), limit=0, most=CARRIED),
    "loose": lambda case: check(case, number("a"), limit=1),
    "small": lambda case: check(case, {(): case.parameters[1]}, limit=0),
    "carry": lambda case: check(case, number("a"), case.parameters[1], limit=0, most=CARRIED),
    "store": lambda case: check(case, number("a"), case.parameters[1], limit=0, most=STORED),
    "load": lambda case: check(case, number("a"), limit=0),
    "sum": total, "difference": total, "subtract_where": total, "add_where": total, "add_times_121665": times_121665}
WHAT = "products, squares, sums, differences, carries, with eight lanes and four: right modulo p, within the bounds of the types"
ALTERED = {FILES[0]: ("operator*", "nine_times", "column_sum", "folded_sum", "multiply_alone", "square", "carry", "operator+",
                      "multiple_of_p", "operator-", "add_times_121665", "store", "subtract_or_add", "load")}
UNALTERED = ('"crypto/curve25519/field.h"',)
HARMLESS = {
    # Nothing is in the loop at the beginning, or in the end.
    "operator*: for (int i = {0 -> 1}; i < 5; ++i) (2)",
    "square: for (int i = 0; i {< -> + 1 <} 5; ++i)",
    "square: for (int i = 0; i {< -> + 1 <} 5; ++i) (2)",
    # Room for one more.
    "operator*: typename W::Vector c[{10 -> 11}];",
    "square: typename W::Vector c[{10 -> 11}];",
    "add_times_121665: typename W::Vector high[{5 -> 6}];"}
