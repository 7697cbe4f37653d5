#!/usr/bin/env python3
"""The proofs of the lanes' arithmetic fail where a kernel is wrong: mistakes are planted in the sources that are recorded, the kind that a
test with random numbers may miss."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
import prove_lanes  # noqa: E402
from lane_mutants import mutants  # noqa: E402
from prover import Refuted  # noqa: E402

# (kernel, file, what stands there, what is put there)
MISTAKES = [
    ("p256", "p256/ifma_field.h", "q, p4), q, p3);", "q, p4), q, p1);"),
    ("p256", "p256/ifma_field.h", "return (j * k + 15) / 16 + 1;", "return (j * k + 14) / 16 + 1;"),
    ("p256", "p256/ifma_field.h", "requires(l + h <= 32)", "requires(l + h <= 48)"),
    ("curve25519", "curve25519/ifma_field.h", "multiple_of_p<W>(i, k << 11)), b.limb[i]);",
     "multiple_of_p<W>(i, k << 10)), b.limb[i]);"),
    ("poly1305", "chacha20_poly1305/poly1305_ifma.cpp", "  l0 += 5 * (l2 >> 42), l2 &= mask >> 2;", "  l2 &= mask >> 2;"),
    ("poly1305", "chacha20_poly1305/poly1305_lanes.h", "add_product(p, h, four_times);", "add_product(p, h, three_times);"),
    ("bignum_lanes", "bignum/lanes_ifma.cpp", "  lowest = _mm512_add_epi64(lowest, carry_of(q));\n", ""),
    ("bignum_stream", "bignum/ifma.cpp", "goes = passes + 2 * has + (goes >> lanes);", "goes = passes + 2 * has;"),
    ("edwards", "curve25519/edwards_ifma.cpp", "lane_2, multiple_of_p<Eight>(i, 2)", "lane_2, multiple_of_p<Eight>(i, 1)"),
]


class Proofs(unittest.TestCase):
    def test_mistakes(self):
        for kernel, file, old, new in MISTAKES:
            with self.subTest(file=file, planted=new.strip() or f"without {old.strip()}"):
                planted = []

                def text_of(path):
                    text = path.read_text()
                    if path.as_posix().endswith("/" + file):
                        planted.append(text.count(old))
                        text = text.replace(old, new, 1)
                    return text

                with self.assertRaises(Refuted) as refused:
                    prove_lanes.prove_kernel(kernel, text_of)
                self.assertEqual(set(planted), {1}, "the mistake stands in the text, once")
                self.assertTrue(kernel != "p256" or "32" not in old or "static assertion" in str(refused.exception))

    def test_alterations_that_are_named_are_tried(self):
        for kernel, claims in prove_lanes.KERNELS.items():
            tried = [what for name, functions in claims.ALTERED.items()
                     for what, _ in mutants((prove_lanes.ROOT / "src" / name).read_text(), functions)]
            self.assertGreater(len(tried), 30, kernel)
            self.assertLessEqual(set(claims.HARMLESS), set(tried), kernel)


if __name__ == "__main__":
    prove_lanes.compiler()  # or else they are skipped
    unittest.main()
