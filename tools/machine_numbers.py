"""Unsigned integers of a machine for cpp_subset.Machine. A Num stands for an integer modulo 2^width: which one is known by
bounds and as a polynomial, with whole coefficients, in unknowns. Sums and products are those of whole numbers; where the
machine keeps lower bits, or shifts right, a new unknown stands for the quotient: floor(x / 2^n)."""
from prover import claim

WIDTH = {"Limb": 64, "DoubleLimb": 128}


class Unknowns:
    """The bounds of every unknown, and which quotient is which unknown."""

    def __init__(self):
        self.bounds, self.quotients = {}, {}

    def new(self, name, lo, hi):
        claim(name not in self.bounds, f"two unknowns are called {name}")
        self.bounds[name] = (lo, hi)
        return {(name,): 1}

    def range_of(self, poly):
        """Bounds by the bounds of the unknowns; those of products are not negative."""
        lo = hi = 0
        for monomial, coefficient in poly.items():
            low = high = 1
            for name in monomial:
                a, b = self.bounds[name]
                ends = (low * a, low * b, high * a, high * b)
                low, high = min(ends), max(ends)
            lo += min(coefficient * low, coefficient * high)
            hi += max(coefficient * low, coefficient * high)
        return lo, hi

    def quotient(self, poly, n, lo, hi):
        """floor(poly / 2^n) as a polynomial, and its bounds; lo <= poly <= hi is known besides."""
        whole = {m: c >> n for m, c in poly.items() if c % 2**n == 0}
        rest = {m: c for m, c in poly.items() if c % 2**n}
        low, high = self.range_of(rest)
        if not whole:
            low, high = max(low, lo), min(high, hi)
        if (low, high) == (-1, 0):  # then it is its own quotient
            return add(whole, rest), (lo >> n, hi >> n)
        if rest and low >> n != high >> n:
            shift = min((c & -c).bit_length() - 1 for c in rest.values())  # floor(2^k x / 2^n) = floor(x / 2^(n - k))
            key = (frozenset((m, c >> shift) for m, c in rest.items()), n - shift)
            if key not in self.quotients:
                self.quotients[key] = f"c{len(self.quotients)}"
                self.new(self.quotients[key], low >> n, high >> n)
            rest_quotient = {(self.quotients[key],): 1}
        else:
            rest_quotient = {(): low >> n} if rest and low >> n else {}
        return add(whole, rest_quotient), (lo >> n, hi >> n)


def add(f, g, factor=1):
    out = dict(f)
    for m, c in g.items():
        out[m] = out.get(m, 0) + factor * c
    return {m: c for m, c in out.items() if c}


def times(f, g):
    out = {}
    for m, c in f.items():
        for n, e in g.items():
            key = tuple(sorted(m + n))
            out[key] = out.get(key, 0) + c * e
    return {m: c for m, c in out.items() if c}


class Num:
    __slots__ = ("width", "lo", "hi", "poly")

    def __init__(self, width, lo, hi, poly):
        if not poly or (len(poly) == 1 and () in poly):
            lo = hi = poly.get((), 0)
        self.width, self.lo, self.hi, self.poly = width, lo, hi, poly

    def __repr__(self):
        return f"Num({self.width}, {self.lo:#x}..{self.hi:#x}, {len(self.poly)} terms)"


class Not:
    """~x for a bit x: of use in y & ~x only."""

    def __init__(self, bit):
        self.bit = bit


class Mask:
    """All ones where `bit` is 1, zero where it is 0."""

    def __init__(self, bit):
        self.bit = bit


class Domain:
    """What cpp_subset.Machine asks of numbers. `n` is how many limbs an array has."""

    def __init__(self, n):
        self.n, self.unknowns = n, Unknowns()

    # ---- values

    def constant(self, value, width=64):
        return Num(width, value, value, {(): value} if value else {})

    def fresh(self, name, hi=2**64 - 1):
        return Num(64, 0, hi, self.unknowns.new(name, 0, hi))

    def limbs(self, name, count=None):
        return [self.fresh(f"{name}{i}") for i in range(count or self.n)]

    def of(self, value, width=64):
        if isinstance(value, bool):
            value = int(value)
        if isinstance(value, int):
            return self.constant(value, width)
        claim(isinstance(value, Num), f"not a number: {value!r}")
        return value

    def normal(self, x):
        """The same machine integer, from 0 up and below 2^width."""
        if 0 <= x.lo and x.hi < 2**x.width:
            return x
        q, (lo, hi) = self.unknowns.quotient(x.poly, x.width, x.lo, x.hi)
        poly = add(x.poly, q, -2**x.width)
        if lo == hi:
            return Num(x.width, x.lo - (lo << x.width), x.hi - (lo << x.width), poly)
        return Num(x.width, 0, 2**x.width - 1, poly)

    def make(self, kind, value):
        if isinstance(value, (Mask, Not)):
            return value
        if kind not in WIDTH:
            return value
        x = self.of(value, WIDTH[kind])
        if x.width < WIDTH[kind]:
            x = self.normal(x)
        return self.normal(Num(WIDTH[kind], x.lo, x.hi, x.poly))

    def like(self, old, value):
        """`value` as what is stored where `old` was."""
        if isinstance(old, Num) and isinstance(value, (Num, int)):
            x = self.of(value, old.width)
            if x.width < old.width:
                x = self.normal(x)
            return self.normal(Num(old.width, x.lo, x.hi, x.poly))
        return value

    def array(self, kind, values):
        size = 2 * self.n if kind == "WideLimbs" else self.n
        return [self.make("Limb", v) for v in values] + [self.constant(0)] * (size - len(values))

    def index_of(self, value):
        if isinstance(value, Num):
            claim(value.lo == value.hi, "a branch, a loop or an index depends on a number")
            return value.lo
        return value

    # ---- operations

    def unary(self, operator, x):
        if operator == "~":
            claim(isinstance(x, Num) and 0 <= x.lo and x.hi <= 1, "~ of more than a bit")
            return Not(x)
        if operator == "-" and isinstance(x, int):
            return -x
        raise_unknown(operator, x)

    def binary(self, operator, a, b):
        if isinstance(a, int) and isinstance(b, int):
            return INTEGERS[operator](a, b)
        if isinstance(b, Not) and operator == "&":
            a = self.of(a)
            claim(0 <= a.lo and a.hi <= 1, "a number of more than a bit & ~x")
            poly = add(a.poly, times(a.poly, b.bit.poly), -1)
            return Num(a.width, 0, 1, poly)
        if operator in ("<<", ">>"):
            return self.shift(operator, self.of(a), self.index_of(b))
        if not isinstance(a, (Num, int)):  # elements of which only the product is known
            return INTEGERS[operator](a, b)
        a, b = self.of(a), self.of(b)
        width = max(a.width, b.width)
        a, b = (x if x.width == width else self.normal(x) for x in (a, b))
        if operator == "+":
            return Num(width, a.lo + b.lo, a.hi + b.hi, add(a.poly, b.poly))
        if operator == "-":
            return Num(width, a.lo - b.hi, a.hi - b.lo, add(a.poly, b.poly, -1))
        if operator == "*":
            a, b = self.normal(a), self.normal(b)
            return Num(width, a.lo * b.lo, a.hi * b.hi, times(a.poly, b.poly))
        a, b = self.normal(a), self.normal(b)
        if operator == "&":
            return self.masked(a, b, width)
        if operator == "|":
            return self.joined(a, b, width)
        return INTEGERS[operator](self.index_of(a), self.index_of(b))

    def shift(self, operator, x, n):
        claim(0 <= n < x.width, f"a shift by {n} of {x.width} bits")
        if operator == "<<":
            return Num(x.width, x.lo << n, x.hi << n, {m: c << n for m, c in x.poly.items()})
        x = self.normal(x)
        poly, (lo, hi) = self.unknowns.quotient(x.poly, n, x.lo, x.hi)
        return Num(x.width, lo, hi, poly)

    def masked(self, a, b, width):
        mask = self.index_of(b)
        claim(mask & (mask + 1) == 0, "a mask that is not 2^n - 1")
        if a.hi <= mask:
            return Num(width, a.lo, a.hi, a.poly)
        n = mask.bit_length()
        q, _ = self.unknowns.quotient(a.poly, n, a.lo, a.hi)
        return Num(width, 0, mask, add(a.poly, q, -2**n))

    def joined(self, a, b, width):
        """a | b is a + b where b is below 2^n and a a multiple of it."""
        if a.lo == a.hi and b.lo == b.hi:
            return self.constant(a.lo | b.lo, width)
        multiple = all(c % 2**b.hi.bit_length() == 0 for c in a.poly.values())
        claim(multiple, "| of numbers that share bits")
        return Num(width, a.lo + b.lo, min(a.hi + b.hi, 2**width - 1), add(a.poly, b.poly))


def raise_unknown(operator, x):
    claim(False, f"{operator} of {x!r}")


INTEGERS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a // b,
            "%": lambda a, b: a % b, "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
            ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b,
            "<<": lambda a, b: a << b, ">>": lambda a, b: a >> b, "&": lambda a, b: a & b, "|": lambda a, b: a | b,
            "^": lambda a, b: a ^ b}


def whole(limbs):
    """The number that limbs make, as a polynomial."""
    out = {}
    for i, limb in enumerate(limbs):
        out = add(out, limb.poly, 2**(64 * i))
    return out
