#!/usr/bin/env python3
"""Where the time of a handshake goes, by share, from samples of perf:

    perf record -g -e cpu-clock -F 10000 build/bench/bin/bulla-bench --paired "full handshake 1.3 X25519 P-256"
    perf script -F ip,sym,dso | bench/profile.py

Only samples of our own side count. The first row whose pattern is found in the innermost function decides."""
import collections
import re
import sys

ROWS = [
    ("P-256, signing", r"p256::|Divsteps<bulla::crypto::P256Prime>::inverse$|P256Order> >::inverse$|::compute"),
    ("X25519", r"curve25519"),
    ("P-256, verifying: the chain and CertificateVerify", r"P256|::ec::"),
    ("SHA-256, HMAC, HKDF", r"sha2|MerkleDamgard|[Hh]mac|[Hh]kdf|HashContext"),
    ("AES-GCM", r"aes"),
    ("secrets overwritten", r"wipe|SecretBytes|InlineSecret"),
    ("heap", r"malloc|free|operator new|operator delete|calloc"),
    ("certificates", r"x509|asn1"),
    ("the engine, and what was inlined into it", r"bulla::|std::|_ZN|mem(cpy|set|move|cmp)"),
    ("the kernel: getrandom", r""),
]
THEIRS = re.compile(r"libssl|libcrypto")
BENCH = re.compile(r"bench::\(anonymous namespace\)::each_of|cycles_per_second|clock_gettime")


def innermost(stack):
    """The function that was sampled; None for what is not a handshake of ours."""
    frames = re.findall(r"^\s*[0-9a-f]+ (.*) \((.*)\)$", stack, re.MULTILINE)
    if not frames or any(THEIRS.search(dso) for _, dso in frames):
        return None
    # Without frame pointers stacks are short: what is in our program counts, and the C library's below it.
    if not any("bulla-bench" in dso for _, dso in frames) or BENCH.search(frames[0][0]):
        return None
    return frames[0][0]


def main():
    counts = collections.Counter()
    for stack in sys.stdin.read().split("\n\n"):
        function = innermost(stack)
        if function is not None:
            counts[next(name for name, pattern in ROWS if re.search(pattern, function))] += 1
    total = sum(counts.values())
    if total == 0:
        sys.exit("no samples of ours")
    print("| what | share |\n|---|---:|")
    for name, count in counts.most_common():
        print(f"| {name} | {100 * count / total:.1f} % |")
    print(f"\n{total:,} samples.")


if __name__ == "__main__":
    main()
