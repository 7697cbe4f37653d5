// ECDSA against the sets outside the tree.
#include "crypto/ecdsa/der.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/nist_curves.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// r || s, each as long as the field; empty where the bytes are no signature in DER.
ByteVector joined(Bytes signature, size_t size) {
  const auto [r, s] = ecdsa::read_signature(signature);
  if (r.empty()) return {};
  ByteVector out = to_size(to_vector(r), size);
  const ByteVector second = to_size(to_vector(s), size);
  out.insert(out.end(), second.begin(), second.end());
  return out;
}

std::optional<SignatureAlgorithm> algorithm_of(std::string_view hash) {
  if (hash == "SHA-256") return SignatureAlgorithm::ecdsa_sha256;
  if (hash == "SHA-384") return SignatureAlgorithm::ecdsa_sha384;
  if (hash == "SHA-512") return SignatureAlgorithm::ecdsa_sha512;
  return std::nullopt;
}

TEST(EcdsaVectors, wycheproof) {
  for (const char* name : {"secp256r1_sha256", "secp256r1_sha512", "secp384r1_sha256", "secp384r1_sha384",
                           "secp384r1_sha512", "secp521r1_sha512"}) {
    const std::string set = std::string("wycheproof/ecdsa_") + name + "_test.json";
    const auto json = load_json(set);
    BULLA_NEED_VECTORS(json, set);
    const NistCurve curve = *nist_curve(name);
    size_t cases = 0;
    for (const auto& group : json->at("testGroups").as_array()) {
      const auto algorithm = algorithm_of(text_of(group, "sha"));
      ASSERT_TRUE(algorithm);
      const ByteVector point = from_hex(text_of(group.at("publicKey"), "uncompressed"));
      for (const auto& test : group.at("tests").as_array()) {
        EXPECT_EQ(verify_ecdsa_vartime({.type = curve.type, .point = point}, *algorithm,
                                       from_hex(text_of(test, "msg")), from_hex(text_of(test, "sig"))),
                  text_of(test, "result") == "valid")
            << set << " tcId " << test.at("tcId");
        ++cases;
      }
    }
    EXPECT_GT(cases, 0u);
    report_cases(set, cases);
  }
}

TEST(EcdsaVectors, botan_rfc6979) {
  const std::string set = "nist/botan-text/ecdsa_rfc6979.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  std::string group, d, message, hash;
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    for (const auto& [key, value] : block.values) {
      if (key == "Group") group = value;
      if (key == "X") d = value;
      if (key == "Msg") message = value;
      if (key == "Hash") hash = value;
      if (key != "Signature") continue;
      const auto curve = nist_curve(group);
      const auto algorithm = algorithm_of(hash);
      if (!curve || !algorithm) {
        ++others;
        continue;
      }
      each_kernel(curve->ecdsa, [&](const EcdsaCurve& kernel) {
        const ByteVector signature =
            ecdsa::sign(kernel, *ecdsa::hash_of(*algorithm), to_size(prefixed_hex(d), curve->size),
                        from_hex(message), {});
        EXPECT_EQ(joined(signature, curve->size), from_hex(value)) << group << ' ' << hash;
      });
      ++cases;
    }
  }
  EXPECT_GE(cases, 18u);
  report_cases(set, cases);
  report_cases(set + " (curves and hashes that we do not have)", others);
}

/// The digest's number, then r and s with the nonce that is given.
void check_signing(const NistCurve& curve, const EcdsaCurve& kernel, const Block& block, Bytes digest,
                   const char* d, const char* k) {
  const auto number = [&](const char* key) { return to_size(block.number(key), curve.size); };
  ByteVector e(curve.size), r(curve.size), s(curve.size);
  kernel.digest_number(digest, e);
  ASSERT_TRUE(kernel.sign_one(number(d), number(k), e, r, s));
  EXPECT_EQ(r, number("R"));
  EXPECT_EQ(s, number("S"));
  EXPECT_TRUE(kernel.verify_vartime(public_point(kernel, number(d)), e, r, s));
}

TEST(EcdsaVectors, nist_signing_with_given_nonces) {
  const std::string set = "nist/ecdsa/SigGen.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Msg")) continue;
    const auto curve = nist_curve(block.section);
    const auto algorithm = algorithm_of(std::string_view(block.section).substr(block.section.find(',') + 1));
    if (!curve || !algorithm) {
      ++others;
      continue;
    }
    SCOPED_TRACE(block.section + " case " + std::to_string(cases));
    each_kernel(curve->ecdsa, [&](const EcdsaCurve& kernel) {
      check_signing(*curve, kernel, block, digest(*ecdsa::hash_of(*algorithm), block.bytes("Msg")), "d", "k");
    });
    ++cases;
  }
  EXPECT_EQ(cases, 3u * 3u * 15u);
  report_cases(set, cases);
  report_cases(set + " (curves and hashes that we do not have)", others);
}

TEST(EcdsaVectors, boringssl_signing_with_given_nonces) {
  const std::string set = "nist/boringssl-text/ecdsa_sign_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = nist_curve(block.text("Curve"));
    if (!curve) {
      ++others;
      continue;
    }
    SCOPED_TRACE(set + " case " + std::to_string(cases));
    each_kernel(curve->ecdsa, [&](const EcdsaCurve& kernel) {
      check_signing(*curve, kernel, block, block.bytes("Digest"), "Private", "K");
    });
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (curves that we do not have)", others);
}

TEST(EcdsaVectors, boringssl_verification) {
  const std::string set = "nist/boringssl-text/ecdsa_verify_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = nist_curve(block.text("Curve"));
    if (!curve) {
      ++others;
      continue;
    }
    SCOPED_TRACE(set + " case " + std::to_string(cases));
    const bool valid = !block.has("Invalid");
    const ByteVector r = without_leading_zeros(block.bytes("R")), s = without_leading_zeros(block.bytes("S"));
    each_kernel(curve->ecdsa, [&](const EcdsaCurve& kernel) {
      ByteVector e(curve->size);
      kernel.digest_number(block.bytes("Digest"), e);
      const bool ok = r.size() <= curve->size && s.size() <= curve->size &&
                      kernel.verify_vartime(uncompressed(block.bytes("X"), block.bytes("Y"), curve->size), e,
                                            to_size(r, curve->size), to_size(s, curve->size));
      EXPECT_EQ(ok, valid);
    });
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (curves that we do not have)", others);
}

TEST(EcdsaVectors, nist_verification) {
  const std::string set = "nist/ecdsa/SigVer.rsp";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("R")) continue;
    const auto curve = nist_curve(block.section);
    const auto algorithm = algorithm_of(std::string_view(block.section).substr(block.section.find(',') + 1));
    if (!curve || !algorithm) {
      ++others;
      continue;
    }
    const ByteVector point = uncompressed(block.number("Qx"), block.number("Qy"), curve->size);
    EXPECT_EQ(verify_ecdsa_vartime({.type = curve->type, .point = point}, *algorithm, block.bytes("Msg"),
                                   ecdsa::write_signature(block.number("R"), block.number("S"))),
              block.text("Result").starts_with("P"))
        << block.section << " case " << cases;
    ++cases;
  }
  EXPECT_EQ(cases, 3u * 3u * 15u);
  report_cases(set, cases);
  report_cases(set + " (curves and hashes that we do not have)", others);
}

}  // namespace
}  // namespace bulla::test
