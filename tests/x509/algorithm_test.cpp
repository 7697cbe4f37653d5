// AlgorithmIdentifiers and public keys: which parameters mean an algorithm that is used, and which do not.
#include "x509/algorithm.h"

#include "asn1/der_writer.h"
#include "files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;
using Body = std::function<void(DerWriter&)>;

const Body absent = [](DerWriter&) {};
const Body null = [](DerWriter& w) { w.null(); };

std::optional<SignatureAlgorithm> meant_by(const Oid& oid, const Body& parameters) {
  const auto der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.oid(oid);
      parameters(w);
    });
  });
  DerReader r(der);
  const x509::AlgorithmIdentifier read = x509::read_algorithm(r);
  return r.done() ? x509::signature_algorithm_of(read) : std::nullopt;
}

// RFC 4055 §5: NULL, and absence is taken. RFC 5758 §3.2, RFC 8410 §3, RFC 9881 §2: absent.
TEST(AlgorithmTest, ParametersAreThoseOfTheRfcs) {
  const Body junk = [](DerWriter& w) { w.integer(1); };
  for (const auto& [oid, algorithm] : {std::pair(oids::rsa_sha256, SignatureAlgorithm::rsa_pkcs1_sha256),
                                       {oids::rsa_sha384, SignatureAlgorithm::rsa_pkcs1_sha384},
                                       {oids::rsa_sha512, SignatureAlgorithm::rsa_pkcs1_sha512}}) {
    EXPECT_EQ(meant_by(oid, null), algorithm);
    EXPECT_EQ(meant_by(oid, absent), algorithm);
    EXPECT_EQ(meant_by(oid, junk), std::nullopt);
  }
  for (const auto& [oid, algorithm] : {std::pair(oids::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha256),
                                       {oids::ecdsa_sha384, SignatureAlgorithm::ecdsa_sha384},
                                       {oids::ecdsa_sha512, SignatureAlgorithm::ecdsa_sha512},
                                       {oids::ed25519, SignatureAlgorithm::ed25519},
                                       {oids::ml_dsa_44, SignatureAlgorithm::ml_dsa_44},
                                       {oids::ml_dsa_65, SignatureAlgorithm::ml_dsa_65},
                                       {oids::ml_dsa_87, SignatureAlgorithm::ml_dsa_87}}) {
    EXPECT_EQ(meant_by(oid, absent), algorithm);
    EXPECT_EQ(meant_by(oid, null), std::nullopt);
    EXPECT_EQ(meant_by(oid, junk), std::nullopt);
  }
  // RFC 3279 §2.1 and what else is known by name only.
  for (const Oid& oid : {oids::rsa_sha1, oids::rsa_md5, oids::ecdsa_sha1, oids::dsa_sha1, oids::rsa_sha224,
                         oids::ecdsa_sha224, oids::rsa_encryption, oids::ec_public_key, oids::p256}) {
    EXPECT_EQ(meant_by(oid, absent), std::nullopt);
    EXPECT_EQ(meant_by(oid, null), std::nullopt);
  }
}

/// What RSASSA-PSS-params can be wrong in.
struct Pss {
  std::optional<Oid> hash = oids::sha256, mask = oids::mgf1, mask_hash = oids::sha256;
  std::optional<uint64_t> salt = 32, trailer = {};
  Body hash_parameters = null;
};

Body written(const Pss& pss) {
  return [=](DerWriter& w) {
    const auto hash = [&](const Oid& oid) {
      return [&, oid](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oid);
          pss.hash_parameters(w);
        });
      };
    };
    w.sequence([&](DerWriter& w) {
      if (pss.hash) w.explicit_tag(0, hash(*pss.hash));
      if (pss.mask)
        w.explicit_tag(1, [&](DerWriter& w) {
          w.sequence([&](DerWriter& w) {
            w.oid(*pss.mask);
            if (pss.mask_hash) hash (*pss.mask_hash)(w);
          });
        });
      if (pss.salt) w.explicit_tag(2, [&](DerWriter& w) { w.integer(*pss.salt); });
      if (pss.trailer) w.explicit_tag(3, [&](DerWriter& w) { w.integer(*pss.trailer); });
    });
  };
}

// RFC 4055 §3.1, §2.1: one hash for message and mask, a salt as long as it; a hash with NULL or without.
TEST(AlgorithmTest, PssParametersAreThoseOfTls) {
  const auto meant = [](const Pss& pss) { return meant_by(oids::rsassa_pss, written(pss)); };
  EXPECT_EQ(meant({}), SignatureAlgorithm::rsa_pss_sha256);
  EXPECT_EQ(meant({.trailer = 1}), SignatureAlgorithm::rsa_pss_sha256);
  EXPECT_EQ(meant({.hash_parameters = absent}), SignatureAlgorithm::rsa_pss_sha256);
  EXPECT_EQ(meant({.hash = oids::sha384, .mask_hash = oids::sha384, .salt = 48}),
            SignatureAlgorithm::rsa_pss_sha384);
  EXPECT_EQ(meant({.hash = oids::sha512, .mask_hash = oids::sha512, .salt = 64}),
            SignatureAlgorithm::rsa_pss_sha512);
  const Pss bad[] = {{.salt = 31},
                     {.salt = {}},  // 20 by default
                     {.salt = 0},
                     {.salt = 1u << 20},
                     {.trailer = 2},
                     {.mask_hash = oids::sha512},
                     {.mask_hash = {}},
                     {.mask = {}},
                     {.mask = oids::sha256},
                     {.hash = {}},
                     {.hash = oids::sha1, .mask_hash = oids::sha1, .salt = 20},
                     {.hash = {}, .mask = {}, .salt = {}},  // all SHA-1
                     {.hash_parameters = [](DerWriter& w) { w.integer(0); }}};
  for (const Pss& pss : bad) EXPECT_EQ(meant(pss), std::nullopt);
  EXPECT_EQ(meant_by(oids::rsassa_pss, absent),
            std::nullopt);  // a key may leave them out, a signature may not
  EXPECT_EQ(meant_by(oids::rsassa_pss, null), std::nullopt);
}

std::string verdict_on_key(const Oid& oid, const Body& parameters, const Body& bits) {
  const auto der = to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oid);
        parameters(w);
      });
      w.bit_string(to_der(bits));
    });
  });
  DerReader r(der);
  const x509::SubjectPublicKey key = x509::read_public_key(r);
  EXPECT_TRUE(r.done()) << r.why();
  return key.key ? "usable" : key.why_unusable;
}

Body rsa_numbers(std::vector<uint8_t> modulus, std::vector<uint8_t> exponent) {
  return [=](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.unsigned_integer(modulus);
      w.unsigned_integer(exponent);
    });
  };
}

// RFC 3279 §2.3.1: NULL with an RSA key. The numbers are bounded before anybody computes with them.
TEST(AlgorithmTest, RsaKeysAreBounded) {
  const std::vector<uint8_t> n(256, 0xff), e = {1, 0, 1};
  EXPECT_EQ(verdict_on_key(oids::rsa_encryption, null, rsa_numbers(n, e)), "usable");
  EXPECT_EQ(verdict_on_key(oids::rsa_encryption, null, rsa_numbers(n, {1, 0, 0, 0, 1})), "usable");
  EXPECT_THAT(verdict_on_key(oids::rsa_encryption, absent, rsa_numbers(n, e)), HasSubstr("not NULL"));
  EXPECT_EQ(verdict_on_key(oids::rsassa_pss, absent, rsa_numbers(n, e)), "usable");
  EXPECT_THAT(verdict_on_key(oids::rsassa_pss, null, rsa_numbers(n, e)), HasSubstr("not those of TLS"));
  std::vector<uint8_t> even = n;
  even.back() = 0xfe;
  const std::pair<std::vector<uint8_t>, std::vector<uint8_t>> bad[] = {{even, e},
                                                                       {n, {1}},
                                                                       {n, {0}},
                                                                       {n, {2}},
                                                                       {n, {2, 0, 0, 0, 1}},
                                                                       {n, std::vector<uint8_t>(9, 0xff)},
                                                                       {std::vector<uint8_t>(1025, 0xff), e},
                                                                       {{0}, e}};
  for (const auto& [modulus, exponent] : bad)
    EXPECT_THAT(verdict_on_key(oids::rsa_encryption, null, rsa_numbers(modulus, exponent)),
                HasSubstr("out of bounds"));
  EXPECT_THAT(verdict_on_key(oids::rsa_encryption, null, null), HasSubstr("malformed"));
}

// webpki's AlgorithmIdentifiers without their SEQUENCE: none is the algorithm of a certificate's signature.
TEST(AlgorithmTest, WebpkiRefusesTheseToo) {
  const auto paths = files_below("bad-certs/webpki/signatures", ".der");
  if (paths.empty()) GTEST_SKIP() << "missing test data: bad-certs (set BULLA_VECTORS to its folder)";
  size_t cases = 0;
  for (const std::string& path : paths) {
    if (path.find("/alg-") == std::string::npos) continue;
    const std::string content = read_text(path).value_or("");
    const auto der =
        to_der([&](DerWriter& w) { w.sequence([&](DerWriter& w) { w.raw(as_bytes(content)); }); });
    DerReader r(der);
    const x509::AlgorithmIdentifier read = x509::read_algorithm(r);
    EXPECT_TRUE(r.done()) << path;
    EXPECT_FALSE(x509::signature_algorithm_of(read)) << path;
    ++cases;
  }
  report_cases("bad-certs/webpki/signatures", cases);
}

}  // namespace
}  // namespace bulla::test
