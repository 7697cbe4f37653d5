"""Claims about src/crypto/p256/ifma_field.h: for all numbers within the bounds of its types, the record of each function gives the
number that it should, and bounds as the type of its result says."""
from fractions import Fraction

from lane_numbers import add, of_limbs, scaled, times
from prover import claim

FILES = ("crypto/p256/ifma_field.h",)
P = 2**256 - 2**224 + 2**192 + 2**96 - 1
RADIX, R = 52, 2**260
EDGE = 2**57  # of a limb of Loose, for each p
SOME_CONSTANT = 0x0f1e2d3c4b5a69788badf00ddeadbeef0123456789abcdeffedcba9876543210


def element_bounds(_name, _i):
    return 0, 2**RADIX - 1


def loose_bounds(l, h):
    """Limbs within their bound; the highest is bounded by the number, too, which is from -l·p on and below h·p."""
    edge = (l + h) * EDGE
    rest = edge * sum(2**(RADIX * i) for i in range(4))

    def bounds(_name, i):
        if i < 4:
            return -edge, edge
        return max(-edge, -((l * P + rest) >> 208) - 1), min(edge, (h * P + rest) >> 208)
    return bounds


def claim_loose(case, wanted, lo, hi, lanes):
    """The number is `wanted`, from lo to hi, and the type knows it, and knows the limbs."""
    l, h = case.numbers("bounds")
    limbs = lanes["loose"]
    claim(len(limbs) == 5, "not five limbs")
    claim(of_limbs(limbs, RADIX) == wanted, "another number")
    claim(-l * P <= lo and hi < h * P, "the number exceeds the bounds of its type")
    edge = (l + h) * EDGE
    claim(all(-edge <= x.lo and x.hi <= edge for x in limbs), "a limb exceeds the bound of its type")


def claim_element(case, wanted, lo, hi, lanes):
    """Four limbs below 2^52, and the number from lo to hi: so the fifth is what is left of it."""
    zero, k = case.numbers("bounds")
    limbs = lanes["element"]
    claim(len(limbs) == 5 and zero == 0, "not five limbs")
    claim(of_limbs(limbs, RADIX) == wanted, "another number")
    claim(0 <= lo and hi < k * P, "the number exceeds the bound of its type")
    claim(all(0 <= x.lo and x.hi < 2**RADIX for x in limbs[:4]), "a limb exceeds 52 bits")
    lower = 2**208 - 1  # at most
    claim(lo - lower > -2**208 and hi >> 208 < 2**RADIX, "the highest limb exceeds 52 bits")


def number(name):
    return {(f"{name}{i}",): 2**(RADIX * i) for i in range(5)}


def divided(case, numbers, lanes, total, most, radix=RADIX):
    """t/R with t = `total` + Q·p for a Q below R: the result as (polynomial, its bound); `total` is at most `most`."""
    out = of_limbs(lanes, radix)
    quotient = scaled(add(scaled(out, R), total, -1), Fraction(1, P))
    claim(all(isinstance(c, int) for c in quotient.values()), "not congruent")
    lo, hi = numbers.range_of(quotient)
    claim(0 <= lo and hi < R, "the quotient is not below R")
    return out, (most + (R - 1) * P) // R


def product(case):
    (j, k), square = case.parameters, case.name == "square"
    numbers, lanes = case.run(element_bounds)
    total = times(number("a"), number("a" if square else "b"))
    out, most = divided(case, numbers, lanes["loose"], total, (j * P - 1) * (k * P - 1))
    claim_loose(case, out, 0, most, lanes)


def bound(case):
    """What the type of a product says, for all pairs of factors."""
    j, k = case.parameters
    zero, h = case.numbers("bounds")
    claim(zero == 0 and ((j * P - 1) * (k * P - 1) + (R - 1) * P) // R < h * P, "the bound is too low")


def loose(case):
    (k,) = case.parameters
    claim(case.numbers("bounds") == [0, k], "another type")
    claim_loose(case, number("a"), 0, k * P - 1, case.run(element_bounds)[1])


def at_most(case):
    (k,) = case.parameters
    lanes = case.run(element_bounds)[1]
    claim(all(x.hi < 2**RADIX for x in lanes["element"]), "a limb")
    claim_element(case, number("a"), 0, k * P - 1, lanes)


def blend(case):
    k, mask = case.parameters
    claim(case.numbers("bounds") == [0, max(k, 3)], "another type")
    claim_element(case, number("b" if mask else "a"), 0, (3 if mask else k) * P - 1, case.run(element_bounds)[1])


def negated(case):
    """Of an x that is not 0."""
    k, mask = case.parameters
    wanted = add({(): k * P}, number("a"), -1) if mask else number("a")
    claim_loose(case, wanted, 0, k * P - 1, case.run(element_bounds)[1])


def carry(case):
    l, h = case.parameters
    _, lanes = case.run(loose_bounds(l, h))
    wanted = add(number("a"), {(): l * P}) if l else number("a")
    claim_element(case, wanted, 0, (l + h) * P - 1, lanes)


def reduce(case):
    numbers, lanes = case.run(loose_bounds(*case.parameters))
    out = of_limbs(lanes["element"], RADIX)
    quotient = scaled(add(number("a"), out, -1), Fraction(1, P))
    claim(numbers.is_quotient(quotient), "not congruent")
    claim_element(case, out, *numbers.range_of(out), lanes)


def doubled(case):
    l, h, n = case.parameters
    lanes = case.run(loose_bounds(l, h))[1]
    claim_loose(case, scaled(number("a"), 2**n), -2**n * l * P, 2**n * (h * P - 1), lanes)


def total(case):
    a, b, c, d = case.parameters
    of = {"a": loose_bounds(a, b), "b": loose_bounds(c, d)}
    lanes = case.run(lambda name, i: of[name](name, i))[1]
    if case.name == "sum":
        claim_loose(case, add(number("a"), number("b")), -(a + c) * P, b * P - 1 + d * P - 1, lanes)
    else:
        claim_loose(case, add(number("a"), number("b"), -1), -a * P - (d * P - 1), b * P - 1 + c * P, lanes)


def word_bounds(_name, _i):
    return 0, 2**64 - 1


def words_number():
    return {(f"word{i}",): 2**(64 * i) for i in range(4)}


def from_words(case):
    """Sixteen times the words' number, which is below p."""
    claim_element(case, scaled(words_number(), 16), 0, 16 * (P - 1), case.run(word_bounds)[1])


def store(case):
    """A number from 0 to p, congruent to a/R, in words; p only where the element's number is not 0 but a multiple of p."""
    (k,) = case.parameters
    numbers, lanes = case.run(element_bounds)
    claim(len(lanes["word"]) == 4, "not four words")
    claim(all(0 <= x.lo and x.hi < 2**64 for x in lanes["word"]), "more than a word")
    _, most = divided(case, numbers, lanes["word"], number("a"), k * P - 1, 64)
    claim(most <= P, "more than p")


def constant(case, wanted):
    claim_element(case, {(): wanted}, wanted, wanted, case.run(None)[1])


CLAIMS = {"product": product, "square": product, "bound": bound, "loose": loose, "at_most": at_most, "blend": blend,
          "negated": negated, "carry": carry, "reduce": reduce, "doubled": doubled, "sum": total, "difference": total,
          "from_words": from_words, "load": from_words, "store": store, "one": lambda case: constant(case, R % P),
          "r2": lambda case: constant(case, R * R % P), "some_constant": lambda case: constant(case, SOME_CONSTANT)}
WHAT = "products, squares, sums, differences, carries, reductions, words: right modulo p, within the bounds of the types"
ALTERED = {FILES[0]: ("operator*", "square", "divided_by_r", "bound_of_product", "limb_of_p", "operator+", "operator-", "doubled", "negated",
                      "carry_limbs", "carry", "reduce", "blend", "constant", "from_words", "load", "store_number")}
UNALTERED = ('"crypto/p256/curve.h"',)
HARMLESS = {
    # Bounds that are equal, or larger than need be; a margin that is as good; a sum with zero.
    "blend: BULLA_P256_INLINE Element<(j {< -> <=} k ? k : j)> blend(__mmask8 mask, const Element<j>& a,",
    "blend: Element<(j {< -> <=} k ? k : j)> out;",
    "bound_of_product: return (j * k + {15 -> 16}) / 16 + 1;",
    "bound_of_product: return (j * k + 15) / 16 + {1 -> 2};",
    "reduce: const Lanes q = signed_right<48>(_mm512_sub_epi64(x.limb[4], in_all(uint64_t{{1 -> 2}} << 24)));",
    "reduce: const Lanes q = signed_right<48>(_mm512_sub_epi64(x.limb[4], in_all(uint64_t{1} << {24 -> 25})));",
    "carry: l == 0 || limb_of_p(i) == {0 -> 1} ? x.limb[i] : _mm512_add_epi64(x.limb[i], in_all(l * limb_of_p(i)));",
    # Nothing is in the loop in the end.
    "square: for (int i = 0; i {< -> + 1 <} 5; ++i) {"}
