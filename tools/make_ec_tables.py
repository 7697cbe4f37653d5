#!/usr/bin/env python3
"""Prints tables of multiples of the generator of a NIST curve (SP 800-186 §3.2.1) as C++.
Usage: make_ec_tables.py p256|p384|p521 > src/crypto/<curve>/generator_table.cpp
       make_ec_tables.py p256|p384 windows <first> <count> > src/crypto/<curve>/generator_windows_<first>.cpp
The first is described at bulla::crypto::ec::Comb, the second at ec::GeneratorWindows."""
import sys

TEETH, COMBS = 6, 2
WIDTH = 6
CURVES = {
    "p256": (2**256 - 2**224 + 2**192 + 2**96 - 1,
             0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
             0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
             0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5),
    "p384": (2**384 - 2**128 - 2**96 + 2**32 - 1,
             0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
             0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
             0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f),
    "p521": (2**521 - 1,
             0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409,
             0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66,
             0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650),
}


def add(p, a, b):
    """The sum of two affine points; None is the one at infinity."""
    if a is None or b is None:
        return b if a is None else a
    if a[0] == b[0]:
        if (a[1] + b[1]) % p == 0:
            return None
        slope = 3 * (a[0] * a[0] - 1) * pow(2 * a[1], -1, p)
    else:
        slope = (b[1] - a[1]) * pow(b[0] - a[0], -1, p)
    x = (slope * slope - a[0] - b[0]) % p
    return x, (slope * (a[0] - x) - a[1]) % p


def limbs(value, count):
    words = [f"0x{value >> (64 * i) & (2**64 - 1):016x}" for i in range(count)]
    lines = [", ".join(words[i:i + 5]) for i in range(0, count, 5)]
    return "{{" + ",\n   ".join(lines) + "}}"


def entry(point, p, count):
    x, y = (limbs(c * 2 ** (64 * count) % p, count) for c in point)
    return "{" + x + ",\n " + y + "},"


def begin(include):
    print("// Written by tools/make_ec_tables.py; not to be edited.")
    print(f'#include "{include}"\n')


def comb(name):
    p, n, gx, gy = CURVES[name]
    count = (p.bit_length() + 63) // 64
    columns = -(-n.bit_length() // (TEETH * COMBS))
    begin(f"crypto/{name}/curve.h")
    print("namespace bulla::crypto {\n")
    print("// clang-format off")
    print(f"const ec::Comb<{name.upper()}>::Table {name.upper()}::generator_table = {{")
    powers = [(gx, gy)]  # 2^i · G
    for _ in range(TEETH * COMBS * columns):
        powers.append(add(p, powers[-1], powers[-1]))
    for comb in range(COMBS):
        print("{")
        tooth = [powers[(j * COMBS + comb) * columns] for j in range(TEETH)]
        for index in range(2 ** (TEETH - 1)):
            point = tooth[TEETH - 1]
            for j in range(TEETH - 1):
                x, y = tooth[j]
                point = add(p, point, (x, y) if index >> j & 1 else (x, p - y))
            print(entry(point, p, count))
        print("},")
    print("};")
    print("// clang-format on\n")
    print("}  // namespace bulla::crypto")


def windows(name, first, windows_here):
    p, _, gx, gy = CURVES[name]
    count = (p.bit_length() + 63) // 64
    base = (gx, gy)
    for _ in range(WIDTH * first):
        base = add(p, base, base)
    begin(f"crypto/{name}/generator_windows.h")
    print("#if defined(__x86_64__)\n\nnamespace bulla::crypto {\n")
    print("// clang-format off")
    print(f"const {name.upper()}Window {name}_windows_{first}[{windows_here}] = {{")
    for _ in range(windows_here):
        point = base
        print("{")
        for _ in range(2 ** (WIDTH - 1)):
            print(entry(point, p, count))
            point = add(p, point, base)
        print("},")
        for _ in range(WIDTH):
            base = add(p, base, base)
    print("};")
    print("// clang-format on\n")
    print("}  // namespace bulla::crypto\n\n#endif")


if len(sys.argv) > 2:
    windows(sys.argv[1], int(sys.argv[3]), int(sys.argv[4]))
else:
    comb(sys.argv[1])
