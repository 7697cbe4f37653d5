#!/usr/bin/env python3
"""The program and the libraries need nothing but the C++ and C runtimes: no cryptography of others, above all.
Usage: check_links.py READELF NM FILE...    (programs, and archives *.a)"""
import re
import subprocess
import sys

from sources import finish

RUNTIME = re.compile(r"^(libstdc\+\+|libgcc_s|libc\+\+(abi)?|libm|libc|libpthread|ld-linux[\w-]*)\.so\.\d+$")
NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
# What libcrypto and libssl export; our own functions have C++ names.
FOREIGN = re.compile(
    r"^_?(AES|ASN1|BIO|BN|CONF|CRYPTO|DH|EC|ECDH|ECDSA|ED25519|ERR|EVP|HMAC|MD5|OBJ|OPENSSL|OSSL|PEM|PKCS\d+|RAND|RSA|SHA\d+|"
    r"SSL|TLS|X25519|X509|d2i|i2d)_")


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def foreign_libraries(dynamic_section):
    """Names of shared libraries that a program must not need."""
    return [name for name in NEEDED.findall(dynamic_section) if not RUNTIME.match(name)]


def foreign_symbols(undefined):
    """Of the lines of `nm -u`, what OpenSSL would have to define."""
    return sorted({line.split()[-1] for line in undefined.splitlines() if line.strip() and FOREIGN.match(line.split()[-1])})


def main():
    readelf, nm, *files = sys.argv[1:]
    findings = []
    for file in files:
        if file.endswith(".a"):
            findings += [f"{file}: needs {symbol}" for symbol in foreign_symbols(output(nm, "-u", file))]
        else:
            findings += [f"{file}: links {library}" for library in foreign_libraries(output(readelf, "-d", file))]
    finish("links", findings)


if __name__ == "__main__":
    main()
