#!/bin/sh
# Makes fuzz/corpus/pkcs12: small files of each program with the passphrase "correct horse", as cheap as the program lets
# one make them, and the inside of one. Needs openssl, certtool, keytool, certutil, pk12util and python3.
set -eu
out=$(cd "$(dirname "$0")/../../../fuzz/corpus/pkcs12" && pwd)
cd "$(mktemp -d)"
openssl req -x509 -newkey ed25519 -nodes -keyout key.pem -out cert.pem -subj /CN=seed -days 3650 2>/dev/null
export="openssl pkcs12 -export -inkey key.pem -in cert.pem -name seed -iter 50 -passout"
$export 'pass:correct horse' -out "$out/openssl.p12"
$export 'pass:correct horse' -macalg sha1 -keypbe AES-128-CBC -certpbe AES-128-CBC -out "$out/openssl_sha1.p12"
$export 'pass:correct horse' -keypbe NONE -certpbe NONE -out "$out/openssl_plain.p12"
$export 'pass:correct horse' -legacy -out "$out/openssl_legacy.p12"
$export 'pass:' -out "$out/openssl_empty.p12"
python3 "$out/../../../tests/pki/pbmac1.py" make "$out/openssl.p12" "correct horse" "$out/pbmac1.p12" sha256 sha256
certtool --to-p12 --load-privkey key.pem --load-certificate cert.pem --p12-name seed --password 'correct horse' --outder \
  --outfile "$out/gnutls.p12" 2>/dev/null
cheap="-J-Dkeystore.pkcs12.macIterationCount=50 -J-Dkeystore.pkcs12.keyPbeIterationCount=50 -J-Dkeystore.pkcs12.certPbeIterationCount=50"
keytool $cheap -genkeypair -keyalg EC -alias seed -dname CN=seed -keystore "$out/java.p12" -storepass 'correct horse' 2>/dev/null
mkdir db && certutil -N -d sql:db --empty-password
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k2.pem -out c2.pem -subj /CN=seed -days 3650 2>/dev/null
openssl pkcs12 -export -inkey k2.pem -in c2.pem -name seed -passout 'pass:correct horse' -out nss_in.p12
pk12util -i nss_in.p12 -d sql:db -W 'correct horse' >/dev/null
pk12util -o "$out/nss.p12" -n seed -d sql:db -W 'correct horse' >/dev/null
# What stands in the outermost OCTET STRING: the fuzz target puts it behind a MAC of its own.
for name in openssl_plain java nss; do
  python3 - "$out/$name.p12" "$out/${name}_inside.der" <<'PYTHON'
import sys
der = open(sys.argv[1], "rb").read()
at = der.index(bytes.fromhex("06092a864886f70d010701")) + 11
at = der.index(b"\x04\x82", at) if der[at:at + 2] == b"\xa0\x80" else der.index(b"\x04", at + 1)
size = int.from_bytes(der[at + 2:at + 4], "big") if der[at + 1] == 0x82 else der[at + 1]
open(sys.argv[2], "wb").write(der[at + (4 if der[at + 1] == 0x82 else 2):][:size])
PYTHON
done
