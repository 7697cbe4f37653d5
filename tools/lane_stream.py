"""Claims about src/crypto/bignum/ifma.cpp: products as in lane_bignum.py, one or two at a time, eight digits to a register. The record of a
product ends before finish() asks which lanes exceed 52 bits; that it carries on as it should is tried for all kinds of lanes."""
from lane_bignum import DIGIT, RING, bounds, claim_product, quotient_words
from prover import claim

FILES = ("crypto/bignum/ifma.cpp", "crypto/bignum/ifma.h")
CROSSING = ("product",)
MOST_CARRY = 2**10  # into a lane, once


def product(case):
    """Words that are at most 2^52 - 1 + MOST_CARRY, the lowest at most 2^52 - 1; finish() keeps the digits of their sum, which is below
    2M < r: again no multiple of 2^(52·words) gets lost."""
    digits, reduced, streams, size = case.parameters
    claim(size >= digits, "more digits than lanes")
    names = {"digit": ("a", "b", "m"), "digits": ("aa", "bb", "mm")}
    shown = {key: case.outputs[key] for key in list(names)[:streams]}
    for key, words in shown.items():
        kept = [case.lines[int(word[1:])] if word[0] == "n" else ("and", word, hex(DIGIT - 1)) for word in words]
        claim(len(kept) == size and all(line[0] == "and" and line[2] == hex(DIGIT - 1) for line in kept), "digits of 52 bits")
        case.outputs[key] = [line[1] for line in kept]
        case.outputs["q" + key] = quotient_words(case, names[key][2])
    numbers, lanes = case.run(bounds, RING)
    for key in shown:
        claim(all(0 <= x.lo and x.hi < DIGIT + MOST_CARRY for x in lanes[key]), "more than a carry")
        claim(lanes[key][0].hi < DIGIT, "the lowest lane has more than 52 bits")
        claim_product(case, numbers, lanes["q" + key], lanes[key], names[key], (digits, reduced))


def finish(case):
    """Every pattern of eight lanes below 2^52 - 1, at it, or above, with a carry that comes in and without: in the only register, in the
    highest of two, in the middle of three."""
    claim(case.parameters == (2 * 3**8,) * 3, "not all of them")


CLAIMS = {"product": product, "finish": finish}
WHAT = "products of one number or two: (a·b + Q·M)/r with Q < r"
ALTERED = {FILES[0]: ("lanes_above", "lanes_below", "begin", "step", "finish", "almost_multiply")}
UNALTERED = ('"crypto/bignum/power.h"', "<algorithm>", "<array>", "<random>")
HARMLESS = {"finish: unsigned goes = {0 -> 1};"}  # its lower bits are not looked at
