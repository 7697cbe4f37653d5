// Keys and chains for PKCS#12 files, and what is expected of those.
#pragma once

#include "pki/pkcs12_crafted.h"

#include <gtest/gtest.h>

namespace bulla::pki::crafted {

using namespace asn1;

inline constexpr Pkcs12Protection cheap = {.passphrase = "secret", .iterations = 1};

/// A key with a chain of three, and one certificate that has nothing to do with it. Made once.
struct Material {
  Issued root = NewCa{.name = "Root"}.issue().value();
  Issued other = SelfSigned{.names = {"other.example"}}.issue().value();
  std::optional<Issued> middle, leaf;

  Material() {
    const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
    middle.emplace(NewCa{.name = "Middle"}.issue().value());
    const auto made = NewRequest{.names = {"middle.example"}}.create().value();
    auto chain =
        ca.sign(CertificationRequest::from_pem_or_der(made.der).value(), 30, CertificateRole::ca).value();
    middle->chain = {chain.front()};
    middle->key = KeyPair::load(made.key.to_pkcs8().reveal()).value();
    const auto below = CertificateAuthority::create(middle->chain, middle->key.signer()).value();
    leaf.emplace(below.issue(std::vector<std::string>{"leaf.example"}, 20).value());
  }
  static const Material& get() {
    static const Material material;
    return material;
  }
  Pkcs12 file(std::string name = "my name") const {
    Pkcs12 out{.key = KeyPair::load(leaf->key.to_pkcs8().reveal()).value(), .friendly_name = std::move(name)};
    out.chain = {leaf->chain.front(), middle->chain.front(), root.chain.front()};
    out.further = {other.chain.front()};
    return out;
  }
};

inline std::string ders(std::span<const CertificatePtr> certificates) {
  std::string out;
  for (const CertificatePtr& one : certificates) out += as_text(one->der());
  return out;
}

inline void expect_same(const Pkcs12& a, const Pkcs12& b) {
  ASSERT_EQ(a.key.has_value(), b.key.has_value());
  if (a.key) {
    EXPECT_TRUE(equal_vartime(a.key->to_pkcs8().reveal(), b.key->to_pkcs8().reveal()));
  }
  EXPECT_EQ(a.friendly_name, b.friendly_name);
  EXPECT_EQ(ders(a.chain), ders(b.chain));
  EXPECT_EQ(ders(a.further), ders(b.further));
}

inline void expect_refused(Bytes file, ErrorCode code, std::string_view words,
                           std::string_view passphrase = "secret", const Pkcs12Choice& choice = {}) {
  const auto opened = Pkcs12::open(file, passphrase, choice);
  ASSERT_FALSE(opened.ok()) << words;
  EXPECT_EQ(opened.error().code, code) << opened.error().explain();
  EXPECT_NE(opened.error().explain().find(words), std::string::npos) << opened.error().explain();
}

/// PBES2 at a price, as an AlgorithmIdentifier.
inline Der encrypted_algorithm_of(uint32_t iterations) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oids::pbes2);
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::pbkdf2);
          w.sequence([&](DerWriter& w) {
            w.octet_string(Der(8));
            w.integer(iterations);
            w.sequence([&](DerWriter& w) { w.oid(oids::hmac_sha256), w.null(); });
          });
        });
        w.sequence([&](DerWriter& w) { w.oid(oids::aes_256_cbc), w.octet_string(Der(16)); });
      });
    });
  });
}

}  // namespace bulla::pki::crafted
