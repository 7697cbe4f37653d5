#include "x509/other_encryption.h"

#include "asn1/oid.h"

#include <string>

namespace bulla::x509 {
namespace {

using asn1::Oid, asn1::oid;

/// Whether OpenSSL 3 opens it as it is, or wants its provider of broken algorithms.
enum class Converter : uint8_t { openssl, openssl_legacy };

struct Named {
  Oid oid;
  std::string_view name;
  Converter converter;
};

constexpr Named others[] = {
    // RFC 8018 §A.3: PBES1
    {oid("1.2.840.113549.1.5.3"), "DES and MD5 (pbeWithMD5AndDES-CBC)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.5.6"), "RC2 and MD5 (pbeWithMD5AndRC2-CBC)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.5.10"), "DES and SHA-1 (pbeWithSHA1AndDES-CBC)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.5.11"), "RC2 and SHA-1 (pbeWithSHA1AndRC2-CBC)", Converter::openssl_legacy},
    // RFC 7292 §C: the schemes of PKCS#12
    {oid("1.2.840.113549.1.12.1.1"), "RC4 (pbeWithSHAAnd128BitRC4)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.12.1.2"), "RC4 of 40 bits (pbeWithSHAAnd40BitRC4)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.12.1.3"), "3DES (pbeWithSHAAnd3-KeyTripleDES-CBC)", Converter::openssl},
    {oid("1.2.840.113549.1.12.1.4"), "3DES (pbeWithSHAAnd2-KeyTripleDES-CBC)", Converter::openssl},
    {oid("1.2.840.113549.1.12.1.5"), "RC2 (pbeWithSHAAnd128BitRC2-CBC)", Converter::openssl_legacy},
    {oid("1.2.840.113549.1.12.1.6"), "RC2 of 40 bits (pbeWithSHAAnd40BitRC2-CBC)", Converter::openssl_legacy},
    // Ciphers of PBES2: RFC 8018 §B.2, RFC 3657 §4, RFC 5794 §2, RFC 4009 §3
    {oid("1.3.14.3.2.7"), "DES (des-cbc)", Converter::openssl_legacy},
    {oid("1.2.840.113549.3.7"), "3DES (des-ede3-cbc)", Converter::openssl},
    {oid("1.2.840.113549.3.2"), "RC2 (rc2-cbc)", Converter::openssl_legacy},
    {oid("1.2.392.200011.61.1.1.1.2"), "Camellia (camellia-128-cbc)", Converter::openssl},
    {oid("1.2.392.200011.61.1.1.1.3"), "Camellia (camellia-192-cbc)", Converter::openssl},
    {oid("1.2.392.200011.61.1.1.1.4"), "Camellia (camellia-256-cbc)", Converter::openssl},
    {oid("1.2.410.200046.1.1.2"), "ARIA (aria-128-cbc)", Converter::openssl},
    {oid("1.2.410.200046.1.1.7"), "ARIA (aria-192-cbc)", Converter::openssl},
    {oid("1.2.410.200046.1.1.12"), "ARIA (aria-256-cbc)", Converter::openssl},
    {oid("1.2.410.200004.1.4"), "SEED (seed-cbc)", Converter::openssl_legacy},
    // Pseudorandom functions of PBKDF2: RFC 8018 §B.1
    {oid("1.2.840.113549.2.8"), "PBKDF2 over SHA-224 (hmacWithSHA224)", Converter::openssl},
    {oid("1.2.840.113549.2.12"), "PBKDF2 over SHA-512/224 (hmacWithSHA512-224)", Converter::openssl},
    {oid("1.2.840.113549.2.13"), "PBKDF2 over SHA-512/256 (hmacWithSHA512-256)", Converter::openssl},
};

std::string command(Converter converter) {
  const std::string_view providers =
      converter == Converter::openssl_legacy ? "-provider default -provider legacy " : "";
  return "`openssl pkcs8 -topk8 -v2 aes-256-cbc " + std::string(providers) + "-in FILE -out NEW` converts it";
}

}  // namespace

Error other_encryption(Bytes oid) {
  for (const Named& known : others)
    if (known.oid == oid)
      return {ErrorCode::key_unsupported, "it is encrypted with " + std::string(known.name),
              command(known.converter)};
  return {ErrorCode::key_unsupported, "it is encrypted with the algorithm " + asn1::to_dotted(oid)};
}

}  // namespace bulla::x509
