#!/usr/bin/env python3
"""Proves the arithmetic modulo the primes and orders of P-256, P-384 and P-521: src/crypto/ec/{limbs,residue}.h with the
moduli and the shortcuts of src/crypto/p*/curve.h. The functions are read from there (cpp_subset.py) and run on symbols.
What is shown, and how, stands in src/crypto/ec/README.md.
Usage: prove_residues.py [--mutants]     needs Z3 (Debian: python3-z3); without it, status 77
  --mutants   also alters every constant, operator and index of the text, one at a time, and wants each proof refused"""
import re
from pathlib import Path
from types import SimpleNamespace

import cpp_subset
from cpp_subset import Cell, Function, Machine, Unknown, function, simplified
from machine_numbers import Domain, Mask, Not, Num, add, times, whole
from prover import Refuted, Undecided, claim, claim_valid, report, z3
from sources import ROOT, blank

CRYPTO = ROOT / "src/crypto"
B = 2**64

# ---- the text -----------------------------------------------------------------------------------------------------

IN_LIMBS = ("add_carry", "subtract_borrow", "multiply_add", "add_to", "subtract_from", "multiply", "square", "select",
            "bit_length", "bits_at")
IN_RESIDUE = {  # name here: (name there, parameters)
    "from_number": ("from_number", None), "number": ("number", None),
    "plus": ("operator+", "const Residue& a, const Residue& b"), "minus": ("operator-", "const Residue& a, const Residue& b"),
    "times": ("operator*", None), "squared": ("square", ""),
    "squared_times": ("square", "size_t times"), "inverse": ("inverse", None), "below_modulus": ("below_modulus", None),
    "reduce": ("reduce", None), "cancel": ("cancel", None), "power_of_two": ("power_of_two", None)}

# What is not run but has to stand there word for word: types, trivial functions, and what names refer to.
RULES = """
limbs: using Limb = uint64_t;
limbs: using DoubleLimb = unsigned __int128;
limbs: if (std::is_constant_evaluated()) return Limb{0} - bit; return Mask::of_bit(bit).bits();
residue: static constexpr size_t n = Modulus::value.size();
residue: static constexpr Number modulus = Modulus::value;
residue: static_assert(modulus[0] % 2 == 1 && modulus[n - 1] != 0);
residue: static constexpr size_t bits = bit_length(modulus), bytes = (bits + 7) / 8;
residue: static constexpr Residue one() noexcept { return from_montgomery(r_mod_m); }
residue: static constexpr Residue from_montgomery(const Number& x) noexcept { Residue out; out.v_ = x; return out; }
residue: constexpr Residue operator-() const noexcept { return Residue() - *this; }
residue: constexpr Residue() noexcept = default;
residue: constexpr const Number& montgomery() const noexcept { return v_; }
residue: static constexpr Number r_mod_m = power_of_two(64 * n), r2_mod_m = power_of_two(128 * n);
residue: Number v_{};
limbs: if (!std::is_constant_evaluated()) { unsigned long long sum; carry = _addcarry_u64(static_cast<unsigned char>(carry), a, b, &sum); return sum; }
limbs: if (!std::is_constant_evaluated()) { unsigned long long difference; borrow = _subborrow_u64(static_cast<unsigned char>(borrow), a, b, &difference); return difference; }
ct: static Mask of_bit(T bit) noexcept { return Mask(value_barrier(static_cast<T>(T{0} - bit))); }
ct: T bits() const noexcept { return value_barrier(bits_); }
"""


# What is not run: on x86-64 a carry is the processor's, by an intrinsic that says what the C++ below it does. RULES have it
# word for word.
ASIDE = r"#if defined\(BULLA_CARRY_IN_FLAG\)\n\s*if \(!std::is_constant_evaluated.*?#endif\n"


def without_asides(text):
    return re.sub(ASIDE, "", text, flags=re.S)


def read(text_of=Path.read_text):
    """The functions by name, the moduli, and the text that RULES speak of."""
    raw = {"limbs": blank(text_of(CRYPTO / "ec/limbs.h")), "residue": blank(text_of(CRYPTO / "ec/residue.h")),
           "ct": blank(text_of(ROOT / "src/base/ct.h"))}
    limbs, residue = (simplified(without_asides(raw[name])) for name in ("limbs", "residue"))
    functions = {"ec_" + name: function(limbs, name) for name in IN_LIMBS}
    for name, (there, parameters) in IN_RESIDUE.items():
        functions[name] = function(residue, there, parameters)
    for name in ("minus_inverse", "minus_two"):
        functions[name] = cpp_subset.constant(residue, name)
    claim(len(re.findall(r"\boperator[-+*]", residue)) == 4, "residue.h: an operator that no claim covers")
    moduli = {}
    for path in sorted(CRYPTO.glob("p[0-9]*/curve.h")):
        text = simplified(blank(text_of(path)))
        for match in re.finditer(r"struct (P\d+(?:Prime|Order)) \{(.*?)^\};", text, re.S | re.M):
            value = re.search(r"static constexpr \S+ value = \{([^}]*)\};", match.group(2))
            claim(value, f"{match.group(1)} has no value")
            moduli[match.group(1)] = [int(word, 0) for word in value.group(1).replace(",", " ").split()]
            if "cancel(" in match.group(2):
                functions[f"{match.group(1)}_cancel"] = function(match.group(2), "cancel")
    claim(len(moduli) == 6, "six moduli were expected")
    return SimpleNamespace(functions=functions, moduli=moduli, raw=raw)


def prove_rules(source):
    for rule in RULES.strip().split("\n"):
        where, text = rule.split(": ", 1)
        claim(text in " ".join(source.raw[where].split()), f"{where}.h does not say: {text}")
    return "types, trivial functions and constants are those that the claims speak of"


# ---- limbs: sums, differences and products as polynomials ------------------------------------------------------------

def machine(functions, n, **more):
    """On symbolic limbs; masks are bits that choose."""
    domain = Domain(n)

    def select(mask, a, b):
        claim(isinstance(mask, Mask), "a selection by what is no mask")
        return [Num(64, min(x.lo, y.lo), max(x.hi, y.hi), add(y.poly, times(mask.bit.poly, add(x.poly, y.poly, -1))))
                for x, y in zip(a, b)]

    def mask_of_bit(bit):
        bit = domain.of(Machine.plain(bit))
        claim(0 <= bit.lo and bit.hi <= 1, "a mask of more than a bit")
        return Mask(bit)

    return Machine(domain, {**functions, "n": n, "ec_select": lambda *args: select(*map(Machine.plain, args)),
                            "mask_of_bit": mask_of_bit, "from_montgomery": Machine.plain, **more})


def claim_limbs(limbs, count, what):
    claim(isinstance(limbs, list) and len(limbs) == count, f"{what}: not {count} limbs")
    for limb in limbs:
        claim(limb.width == 64 and 0 <= limb.lo and limb.hi < B, f"{what}: a limb of more than 64 bits")


def claim_same(got, wanted, what, modulo=0):
    for m, c in add(got, wanted, -1).items():
        claim(modulo and c % modulo == 0, f"{what}: wrong coefficient of {'·'.join(m) or 'one'}")


def prove_limbs(functions, n):
    """The contracts that the next section builds on, for n limbs."""
    for name, sign in (("add_to", 1), ("subtract_from", -1)):
        m = machine(functions, n)
        a, b = m.domain.limbs("a"), m.domain.limbs("b")
        out = Cell(list(a))
        carry = m.call(name, out, b)
        claim_limbs(out.value, n, name)
        claim(0 <= carry.lo and carry.hi <= 1, f"{name}: more than a bit is carried")
        claim_same(add(whole(out.value), carry.poly, sign * B**n), add(whole(a), whole(b), sign), name)
    m = machine(functions, n)
    a, b = m.domain.limbs("a"), m.domain.limbs("b")
    for name, arguments, product in (("ec_multiply", (a, b), times(whole(a), whole(b))),
                                     ("ec_square", (a,), times(whole(a), whole(a)))):
        out = m.call(name, *arguments)
        claim_limbs(out, 2 * n, name)
        # Both are below 2^(128 n), so that it is enough that they are congruent.
        claim_same(whole(out), product, name, B**(2 * n))


class Bits:
    """64 bits for Z3."""
    make = staticmethod(lambda kind, value: value)
    like = staticmethod(lambda old, value: value)
    index_of = staticmethod(lambda value: value)
    unary = staticmethod(lambda operator, a: ~a)

    def __init__(self, n):
        self.array = lambda kind, values: [z3.BitVecVal(0, 64)] * n

    @staticmethod
    def binary(operator, a, b):
        return {"&": lambda: a & b, "|": lambda: a | b, "^": lambda: a ^ b, "<": lambda: a < b, "+": lambda: a + b,
                "-": lambda: a - b}[operator]()


def prove_select(functions, n):
    a, b = ([z3.BitVec(f"{name}{i}", 64) for i in range(n)] for name in "ab")
    for mask, wanted in ((2**64 - 1, a), (0, b)):
        out = Machine(Bits(n), {**functions, "n": n}).call("ec_select", z3.BitVecVal(mask, 64), a, b)
        claim(len(out) == n, "select: not n limbs")
        claim_valid([], z3.And(*[x == y for x, y in zip(out, wanted)]), f"select: mask {mask:#x}")


# ---- whole numbers: sums, differences and the final subtraction, by the contracts ------------------------------------

class Wholes:
    """Numbers of n limbs as integers for Z3, with what is known of them."""
    make = staticmethod(lambda kind, value: value)
    like = staticmethod(lambda old, value: value)
    index_of = staticmethod(lambda value: value)

    def __init__(self, m, n):
        self.m, self.r, self.facts, self.count = m, B**n, [], 0

    def array(self, _, values):
        return z3.IntVal(sum(value * B**i for i, value in enumerate(values)))

    @staticmethod
    def unary(operator, a):
        claim(operator == "~", f"{operator} of a number")
        return Not(a)

    @staticmethod
    def binary(operator, a, b):
        claim(operator == "&", f"{operator} of numbers")
        if isinstance(b, Not):
            return z3.If(z3.And(a == 1, b.bit == 0), 1, 0)
        claim(isinstance(b, int) and b == 1, "bits are masked otherwise than by 1")
        return a

    def new(self, hi):
        self.count += 1
        x = z3.Int(f"x{self.count}")
        self.facts += [0 <= x, x < hi]
        return x

    def valid(self, conclusion, what):
        claim_valid(self.facts, conclusion, what)


def whole_machine(functions, words, **more):
    n = len(words)
    domain = Wholes(sum(word * B**i for i, word in enumerate(words)), n)

    def add_to(out, b):
        b, before, carry = Machine.plain(b), out.value, domain.new(2)
        out.value = domain.new(domain.r)
        domain.facts.append(out.value + domain.r * carry == before + b)
        return carry

    def subtract_from(out, b):
        b, before, borrow = Machine.plain(b), out.value, domain.new(2)
        out.value = domain.new(domain.r)
        domain.facts.append(out.value == before - b + domain.r * borrow)
        return borrow

    def below_modulus(x, top):
        x, top = Machine.plain(x), Machine.plain(top)
        value = x + domain.r * top
        domain.valid(z3.And(0 <= x, x < domain.r, 0 <= top, top <= 1, value < 2 * domain.m), "what below_modulus is given")
        out = domain.new(domain.m)
        domain.facts.append(z3.Or(out == value, out == value - domain.m))
        return out

    def select(mask, a, b):
        mask, a, b = map(Machine.plain, (mask, a, b))
        claim(isinstance(mask, Mask), "a selection by what is no mask")
        return z3.If(mask.bit == 1, a, b)

    def mask_of_bit(bit):
        bit = Machine.plain(bit)
        domain.valid(z3.And(0 <= bit, bit <= 1), "a mask of more than a bit")
        return Mask(bit)

    scope = {**functions, "n": n, "modulus": z3.IntVal(domain.m), "add_to": add_to, "subtract_from": subtract_from,
             "below_modulus": below_modulus, "ec_select": select, "mask_of_bit": mask_of_bit,
             "from_montgomery": Machine.plain, "Residue": lambda: z3.IntVal(0), **more}
    return Machine(domain, scope)


def prove_wholes(functions, words):
    run = whole_machine(functions, words, below_modulus=functions["below_modulus"])
    x, top = run.domain.new(run.domain.r), run.domain.new(2)
    m, value = run.domain.m, x + run.domain.r * top
    run.domain.facts.append(value < 2 * m)
    out = run.call("below_modulus", x, top)
    run.domain.valid(z3.And(0 <= out, out < m, z3.Or(out == value, out == value - m)), "below_modulus")
    for name in ("plus", "minus"):
        run = whole_machine(functions, words)
        a, b = run.domain.new(m), run.domain.new(m)
        out, wanted = run.call(name, a, b), a + b if name == "plus" else a - b
        run.domain.valid(z3.And(0 <= out, out < m), f"{name}: not below the modulus")
        run.domain.valid(z3.Or(*[out == wanted + k * m for k in (-1, 0, 1)]), f"{name}: another number")


# ---- Montgomery's reduction ----------------------------------------------------------------------------------------

def minus_inverse_of(functions, words):
    run = machine(functions, len(words), modulus=[Num(64, w, w, {(): w}) for w in words])
    return run.run(functions["minus_inverse"], {})


def prove_reduce(source, name, words):
    """t -> (t + Q·m) / R with Q below R, so that t < m·R gives a number below 2m: what below_modulus is given."""
    functions, n = dict(source.functions), len(words)
    m, r = sum(word * B**i for i, word in enumerate(words)), B**n
    special = functions.get(f"{name}_cancel")
    steps, seen = [], {}

    def on_return(function_name, frame):
        if function_name == "cancel" and "q" in frame:
            steps.append(frame["q"].value)

    def below_modulus(x, top):
        seen["x"], seen["top"] = Machine.plain(x), Machine.plain(top)
        return seen["x"]

    more = {"Modulus_cancel": special} if special else {}
    modulus = [Num(64, w, w, {(): w} if w else {}) for w in words]
    run = machine(functions, n, modulus=modulus, value=modulus, minus_inverse=minus_inverse_of(functions, words),
                  below_modulus=below_modulus, on_return=on_return, **more)
    t = run.domain.limbs("t", 2 * n)
    out = run.call("reduce", list(t))
    claim(seen and out is seen["x"], f"{name}: reduce gives something else than below_modulus")
    claim(len(steps) == n, f"{name}: not {n} multiples of the modulus")
    claim_limbs(seen["x"], n, f"{name}: reduce")
    claim(0 <= seen["top"].lo and seen["top"].hi <= 1, f"{name}: reduce: more than a bit on top")
    claim_limbs(steps, n, f"{name}: factors")
    reduced = add(whole(seen["x"]), seen["top"].poly, r)
    wanted = add(whole(t), whole(steps), m)
    claim_same({k: c * r for k, c in reduced.items()}, wanted, f"{name}: reduce")
    before, factor, after = z3.Ints("t q out")
    claim_valid([0 <= before, before < m * r, 0 <= factor, factor < r, r * after == before + factor * m],
                z3.And(0 <= after, after < 2 * m), f"{name}: reduce reaches 2m")


class Product:
    def __init__(self, a, b):
        self.pair = (a, b)


def prove_uses(functions, words):
    """What is reduced: products of numbers below m, or of one such number and any of n limbs, or a number below m."""
    n, given = len(words), []

    def reduce(t):
        given.append(Machine.plain(t))
        return "reduced"

    more = {"reduce": reduce, "ec_multiply": lambda a, b: Product(Machine.plain(a), Machine.plain(b)),
            "ec_square": lambda a: Product(Machine.plain(a), Machine.plain(a)), "v_": "v", "r2_mod_m": "R^2"}
    for name, arguments, pair in (("times", ("a", "b"), ("a", "b")), ("squared", (), ("v", "v")),
                                  ("from_number", ("x",), ("x", "R^2"))):
        given.clear()
        claim(machine(functions, n, **more).call(name, *arguments) == "reduced", f"{name} gives something else")
        claim(len(given) == 1 and isinstance(given[0], Product) and given[0].pair == pair, f"{name}: another product")
    given.clear()
    run = machine(functions, n)
    v = run.domain.limbs("v")
    run.scope.update(reduce=reduce, v_=v)
    claim(run.call("number") == "reduced" and len(given) == 1, "number gives something else")
    claim_limbs(given[0], 2 * n, "number")
    claim_same(whole(given[0]), whole(v), "number")


# ---- constants and powers -------------------------------------------------------------------------------------------

class Integers:
    """Numbers that are known, as whole ones."""
    make = like = staticmethod(lambda kind, value: value)
    index_of = staticmethod(lambda value: value)
    array = staticmethod(lambda kind, values: sum(value * B**i for i, value in enumerate(values)))
    binary = staticmethod(lambda operator, a, b: {"-": a - b, ">": a > b}[operator])


class Power:
    """An element a^n, known by n; products are all that it has."""

    def __init__(self, n, square_times):
        self.n, self.square_times = n, square_times

    def __mul__(self, other):
        return Power(self.n + other.n, self.square_times)

    def square(self, *times_given):
        return self.square_times(self, *times_given) if times_given else Power(2 * self.n, self.square_times)


def prove_constants(functions, name, words):
    n, m = len(words), sum(word * B**i for i, word in enumerate(words))
    r = B**n

    def add_to(out, b):
        total = out.value + Machine.plain(b)
        out.value = total % r
        return total // r

    def subtract_from(out, b):
        out.value -= b
        return 0

    def below_modulus(x, top):
        value = Machine.plain(x) + r * top
        claim(value < 2 * m, f"{name}: what below_modulus is given")
        return value - m if value >= m else value

    run = Machine(Integers, {**functions, "modulus": m, "add_to": add_to, "subtract_from": subtract_from,
                             "below_modulus": below_modulus})
    for exponent in (64 * n, 128 * n):
        claim(run.call("power_of_two", exponent) == 2**exponent % m, f"{name}: 2^{exponent}")
    claim(run.run(functions["minus_two"], {}) == m - 2, f"{name}: minus_two")
    inverse = minus_inverse_of(functions, words)
    claim((inverse.lo * words[0] + 1) % B == 0, f"{name}: minus_inverse")


def prove_inverse(functions, name, words):
    n, m = len(words), sum(word * B**i for i, word in enumerate(words))
    run = machine(functions, n, std_bit_width=lambda x: Machine.plain(x).lo.bit_length())
    constant = lambda value: [run.domain.constant(value // B**i % B) for i in range(n)]
    bits = run.call("bit_length", constant(m))
    claim(bits == m.bit_length(), f"{name}: bit_length")

    def square_times(power, times_given):
        run.scope["this"] = power
        return run.run(functions["squared_times"], {"times": Cell(times_given)})

    first = Power(1, square_times)
    inner = Machine(run.domain, {**functions, **run.scope, "minus_two": constant(m - 2), "bits": bits, "this": first,
                                 "one": lambda: Power(0, square_times)})
    inner.scope["bits_at"] = lambda a, at, count: inner_bits(run, a, at, count)
    claim(inner.call("inverse").n == m - 2, f"{name}: inverse: another exponent")


def inner_bits(run, a, at, count):
    at, count = Machine.plain(at), Machine.plain(count)
    return run.call("ec_bits_at", Machine.plain(a), at, count)


# ---- all of it ------------------------------------------------------------------------------------------------------

P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
PRIMES = {"P256Prime": P256, "P384Prime": 2**384 - 2**128 - 2**96 + 2**32 - 1, "P521Prime": 2**521 - 1}


def prove(source, tell=lambda line: None, names=None):
    functions, moduli = source.functions, {k: v for k, v in source.moduli.items() if names is None or k in names}
    for n in sorted({len(words) for words in moduli.values()}):
        prove_limbs(functions, n)
        prove_select(functions, n)
    tell("limbs: sums, differences, products and squares are those of whole numbers, no carry is lost")
    for name, words in moduli.items():
        m = sum(word * B**i for i, word in enumerate(words))
        claim(PRIMES.get(name, m) == m and words[0] % 2 == 1 and words[-1] != 0, f"{name}: another modulus")
        prove_wholes(functions, words)
        prove_reduce(source, name, words)
        prove_uses(functions, words)
        prove_constants(functions, name, words)
        prove_inverse(functions, name, words)
        tell(f"{name}: sums, differences, products, squares, conversions are right and below the modulus; inverse is x^(m - 2)")


# ---- mutants: a proof that cannot fail would prove nothing ------------------------------------------------------------

SWAPS = {"+": "-", "-": "+", "*": "+", "&": "|", "|": "&", "^": "|", "<<": ">>", ">>": "<<"}
FAST = ("P256Prime", "P256Order", "P384Order", "P521Prime")
NOT_ALTERED = ("ec_bit_length", "ec_bits_at")  # of which only the values that are asked for are claimed
HARMLESS = {
    "cancel: line 6, 0 -> 1": "what it adds to is a multiple of 2^64, and its lowest limb is not looked at again",
    "inverse: line 7, 4 -> 5": "above the highest window all bits are zero",
    "inverse: line 8, 0 -> 1": "the place of a window is a multiple of 4",
    "minus_inverse: line 3, 5 -> 6": "the inverse is right after five steps, and stays so"}


def mutants(text):
    """(what, text) with one constant, operator or index changed."""
    for match in re.finditer(r"0x[0-9a-f]+|(?<!\w)\d+|<<|>>|(?<![-+])[-+](?![-+=])|[*|^]|&(?!&)|\[(\w+)\]", text):
        token = match.group(0)
        line = text.count("\n", 0, match.start()) + 1
        if token.startswith("["):
            new = f"[{match.group(1)} + 1]"
        else:
            new = SWAPS.get(token) or str(int(token, 0) + 1)
        yield f"line {line}, {token} -> {new}", text[:match.start()] + new + text[match.end():]


def refused(source, name, text):
    old = source.functions[name]
    try:
        new = Function(old.name, ", ".join(f"{k}{'&' if r else ''} {p}" for k, r, p in old.parameters), text)
        new.parameters = old.parameters
        prove(SimpleNamespace(functions={**source.functions, name: new}, moduli=source.moduli, raw=source.raw), names=FAST)
    except Undecided:
        return None
    except (Refuted, Unknown, z3.Z3Exception, KeyError, TypeError, AttributeError, ValueError, IndexError, RecursionError):
        return True
    return False


def survivors(source):
    alive, count, undecided = [], 0, 0
    for name, what in source.functions.items():
        if name in NOT_ALTERED:
            continue
        for change, text in mutants(what.text):
            if f"{name}: {change}" in HARMLESS:
                continue
            count += 1
            verdict = refused(source, name, text)
            undecided += verdict is None
            if verdict is False:
                alive.append(f"{name}: {change}")
    return alive, count, undecided


def prove_all(tell=lambda line: None, text_of=Path.read_text, names=None):
    try:
        source = read(text_of)
        prove(source, tell, names)
        tell(prove_rules(source))
    except Unknown as why:
        raise Refuted(str(why)) from why


if __name__ == "__main__":
    report(prove_all, lambda: survivors(read()))
