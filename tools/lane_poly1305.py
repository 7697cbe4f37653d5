"""Claims about src/crypto/chacha20_poly1305/poly1305_ifma.cpp with poly1305_lanes.h: from the state and the blocks to the sums of the
lanes, and from these to the state; and the bounds of limbs, from turn to turn."""
import re

from lane_numbers import AtPoint, Lane, Numbers
from prover import claim

SOURCE = "crypto/chacha20_poly1305/poly1305_ifma.cpp"
FILES = (SOURCE, "crypto/chacha20_poly1305/poly1305_lanes.h")
CROSSING = ("group", "groups", "by_lanes")  # blocks come to their lanes by unpacking; by_lanes() adds lanes up
P, RADIX, LANES = 2**130 - 5, 44, 8
RING = AtPoint(P)
ORDER = (0, 4, 1, 5, 2, 6, 3, 7)  # the block of each lane
MOST_TOP = 4  # of a state
REDUCED = (2**RADIX + 2**17,) * 3  # what reduced() leaves, at most
BLOCK = (2**RADIX - 1, 2**RADIX - 1, 2**41 - 1)  # one with its top bit
TURN = tuple(r + b for r, b in zip(REDUCED, BLOCK))  # what is multiplied


def bounds(name, i):
    return 0, {"h": TURN, "r": REDUCED}[name][i] if name in "hr" else 2**64 - 1


def claim_limbs(case, numbers, limbs, wanted, most, what):
    claim(len(limbs) == 3, "not three limbs")
    claim(numbers.of_limbs(limbs, RADIX) == wanted % P, f"another number mod p {what}")
    claim(all(0 <= x.lo and x.hi <= edge for x, edge in zip(limbs, most)), f"a limb exceeds its bound {what}")


def value(numbers, name):
    return sum(numbers.inputs[f"{name}{i}"] << RADIX * i for i in range(3)) % P


def words(numbers, name, first, top=0):
    return (numbers.inputs[f"{name}{first}"] + (numbers.inputs[f"{name}{first + 1}"] << 64) + (top << 128)) % P


def block(numbers, i, top):
    return words(numbers, "block", 2 * i, top)


def check_lanes(case, wanted, most):
    """`wanted`(numbers, lane) in every lane."""
    numbers, lanes = case.run(bounds, RING)
    for i in range(LANES):
        claim_limbs(case, numbers, lanes[f"lane{i}"], wanted(numbers, i), most, f"in lane {i}")
    return numbers, lanes


def group(case):
    (top,) = case.parameters
    check_lanes(case, lambda numbers, i: block(numbers, ORDER[i], top), (*BLOCK[:2], (top + 1) * 2**40 - 1))


def first(case):
    (top,) = case.parameters
    check_lanes(case, lambda numbers, i: 0 if i else block(numbers, 0, top), REDUCED)


def product(case):
    numbers, lanes = case.run(bounds, RING)
    claim_limbs(case, numbers, lanes["out"], value(numbers, "h") * value(numbers, "r"), REDUCED, "")


def powers(case):
    numbers, lanes = check_lanes(case, lambda n, i: pow(value(n, "r"), LANES - ORDER[i], P), REDUCED)
    claim_limbs(case, numbers, lanes["stride"], pow(value(numbers, "r"), LANES, P), REDUCED, "(stride)")


def groups(case):
    """A turn begins with what the last one left: whatever the number of turns, limbs stay within TURN."""
    count, top = case.parameters

    def wanted(numbers, lane):
        total = value(numbers, "h")
        for i in range(count):
            total = total * value(numbers, "r") + block(numbers, LANES * i + ORDER[lane], top)
        return total
    check_lanes(case, wanted, TURN)


def by_lanes(case):
    count, top, state_top = case.parameters
    claim(state_top <= MOST_TOP, "a state with more")
    numbers, lanes = case.run(lambda _name, _i: (0, 2**64 - 1), RING)
    total, r = words(numbers, "h", 0, state_top), words(numbers, "r", 0)
    for i in range(count % LANES, count):
        total = (total + block(numbers, i, top)) * r % P
    claim_limbs(case, numbers, lanes["reduced"], total, [LANES * r for r in REDUCED], "")


# ---- scalars: from the sums of the lanes to the state -------------------------------------------------------------------

class Scalar:
    """A word of to_words(), whose statements are Python's as well."""

    def __init__(self, numbers, lane):
        self.numbers, self.lane = numbers, lane

    def with_other(self, operation, other):
        other = other.lane if isinstance(other, Scalar) else self.numbers.constant(other)
        return Scalar(self.numbers, operation(self.lane, other))

    def __add__(self, other):
        return self.with_other(self.numbers.op_add, other)

    def __rmul__(self, factor):
        lane = self.lane
        claim(lane.lo >= 0 and factor * lane.hi < 2**64, "a product does not fit a word")
        return Scalar(self.numbers, Lane(factor * lane.lo, factor * lane.hi, self.numbers.ring.scaled(lane.poly, factor)))

    def __and__(self, other):
        return self.with_other(self.numbers.op_and, other)

    def __or__(self, other):
        return self.with_other(self.numbers.op_or, other)

    def __lshift__(self, n):
        return Scalar(self.numbers, self.numbers.op_left(self.lane, n))

    def __rshift__(self, n):
        return Scalar(self.numbers, self.numbers.op_right(self.lane, n))


TO_WORDS = re.compile(r"^inline void to_words\(const Number& h, uint64_t\* words\) noexcept \{\n(.*?)^\}$", re.S | re.M)
STATEMENT = re.compile(r"(l\d|words\[\d\]) (\+?&?=) [l\d+&|<>() *maskrdix]+")
CONSTANTS = ("constexpr unsigned radix = 44;", "constexpr uint64_t mask = (uint64_t{1} << radix) - 1;")


def prove_text(text_of):
    """to_words(), read from the source: three words whose number is congruent to the sums of the lanes, the third at most MOST_TOP."""
    code = re.sub(r"//[^\n]*", "", text_of(SOURCE))
    claim(all(line in code for line in CONSTANTS), "radix and mask have other values")
    found = TO_WORDS.findall(code)
    claim(len(found) == 1, "there is no to_words() of the form that is read")
    statements = [" ".join(s.split()) for part in found[0].split(";") for s in part.split(",") if s.strip()]
    for i in range(3):
        claim(statements[i] == f"uint64_t l{i} = static_cast<uint64_t>(_mm512_reduce_add_epi64(h.l{i}))", "to_words(): its sums")
    claim(all(STATEMENT.fullmatch(s) for s in statements[3:]), "to_words(): a statement of another form")
    numbers = Numbers()
    limbs = [numbers.input(f"sum{i}", 0, LANES * REDUCED[i]) for i in range(3)]
    scope = {"radix": RADIX, "mask": 2**RADIX - 1, "words": [None] * 3}
    scope.update({f"l{i}": Scalar(numbers, limb) for i, limb in enumerate(limbs)})
    exec("\n".join(statements[3:]), scope)  # pylint: disable=exec-used
    out = [numbers.digit(word.lane, 64) for word in scope["words"]]
    difference = numbers.ring.add(numbers.of_limbs(out, 64), numbers.of_limbs(limbs, RADIX), -1)
    claim(all(c.numerator % P == 0 for c in difference.values()), "to_words(): another number mod p")
    claim(out[2].hi <= MOST_TOP, "to_words(): the highest word exceeds its bound")


CLAIMS = {"group": group, "first": first, "product": product, "powers": powers, "groups": groups, "by_lanes": by_lanes}
WHAT = "blocks to lanes, powers, turns, sums and the state: right modulo p, and no limb exceeds its bound, however many turns"
ALTERED = {SOURCE: ("times_20", "factor", "add_product", "reduced", "product", "sum", "from_words", "group", "first", "powers", "to_words", "chosen"),
           FILES[1]: ("many_groups", "by_lanes")}
UNALTERED = ('"crypto/chacha20_poly1305/impl.h"', "<vector>")
HARMLESS = {  # a multiple of four is not 1, and powers that are not used do no harm
    "many_groups: if (count == {0 -> 1}) return h;",
    "many_groups: for (; count > {0 -> 1}; count -= 4, blocks += 4 * size) {"}
