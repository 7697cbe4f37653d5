"""PBMAC1 of PKCS#12 files (RFC 9579), computed with Python's hashlib:
  pbmac1.py check FILE PASSPHRASE                    exit status 0 if the MAC is right
  pbmac1.py make FILE PASSPHRASE OUT PRF HASH        the same file with a PBMAC1 in place of its MAC"""
import hashlib
import hmac
import os
import sys

OIDS = {"1.2.840.113549.2.7": "sha1", "1.2.840.113549.2.9": "sha256", "1.2.840.113549.2.10": "sha384",
        "1.2.840.113549.2.11": "sha512"}


def read(der):
    """(tag, content) of each element."""
    out = []
    while der:
        tag, length, at = der[0], der[1], 2
        if length >= 0x80:
            at = 2 + (length & 0x7f)
            length = int.from_bytes(der[2:at], "big")
        out.append((tag, der[at:at + length]))
        der = der[at + length:]
    return out


def write(tag, *parts):
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def dotted(content):
    arcs, arc = [], 0
    for octet in content:
        arc = arc << 7 | octet & 0x7f
        if octet < 0x80:
            arcs.append(arc)
            arc = 0
    return ".".join(map(str, [arcs[0] // 40, arcs[0] % 40] + arcs[1:]))


def oid(text):
    arcs = list(map(int, text.split(".")))
    out = b""
    for arc in [arcs[0] * 40 + arcs[1]] + arcs[2:]:
        octets = [arc & 0x7f]
        while arc := arc >> 7:
            octets.insert(0, arc & 0x7f | 0x80)
        out += bytes(octets)
    return write(6, out)


def pfx(path):
    with open(path, "rb") as file:
        version, safe, mac = read(read(file.read())[0][1])
    content = read(read(safe[1])[1][1])[0][1]
    return version, safe, mac, content


def check(path, passphrase):
    _, _, mac, content = pfx(path)
    info = read(read(mac[1])[0][1])
    algorithm = read(info[0][1])
    assert dotted(algorithm[0][1]) == "1.2.840.113549.1.5.14"
    kdf, scheme = read(algorithm[1][1])
    salt, iterations, size, prf = read(read(kdf[1])[1][1])
    number = lambda element: int.from_bytes(element[1], "big")
    key = hashlib.pbkdf2_hmac(OIDS[dotted(read(prf[1])[0][1])], passphrase, salt[1], number(iterations), number(size))
    digest = hmac.new(key, content, OIDS[dotted(read(scheme[1])[0][1])]).digest()
    return hmac.compare_digest(digest, info[1][1])


def make(path, passphrase, out, prf, hash_name):
    version, safe, _, content = pfx(path)
    salt, iterations, size = os.urandom(12), 1234, hashlib.new(hash_name).digest_size
    digest = hmac.new(hashlib.pbkdf2_hmac(prf, passphrase, salt, iterations, size), content, hash_name).digest()
    by_name = {name: write(0x30, oid(text), write(5)) for text, name in OIDS.items()}
    kdf = write(0x30, oid("1.2.840.113549.1.5.12"),
                write(0x30, write(4, salt), write(2, iterations.to_bytes(2, "big")), write(2, bytes([size])), by_name[prf]))
    algorithm = write(0x30, oid("1.2.840.113549.1.5.14"), write(0x30, kdf, by_name[hash_name]))
    mac = write(0x30, write(0x30, algorithm, write(4, digest)), write(4, b"NOT USED"), write(2, b"\x01"))
    with open(out, "wb") as file:
        file.write(write(0x30, write(*version), write(*safe), mac))


def main():
    if sys.argv[1] == "check":
        return 0 if check(sys.argv[2], sys.argv[3].encode()) else 1
    return make(sys.argv[2], sys.argv[3].encode(), *sys.argv[4:])


if __name__ == "__main__":
    sys.exit(main())
