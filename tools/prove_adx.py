#!/usr/bin/env python3
"""Proves the assembly of the kernels "adx" of P-256 and P-384: src/crypto/ec/adx4.h, src/crypto/p256/adx.h and
src/crypto/p384/adx.h, for all numbers. The instructions are read from there, macros expanded, and run on registers that are
polynomials with whole coefficients: an upper half of a product, a carry, a borrow and bits shifted out are new unknowns. What
comes out less what is wanted must vanish, whatever the unknowns; what is linear goes to Z3. README.md of src/crypto/ec.
Usage: prove_adx.py [--mutants]     needs Z3 (Debian: python3-z3); without it, status 77"""
import re
from pathlib import Path

from machine_numbers import add, times
from prover import Refuted, Undecided, claim, claim_valid, report, z3
from sources import ROOT

EC = ROOT / "src/crypto"
FILES = {"adx4": EC / "ec/adx4.h", "p256": EC / "p256/adx.h", "p384": EC / "p384/adx.h"}
B = 2**64
P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
P384 = 2**384 - 2**128 - 2**96 + 2**32 - 1

# ---- the text -----------------------------------------------------------------------------------------------------


def macros_of(text):
    """name -> (parameters, body)"""
    joined = text.replace("\\\n", " ")
    return {name: ([p.strip() for p in parameters.split(",")], body)
            for name, parameters, body in re.findall(r"^#define (BULLA_\w+)\(([^)]*)\)(.*)$", joined, re.M)}


def expanded(body, macros):
    """The string that adjacent literals and macro calls are."""
    out, token = "", re.compile(r'\s*(?:"((?:\\.|[^"\\])*)"|(BULLA_\w+)\(([^()]*)\))')
    at, body = 0, body.strip()
    while at < len(body):
        match = token.match(body, at)
        claim(match, f"not understood: {body[at:at + 40]!r}")
        if match.group(2):
            parameters, inner = macros[match.group(2)]
            arguments = [a.strip() for a in match.group(3).split(",")]
            claim(len(arguments) == len(parameters), f"{match.group(2)}: other arguments")
            given = dict(zip(parameters, arguments))
            inner = re.sub(r"#(\w+)", lambda m: f'"{given[m.group(1)]}"', inner)
            inner = re.sub(r'("(?:\\.|[^"\\])*")|\b(\w+)\b',
                           lambda m: m.group(1) or given.get(m.group(2), m.group(2)), inner)
            out += expanded(inner, macros)
        else:
            out += match.group(1).replace("\\n", "\n").replace("\\t", " ").replace("%%", "%")
        at = match.end()
        at += len(body[at:]) - len(body[at:].lstrip())
    return out


def instructions(text, function):
    """(operation, operands) of the assembly in a function."""
    head = re.search(r"^[^\n;]*\b" + function + r"\([^;{]*\)\s*noexcept\s*\{", text, re.M)
    claim(head, f"there is no {function}")
    code = text[head.end():text.index("\n}", head.end())]
    claim(code.count("__asm__(") == 1, f"{function}: not one piece of assembly")
    body = re.sub(r"//[^\n]*", "", code[code.index("__asm__(") + 8:])
    body = body[:re.search(r'^\s*:\s*\[', body, re.M).start()]
    out = []
    for line in expanded(body, macros_of(text)).split("\n"):
        if line.strip():
            operation, operands = line.split(None, 1)
            out.append((operation, [o.strip() for o in re.split(r",(?![^()]*\))", operands)]))
    return out


# ---- the machine --------------------------------------------------------------------------------------------------

ZERO = {}


def number(value):
    return {(): value} if value else {}


class Machine:
    """Registers and memory by the names that the text has for them. `bounds` has those of the unknowns; `facts`, for Z3, says
    that every register holds a limb."""

    def __init__(self, memory=None, **registers):
        self.bounds, self.shifts, self.facts, self.ints, self.count = {}, {}, [], {}, 0
        self.registers, self.memory = {}, memory or {}
        # What they are at the beginning, nobody knows.
        self.flags = {flag: self.new("undefined_", 1) for flag in ("cf", "of")}
        self.undefined = list(self.flags.values())
        self.whole = None  # (registers by place): what is looked at when a carry is dropped
        for name, value in registers.items():
            self.registers[name] = value

    def new(self, kind, hi):
        self.count += 1
        name = f"{kind}{self.count}"
        self.bounds[name] = hi
        return {(name,): 1}

    def limb(self, name):
        self.bounds[name] = B - 1
        return {(name,): 1}

    def range_of(self, poly):
        lo = hi = 0
        for names, coefficient in poly.items():
            most = coefficient
            for name in names:
                most *= self.bounds[name]
            lo, hi = lo + min(most if names else coefficient, 0), hi + max(most if names else coefficient, 0)
        return lo, hi

    # ---- operands

    def read(self, operand):
        if match := re.fullmatch(r"\$(-?\d+)", operand):
            return number(int(match.group(1)) % B)
        if match := re.fullmatch(r"(\d*)\(%\[(\w+)\]\)", operand):
            return self.memory[match.group(2)][int(match.group(1) or 0) // 8]
        return self.registers[self.name(operand)]

    @staticmethod
    def name(operand):
        match = re.fullmatch(r"%k?\[(\w+)\]|%(rdx)", operand)
        claim(match, f"an operand that is not understood: {operand}")
        return match.group(1) or match.group(2)

    def write(self, operand, value):
        self.registers[self.name(operand)] = value

    # ---- flags

    def drop(self, *flags):
        """What the flags say is lost: it must be nothing, or what is wanted must allow for it."""
        lost = {flag: self.flags[flag] for flag in flags if self.flags[flag] and self.flags[flag] not in self.undefined}
        if self.whole and lost:
            total, unknown = self.total(self.whole), {}
            for poly in lost.values():
                for names in poly:
                    claim(len(names) == 1 and -total.get(names, 0) in [B**i for i in range(1, 17)], "a carry is lost")
                    unknown[names[0]] = -total.pop(names)
            # total = t + Σ lost·2^(64 i), with t >= 0: nothing is lost where the sum is below each 2^(64 i).
            inputs = all(self.bounds[name] == B - 1 and not re.search(r"\d{2,}|^[a-z]+_", name) for n in total for name in n)
            claim(inputs and self.range_of(total)[1] < min(unknown.values()), "a carry is lost")
            for name in unknown:
                for register, value in self.registers.items():
                    self.registers[register] = {m: c for m, c in value.items() if name not in m}
        for flag in flags:
            self.flags[flag] = ZERO

    def total(self, names):
        out = {}
        for i, name in enumerate(names):
            out = add(out, self.registers.get(name, ZERO), B**i)
        return out

    def add(self, flag, source, target, carry):
        used, self.flags[flag] = (self.flags[flag] if carry else ZERO), ZERO
        total = add(add(self.read(target), self.read(source)), used)
        lo, hi = self.range_of(total)
        out = ZERO if hi < B and lo >= 0 else self.new("carry_", 1)
        self.write(target, add(total, out, -B))
        self.known(self.read(target))
        self.flags[flag] = out

    def subtract(self, source, target, borrow):
        used, self.flags["cf"] = (self.flags["cf"] if borrow else ZERO), ZERO
        if source == target:
            claim(borrow, "x - x")
            self.write(target, {m: c * (B - 1) for m, c in used.items()})
            self.flags["cf"] = used
            return
        out = self.new("borrow_", 1)
        self.write(target, add(add(add(self.read(target), self.read(source), -1), used, -1), out, B))
        self.known(self.read(target))
        self.flags["cf"] = out

    # ---- what Z3 is told

    def z3(self, poly):
        out = z3.IntVal(0)
        for names, coefficient in poly.items():
            claim(len(names) <= 1, "Z3 is asked about products")
            out = out + coefficient * (self.int(names[0]) if names else 1)
        return out

    def int(self, name):
        if name not in self.ints:
            self.ints[name] = z3.Int(name)
            self.facts += [0 <= self.ints[name], self.ints[name] <= self.bounds[name]]
        return self.ints[name]

    def known(self, poly):
        if all(len(names) <= 1 for names in poly):
            value = self.z3(poly)
            self.facts += [0 <= value, value < B]

    # ---- instructions

    def run(self, program):
        for operation, operands in program:
            self.step(operation, operands)
        return self

    def step(self, operation, o):
        if operation in ("addq", "adcq", "adcxq", "adoxq"):
            if operation == "addq":
                self.drop("cf", "of")
            if operation == "adcq":
                self.drop("of")
            self.add("of" if operation == "adoxq" else "cf", o[0], o[1], operation != "addq")
        elif operation in ("subq", "sbbq"):
            self.drop("of") if operation == "sbbq" else self.drop("cf", "of")
            self.subtract(o[0], o[1], operation == "sbbq")
        elif operation == "mulxq":
            product, high = times(self.registers["rdx"], self.read(o[0])), self.new("high_", B - 2)
            self.write(o[1], add(product, high, -B))
            self.write(o[2], high)
        elif operation == "xorl":
            claim(o[0] == o[1], "xorl of two registers")
            self.drop("cf", "of")
            self.write(o[1], ZERO)
        elif operation == "movq":
            self.write(o[1], self.read(o[0]))
        elif operation == "movl" and o[0].startswith("$"):
            self.write(o[1], number(int(o[0][1:]) % 2**32))
        elif operation == "movl":  # the lower half of a mask
            self.write(o[1], self.of_mask(self.read(o[0]), 2**32 - 1))
        elif operation == "andq":  # a mask and a constant
            claim(all(not names for names in self.read(o[1])), "andq of no constant")
            self.write(o[1], self.of_mask(self.read(o[0]), self.read(o[1]).get((), 0)))
            self.drop("cf", "of")
        elif operation in ("shlq", "shrq"):
            self.shift(operation, o)
        elif operation == "leaq":  # twice a mask
            names = re.fullmatch(r"\((%\[\w+\]),(%\[\w+\])\)", o[0])
            claim(names and names.group(1) == names.group(2), "leaq of two registers")
            self.write(o[1], self.of_mask(self.read(names.group(1)), B - 2))
        elif operation == "cmovcq":
            self.choose(o)
        else:
            claim(False, f"an instruction that is not understood: {operation}")

    @staticmethod
    def of_mask(poly, bits):
        claim(all(c % (B - 1) == 0 for c in poly.values()), "a mask that is none")
        return {m: c // (B - 1) * bits for m, c in poly.items() if bits}

    def shift(self, operation, o):
        claim(o[0] == "$32", "a shift by another count")
        value = self.read(o[1])
        self.drop("cf", "of")
        self.flags = {flag: self.new("undefined_", 1) for flag in ("cf", "of")}
        self.undefined += self.flags.values()
        if value and all(c % (B - 1) == 0 for c in value.values()):
            claim(operation == "shlq", "a mask shifted right")
            self.write(o[1], self.of_mask(value, B - 2**32))
            return
        key = frozenset(value.items())
        if key not in self.shifts:
            self.shifts[key] = self.new("upper_", 2**32 - 1)
        upper = self.shifts[key]
        self.write(o[1], upper if operation == "shrq" else add({m: c * 2**32 for m, c in value.items()}, upper, -B))

    def choose(self, o):
        """For Z3: the register is another number, which is one of two."""
        borrow, taken, kept = (self.z3(x) for x in (self.flags["cf"], self.read(o[0]), self.read(o[1])))
        chosen = self.new("chosen_", B - 1)
        self.facts.append(self.z3(chosen) == z3.If(borrow == 1, taken, kept))
        self.write(o[1], chosen)


def places(letter, first, last):
    return [f"{letter}{i}" for i in range(first, last)]


def value_of(polys):
    out = {}
    for i, poly in enumerate(polys):
        out = add(out, poly, B**i)
    return out


def claim_same(got, wanted, what):
    claim(got == wanted, f"{what}: another number")


def finished(machine, what):
    """The last carries are looked at as well."""
    machine.drop("cf", "of")
    return what


# ---- P-256 --------------------------------------------------------------------------------------------------------

def prove_products_of_four(text):
    for name in ("multiply", "square"):
        machine = Machine()
        machine.memory = {letter: [machine.limb(f"{letter}{i}") for i in range(4)] for letter in "ab"}
        machine.whole = places("t", 0, 8)
        a, b = value_of(machine.memory["a"]), value_of(machine.memory["b" if name == "multiply" else "a"])
        machine.run(instructions(text, name))
        finished(machine, name)
        claim_same(machine.total(machine.whole), times(a, b), name)


def prove_row(program, names):
    """One step of the reduction: (t + q·p)/2^64 for q = t0 in four limbs, of which the highest is new."""
    machine = Machine(p3=number(P256 >> 192))
    before = [machine.limb(f"x{i}") for i in range(4)]
    machine.registers.update(zip(names, before))
    machine.whole = [None, *names[1:]]
    machine.registers[None] = ZERO
    machine.registers[names[4]] = ZERO
    wanted = add(value_of(before), before[0], P256)
    machine.run(program)
    finished(machine, "a row")
    claim_same(machine.total(machine.whole), wanted, "a row of the reduction")


def prove_reduce_256(text):
    program, rows = instructions(text, "P256PrimeAdx::reduce"), 9
    names = ["t0", "t1", "t2", "t3", "fresh"]
    for _ in range(4):
        prove_row(program[:rows], names)
        program, names = program[rows:], names[1:] + names[:1]
    # What the rows leave is L = (T mod R + Q·p)/R, and t < p·R.
    machine = Machine(p3=number(P256 >> 192))
    low, high = ([machine.limb(f"{x}{i}") for i in range(4)] for x in "lh")
    machine.registers.update(zip(names[:4], low))
    machine.registers.update(zip(places("t", 4, 8), high))
    machine.run(program)
    total = machine.z3(add(value_of(low), value_of(high)))
    claim_below(machine, places("t", 4, 8), total, P256, "reduce")
    x, q, least, most = z3.Ints("x q least most")
    r = B**4
    claim_valid([0 <= least, least < r, 0 <= q, q < r, x * r == least + q * P256, 0 <= most,
                 most * r + least < P256 * r], x + most < 2 * P256, "reduce reaches 2p")


def claim_below(machine, names, total, p, what):
    out, facts = machine.z3(machine.total(names)), [*machine.facts, 0 <= total, total < 2 * p]
    claim_valid(facts, z3.And(0 <= out, out < p), f"{what}: not below p")
    claim_valid(facts, z3.Or(out == total, out == total - p), f"{what}: another number")


def linear(names_of, p, extra):
    """A machine on two numbers below p, a in registers, b in memory or by names."""
    n = names_of
    machine = Machine(**extra)
    a, b = ([machine.limb(f"{letter}{i}") for i in range(n)] for letter in "ab")
    machine.registers.update(zip(places("r", 0, n), a))
    machine.registers.update(zip(places("b", 0, n), b))
    machine.memory["b"] = b
    machine.registers["mask"] = machine.registers["p0"] = ZERO
    x, y = machine.z3(value_of(a)), machine.z3(value_of(b))
    machine.facts += [x < p, y < p]
    return machine, x, y


def prove_sums(text, name, n, p, extra, names):
    machine, x, y = linear(n, p, extra)
    machine.run(instructions(text, name))
    out = machine.z3(machine.total(names))
    wanted = x + y if name.endswith("sum") else x - y
    claim_valid(machine.facts, z3.And(0 <= out, out < p), f"{name}: not below p")
    claim_valid(machine.facts, z3.Or(*[out == wanted + k * p for k in (-1, 0, 1)]), f"{name}: another number")


# ---- P-384 --------------------------------------------------------------------------------------------------------

def prove_add_row(text):
    machine = Machine()
    a = [machine.limb(f"a{i}") for i in range(6)]
    t = [machine.limb(f"t{i}") for i in range(7)]
    b = machine.limb("b")
    machine.memory["a"] = a
    machine.registers.update(zip(places("t", 0, 8), [*t, ZERO]), rdx=b)
    machine.whole = places("t", 0, 8)
    machine.run(instructions(text, "P384PrimeAdx::add_row"))
    finished(machine, "add_row")
    claim_same(machine.total(machine.whole), add(value_of(t), times(value_of(a), b)), "add_row")
    claim(machine.range_of(machine.registers["t7"])[1] <= 2, "add_row: t7")


def prove_cancel_384(text):
    factors = re.search(r"factors\[2\] = \{(0x\w+), (0x\w+)\};", text)
    claim(factors, "there are no factors")
    machine = Machine(first=number(int(factors.group(1), 0)), second=number(int(factors.group(2), 0)))
    t = [machine.limb(f"t{i}") for i in range(7)]
    machine.bounds["t7"] = 2
    machine.registers.update(zip(places("t", 0, 8), [*t, {("t7",): 1}]))
    program = instructions(text, "P384PrimeAdx::cancel")
    before = machine.total(places("t", 0, 8))
    machine.run(program[:4])
    q, lowest = machine.registers["rdx"], machine.registers["low"]
    # The lowest limb of what is taken away is t0: they are the same modulo 2^64, and both are limbs.
    claim(all(c % B == 0 for c in add(lowest, t[0], -1).values()), "cancel: t0 is not cancelled")
    claim(q == machine.registers["rdx"], "cancel: q")
    machine.run(program[4:-3])
    taken = value_of([machine.registers["high"], machine.registers["t0"], machine.registers["low"]])
    claim_same(add(lowest, taken, B), {m: c * (2**128 + 2**96 - 2**32 + 1) for m, c in q.items()}, "cancel: what is taken away")
    borrow = machine.flags["cf"]
    # Where there is a borrow, something is taken away, and q is not 0: q less the borrow is no borrow again.
    factor, away, least = z3.Ints("q away least")
    claim_valid([0 <= least, least < B, away > 0, factor * (2**128 + 2**96 - 2**32 + 1) == least + B * away],
                factor > 0, "cancel: a borrow from 0")
    machine.registers["rdx"] = add(q, borrow, -1)
    claim(program[-3] == ("sbbq", ["$0", "%rdx"]), "cancel: the last borrow")
    machine.flags["cf"] = ZERO
    machine.run(program[-2:])
    claim(not machine.flags["cf"], "cancel: t7 has a carry")
    machine.registers["t0"] = ZERO
    wanted = add(add(add(before, q, P384), t[0], -1), lowest)
    claim_same(machine.total(places("t", 0, 8)), wanted, "cancel")


def prove_below_384(text):
    machine = Machine()
    t = [machine.limb(f"t{i}") for i in range(6)]
    machine.bounds["top"] = 1
    machine.memory["m"] = [number(P384 >> 64 * i & (B - 1)) for i in range(6)]
    machine.registers.update(zip(places("t", 0, 6), t))
    machine.registers.update(zip(places("s", 0, 6), t), top={("top",): 1})
    total = machine.z3(add(value_of(t), {("top",): 1}, B**6))
    machine.run(instructions(text, "P384PrimeAdx::below_modulus"))
    claim_below(machine, places("s", 0, 6), total, P384, "below_modulus")
    # What the rows give it: t/2^64 + a·b + q·p < 2p·2^64.
    a, b, q, before, after = z3.Ints("a b q before after")
    product = z3.Int("a·b")
    claim_valid([0 <= a, a < P384, 0 <= b, b < B, 0 <= product, product <= (P384 - 1) * (B - 1), 0 <= q, q < B, 0 <= before,
                 before < 2 * P384, after == before + product + q * P384], after < 2 * P384 * B, "a row reaches 2p·2^64")


def prove(texts, tell=lambda line: None):
    prove_products_of_four(texts["adx4"])
    tell("adx4.h: products and squares of four limbs are those of whole numbers, no carry is lost")
    prove_reduce_256(texts["p256"])
    p3 = {"p3": number(P256 >> 192)}
    prove_sums(texts["p256"], "P256PrimeAdx::sum", 4, P256, p3, places("s", 0, 4))
    prove_sums(texts["p256"], "P256PrimeAdx::difference", 4, P256, p3, places("r", 0, 4))
    tell("P256PrimeAdx: reductions, sums and differences are right and below p")
    prove_add_row(texts["p384"])
    prove_cancel_384(texts["p384"])
    prove_below_384(texts["p384"])
    prove_sums(texts["p384"], "P384PrimeAdx::difference", 6, P384, {}, places("r", 0, 6))
    tell("P384PrimeAdx: rows of products, of the reduction, and differences are right and below p")


def prove_all(tell=lambda line: None, text_of=Path.read_text):
    try:
        prove({name: text_of(path) for name, path in FILES.items()}, tell)
    except (KeyError, ValueError, IndexError, AttributeError) as why:
        raise Refuted(f"the text is not understood: {why!r}") from why


# ---- mutants: a proof that cannot fail would prove nothing ----------------------------------------------------------

SWAPS = {"addq": "adcq", "adcq": "addq", "subq": "sbbq", "sbbq": "subq", "adcxq": "adoxq", "adoxq": "adcxq",
         "cmovcq": "movq", "shlq": "shrq", "shrq": "shlq"}

HARMLESS = {  # each with the reason why the carry is 0 there
    "p256: addq %[p0], %[r0] -> adcq %[p0], %[r0]": "andq leaves no carry",
    "p384: subq %[high], %[t1] -> sbbq %[high], %[t1]": "adcq $0 to a register that is 0 has none",
    "p384: addq %%rdx, %[t6] -> adcq %%rdx, %[t6]": "q is not 0 where there was a borrow"}


def survivors():
    alive, count, undecided = [], 0, 0
    texts = {name: path.read_text() for name, path in FILES.items()}
    for name, text in texts.items():
        for match in re.finditer(r'"(\w+q|movl|xorl) [^"]*?\\n\\t"', text):
            for new in (match.group(0).replace(match.group(1), SWAPS.get(match.group(1), "?")), '""'):
                line = f"{name}: {match.group(0)[1:-5]} -> {new[1:-5]}"
                if line in HARMLESS:
                    continue
                count += 1
                changed = {**texts, name: text[:match.start()] + new + text[match.end():]}
                try:
                    prove_all(text_of=lambda path, c=changed: c[next(k for k, v in FILES.items() if v == path)])
                    alive.append(f"{line} (line {text.count(chr(10), 0, match.start()) + 1})")
                except Undecided:
                    undecided += 1
                except Refuted:
                    pass
    return alive, count, undecided


if __name__ == "__main__":
    report(prove_all, survivors)
