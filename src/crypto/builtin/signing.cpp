// Which family of signatures a key belongs to.
#include "crypto/builtin/signing.h"

#include "crypto/curve25519/ed25519.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/ml_dsa/keys.h"
#include "crypto/rsa/rsa.h"

#include <algorithm>

namespace bulla::crypto {
namespace {

using enum SignatureAlgorithm;

/// A family verifies, loads and generates; it is given keys of its types and algorithms that fit them.
struct Family {
  bool (*verify_vartime)(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                         Bytes signature);
  Result<SigningKeyPtr> (*load)(const PrivateKeyMaterial& material);
  Result<PrivateKeyMaterial> (*generate)(KeyType type, unsigned rsa_bits, Random& random);
};
constexpr Family rsa_family = {verify_rsa_vartime, load_rsa, generate_rsa};
constexpr Family ecdsa_family = {
    verify_ecdsa_vartime, load_ecdsa,
    [](KeyType type, unsigned, Random& random) { return generate_ecdsa(type, random); }};
constexpr Family ed25519_family = {
    [](const PublicKeyView& key, SignatureAlgorithm, Bytes message, Bytes signature) {
      return verify_ed25519_vartime(key.point, message, signature);
    },
    load_ed25519, [](KeyType, unsigned, Random& random) { return generate_ed25519(random); }};
constexpr Family ml_dsa_family = {
    verify_ml_dsa_vartime, load_ml_dsa,
    [](KeyType type, unsigned, Random& random) { return generate_ml_dsa(type, random); }};

struct Row {
  KeyType type;
  const Family* family;
};
constexpr Row rows[] = {
    {KeyType::rsa, &rsa_family},          {KeyType::rsa_pss, &rsa_family},
    {KeyType::ec_p256, &ecdsa_family},    {KeyType::ec_p384, &ecdsa_family},
    {KeyType::ec_p521, &ecdsa_family},    {KeyType::ed25519, &ed25519_family},
    {KeyType::ml_dsa_44, &ml_dsa_family}, {KeyType::ml_dsa_65, &ml_dsa_family},
    {KeyType::ml_dsa_87, &ml_dsa_family},
};

/// All that some key allows.
constexpr SignatureAlgorithm signatures[] = {
    ecdsa_sha256,   ecdsa_sha384,   ecdsa_sha512,     ed25519,          rsa_pss_sha256,
    rsa_pss_sha384, rsa_pss_sha512, rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512,
    ml_dsa_44,      ml_dsa_65,      ml_dsa_87};

const Row* row_of(KeyType type) noexcept {
  const auto* row =
      std::find_if(std::begin(rows), std::end(rows), [&](const Row& r) { return r.type == type; });
  return row == std::end(rows) ? nullptr : row;
}

bool verify_one(const VerifyJob& job) noexcept {
  if (!job.key) return false;
  const Row* row = row_of(job.key->type);
  return row && allows(*job.key, job.algorithm) &&
         row->family->verify_vartime(*job.key, job.algorithm, job.message, job.signature);
}

void verify(std::span<VerifyJob> jobs) noexcept {
  for (VerifyJob& job : jobs) job.ok = verify_one(job);
}

Result<SigningKeyPtr> load(const PrivateKeyMaterial& material) {
  if (const Row* row = row_of(material.type)) return row->family->load(material);
  return Error{ErrorCode::bad_argument, "unknown key type"};
}

Result<PrivateKeyMaterial> generate(KeyType type, unsigned rsa_bits, Random& random) {
  if (const Row* row = row_of(type)) return row->family->generate(type, rsa_bits, random);
  return Error{ErrorCode::bad_argument, "unknown key type"};
}

}  // namespace

constexpr SignatureFunctions builtin_signing = {.verify = verify, .load = load, .generate = generate};

std::span<const SignatureAlgorithm> builtin_signatures() noexcept {
  return signatures;
}

}  // namespace bulla::crypto
