#!/usr/bin/env python3
"""The program and the libraries hold and need nothing but the C++ and C runtimes, and SQLite for the records of a CA: no
cryptography of others, above all.
Usage: check_links.py READELF NM FILE...    (programs, and archives *.a)"""
import re
import subprocess
import sys

from sources import finish

RUNTIME = re.compile(r"^(libstdc\+\+|libgcc_s|libc\+\+(abi)?|libm|libc|libpthread|ld-linux[\w-]*|libsqlite3)\.so\.\d+$")
NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
# What libcrypto and libssl export, and the prefixes of other libraries; our own functions have C++ names, or bulla_.
FOREIGN = re.compile(
    r"^_?((AES|ASN1|ASYNC|BF|BIO|BN|BUF|CAST|CMAC|CMS|COMP|CONF|CRYPTO|CT|Camellia|DES|DH|DSA|DSO|D?TLS|D?TLSv1|EC|ECDH|ECDSA|"
    r"ED25519|ENGINE|ERR|ESS|EVP|HMAC|MD[245]|MDC2|NCONF|OBJ|OCSP|OPENSSL|OSSL|OpenSSL|PEM|PKCS\d+|RAND|RC[245]|RIPEMD160|RSA|"
    r"SCT|SEED|SHA\d+|SMIME|SRP|SSL|TS|UI|WHIRLPOOL|X25519|X509|X509V3|X509v3|[di]2[dio]|"
    r"crypto_(aead|auth|box|hash|kx|scalarmult|secretbox|sign|stream)|gcry|gnutls|mbedtls|nettle|psa|sodium|wc|wolfSSL)_\w*|"
    r"(SHA(1|224|256|384|512)|HMAC|MD[245]|MDC2|RC4|RIPEMD160|WHIRLPOOL))(@.*)?$")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def foreign_libraries(dynamic_section):
    """Names of shared libraries that a program must not need."""
    return [name for name in NEEDED.findall(dynamic_section) if not RUNTIME.match(name)]


def foreign_symbols(symbols):
    """Of the lines of `nm`, the names that OpenSSL and others define or would have to."""
    names = {line.split()[-1] for line in symbols.splitlines() if line.strip()}
    return sorted(name for name in names if FOREIGN.match(name))


def findings_in(file, readelf, nm):
    """What is wrong with one program or archive. Cryptography that was linked statically shows by its names alone."""
    symbols = output(nm, file)
    if not symbols.strip():
        yield f"{file}: is stripped, so that nothing can be seen of it"
    for symbol in foreign_symbols(symbols):
        yield f"{file}: holds or needs {symbol}"
    if not file.endswith(".a"):
        for library in foreign_libraries(output(readelf, "-d", file)):
            yield f"{file}: links {library}"


def main():
    readelf, nm, *files = sys.argv[1:]
    finish("links", [finding for file in files for finding in findings_in(file, readelf, nm)])


if __name__ == "__main__":
    main()
