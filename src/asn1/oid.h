// Object identifiers, written as people read them and compared as DER content bytes.
#pragma once

#include <bulla/bytes.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::asn1 {

/// The content octets of an OBJECT IDENTIFIER (X.690 §8.19), small enough to live in a constant.
struct Oid {
  static constexpr size_t capacity = 15;
  std::array<uint8_t, capacity> octets = {};
  uint8_t size = 0;

  constexpr Bytes content() const noexcept { return {octets.data(), size}; }
  friend bool operator==(const Oid& a, Bytes b) noexcept { return equal_vartime(a.content(), b); }
};

/// oid("1.2.840.113549.1.1.1"): a wrong text does not compile.
consteval Oid oid(const char* dotted) {
  Oid out;
  uint64_t first = 0;
  size_t arcs = 0;
  while (*dotted) {
    uint64_t arc = 0;
    for (; *dotted >= '0' && *dotted <= '9'; ++dotted) arc = arc * 10 + static_cast<uint64_t>(*dotted - '0');
    if (*dotted == '.') ++dotted;
    ++arcs;
    if (arcs == 1) first = arc;
    if (arcs == 1) continue;
    if (arcs == 2) arc += first * 40;  // X.690 §8.19.4: the first two arcs share an octet group
    size_t groups = 1;
    for (uint64_t rest = arc >> 7; rest; rest >>= 7) ++groups;
    for (size_t i = groups; i-- > 0;)
      out.octets[out.size++] = static_cast<uint8_t>((arc >> (7 * i) & 0x7f) | (i ? 0x80u : 0u));
  }
  return out;
}

/// Content octets of "1.2.840.10045.2.1"; empty where the text is no OID, or has an arc of 2^63 or more.
std::vector<uint8_t> from_dotted(std::string_view text);
/// "1.2.840.10045.2.1" of content octets; cut to some 200 characters; "(malformed)" if they are none.
std::string to_dotted(Bytes content);
/// Whether content octets are a well-formed OID: minimal groups, the last one complete, arcs up to 2^63.
bool is_valid_oid(Bytes content) noexcept;

namespace oids {

// Public keys: RFC 3279 §2.3, RFC 5480 §2.1, RFC 8410 §3, RFC 4055 §1.2
inline constexpr Oid rsa_encryption = oid("1.2.840.113549.1.1.1");
inline constexpr Oid rsassa_pss = oid("1.2.840.113549.1.1.10");
inline constexpr Oid mgf1 = oid("1.2.840.113549.1.1.8");
inline constexpr Oid ec_public_key = oid("1.2.840.10045.2.1");
inline constexpr Oid p256 = oid("1.2.840.10045.3.1.7");
inline constexpr Oid p384 = oid("1.3.132.0.34");
inline constexpr Oid p521 = oid("1.3.132.0.35");
inline constexpr Oid ed25519 = oid("1.3.101.112");

// Public keys and signatures: RFC 9881 §2
inline constexpr Oid ml_dsa_44 = oid("2.16.840.1.101.3.4.3.17");
inline constexpr Oid ml_dsa_65 = oid("2.16.840.1.101.3.4.3.18");
inline constexpr Oid ml_dsa_87 = oid("2.16.840.1.101.3.4.3.19");

// Signatures: RFC 4055 §5, RFC 5758 §3.2; the broken ones only to name them
inline constexpr Oid rsa_md5 = oid("1.2.840.113549.1.1.4");
inline constexpr Oid rsa_sha1 = oid("1.2.840.113549.1.1.5");
inline constexpr Oid rsa_sha256 = oid("1.2.840.113549.1.1.11");
inline constexpr Oid rsa_sha384 = oid("1.2.840.113549.1.1.12");
inline constexpr Oid rsa_sha512 = oid("1.2.840.113549.1.1.13");
inline constexpr Oid rsa_sha224 = oid("1.2.840.113549.1.1.14");
inline constexpr Oid ecdsa_sha1 = oid("1.2.840.10045.4.1");
inline constexpr Oid ecdsa_sha224 = oid("1.2.840.10045.4.3.1");
inline constexpr Oid ecdsa_sha256 = oid("1.2.840.10045.4.3.2");
inline constexpr Oid ecdsa_sha384 = oid("1.2.840.10045.4.3.3");
inline constexpr Oid ecdsa_sha512 = oid("1.2.840.10045.4.3.4");
inline constexpr Oid dsa_sha1 = oid("1.2.840.10040.4.3");

// Hashes: RFC 3279 §2.1, RFC 4055 §2.1
inline constexpr Oid sha1 = oid("1.3.14.3.2.26");
inline constexpr Oid sha256 = oid("2.16.840.1.101.3.4.2.1");
inline constexpr Oid sha384 = oid("2.16.840.1.101.3.4.2.2");
inline constexpr Oid sha512 = oid("2.16.840.1.101.3.4.2.3");

// Names: RFC 4519 §2, RFC 2985 §5.2.1
inline constexpr Oid common_name = oid("2.5.4.3");
inline constexpr Oid surname = oid("2.5.4.4");
inline constexpr Oid serial_number = oid("2.5.4.5");
inline constexpr Oid country = oid("2.5.4.6");
inline constexpr Oid locality = oid("2.5.4.7");
inline constexpr Oid state = oid("2.5.4.8");
inline constexpr Oid street = oid("2.5.4.9");
inline constexpr Oid organization = oid("2.5.4.10");
inline constexpr Oid organizational_unit = oid("2.5.4.11");
inline constexpr Oid title = oid("2.5.4.12");
inline constexpr Oid given_name = oid("2.5.4.42");
inline constexpr Oid user_id = oid("0.9.2342.19200300.100.1.1");
inline constexpr Oid domain_component = oid("0.9.2342.19200300.100.1.25");
inline constexpr Oid email_address = oid("1.2.840.113549.1.9.1");

// Certificate extensions: RFC 5280 §4.2, RFC 7633
inline constexpr Oid subject_key_identifier = oid("2.5.29.14");
inline constexpr Oid key_usage = oid("2.5.29.15");
inline constexpr Oid subject_alt_name = oid("2.5.29.17");
inline constexpr Oid basic_constraints = oid("2.5.29.19");
inline constexpr Oid name_constraints = oid("2.5.29.30");
inline constexpr Oid crl_distribution_points = oid("2.5.29.31");
inline constexpr Oid certificate_policies = oid("2.5.29.32");
inline constexpr Oid any_policy = oid("2.5.29.32.0");
inline constexpr Oid policy_mappings = oid("2.5.29.33");
inline constexpr Oid authority_key_identifier = oid("2.5.29.35");
inline constexpr Oid policy_constraints = oid("2.5.29.36");
inline constexpr Oid extended_key_usage = oid("2.5.29.37");
inline constexpr Oid inhibit_any_policy = oid("2.5.29.54");
inline constexpr Oid freshest_crl = oid("2.5.29.46");
inline constexpr Oid authority_info_access = oid("1.3.6.1.5.5.7.1.1");
inline constexpr Oid ocsp_no_check = oid("1.3.6.1.5.5.7.48.1.5");
inline constexpr Oid tls_feature = oid("1.3.6.1.5.5.7.1.24");

// Revocation lists and their entries: RFC 5280 §5.2, §5.3
inline constexpr Oid crl_number = oid("2.5.29.20");
inline constexpr Oid crl_reason = oid("2.5.29.21");
inline constexpr Oid invalidity_date = oid("2.5.29.24");
inline constexpr Oid delta_crl_indicator = oid("2.5.29.27");
inline constexpr Oid issuing_distribution_point = oid("2.5.29.28");
inline constexpr Oid certificate_issuer = oid("2.5.29.29");

// OCSP: RFC 6960 §4.2.1, §4.4
inline constexpr Oid ocsp_basic = oid("1.3.6.1.5.5.7.48.1.1");
inline constexpr Oid ocsp_nonce = oid("1.3.6.1.5.5.7.48.1.2");

// An otherName: RFC 9598 §3
inline constexpr Oid smtp_utf8_mailbox = oid("1.3.6.1.5.5.7.8.9");

// Purposes and access methods: RFC 5280 §4.2.1.12, §4.2.2.1
inline constexpr Oid any_extended_key_usage = oid("2.5.29.37.0");
inline constexpr Oid server_auth = oid("1.3.6.1.5.5.7.3.1");
inline constexpr Oid client_auth = oid("1.3.6.1.5.5.7.3.2");
inline constexpr Oid code_signing = oid("1.3.6.1.5.5.7.3.3");
inline constexpr Oid email_protection = oid("1.3.6.1.5.5.7.3.4");
inline constexpr Oid time_stamping = oid("1.3.6.1.5.5.7.3.8");
inline constexpr Oid ocsp_signing = oid("1.3.6.1.5.5.7.3.9");
inline constexpr Oid access_ocsp = oid("1.3.6.1.5.5.7.48.1");
inline constexpr Oid access_ca_issuers = oid("1.3.6.1.5.5.7.48.2");

// Certification requests: RFC 2985 §5.4
inline constexpr Oid extension_request = oid("1.2.840.113549.1.9.14");
inline constexpr Oid challenge_password = oid("1.2.840.113549.1.9.7");

// Encrypted private keys: RFC 8018 §A.2 and §A.4, NIST AES
inline constexpr Oid pbes2 = oid("1.2.840.113549.1.5.13");
inline constexpr Oid pbkdf2 = oid("1.2.840.113549.1.5.12");
inline constexpr Oid scrypt = oid("1.3.6.1.4.1.11591.4.11");
inline constexpr Oid hmac_sha1 = oid("1.2.840.113549.2.7");
inline constexpr Oid hmac_sha256 = oid("1.2.840.113549.2.9");
inline constexpr Oid hmac_sha384 = oid("1.2.840.113549.2.10");
inline constexpr Oid hmac_sha512 = oid("1.2.840.113549.2.11");
inline constexpr Oid aes_128_cbc = oid("2.16.840.1.101.3.4.1.2");
inline constexpr Oid aes_192_cbc = oid("2.16.840.1.101.3.4.1.22");
inline constexpr Oid aes_256_cbc = oid("2.16.840.1.101.3.4.1.42");

// What a PKCS#12 file begins with: RFC 7292 §4
inline constexpr Oid pkcs7_data = oid("1.2.840.113549.1.7.1");

}  // namespace oids
}  // namespace bulla::asn1
