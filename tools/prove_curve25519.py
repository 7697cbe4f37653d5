#!/usr/bin/env python3
"""Proves the field arithmetic of src/crypto/curve25519/field.h: no overflow, bounds as the types say, values right.
The functions between the two rulers of that file are read from it, translated line by line, and run on symbols instead of
numbers; a line that the translator does not know ends the proof. What is shown, and how, stands in that folder's README.md.
Usage: prove_curve25519.py [--mutants]     needs Z3 (Debian: python3-z3); without it, status 77
  --mutants   also alters every constant, operator and limb of the text, one at a time, and wants each proof refused"""
import re
from pathlib import Path

from machine_numbers import times
from prover import Refuted, Undecided, claim, claim_valid, report, z3
from sources import ROOT, blank

FIELD = ROOT / "src/crypto/curve25519/field.h"
P = 2**255 - 19
TIGHT = 2**51 + 2**13  # the limbs of Fe<1>
FUNCTION = re.compile(r"^constexpr (\w+) (\w+)\(([^)]*)\) noexcept \{\n(.*?)^\}$", re.S | re.M)


# ---- the text -----------------------------------------------------------------------------------------------------

TOKENS = re.compile(r"\s*(static_cast<uint64_t>\(|Wide\{|0x[0-9a-f]+|\d+|[A-Za-z_]\w*|\.\w+|<<|>>|[-+*&|^(),{}])")


def expression(text):
    """C++ to Python; both rank these operators alike, and everything is evaluated from the left."""
    out, at, text = [], 0, text.strip()
    while at < len(text):
        match = TOKENS.match(text, at)
        claim(match, f"not understood: {text[at:]!r}")
        token, at = match.group(1), match.end()
        out.append({"static_cast<uint64_t>(": "u64(", "Wide{": "wide(", "}": ")", "{": "("}.get(token, token))
    return " ".join(out)


def statement(text):
    text = " ".join(text.split())
    if match := re.fullmatch(r"const auto& \[([\w, ]+)\] = (\w+)", text):
        return f"{match.group(1)} = {match.group(2)}"
    if match := re.fullmatch(r"const (uint64_t|Wide|Element|PowerStart) (\w+) = (.*)", text):
        return f"{match.group(2)} = as_{match.group(1)}({expression(match.group(3))})"
    if match := re.fullmatch(r"return \{(.*)\}", text):
        return f"return ({expression(match.group(1))})"
    if match := re.fullmatch(r"return (.*)", text):
        return f"return {expression(match.group(1))}"
    raise Refuted(f"not understood: {text!r}")


def translate(code):
    """name -> Python text of every function in a piece of the header."""
    out = {}
    for _, name, parameters, body in FUNCTION.findall(code):
        names = [p.split()[-1].lstrip("&") for p in parameters.split(",")]
        lines = [statement(s) for s in body.split(";") if s.strip()]
        out[name] = f"def {name}({', '.join(names)}):\n" + "".join(f"    {line}\n" for line in lines)
    claim(len(out) == len(re.findall(r"\bconstexpr\b", code)), "a function here does not have the form that is read")
    return out


def functions(texts, domain):
    scope = dict(domain)
    for text in texts.values():
        exec(text, scope)  # pylint: disable=exec-used
    return scope


# ---- machine integers as intervals and polynomials ----------------------------------------------------------------
# A number is known as lo <= x <= hi and as a polynomial in the inputs, with whole coefficients. As long as hi stays below
# 2^width and nothing goes below zero, which every operation checks, machine arithmetic is that of whole numbers, and the
# polynomial is the value. x >> n is a new unknown c; then x & (2^n - 1) is x - c·2^n.

class Num:
    carries = {}

    def __init__(self, width, lo, hi, poly):
        claim(0 <= lo, "goes below zero")
        claim(hi < 2**width, f"reaches 2^{hi.bit_length() - 1} and more in {width} bits")
        self.width, self.lo, self.hi, self.poly = width, lo, hi, {m: c for m, c in poly.items() if c}

    @staticmethod
    def of(value):
        if isinstance(value, int):  # a literal takes the type of what it meets: 64 bits at least
            return Num(64, value, value, {(): value})
        claim(isinstance(value, Num), "a truncated number is used other than by a mask")
        return value

    def __add__(self, other):
        other = Num.of(other)
        poly = dict(self.poly)
        for m, c in other.poly.items():
            poly[m] = poly.get(m, 0) + c
        return Num(max(self.width, other.width), self.lo + other.lo, self.hi + other.hi, poly)

    def __sub__(self, other):
        other = Num.of(other)
        poly = dict(self.poly)
        for m, c in other.poly.items():
            poly[m] = poly.get(m, 0) - c
        return Num(max(self.width, other.width), self.lo - other.hi, self.hi - other.lo, poly)

    def __mul__(self, other):
        other = Num.of(other)
        poly = {}
        for m, c in self.poly.items():
            for n, e in other.poly.items():
                key = tuple(sorted(m + n))
                poly[key] = poly.get(key, 0) + c * e
        return Num(max(self.width, other.width), self.lo * other.lo, self.hi * other.hi, poly)

    def __rshift__(self, n):
        key = (frozenset(self.poly.items()), n)
        name = Num.carries.setdefault(key, f"c{len(Num.carries)}")
        return Num(self.width, self.lo >> n, self.hi >> n, {(name,): 1})

    def __and__(self, mask):
        claim(isinstance(mask, int) and (mask & (mask + 1)) == 0, "a mask that is not 2^n - 1")
        n = mask.bit_length()
        if self.hi <= mask:
            return self
        carry = self >> n
        poly = dict(self.poly)
        for m, c in carry.poly.items():
            poly[m] = poly.get(m, 0) - (c << n)
        return Num(self.width, 0, mask, poly)

    def __radd__(self, other):
        return Num.of(other) + self

    def __rmul__(self, other):
        return Num.of(other) * self


class Truncated:
    """The lower 64 bits of more: good for a mask only."""

    def __init__(self, whole):
        self.whole = whole

    def __and__(self, mask):
        claim(isinstance(mask, int) and mask < 2**64, "a mask of more than 64 bits")
        kept = self.whole & mask
        return Num(64, kept.lo, kept.hi, kept.poly)


def to_u64(x):
    return Num(64, x.lo, x.hi, x.poly) if x.hi < 2**64 else Truncated(x)


def as_u64(x):
    x = Num.of(x)
    claim(x.width == 64, "a wide number is stored in 64 bits")
    return x


def to_wide(x):
    x = Num.of(x)
    return Num(128, x.lo, x.hi, x.poly)


INTERVALS = {"mask51": 2**51 - 1, "u64": to_u64, "wide": to_wide, "as_uint64_t": as_u64, "as_Wide": to_wide}


def limbs(name, bound):
    return tuple(Num(64, 0, bound, {(f"{name}{i}",): 1}) for i in range(5))


def value(parts):
    total = {}
    for i, part in enumerate(parts):
        for m, c in Num.of(part).poly.items():
            total[m] = total.get(m, 0) + (c << 51 * i)
    return total


def claim_element(out, bound, wanted, what):
    """Limbs within the bound, and the value congruent to `wanted` whatever the inputs and carries are."""
    claim(len(out) == 5, f"{what}: not five limbs")
    for i, limb in enumerate(out):
        limb = as_u64(limb)
        claim(limb.hi <= bound, f"{what}: limb {i} reaches {limb.hi}, more than {bound}")
    got = value(out)
    for m in got.keys() | wanted.keys():
        claim((got.get(m, 0) - wanted.get(m, 0)) % P == 0, f"{what}: wrong coefficient of {'·'.join(m) or 'one'}")


# ---- the claims ---------------------------------------------------------------------------------------------------

def prove_products(f, most):
    bound = most * TIGHT
    a, b = limbs("a", bound), limbs("b", bound)
    claim_element(f["multiply"](a, b), TIGHT, times(value(a), value(b)), "multiply")
    claim_element(f["multiply_by_itself"](a), TIGHT, times(value(a), value(a)), "multiply_by_itself")
    claim_element(f["multiply_by_121665"](a), TIGHT, times(value(a), {(): 121665}), "multiply_by_121665")
    terms = (77, 59, 41, 23, 5)  # what field.h says that carry_wide() takes
    wide = [Num(128, 0, n * bound**2, {(f"r{i}",): 1}) for i, n in enumerate(terms)]
    claim_element(f["carry_wide"](*wide), TIGHT, value(wide), "carry_wide")
    return "products of limbs up to 8·(2^51 + 2^13): no overflow, limbs back to 2^51 + 2^13, value mod p"


def prove_sums(f, most):
    pairs = 0
    for j in range(most + 1):  # 0: the constant zero, from which negate() subtracts
        for k in range(1, most + 1):
            a, b = limbs("a", j * TIGHT), limbs("b", k * TIGHT)
            if 1 <= j and j + k <= most:
                wanted = {**value(a), **value(b)}
                claim_element(f["add_limbs"](a, b), (j + k) * TIGHT, wanted, f"add_limbs {j}, {k}")
                pairs += 1
            if j + 2 * k <= most:
                wanted = {**value(a), **{m: -c for m, c in value(b).items()}}
                claim_element(f["subtract_limbs"](a, b, k), (j + 2 * k) * TIGHT, wanted, f"subtract_limbs {j}, {k}")
                pairs += 1
    return f"sums and differences, all {pairs} pairs of bounds: no overflow, nothing below zero, value mod p"


class Whole:
    """A whole number for Z3; a shift is a quotient with its remainder. That nothing overflows was shown by intervals."""
    facts = []

    def __init__(self, term):
        self.term = term

    def __add__(self, other):
        return Whole(self.term + (other.term if isinstance(other, Whole) else other))

    def __rmul__(self, other):
        return Whole(other * self.term)

    def __rshift__(self, n):
        c = z3.Int(f"c{len(Whole.facts)}")
        Whole.facts.append(z3.And(0 <= self.term - c * 2**n, self.term - c * 2**n < 2**n))
        return Whole(c)

    def __and__(self, mask):
        n = mask.bit_length()
        claim(mask == 2**n - 1, "a mask that is not 2^n - 1")
        return Whole(self.term - (self >> n).term * 2**n)


def prove_canonical(texts, f):
    f["canonical_limbs"](limbs("a", TIGHT))  # no overflow
    Whole.facts = []
    same = {"mask51": 2**51 - 1, "as_uint64_t": lambda x: x}
    names = [z3.Int(f"a{i}") for i in range(5)]
    facts = [z3.And(0 <= a, a <= TIGHT) for a in names]
    out = functions({"canonical_limbs": texts["canonical_limbs"]}, same)["canonical_limbs"](tuple(map(Whole, names)))
    claim(len(out) == 5, "canonical_limbs: not five limbs")
    before = sum(a * 2**(51 * i) for i, a in enumerate(names))
    after = sum(x.term * 2**(51 * i) for i, x in enumerate(out))
    facts += Whole.facts
    for i, x in enumerate(out):
        claim_valid(facts, z3.And(0 <= x.term, x.term < 2**51), f"canonical_limbs: limb {i} has more than 51 bits")
    claim_valid(facts, z3.And(0 <= after, after < P), "canonical_limbs: not below p")
    claim_valid(facts, z3.Or(after == before, after == before - P), "canonical_limbs: another value mod p")
    return "canonical_limbs: below p, limbs below 2^51, value less p or as it was"


class Bits:
    """64 bits for Z3, which wrap as those of a machine do."""

    def __init__(self, term):
        self.term = term

    def __and__(self, other):
        return Bits(self.term & (other if isinstance(other, int) else other.term))

    def __or__(self, other):
        return Bits(self.term | other.term)

    def __xor__(self, other):
        return Bits(self.term ^ other.term)

    def __lshift__(self, n):
        return Bits(self.term << n)

    def __rshift__(self, n):
        return Bits(z3.LShR(self.term, n))


def prove_bits(texts):
    f = functions({n: texts[n] for n in ("words_of", "limbs_of", "select_limbs")}, {"mask51": 2**51 - 1})
    a, b = ([Bits(z3.BitVec(f"{n}{i}", 64)) for i in range(5)] for n in "ab")
    w = [Bits(z3.BitVec(f"w{i}", 64)) for i in range(4)]
    whole = lambda parts, step: sum((z3.ZeroExt(256, x.term) << step * i for i, x in enumerate(parts)),
                                    z3.BitVecVal(0, 320))
    small = [z3.ULT(x.term, 2**51) for x in a]
    words, out = f["words_of"](a), f["limbs_of"](w)
    claim(len(words) == 4 and len(out) == 5, "words_of, limbs_of: wrong count")
    claim_valid(small, whole(words, 64) == whole(a, 51), "words_of: another number")
    claim_valid([], z3.And(whole(out, 51) == whole(w, 64) & (2**255 - 1), *[z3.ULT(x.term, 2**51) for x in out]),
                "limbs_of: another number mod 2^255, or a limb of more than 51 bits")
    m = Bits(z3.BitVec("m", 64))
    chosen = f["select_limbs"](m, a, b)
    claim(len(chosen) == 5, "select_limbs: not five limbs")
    for i, x in enumerate(chosen):
        claim_valid([m.term == 2**64 - 1], x.term == a[i].term, "select_limbs: not a")
        claim_valid([m.term == 0], x.term == b[i].term, "select_limbs: not b")
    return "words_of, limbs_of, select_limbs: the same number in words and in limbs; one of two by a mask"


class Power:
    """An element a^n, known by n; products are all that it has."""

    def __init__(self, n):
        self.n = n

    def __mul__(self, other):
        return Power(self.n + other.n)


class PowerStart:
    def __init__(self, e250, a11):
        self.e250, self.a11 = e250, a11


def prove_powers(texts):
    same = lambda x: x
    scope = {"square": lambda a: a * a, "square_times": lambda a, n: Power(a.n << n),
             "as_Element": same, "as_PowerStart": same}
    exec(texts["power_start"], scope)  # pylint: disable=exec-used
    start = scope["power_start"](Power(1))
    claim([x.n for x in start] == [2**250 - 1, 11], "power_start: other exponents")
    scope["power_start"] = lambda a: PowerStart(*start)
    for name, wanted in (("invert", P - 2), ("power_of_p_minus_5_over_8", (P - 5) // 8)):
        exec(texts[name], scope)  # pylint: disable=exec-used
        claim(scope[name](Power(1)).n == wanted, f"{name}: another exponent")
    return "invert and the power of the square root: exponents p - 2 and (p - 5)/8"


# What ties the types to the functions above; compared word for word.
RULES = """
inline constexpr unsigned max_bound = 8;
template <unsigned k> requires(k >= 1 && k <= max_bound) struct Fe { Limbs limbs; };
using Element = Fe<1>;
constexpr Fe<j + k> operator+(const Fe<j>& a, const Fe<k>& b) noexcept { return {add_limbs(a.limbs, b.limbs)}; }
constexpr Fe<j + 2 * k> operator-(const Fe<j>& a, const Fe<k>& b) noexcept { return {subtract_limbs(a.limbs, b.limbs, k)}; }
constexpr Element operator*(const Fe<j>& a, const Fe<k>& b) noexcept { return {multiply(a.limbs, b.limbs)}; }
constexpr Element square(const Fe<k>& a) noexcept { return {multiply_by_itself(a.limbs)}; }
constexpr Element times_121665(const Fe<k>& a) noexcept { return {multiply_by_121665(a.limbs)}; }
constexpr Fe<2 * k> negate(const Fe<k>& a) noexcept { return {subtract_limbs(zero.limbs, a.limbs, k)}; }
constexpr Element element(uint64_t small) noexcept { return {{small & mask51, 0, 0, 0, 0}}; }
inline constexpr Element zero = element(0);
template <unsigned k, unsigned j> requires(j <= k) constexpr Fe<k> widen(const Fe<j>& a) noexcept { return {a.limbs}; }
inline constexpr uint64_t mask51 = 0x7ffffffffffff;
struct Limbs { uint64_t l0, l1, l2, l3, l4; };
struct Words { uint64_t w0, w1, w2, w3; };
using Wide = unsigned __int128;
constexpr Element square_times(Element a, unsigned n) noexcept { for (unsigned i = 0; i < n; ++i) a = square(a); return a; }
return {limbs_of({load64(b), load64(b + 8), load64(b + 16), load64(b + 24)})};
const Words w = words_of(canonical_limbs(a.limbs));
"""


def prove_rules(code):
    joined = " ".join(code.split())
    for rule in RULES.strip().split("\n"):
        claim(rule in joined, f"field.h does not say: {rule}")
    makers = len(re.findall(r"\bFe<[^<>]*> operator|\bElement operator", code))
    claim(makers == 3, "an operator that no rule covers")
    return "the types say what was proven: bounds of sums and differences, products up to a bound of 8"


# ---- all of it ----------------------------------------------------------------------------------------------------

def split(code):
    """The functions on limbs, the rest up to the powers, and the powers."""
    parts = re.split(r"^// -{60,}.*$", code, flags=re.M)
    claim(len(parts) == 5, "field.h: four rulers expected")
    limb_part = re.sub(r"^struct Words \{.*?^\};$", "", parts[1], flags=re.S | re.M)
    return limb_part, parts[4].replace("}  // namespace bulla::crypto::curve25519", "")


def read(text_of=Path.read_text):
    code = text_of(FIELD)
    limb_part, powers = split(code)
    without_loop = re.sub(r"^constexpr Element square_times.*?^\}$", "", blank(powers), flags=re.S | re.M)
    return translate(blank(limb_part)), translate(without_loop), blank(code)


def prove_limbs(texts, tell=lambda line: None):
    Num.carries = {}
    expected = {"low51", "above51", "carry_wide", "multiply", "multiply_by_itself", "multiply_by_121665", "add_limbs",
                "subtract_limbs", "canonical_limbs", "words_of", "limbs_of", "select_limbs"}
    claim(set(texts) == expected, f"other functions than those proven: {sorted(set(texts) ^ expected)}")
    arithmetic = {n: t for n, t in texts.items() if n not in ("words_of", "limbs_of", "select_limbs")}
    f = functions(arithmetic, INTERVALS)
    tell(prove_products(f, 8))
    tell(prove_sums(f, 8))
    tell(prove_canonical(texts, f))
    tell(prove_bits(texts))


# ---- mutants: a proof that cannot fail would prove nothing -----------------------------------------------------------

SWAPS = {"+": "-", "-": "+", "*": "+", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}


def mutants(text):
    """(what, text) with one literal, operator or numbered name changed."""
    head, _, body = text.partition("\n")
    for match in re.finditer(r"0x[0-9a-f]+|(?<![\w])\d+|<<|>>|[-+*&|^]|\b[a-z]\d\b", body):
        token, line = match.group(0), body.count("\n", 0, match.start()) + 1
        if "=" in body[match.end():].split("\n")[0] and re.match(r"\s*[a-z]\d\b", token):
            continue  # a name that is being defined
        if re.fullmatch(r"[a-z]\d", token):
            new = token[0] + str((int(token[1]) + 1) % (4 if token[0] in "w" else 5))
        else:
            new = SWAPS.get(token) or str(int(token, 0) + 1)
        yield f"line {line}, {token} -> {new}", head + "\n" + body[:match.start()] + new + body[match.end():]


def survivors():
    texts, powers, _ = read()
    alive, count, undecided = [], 0, 0
    for which, prove in ((texts, prove_limbs), (powers, prove_powers)):
        for name, text in which.items():
            for what, other in mutants(text):
                count += 1
                try:
                    prove({**which, name: other})
                except Undecided:
                    undecided += 1
                    continue
                except (Refuted, z3.Z3Exception, NameError, TypeError, AttributeError, ValueError, SyntaxError):
                    continue
                alive.append(f"{name}: {what}")
    return alive, count, undecided


def prove_all(tell=lambda line: None, text_of=Path.read_text):
    texts, powers, code = read(text_of)
    prove_limbs(texts, tell)
    tell(prove_powers(powers))
    tell(prove_rules(code))


if __name__ == "__main__":
    report(prove_all, survivors)
