"""Claims about src/crypto/bignum/lanes_ifma.cpp, and for lane_stream.py: products by digits of 52 bits, divided by r = 2^(52·digits)
modulo M, a multiple of the modulus that is -1 modulo 2^52. The kernel is given m = (M + 1)/2^52.

With Q < r, of the digits that fall out, out = (a·b + Q·M)/r, exactly. So for a, b < 2M and r >= 4M, out < 2M: what is multiplied
again is as small as what was. For any other a and b it is below a·b/r + M."""
from fractions import Fraction

from lane_numbers import AtPoint, random_prime
from prover import claim

FILES = ("crypto/bignum/lanes_ifma.cpp", "crypto/bignum/ifma.h")
DIGIT = 2**52
RING = AtPoint(random_prime(256))


def bounds(_name, _i):
    return 0, DIGIT - 1


def value(numbers, name, count):
    return sum(numbers.inputs[f"{name}{i}"] << 52 * i for i in range(count))


def quotient_words(case, name):
    """What is multiplied by the lowest digit of m: the digits of Q, of all lanes. Sums begin as zeros, which are no digit."""
    lowest = f"n{case.lines.index(('input', name, '0'))}"
    words = [b if a == lowest else a for kind, _, a, b in (line for line in case.lines if line[0] == "low") if lowest in (a, b)]
    return [word for word in words if word != "0x0"]


def claim_product(case, numbers, q, out, names, counts):
    """`out` are the digits of (a·b + Q·M)/r, or words whose sum is that and a multiple of 2^(52·words)."""
    (a, b, m), (digits, reduced) = names, counts
    ring = numbers.ring
    claim(4 * 2**(reduced * 52 // 64 * 64 + 52) <= DIGIT**digits, "r is below 4M")
    claim(len(q) == digits, f"Q has {len(q)} digits")
    big_m = DIGIT * value(numbers, m, reduced) - 1
    total = ring.add(ring.times(value(numbers, a, digits), value(numbers, b, digits)),
                     ring.times(numbers.of_limbs([numbers.digit(x, 52) for x in q], 52), big_m))
    difference = ring.add(ring.scaled(total, Fraction(1, DIGIT**digits)), numbers.of_limbs(out, 52), -1)
    beyond = ring.scaled(difference, Fraction(1, DIGIT**len(out)))
    claim(beyond == 0 or numbers.is_quotient(beyond), "another number")


def product(case):
    """What is kept are digits, and (a·b + Q·M)/r < 2M < r: that they differ by a multiple of r means that they do not."""
    digits, reduced, lane = case.parameters
    case.outputs["q"] = quotient_words(case, "m")[lane::8]
    numbers, lanes = case.run(bounds, RING)
    claim(len(lanes["digit"]) == digits and all(0 <= x.lo and x.hi < DIGIT for x in lanes["digit"]), "digits of 52 bits")
    names = ("a", "a" if case.name == "square" else "b", "m")
    claim_product(case, numbers, lanes["q"], lanes["digit"], names, (digits, reduced))


CLAIMS = {"multiply": product, "in_place": product, "square": product}
WHAT = "products and squares of eight numbers: (a·b + Q·M)/r with Q < r"
ALTERED = {FILES[0]: ("add_product", "take", "turn_round", "finish", "step", "multiply", "square_columns", "reduce_wide")}
UNALTERED = ('"crypto/bignum/power.h"', "<algorithm>", "<utility>")
HARMLESS = {
    # Turns are whole.
    "multiply: for (size_t i = 0; i {< -> + 1 <} digits; i += turn) {",
    "reduce_wide: for (size_t i = 0; i {< -> + 1 <} digits; i += turn) {",
    # No group of columns begins where numbers end, and what an iteration more would add its condition leaves out.
    "square_columns: for (size_t j = first {< -> + 1 <} digits ? 0 : first + 1 - digits; 2 * j < last; ++j) {",
    "square_columns: for (size_t j = first < digits ? 0 : first + 1 - digits; 2 {* -> +} j < last; ++j) {",
    "square_columns: for (size_t j = first < digits ? 0 : first {+ -> -} 1 - digits; 2 * j < last; ++j) {",
    "square_columns: constexpr size_t last = first + side_by_side {- -> +} 1;"}
