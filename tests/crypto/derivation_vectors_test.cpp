// HMAC, HKDF and the TLS 1.2 PRF against the sets that BoringSSL, OpenSSL and Botan keep.
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/one_shot.h"
#include "crypto/tls12_prf.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

/// Calls `run(block)` for each block with an output; it returns false where the case is not ours.
template <class Run>
void each_output(const std::string& set, std::string_view label, std::string_view not_ours, Run run) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Output") && !block.has("Result")) continue;
    SCOPED_TRACE(set + " case " + std::to_string(cases + others));
    ++(run(block) ? cases : others);
  }
  EXPECT_GT(cases, 0u);
  report_cases(set + std::string(label), cases);
  if (others) report_cases(set + " (" + std::string(not_ours) + ")", others);
}

bool hmac_case(const Block& block, std::string_view hash_name) {
  const HashAlgorithm* hash = hash_named(hash_name);
  if (!hash) return false;
  ByteVector mac(hash->digest_size);
  hmac(*hash, block.bytes("Key"), block.bytes("Input"), mac);
  EXPECT_EQ(mac, block.bytes("Output"));
  return true;
}
TEST(HmacVectors, boringssl) {
  each_output("nist/boringssl-text/hmac_tests.txt", "", "MD5, SHA-224",
              [](const Block& block) { return hmac_case(block, block.text("HMAC")); });
}
TEST(HmacVectors, openssl_evp) {
  each_output("nist/openssl-evp/evpmac_common.txt", " HMAC", "another MAC or hash, misuse of the EVP call",
              [](const Block& block) {
                return block.text("MAC").starts_with("HMAC") && !block.has("Result") &&
                       hmac_case(block, block.text("Algorithm"));
              });
}

ByteVector extracted(const HashAlgorithm& hash, Bytes salt, Bytes ikm) {
  ByteVector prk(hash.digest_size);
  hkdf_extract(hash, salt, ikm, prk);
  return prk;
}
ByteVector expanded(const HashAlgorithm& hash, Bytes prk, Bytes info, size_t size) {
  ByteVector okm(size);
  hkdf_expand(hash, prk, info, okm);
  return okm;
}

/// All `Ctrl.name = hexkey:00ff` lines of OpenSSL's files as one string of bytes.
ByteVector controls(const Block& block, std::string_view name) {
  ByteVector out;
  for (const auto& [key, value] : block.values) {
    if (key != name) continue;
    const size_t colon = value.find(':');
    EXPECT_TRUE(value.starts_with("hex") || colon + 1 == value.size()) << value;
    const ByteVector part = from_hex(std::string_view(value).substr(colon + 1));
    out.insert(out.end(), part.begin(), part.end());
  }
  return out;
}

TEST(HkdfVectors, openssl_evp) {
  each_output("nist/openssl-evp/evpkdf_hkdf.txt", "", "misuse of the EVP call", [](const Block& block) {
    if (block.has("Result")) return false;
    const HashAlgorithm& hash =
        *hash_named(block.text("Ctrl.digest").substr(std::string_view("digest:").size()));
    const std::string_view mode = block.text("Ctrl.mode");
    const ByteVector wanted = block.bytes("Output");
    ByteVector key = controls(block, "Ctrl.IKM");
    if (mode != "mode:EXPAND_ONLY") key = extracted(hash, controls(block, "Ctrl.salt"), key);
    if (mode != "mode:EXTRACT_ONLY") key = expanded(hash, key, controls(block, "Ctrl.info"), wanted.size());
    EXPECT_EQ(key, wanted);
    return true;
  });
}

/// What stands between the innermost brackets of "HKDF(HMAC(SHA-256))".
std::string_view innermost(std::string_view section) {
  section.remove_prefix(section.rfind('(') + 1);
  return section.substr(0, section.find(')'));
}

TEST(HkdfVectors, botan) {
  each_output("nist/botan-text/hkdf.vec", "", "another hash", [](const Block& block) {
    const HashAlgorithm* hash = hash_named(innermost(block.section));
    if (!hash) return false;
    const ByteVector wanted = block.bytes("Output"), salt = block.bytes("Salt");
    ByteVector key = block.bytes("Secret"), info = block.bytes("Label");
    if (block.section.starts_with("HKDF-Expand")) {
      info.insert(info.end(), salt.begin(), salt.end());  // a salt is part of what is expanded there
    } else {
      key = extracted(*hash, salt, key);
    }
    if (!block.section.starts_with("HKDF-Extract")) key = expanded(*hash, key, info, wanted.size());
    key.resize(std::min(key.size(), wanted.size()));  // Botan cuts what is extracted, too
    EXPECT_EQ(key, wanted);
    return true;
  });
}

TEST(Tls12PrfVectors, botan) {
  each_output("nist/botan-text/tls_prf.vec", "", "TLS 1.0 and 1.1, SHA-224", [](const Block& block) {
    const HashAlgorithm* hash = hash_named(innermost(block.section));
    if (!block.section.starts_with("TLS-12-PRF") || !hash) return false;
    const ByteVector label = block.bytes("Label");
    ByteVector out(block.bytes("Output").size());
    tls12_prf(*hash, block.bytes("Secret"),
              std::string_view(reinterpret_cast<const char*>(label.data()), label.size()),
              {block.bytes("Salt")}, out);
    EXPECT_EQ(out, block.bytes("Output"));
    return true;
  });
}

}  // namespace
}  // namespace bulla::test
