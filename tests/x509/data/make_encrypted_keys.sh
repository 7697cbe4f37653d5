#!/usr/bin/env bash
# Makes the encrypted keys of this folder that GnuTLS 3.7, Java 17 and OpenSSL 3.0 wrote: p256.pem under the
# passphrase correct-horse. They are kept, so that tests run where those programs are not; run it only for new ones.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

for cipher in aes-128 aes-192 aes-256 3des 3des-pkcs12 rc2-40 arcfour; do
  certtool --to-p8 --load-privkey p256.pem --password correct-horse --pkcs-cipher=$cipher --outfile "$scratch/$cipher" >&2
  sed -n '/^-----BEGIN/,$p' "$scratch/$cipher" >"gnutls_$cipher.pem"
done

openssl pkcs8 -topk8 -nocrypt -in p256.pem -outform DER -out "$scratch/p256.der"
jobs=()
for algorithm in PBEWithHmacSHA1AndAES_128 PBEWithHmacSHA256AndAES_128 PBEWithHmacSHA256AndAES_256 \
  PBEWithHmacSHA512AndAES_256 PBEWithHmacSHA224AndAES_256 PBEWithMD5AndDES; do
  jobs+=(write correct-horse "$scratch/p256.der" "java_$algorithm.pem" "$algorithm")
done
java ../../pki/KeyFile.java "${jobs[@]}"

encrypt() { openssl pkcs8 -topk8 -in p256.pem -passout pass:correct-horse "$@"; }
encrypt -scrypt -scrypt_N 1024 -scrypt_r 8 -scrypt_p 16 -out enc_scrypt_wide.pem
encrypt -scrypt -v2 aes-128-cbc -out enc_scrypt_128.pem
encrypt -v2 camellia-256-cbc -out enc_camellia.pem
openssl pkcs12 -export -inkey p256.pem -in p256_cert.pem -passout pass:correct-horse -out p256.p12
