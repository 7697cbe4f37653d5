// Signatures, public keys and AES-GCM by NIST's ACVP (crypto/acvp_cases.h).
#include "crypto/acvp_cases.h"

namespace bulla::test {
namespace {

struct Curve {
  KeyType type;
  NamedGroup group;
  size_t field;
};
std::optional<Curve> curve_of(const json::value& group) {
  const std::string_view name = text_of(group, "curve");
  if (name == "P-256") return Curve{KeyType::ec_p256, NamedGroup::secp256r1, 32};
  if (name == "P-384") return Curve{KeyType::ec_p384, NamedGroup::secp384r1, 48};
  if (name == "P-521") return Curve{KeyType::ec_p521, NamedGroup::secp521r1, 66};
  return {};
}

size_t digest_size(const json::value& group) {
  const std::string_view name = text_of(group, "hashAlg");
  return name == "SHA2-256" ? 32 : name == "SHA2-384" ? 48 : name == "SHA2-512" ? 64 : 0;
}

/// One of three algorithms by its hash.
SignatureAlgorithm by_size(size_t size, SignatureAlgorithm a, SignatureAlgorithm b, SignatureAlgorithm c) {
  return size == 32 ? a : size == 48 ? b : c;
}

/// Ecdsa-Sig-Value (RFC 3279 §2.2.3).
ByteVector to_der(const ByteVector& r, const ByteVector& s) {
  ByteVector body;
  for (ByteVector number : {without_leading_zeros(r), without_leading_zeros(s)}) {
    if (number.empty() || (number[0] & 0x80)) number.insert(number.begin(), 0);
    body.push_back(2);
    body.push_back(static_cast<uint8_t>(number.size()));
    body.insert(body.end(), number.begin(), number.end());
  }
  ByteVector out = {0x30};
  if (body.size() > 0x7f) out.push_back(0x81);
  out.push_back(static_cast<uint8_t>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

TEST(Acvp, ecdsa_verification) {
  each_case("ECDSA", "sigVer", [](const auto& group, const auto& test, const auto& expected) {
    const auto curve = curve_of(group);
    const size_t size = digest_size(group);
    if (!curve || !size) return false;
    const ByteVector point = uncompressed(hex(test, "qx"), hex(test, "qy"), curve->field);
    EXPECT_EQ(verify({.type = curve->type, .point = point},
                     by_size(size, SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha384,
                             SignatureAlgorithm::ecdsa_sha512),
                     hex(test, "message"), to_der(hex(test, "r"), hex(test, "s"))),
              expected.at("testPassed").as_bool());
    return true;
  });
}

TEST(Acvp, ec_public_keys) {
  each_case("ECDSA", "keyVer", [](const auto& group, const auto& test, const auto& expected) {
    const auto curve = curve_of(group);
    const GroupAlgorithm* exchange = curve ? tested_provider().group(curve->group) : nullptr;
    if (!exchange) return false;
    const ByteVector x = without_leading_zeros(hex(test, "qx")), y = without_leading_zeros(hex(test, "qy"));
    const bool fits = x.size() <= curve->field && y.size() <= curve->field;
    const bool agreed =
        fits &&
        decapsulate(*exchange, to_size({2}, curve->field), uncompressed(x, y, curve->field)).has_value();
    EXPECT_EQ(agreed, expected.at("testPassed").as_bool());
    return true;
  });
}

TEST(Acvp, ed25519_verification) {
  each_case("EDDSA", "sigVer", [](const auto& group, const auto& test, const auto& expected) {
    if (text_of(group, "curve") != "ED-25519" || group.at("preHash").as_bool()) return false;
    const ByteVector point = hex(test, "q");
    EXPECT_EQ(verify({.type = KeyType::ed25519, .point = point}, SignatureAlgorithm::ed25519,
                     hex(test, "message"), hex(test, "signature")),
              expected.at("testPassed").as_bool());
    return true;
  });
}

TEST(Acvp, rsa_verification) {
  each_case("RSA", "sigVer", [](const auto& group, const auto& test, const auto& expected) {
    const bool pss = text_of(group, "sigType") == "pss";
    const size_t size = digest_size(group);
    if (!size || (!pss && text_of(group, "sigType") != "pkcs1v1.5")) return false;
    if (pss && group.at("saltLen").as_int64() != static_cast<int64_t>(size)) return false;
    const ByteVector n = without_leading_zeros(hex(group, "n")), e = without_leading_zeros(hex(group, "e"));
    const auto algorithm =
        pss ? by_size(size, SignatureAlgorithm::rsa_pss_sha256, SignatureAlgorithm::rsa_pss_sha384,
                      SignatureAlgorithm::rsa_pss_sha512)
            : by_size(size, SignatureAlgorithm::rsa_pkcs1_sha256, SignatureAlgorithm::rsa_pkcs1_sha384,
                      SignatureAlgorithm::rsa_pkcs1_sha512);
    EXPECT_EQ(verify({.type = KeyType::rsa, .modulus = n, .exponent = e}, algorithm, hex(test, "message"),
                     hex(test, "signature")),
              expected.at("testPassed").as_bool());
    return true;
  });
}

// Tags of 32 to 120 bits are the front of the whole tag, which is what is made here. A short tag cannot be
// opened by the seam; what it should open to is sealed instead, and must give it.
TEST(Acvp, aes_gcm) {
  each_case("ACVP-AES-GCM", "", [](const auto& group, const auto& test, const auto& expected) {
    const ByteVector key_bytes = hex(test, "key"), iv = hex(test, "iv"), aad = hex(test, "aad");
    if (key_bytes.size() == 24 || iv.size() != aead_nonce_size) return false;
    const auto key = tested_provider()
                         .aead(key_bytes.size() == 16 ? AeadId::aes_128_gcm : AeadId::aes_256_gcm)
                         ->make_key(key_bytes);
    const bool encrypt = text_of(group, "direction") == "encrypt";
    const auto& sealed_by = encrypt ? expected : test;
    ByteVector wanted = hex(sealed_by, "ct");
    const ByteVector tag = hex(sealed_by, "tag");
    wanted.insert(wanted.end(), tag.begin(), tag.end());
    const bool passed =
        encrypt || !expected.as_object().contains("testPassed") || expected.at("testPassed").as_bool();
    if (!passed) {
      if (tag.size() != aead_tag_size) return false;
      EXPECT_FALSE(open(*key, to_nonce(iv), aad, wanted));
      return true;
    }
    const ByteVector text = hex(encrypt ? test : expected, "pt");
    ByteVector sealed = seal(*key, to_nonce(iv), aad, text);
    EXPECT_EQ(open(*key, to_nonce(iv), aad, sealed), text);
    sealed.resize(std::min(sealed.size(), wanted.size()));
    EXPECT_EQ(sealed, wanted);
    return true;
  });
}

}  // namespace
}  // namespace bulla::test
