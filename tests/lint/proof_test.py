#!/usr/bin/env python3
"""The proofs of field arithmetic fail where the sources are wrong: mistakes are planted in the text that they read, the kind
that a test with random numbers may miss. And what the provers run is what the sources compute: numbers go through, too."""
import functools
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import prove_adx  # noqa: E402
import prove_curve25519  # noqa: E402
import prove_residues  # noqa: E402
from prover import Refuted  # noqa: E402

# (file, what stands there, what is put there)
RESIDUES = [
    ("limbs.h", "DoubleLimb sum = DoubleLimb{a} + b + carry;", "DoubleLimb sum = DoubleLimb{a} + b;"),
    ("limbs.h", "DoubleLimb{a} - b - borrow;", "DoubleLimb{a} - b;"),
    ("limbs.h", "static_cast<Limb>(difference >> 64) & 1;", "static_cast<Limb>(difference >> 64);"),
    ("limbs.h", "DoubleLimb{a} * b + c + carry;", "DoubleLimb{a * b} + c + carry;"),
    ("limbs.h", "    out[i + n] = carry;\n  }\n  return out;", "  }\n  return out;"),
    ("limbs.h", "    shifted = high >> 63;\n", ""),
    ("limbs.h", "high << 1 | low >> 63", "high << 1"),
    ("limbs.h", "out[i] = b[i] ^ (mask & (a[i] ^ b[i]));", "out[i] = b[i] ^ (mask & a[i]);"),
    ("residue.h", "mask_of_bit(borrow & ~top & 1)", "mask_of_bit(borrow & 1)"),
    ("residue.h", "      top = static_cast<Limb>(sum >> 64);\n", ""),
    ("residue.h", "below_modulus(sum, carry)", "below_modulus(sum, 0)"),
    ("residue.h", "from_montgomery(below_modulus(sum, carry))", "from_montgomery(sum)"),
    ("residue.h", "    add_to(difference, select(mask, modulus, Number{}));\n", ""),
    ("residue.h", "    return below_modulus(high, top);", "    return high;"),
    ("residue.h", "step < 5", "step < 4"),
    ("residue.h", "power_of_two(128 * n)", "power_of_two(127 * n)"),
    ("residue.h", "s.out.square(4)", "s.out.square(3)"),
    ("p256/curve.h", "    t[2] = ec::add_carry(t[2], q >> 32, carry);\n", ""),
    ("p256/curve.h", "t[1] = ec::add_carry(t[1], q << 32, carry);", "t[1] = ec::add_carry(t[1], q << 32, carry);\n    carry = 0;"),
    ("p256/curve.h", "0xffffffff00000001}", "0xffffffff00000003}"),
    ("p521/curve.h", "return (q >> 55) + carry;", "return q >> 55;"),
]
CURVE25519 = [
    ("field.h", "const Wide s4 = r4 + above51(s3);", "const Wide s4 = r4;"),
    ("field.h", "low51(r0) + 19 * above51(s4)", "low51(r0) + 38 * above51(s4)"),
    ("field.h", "const uint64_t t1 = low51(s1) + (t0 >> 51);", "const uint64_t t1 = low51(s1);"),
    ("field.h", "Wide{a4} * c4;\n  const Wide r4", "Wide{a4} * b4;\n  const Wide r4"),
    ("field.h", "k * 0xffffffffffffe;", "k * 0x7ffffffffffff;"),
    ("field.h", "(a0 + 19) >> 51", "(a0 + 18) >> 51"),
    ("field.h", "max_bound = 8;", "max_bound = 9;"),
    ("field.h", "square_times(s.e250, 5)", "square_times(s.e250, 4)"),
    ("field.h", "w1 >> 38", "w1 >> 39"),
]

ADX = [
    ("ec/adx4.h", '  "adoxq %[low], %[" #t4 "]\\n\\t"\n', ''),
    ("ec/adx4.h", '      "adcq $0, %[t4]\\n\\t"\n', ''),
    ("ec/adx4.h", '"adcxq %[t7], %[t6]\\n\\t"', '""'),
    ("ec/adx4.h", '"movq 8(%[b]), %%rdx', '"movq 16(%[b]), %%rdx'),
    ("ec/adx4.h", 'BULLA_EC_STEP(16, t3, t4)', 'BULLA_EC_STEP(16, t4, t3)'),
    ("p256/adx.h", 'BULLA_P256_ROW(t1, t2, t3, fresh, t0)', 'BULLA_P256_ROW(t1, t2, t3, t0, fresh)'),
    ("p256/adx.h", '"shrq $32', '"shlq $32'),
    ("p256/adx.h", '"sbbq $0, %[" #top', '"subq $0, %[" #top'),
    ("p256/adx.h", '"cmovcq %[" #r3 "]', '"movq %[" #r3 "]'),
    ("p256/adx.h", '"adcq $0, %[product]', '"adcq $1, %[product]'),
    ("p256/adx.h", '"andq %[p0], %[p3]\\n\\t"', '""'),
    ("p384/adx.h", '0xffffffff00000001, 0x00000000ffffffff}', '0xffffffff00000001, 0x00000001ffffffff}'),
    ("p384/adx.h", '"sbbq $0, %[t5]', '"sbbq $1, %[t5]'),
    ("p384/adx.h", '"sbbq $-2', '"sbbq $-1'),
    ("p384/adx.h", '"adoxq %[low], %[t7]\\n\\t"', '""'),
    ("p384/adx.h", '"leaq (%[mask],%[mask]), %[p2]', '"movq %[mask], %[p2]'),
]


class Proofs(unittest.TestCase):
    def check_all(self, prove, mistakes):
        for file, old, new in mistakes:
            with self.subTest(file=file, planted=new.strip() or f"without {old.strip()}"):
                planted = []

                def text_of(path):
                    text = path.read_text()
                    if path.as_posix().endswith("/" + file) and old in text:
                        planted.append(path)
                        text = text.replace(old, new, 1)
                    return text

                with self.assertRaises(Refuted):
                    prove(text_of=text_of)
                self.assertEqual(len(planted), 1, "the mistake stands in the text")

    def test_residues(self):
        few = functools.partial(prove_residues.prove_all, names=prove_residues.FAST)
        self.check_all(few, RESIDUES)

    def test_curve25519(self):
        self.check_all(prove_curve25519.prove_all, CURVE25519)

    def test_adx(self):
        self.check_all(prove_adx.prove_all, ADX)

    def test_new_functions_want_claims(self):
        with self.assertRaises(Refuted):
            prove_residues.prove_all(text_of=lambda p: p.read_text().replace(
                "  constexpr Residue operator-()", "  constexpr Residue operator-(int) const { return {}; }\n  constexpr Residue operator-()"))


class Numbers(unittest.TestCase):
    """The reader and its machine, on numbers: a·b/R mod m, and a², for the source as it stands."""

    def test_products(self):
        source, chance = prove_residues.read(), random.Random(256)
        for name, words in source.moduli.items():
            n, m = len(words), sum(w << 64 * i for i, w in enumerate(words))
            more = {"Modulus_cancel": source.functions[f"{name}_cancel"]} if f"{name}_cancel" in source.functions else {}
            run = prove_residues.machine(source.functions, n, **more)
            limbs = lambda x, count=n: [run.domain.constant(x >> 64 * i & 2**64 - 1) for i in range(count)]
            run.scope.update(modulus=limbs(m), value=limbs(m),
                             minus_inverse=prove_residues.minus_inverse_of(source.functions, words))
            number = lambda out: sum(limb.lo << 64 * i for i, limb in enumerate(out))
            for _ in range(20):
                a, b = (chance.choice((chance.randrange(m), m - 1, m - 2, 0, 1, 2**(64 * n - 1) % m)) for _ in "ab")
                self.assertEqual(number(run.call("times", limbs(a), limbs(b))), a * b * pow(2**(64 * n), -1, m) % m)
                run.scope["v_"] = limbs(a)
                self.assertEqual(number(run.call("squared")), a * a * pow(2**(64 * n), -1, m) % m)
                self.assertEqual(number(run.call("plus", limbs(a), limbs(b))), (a + b) % m)
                self.assertEqual(number(run.call("minus", limbs(a), limbs(b))), (a - b) % m)


if __name__ == "__main__":
    unittest.main()
