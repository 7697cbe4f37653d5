// What the parts of a PKCS#12 file are called (RFC 7292 §4, §D), and the words for what is wrong with one.
#pragma once

#include "asn1/oid.h"

#include <bulla/result.h>
#include <bulla/secret.h>

#include <string>
#include <string_view>

namespace bulla::pki {

namespace oids {
using namespace asn1::oids;
using asn1::oid;

// PKCS#7: RFC 2315 §14
inline constexpr asn1::Oid pkcs7_signed = oid("1.2.840.113549.1.7.2");
inline constexpr asn1::Oid pkcs7_enveloped = oid("1.2.840.113549.1.7.3");
inline constexpr asn1::Oid pkcs7_encrypted = oid("1.2.840.113549.1.7.6");
// Bags
inline constexpr asn1::Oid key_bag = oid("1.2.840.113549.1.12.10.1.1");
inline constexpr asn1::Oid shrouded_key_bag = oid("1.2.840.113549.1.12.10.1.2");
inline constexpr asn1::Oid cert_bag = oid("1.2.840.113549.1.12.10.1.3");
inline constexpr asn1::Oid crl_bag = oid("1.2.840.113549.1.12.10.1.4");
inline constexpr asn1::Oid secret_bag = oid("1.2.840.113549.1.12.10.1.5");
inline constexpr asn1::Oid safe_contents_bag = oid("1.2.840.113549.1.12.10.1.6");
inline constexpr asn1::Oid x509_certificate = oid("1.2.840.113549.1.9.22.1");
// Attributes: RFC 2985 §5.5; Oracle's own, by which Java knows what is trusted
inline constexpr asn1::Oid friendly_name = oid("1.2.840.113549.1.9.20");
inline constexpr asn1::Oid local_key_id = oid("1.2.840.113549.1.9.21");
inline constexpr asn1::Oid oracle_trusted_key_usage = oid("2.16.840.1.113894.746875.1.1");
// RFC 8018 §A.5
inline constexpr asn1::Oid pbmac1 = oid("1.2.840.113549.1.5.14");
}  // namespace oids

Error malformed_pkcs12(std::string_view why);
Error unsupported_pkcs12(std::string what);
/// An error of what a PKCS#12 file shares with key files, told of the file.
Error as_pkcs12(Error error);

/// A passphrase as RFC 7292 §B.1 hashes it: UTF-16 and two zero octets. Error: bad_argument where it is no
/// UTF-8.
Result<SecretBytes> bmp_passphrase(std::string_view utf8);

}  // namespace bulla::pki
