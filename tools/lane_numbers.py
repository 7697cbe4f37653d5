"""What a kernel does with the words of its lanes, as tools/lanes/immintrin.h records it: the record is read and run on integers
that are known by bounds and as polynomials, with rational coefficients, in unknowns that are whole numbers.

x mod 2^n is an unknown d, 0 <= d < 2^n, and what is above it is (x - d) / 2^n. So sums, shifts and halves of products stay
polynomials. A word stands for an integer: every sum and difference must fit 64 bits, with a sign or without, and what asks
for a word's upper bits, or for its sign, must be given one that fits as it is asked for."""
import secrets
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor

from machine_numbers import add, times
from prover import Refuted, claim

WORD = 2**64


def scaled(f, factor):
    return {m: exact(c * factor) for m, c in f.items()}


def exact(c):
    """Whole coefficients as whole numbers, which are quicker."""
    return c.numerator if isinstance(c, Fraction) and c.denominator == 1 else c


class Exact:
    """Polynomials as they are."""
    add, times, scaled, zero = staticmethod(add), staticmethod(times), staticmethod(scaled), {}

    @staticmethod
    def constant(number):
        return {(): number} if number else {}

    @staticmethod
    def unknown(name):
        return {(name,): 1}


class AtPoint:
    """Polynomials as their values modulo a prime above 2^128, at a point that nobody knows before: two of a degree below 2^12 that are not
    the same modulo the prime are told apart but for one chance in 2^116."""
    zero = 0

    def __init__(self, prime):
        self.prime = prime

    def constant(self, number):
        return number % self.prime

    def unknown(self, _name):
        return secrets.randbelow(self.prime)

    def add(self, f, g, factor=1):
        return (f + factor * g) % self.prime

    def times(self, f, g):
        return f * g % self.prime

    def scaled(self, f, factor):
        factor = Fraction(factor)
        return f * factor.numerator * pow(factor.denominator, -1, self.prime) % self.prime


def of_limbs(limbs, radix, ring=Exact):
    """The number that limbs make, as a polynomial."""
    out = ring.zero
    for i, limb in enumerate(limbs):
        out = ring.add(out, limb.poly, 2**(radix * i))
    return out


def random_prime(bits):
    """By Miller and Rabin: of the factors that a number of thousands of bits may have, one in 2^200 primes is one."""
    while True:
        n = secrets.randbits(bits) | 1 << (bits - 1) | 1
        twos = ((n - 1) & (1 - n)).bit_length() - 1
        for _ in range(40):
            x = pow(2 + secrets.randbelow(n - 4), (n - 1) >> twos, n)
            if x != 1 and n - 1 not in (pow(x, 2**i, n) for i in range(twos)):
                break
        else:
            return n


class Lane:
    """An integer; `parts`: as a sum of 2^shift · lane, of which no two share bits."""
    __slots__ = ("lo", "hi", "poly", "parts")

    def __init__(self, lo, hi, poly, parts=None):
        self.lo, self.hi, self.poly, self.parts = lo, hi, poly, parts


class Numbers:
    """The unknowns of one record, and the operations."""

    def __init__(self, ring=Exact):
        self.ring, self.bounds, self.digits, self.origin, self.inputs = ring, {}, {}, {}, {}

    def input(self, name, lo, hi):
        self.bounds[name], self.inputs[name] = (lo, hi), self.ring.unknown(name)
        return Lane(lo, hi, self.inputs[name])

    def constant(self, number):
        return Lane(number, number, self.ring.constant(number))

    def of_limbs(self, limbs, radix):
        """The number that limbs make."""
        return of_limbs(limbs, radix, self.ring)

    def range_of(self, poly):
        """Whole bounds of a whole number by those of the unknowns."""
        lo = hi = 0
        for monomial, c in poly.items():
            low = high = 1
            for name in monomial:
                ends = [x * y for x in (low, high) for y in self.bounds[name]]
                low, high = min(ends), max(ends)
            lo += min(c * low, c * high)
            hi += max(c * low, c * high)
        return ceil(lo), floor(hi)

    def digit(self, x, n):
        """x mod 2^n."""
        if 0 <= x.lo and x.hi < 2**n:
            return x
        if x.lo == x.hi:
            return self.constant(x.lo % 2**n)
        if x.parts:
            return self.joined([(shift, self.digit(part, n - shift)) for shift, part in x.parts if shift < n])
        return Lane(0, 2**n - 1, self.digit_of(x.poly, n))

    def joined(self, parts):
        poly = self.ring.zero
        for shift, part in parts:
            poly = self.ring.add(poly, part.poly, 2**shift)
        return Lane(sum(p.lo << n for n, p in parts), sum(p.hi << n for n, p in parts), poly, parts)

    def digit_of(self, poly, n):
        if self.ring is Exact:
            if all(isinstance(c, int) for c in poly.values()):
                poly = {m: c for m, c in poly.items() if c % 2**n}  # the unknowns are whole
                if not poly:
                    return {}
                shift = min((c & -c).bit_length() - 1 for c in poly.values())
                if shift:
                    return scaled(self.digit_of({m: c >> shift for m, c in poly.items()}, n - shift), 2**shift)
            key = frozenset(poly.items())
        else:
            key = poly
        if self.origin.get(key, (None, 0))[1] >= n:
            return self.digit_of(self.origin[key][0], n)
        if (key, n) not in self.digits:
            name = f"d{len(self.digits)}"
            self.digits[key, n] = digit = self.ring.unknown(name)
            self.bounds[name] = (0, 2**n - 1)
            self.origin[frozenset(digit.items()) if self.ring is Exact else digit] = (poly, n)
        return self.digits[key, n]

    def above(self, x, n):
        """floor(x / 2^n)."""
        poly = self.ring.scaled(self.ring.add(x.poly, self.digit(x, n).poly, -1), Fraction(1, 2**n))
        return Lane(x.lo >> n, x.hi >> n, poly)

    def is_quotient(self, poly):
        """Is it floor(x / 2^n) for an x of which x mod 2^n is an unknown: whole, therefore?"""
        if self.ring is Exact and all(isinstance(c, int) for c in poly.values()):
            return True
        return any(poly == self.ring.scaled(self.ring.add(self.origin_of(digit)[0], digit, -1), Fraction(1, 2**n))
                   for (_, n), digit in self.digits.items())

    def origin_of(self, digit):
        return self.origin[frozenset(digit.items()) if self.ring is Exact else digit]

    # ---- the operations, by the names of the record

    def op_add(self, a, b):
        return fitting(Lane(a.lo + b.lo, a.hi + b.hi, self.ring.add(a.poly, b.poly)), "a sum")

    def op_sub(self, a, b):
        return fitting(Lane(a.lo - b.hi, a.hi - b.lo, self.ring.add(a.poly, b.poly, -1)), "a difference")

    def op_left(self, a, n):
        """Bits may fall off where masks take what is left: then its bounds are those of more than a word."""
        return Lane(a.lo << n, a.hi << n, self.ring.scaled(a.poly, 2**n), [(n, a)])

    def op_right(self, a, n):
        claim(0 <= a.lo and a.hi < WORD, "a word with a sign, or none, is shifted right")
        return self.above(a, n)

    def op_signed_right(self, a, n):
        claim(-WORD // 2 <= a.lo and a.hi < WORD // 2, "no word with a sign is shifted right as if it were one")
        return self.above(a, n)

    def op_and(self, a, b):
        if a.lo == a.hi:
            a, b = b, a
        claim(b.lo == b.hi >= 0 and b.lo & (b.lo + 1) == 0, "a mask that is not 2^n - 1")
        return self.digit(a, b.lo.bit_length())

    def op_or(self, a, b):
        a, b = self.digit(a, 64), self.digit(b, 64)
        parts = sorted((a.parts or [(0, a)]) + (b.parts or [(0, b)]), key=lambda part: part[0])
        for (shift, part), (above, _) in zip(parts, parts[1:]):
            claim(part.hi << shift < 2**above, "words are joined that share bits")
        return self.joined(parts)

    def product(self, a, b):
        a, b = self.digit(a, 52), self.digit(b, 52)
        return Lane(a.lo * b.lo, a.hi * b.hi, self.ring.times(a.poly, b.poly))

    def op_low(self, total, a, b):
        return self.op_add(total, self.digit(self.product(a, b), 52))

    def op_high(self, total, a, b):
        return self.op_add(total, self.above(self.product(a, b), 52))


def fitting(x, what):
    claim((0 <= x.lo and x.hi < WORD) or (-WORD // 2 <= x.lo and x.hi < WORD // 2), f"{what} does not fit a word")
    return x


# ---- the record -----------------------------------------------------------------------------------------------------

class Case:
    """A function that was recorded: its name and parameters, the lines, outputs by name, and whether lanes were mixed."""

    def __init__(self, name, parameters):
        self.name, self.parameters, self.lines, self.outputs, self.crossed = name, parameters, [], {}, None

    def __str__(self):
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    def run(self, bounds_of, ring=Exact):
        """(Numbers, name -> lanes); bounds_of(name, index) are those of an input. A record that was run is not run again."""
        inputs = [tuple(line[1:3]) for line in self.lines if line[0] == "input"]
        bounds = tuple((name, i, *bounds_of(name, int(i))) for name, i in inputs)
        outputs = tuple((name, tuple(words)) for name, words in self.outputs.items() if name != "bounds")
        return evaluated(tuple(self.lines), bounds, outputs, ring)

    def numbers(self, name):
        return [int(word, 16) for word in self.outputs[name]]


@lru_cache(maxsize=16)
def evaluated(lines, bounds, outputs, ring):
    numbers, lanes, given = Numbers(ring), [], {(name, i): (lo, hi) for name, i, lo, hi in bounds}

    def lane_of(word):
        return lanes[int(word[1:])] if word[0] == "n" else numbers.constant(int(word, 16))

    for operation, *words in lines:
        if operation == "input":
            lanes.append(numbers.input(words[0] + words[1], *given[tuple(words)]))
            continue
        operands = [lane_of(word) for word in words]
        if operation in ("left", "right", "signed_right"):
            lanes.append(getattr(numbers, f"op_{operation}")(operands[0], int(words[1], 16)))
        else:
            lanes.append(getattr(numbers, f"op_{operation}")(*operands[:3 if operation in ("low", "high") else 2]))
    return numbers, {name: [lane_of(word) for word in words] for name, words in outputs}


def read_cases(text):
    """The record of a driver."""
    cases, case = [], None
    for line in text.splitlines():
        kind, *words = line.split(" ")
        if kind == "refused":
            raise Refuted(f"{case}: {' '.join(words)}")
        if kind == "case":
            case = Case(words[0], tuple(map(int, words[1:])))
        elif kind == "output":
            claim(len(case.outputs.setdefault(words[0], [])) == int(words[1]), f"{case}: outputs out of order")
            case.outputs[words[0]].append(words[2])
        elif kind == "end":
            case.crossed = words[0] == "crossed"
            cases.append(case)
            case = None
        else:
            case.lines.append(tuple(line.split(" ")))
    claim(cases and case is None, "the record is not whole")
    return cases
