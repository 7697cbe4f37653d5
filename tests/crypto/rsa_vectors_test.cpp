// RSA of our own against the sets that the seam cannot take: raw numbers, digests instead of messages, salts
// of any length. The others run in signature_vectors_test.
#include "crypto/evp_keys.h"
#include "crypto/rsa_material.h"
#include "support/vectors.h"

#include <sstream>

namespace bulla::test {
namespace {

using crypto::rsa::hash_of;
using crypto::rsa::load_private_key;
using crypto::rsa::PrivateKey;
using crypto::rsa::public_operation_vartime;
using enum SignatureAlgorithm;

constexpr bool pss = true, pkcs1 = false;

/// "SHA-256", "sha256", "SHA256".
std::optional<SignatureAlgorithm> algorithm_of(bool is_pss, std::string_view hash) {
  if (!hash.starts_with("SHA") && !hash.starts_with("sha")) return std::nullopt;
  hash.remove_prefix(hash.size() > 3 && hash[3] == '-' ? 4 : 3);
  if (hash == "256") return is_pss ? rsa_pss_sha256 : rsa_pkcs1_sha256;
  if (hash == "384") return is_pss ? rsa_pss_sha384 : rsa_pkcs1_sha384;
  if (hash == "512") return is_pss ? rsa_pss_sha512 : rsa_pkcs1_sha512;
  return std::nullopt;
}

size_t bits_of(Bytes modulus) {
  return modulus.size() * 8 - static_cast<size_t>(std::countl_zero(modulus[0]));
}

/// The salt of a PSS encoding, whatever its length; nothing where the encoding is none. Another reading of
/// RFC 8017 §9.1.2 than ours: the separator is searched for, and all is encoded again and compared.
std::optional<ByteVector> salt_of(const HashAlgorithm& hash, Bytes digest, size_t bits, Bytes encoded) {
  const size_t size = crypto::rsa::pss_size(bits);
  if (size < encoded.size() && encoded[0] != 0) return std::nullopt;
  const ByteVector em = to_vector(encoded.last(size));
  if (size < hash.digest_size + 2u) return std::nullopt;
  ByteVector db(em.begin(), em.end() - hash.digest_size - 1);
  crypto::rsa::mgf1_xor(hash, Bytes(em).subspan(db.size(), hash.digest_size), db);
  db[0] = static_cast<uint8_t>(db[0] & (0xff >> (8 * size - (bits - 1))));
  const auto separator = std::find_if(db.begin(), db.end(), [](uint8_t b) { return b != 0; });
  if (separator == db.end()) return std::nullopt;
  ByteVector salt(separator + 1, db.end()), again(size);
  if (!crypto::rsa::pss_encode(hash, digest, salt, bits, again) || again != em) return std::nullopt;
  return salt;
}

/// Checks a signature of a digest: `good` says whether it is right with the salt that it has. Only with one
/// as long as the hash, and a modulus of at least 1024 bits, do we take it.
void check_verify(const PublicKeyView& key, SignatureAlgorithm algorithm, const ByteVector& digest,
                  const ByteVector& signature, bool good) {
  bool ours = good;
  if (crypto::rsa::public_key_defect(key.modulus, key.exponent)) {
    ours = false;
  } else if (crypto::rsa::is_pss(algorithm)) {
    ByteVector encoded(key.modulus.size());
    std::optional<ByteVector> salt;
    if (public_operation_vartime(key.modulus, key.exponent, signature, encoded))
      salt = salt_of(hash_of(algorithm), digest, bits_of(key.modulus), encoded);
    EXPECT_TRUE(salt.has_value() || !good);
    ours = good && salt && salt->size() == digest.size();
  }
  EXPECT_EQ(crypto::rsa::verify_digest_vartime(key, algorithm, digest, signature), ours);
}

// --------------------------------------------------------------------------------------------- Botan

/// Decimal, or hexadecimal after 0x.
SimpleNumber parse_number(std::string_view text) {
  if (text.starts_with("0x")) {
    std::string digits(text.size() % 2, '0');
    return SimpleNumber::of_bytes(from_hex(digits + std::string(text.substr(2))));
  }
  SimpleNumber out;
  for (const char c : text) out = out * 10 + static_cast<uint64_t>(c - '0');
  return out;
}

/// A line that asks for something, and all fields that hold there.
struct Botan {
  std::string section;
  std::map<std::string, std::string> fields;

  ByteVector bytes(const char* name) const {
    const auto field = fields.find(name);
    if (field == fields.end()) return {};
    std::string digits(field->second.size() % 2, '0');
    return from_hex(digits + field->second);
  }
  SimpleNumber number(const char* name) const { return parse_number(fields.at(name)); }
  /// The hash in "PSS(SHA-256)".
  std::string hash() const {
    const size_t open = section.find('(');
    return open == std::string::npos ? "" : section.substr(open + 1, section.find_first_of(",)") - open - 1);
  }
};

/// Calls `run(botan)` at each line named `last`; it returns whether the case is in our scope.
template <class Run>
void each_botan(const std::string& set, const std::string& last, Run run) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  Botan botan;
  size_t cases = 0, out_of_scope = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.starts_with("[")) botan.section = line.substr(1, line.size() - 2);
    const size_t equals = line.find(" =");
    if (line.starts_with("#") || line.starts_with("[") || equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals);
    botan.fields[name] = line.size() > equals + 3 ? line.substr(equals + 3) : "";
    if (name != last) continue;
    SCOPED_TRACE(set + " case " + std::to_string(cases + out_of_scope));
    ++(run(botan) ? cases : out_of_scope);
    botan.fields.erase("Nonce");
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (hash, padding or size that is not ours)", out_of_scope);
}

std::optional<SignatureAlgorithm> algorithm_of(const Botan& b) {
  if (b.section.starts_with("PSS(")) return algorithm_of(pss, b.hash());
  if (b.section.starts_with("PKCS1v15(")) return algorithm_of(pkcs1, b.hash());
  return std::nullopt;
}

ByteVector digest_of(SignatureAlgorithm algorithm, Bytes message) {
  return to_vector(crypto::rsa::digest_of(algorithm, message).view());
}

/// Signs what Botan signed, with the salt that Botan had.
bool botan_sign(const Botan& b) {
  const auto algorithm = b.fields.contains("Hash") ? algorithm_of(pss, b.fields.at("Hash")) : algorithm_of(b);
  const bool raw = b.section == "Raw";
  if (!raw && !algorithm) return false;
  const auto key = load_private_key(material_of(b.number("P"), b.number("Q"), b.number("E")));
  if (!key) {
    EXPECT_EQ(key.error().code, ErrorCode::private_key_unsupported);
    EXPECT_LT((b.number("P") * b.number("Q")).limb_count(), 17u);
    return false;
  }
  const size_t size = (key->n.bits() + 7) / 8;
  const ByteVector message = b.bytes("Msg"), signature = to_size(b.bytes("Signature"), size);
  ByteVector encoded(size);
  if (raw) {
    encoded = to_size(message, size);
  } else if (crypto::rsa::is_pss(*algorithm)) {
    EXPECT_TRUE(crypto::rsa::pss_encode(hash_of(*algorithm), digest_of(*algorithm, message), b.bytes("Nonce"),
                                        key->n.bits(),
                                        MutBytes(encoded).last(crypto::rsa::pss_size(key->n.bits()))));
  } else {
    EXPECT_TRUE(crypto::rsa::pkcs1_encode(hash_of(*algorithm).id, digest_of(*algorithm, message), encoded));
  }
  EXPECT_EQ(raw_signature(*key, encoded), signature);
  return true;
}
TEST(RsaVectors, botan_signing) {
  each_botan("nist/botan-text/rsa_sig.vec", "Signature", botan_sign);
}
TEST(RsaVectors, botan_pss_signing) {
  each_botan("nist/botan-text/rsa_pss.vec", "Signature", botan_sign);
}

bool botan_verify(const Botan& b, bool good) {
  const auto algorithm = algorithm_of(b);
  const bool raw = b.section == "Raw";
  const ByteVector n = b.number("N").bytes(), e = b.number("E").bytes(), message = b.bytes("Msg");
  if ((!raw && !algorithm) || crypto::rsa::public_key_defect(n, e)) return false;
  ByteVector signature = b.bytes(good ? "Signature" : "InvalidSignature");
  if (raw) {
    ByteVector encoded(n.size());
    EXPECT_TRUE(public_operation_vartime(n, e, to_size(signature, n.size()), encoded));
    EXPECT_EQ(encoded, to_size(message, n.size()));
    return true;
  }
  if (good) signature = to_size(signature, n.size());
  check_verify({.type = KeyType::rsa, .modulus = n, .exponent = e}, *algorithm,
               digest_of(*algorithm, message), signature, good);
  return true;
}
TEST(RsaVectors, botan_verifying) {
  each_botan("nist/botan-text/rsa_verify.vec", "Signature",
             [](const Botan& b) { return botan_verify(b, true); });
}
TEST(RsaVectors, botan_invalid_signatures) {
  each_botan("nist/botan-text/rsa_invalid.vec", "InvalidSignature",
             [](const Botan& b) { return botan_verify(b, false); });
}

// ------------------------------------------------------------------------- BoringSSL and OpenSSL, by digest

/// What one Verify or Sign block says.
struct Question {
  std::string_view key = {}, hash = {}, mgf_hash = {};
  bool is_pss = false;
  ByteVector digest = {}, signature = {};
  bool good = true;
};

struct Counts {
  size_t cases = 0, other = 0;
};

void ask_verify(const Keys& keys, const Question& q, Counts& counts) {
  const auto key = keys.find(q.key);
  const auto algorithm = algorithm_of(q.is_pss, q.hash);
  if (!key || !algorithm || q.mgf_hash != q.hash) {
    ++counts.other;
    return;
  }
  check_verify(*key, *algorithm, q.digest, q.signature, q.good);
  ++counts.cases;
}

/// PKCS#1 v1.5 only: a PSS signature's salt is not told.
void ask_sign(const Keys& keys, const Question& q, Counts& counts) {
  const auto material = keys.materials.find(q.key);
  const auto algorithm = algorithm_of(pkcs1, q.hash);
  if (material == keys.materials.end() || !algorithm || q.is_pss || q.signature.empty()) {
    ++counts.other;
    return;
  }
  const auto key = load_private_key(material->second);
  ASSERT_TRUE(key);
  ByteVector encoded(material->second.modulus.size());
  EXPECT_TRUE(crypto::rsa::pkcs1_encode(hash_of(*algorithm).id, q.digest, encoded));
  EXPECT_EQ(raw_signature(*key, encoded), q.signature);
  ++counts.cases;
}

TEST(RsaVectors, boringssl) {
  const std::string set = "nist/boringssl-text/rsa_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  Keys keys;
  Counts counts;
  for (const Block& block : parse_blocks(*text)) {
    const bool fails = block.has("Error");
    if (block.has("Key")) {
      const std::string name(block.text("Key"));
      if (block.has("SPKI")) keys.spki[name] = block.bytes("SPKI");
      const auto material =
          parse_private_key(block.has("PKCS8") ? block.bytes("PKCS8") : block.bytes("RSAPrivateKey"), {});
      if (material) {
        keys.materials.insert_or_assign(name, copy_of(*material));
        keys.materials.insert_or_assign(name + "/Private", copy_of(*material));
      }
      continue;
    }
    Question q{.hash = block.text("Digest"), .is_pss = block.text("RSAPadding") == "PSS"};
    q.mgf_hash = block.has("MGF1Digest") ? block.text("MGF1Digest") : q.hash;
    if (block.text("RSAPadding") == "None") q.hash = "";
    q.good = !fails;
    for (const char* verb : {"Verify", "Sign"}) {
      if (!block.has(verb)) continue;
      SCOPED_TRACE(set + ' ' + std::string(block.text(verb)) + ' ' + std::string(block.text("Output")));
      q.key = block.text(verb);
      q.digest = block.bytes("Input");
      q.signature = block.has("Output") ? block.bytes("Output") : ByteVector();
      // Salts of other lengths are errors there by parameter; the signature may be right by its own salt.
      if (std::string_view(verb) == "Verify" && fails && block.text("Error").starts_with("SLEN")) {
        EXPECT_FALSE(keys.find(q.key) && algorithm_of(pss, q.hash) &&
                     block.text("PSSSaltLength") == std::to_string(q.digest.size()) &&
                     crypto::rsa::verify_digest_vartime(*keys.find(q.key), *algorithm_of(pss, q.hash),
                                                        q.digest, q.signature));
        ++counts.cases;
      } else if (std::string_view(verb) == "Verify") {
        ask_verify(keys, q, counts);
      } else if (!fails) {
        ask_sign(keys, q, counts);
      } else {
        ++counts.other;
      }
    }
  }
  EXPECT_GT(counts.cases, 10u);
  report_cases(set, counts.cases);
  report_cases(set + " (SHA-1, encryption, or key that is not ours)", counts.other);
}

void openssl_evp(const std::string& set) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  Keys keys;
  Counts counts;
  for (const Block& block : parse_blocks(take_pem(*text, keys))) {
    for (const std::string_view verb : {"Verify", "Sign", "DigestVerify", "DigestSign"}) {
      if (!block.has(verb)) continue;
      SCOPED_TRACE(set + ' ' + std::string(block.text(verb)) + ' ' + std::string(block.text("Output")));
      const bool hashed = !verb.starts_with("Digest");
      const std::string_view mode = control(block, "rsa_padding_mode"), result = block.text("Result");
      Question q{.key = block.text(hashed ? verb : "Key"),
                 .hash = hashed ? control(block, "digest") : block.text(verb),
                 .is_pss = mode == "pss"};
      q.mgf_hash = control(block, "rsa_mgf1_md").empty() ? q.hash : control(block, "rsa_mgf1_md");
      q.good = result.empty();
      const auto algorithm = algorithm_of(q.is_pss, q.hash);
      if (!algorithm || (!mode.empty() && !q.is_pss) || (!result.empty() && result != "VERIFY_ERROR")) {
        ++counts.other;
        continue;
      }
      q.digest = hashed ? block.bytes("Input") : digest_of(*algorithm, message_of(block));
      q.signature = block.has("Output") ? block.bytes("Output") : ByteVector();
      verb.ends_with("Verify") ? ask_verify(keys, q, counts) : ask_sign(keys, q, counts);
    }
  }
  EXPECT_GT(counts.cases, 10u);
  report_cases(set, counts.cases);
  report_cases(set + " (SHA-1, MD5, parameters or key that are not ours)", counts.other);
}
// evppkey_rsa.txt beside it has SHA-1, MD5 and MDC2 only.
TEST(RsaVectors, openssl_evp) {
  openssl_evp("nist/openssl-evp/evppkey_rsa_common.txt");
}
// ----------------------------------------------------------------------------------------------- NIST

// Signed without salt, so that ours refuses them, although they are right.
TEST(RsaVectors, nist_pss_signing) {
  const std::string set = "nist/rsa/SigGenPSS_186-3.rsp";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  ByteVector modulus, exponent;
  size_t cases = 0, other = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("n")) modulus = without_leading_zeros(block.bytes("n"));
    if (block.has("e")) exponent = without_leading_zeros(block.number("e"));
    if (!block.has("S")) continue;
    const auto algorithm = algorithm_of(pss, block.text("SHAAlg"));
    if (!algorithm) {
      ++other;
      continue;
    }
    SCOPED_TRACE(set + " case " + std::to_string(cases));
    check_verify({.type = KeyType::rsa, .modulus = modulus, .exponent = exponent}, *algorithm,
                 digest_of(*algorithm, block.bytes("Msg")), block.bytes("S"), true);
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (SHA-1, SHA-224)", other);
}

}  // namespace
}  // namespace bulla::test
