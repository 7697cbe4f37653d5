// Signatures: loading keys, signing, making keys.
#include "constant_time/derived.h"
#include "constant_time/key_files.h"
#include "constant_time/run.h"
#include "crypto/bignum/modulus.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/ml_dsa/ml_dsa.h"
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"
#include "crypto/wipe_stack.h"
#include "x509/private_key.h"

#include <bulla/certificate.h>

namespace bulla::constant_time {
namespace {

constexpr uint8_t message[] = {'m', 'e', 's', 's', 'a', 'g', 'e'};

// ------------------------------------------------------------------------- any key behind the seam

using Material = PrivateKeyMaterial (*)(Run& run);

SigningKeyPtr loaded(Run& run, const PrivateKeyMaterial& material) {
  auto key = run.provider().signing.load(material);
  run.expect(key.ok(), "a key is loaded");
  return *key;
}

template <Material material>
void load(Run& run) {
  const PrivateKeyMaterial m = material(run);
  tell_key(run, m);
  run.before_public("a public key");
  const SigningKeyPtr key = loaded(run, m);
  run.made_public(m.type == KeyType::rsa ? Bytes{} : key->public_key().point);
}

template <Material material, SignatureAlgorithm algorithm>
void sign(Run& run) {
  const PrivateKeyMaterial m = material(run);
  const SigningKeyPtr key = loaded(run, m);
  SignJob job{.algorithm = algorithm, .message = message};
  tell_key(run, m);
  tell_nonce(run, m, algorithm, message);
  run.before_public("a signature");
  key->sign(run.random(), {&job, 1});
  run.expect(job.ok, "a signature is made");
  run.made_public(job.signature);
  if (run.is_searched()) return;
  const PublicKeyView view = key->public_key();
  VerifyJob check{.key = &view, .algorithm = algorithm, .message = message, .signature = job.signature};
  run.provider().signing.verify({&check, 1});
  run.expect(check.ok, "a signature verifies");
}

/// Several with one key, which a kernel may make side by side.
template <Material material, SignatureAlgorithm algorithm, size_t count>
void sign_batch(Run& run) {
  const PrivateKeyMaterial m = material(run);
  const SigningKeyPtr key = loaded(run, m);
  std::array<SignJob, count> jobs;
  jobs.fill({.algorithm = algorithm, .message = message});
  tell_key(run, m);
  run.before_public("a signature");
  key->sign(run.random(), jobs);
  for (const SignJob& job : jobs) run.expect(job.ok, "a signature is made");
  run.made_public(jobs.back().signature);
}

// ------------------------------------------------------------------------------------ elliptic curves

template <KeyType type>
PrivateKeyMaterial fresh(Run& run) {
  auto material = run.provider().signing.generate(type, 0, run.random());
  run.expect(material.ok(), "a key is made");
  return *std::move(material);
}

template <KeyType type>
void generate(Run& run) {
  tell_next_key(run, type);
  run.before_public("a public key");
  const PrivateKeyMaterial m = fresh<type>(run);
  run.made_public(m.point);
  run.stays_secret(m.scalar.reveal());
}

/// The parts of ECDSA that hand out nothing public: here a checker must still know what is secret. (A digest
/// is none; it stands for a number.)
template <KeyType type>
void digest_number(Run& run) {
  const crypto::EcdsaCurve& curve = *crypto::ecdsa::curve_of(type);
  const std::array<uint8_t, 64> digest = {0x9f, 1, 2, 3};
  run.count_as_secret(digest);
  SecretBytes e(curve.size);
  curve.digest_number(digest, e.writable());
  run.conceals(e.reveal().last(32));
}
template <KeyType type>
void random_scalar(Run& run) {
  const crypto::EcdsaCurve& curve = *crypto::ecdsa::curve_of(type);
  const SecretBytes scalar = curve.random_scalar(run.random());
  run.stays_secret(scalar.reveal().last(32));
}

using enum SignatureAlgorithm;

template <KeyType type>
constexpr Operation ecdsa[] = {
    {"load", load<fresh<type>>},
    {"sign_sha256", sign<fresh<type>, ecdsa_sha256>},
    {"sign_sha384", sign<fresh<type>, ecdsa_sha384>},
    {"sign_sha512", sign<fresh<type>, ecdsa_sha512>},
    {"sign_batch", sign_batch<fresh<type>, ecdsa_sha256, 3>},
    {"generate", generate<type>},
    {"digest_number", digest_number<type>},
    {"random_scalar", random_scalar<type>},
};
/// Enough for the lanes of a kernel.
void ed25519_sign_batch(Run& run) {
  const PrivateKeyMaterial m = fresh<KeyType::ed25519>(run);
  const SigningKeyPtr key = loaded(run, m);
  std::array<SignJob, 3> jobs;
  jobs.fill({.algorithm = ed25519, .message = message});
  tell_nonce(run, m, ed25519, message);
  run.before_public("a signature");
  key->sign(run.random(), jobs);
  for (const SignJob& job : jobs) run.expect(job.ok, "a signature is made");
  run.made_public(jobs.back().signature);
}

constexpr Operation of_ed25519[] = {
    {"load", load<fresh<KeyType::ed25519>>},
    {"sign", sign<fresh<KeyType::ed25519>, ed25519>},
    {"sign_batch", ed25519_sign_batch},
    {"generate", generate<KeyType::ed25519>},
};

// ------------------------------------------------------------------------------------------------ RSA

PrivateKeyMaterial rsa_material(Run& run) {
  auto m = parse_private_key(test_file("rsa.pem").reveal(), "", run.provider());
  run.expect(m.ok(), "the test key is read");
  for (const SecretBytes* part :
       {&m->private_exponent, &m->prime1, &m->prime2, &m->exponent1, &m->exponent2, &m->coefficient})
    run.mark(*part);
  return *std::move(m);
}

void rsa_load(Run& run) {
  run.before_public("whether a key is consistent");
  const PrivateKeyMaterial m = rsa_material(run);
  const uint8_t ok = run.provider().signing.load(m).ok();
  run.made_public({&ok, 1});
  run.expect(ok, "a key is loaded");
}

[[gnu::noinline]] void multiply_and_raise(Run& run) {
  using namespace crypto::bignum;
  constexpr size_t limbs = 16;
  const SecretBytes bytes = run.secret(3 * limbs * sizeof(Limb));
  SecretLimbs m(limbs), a(limbs), b(limbs), product(limbs);
  load(m, bytes.reveal().first(limbs * sizeof(Limb)));
  load(a, bytes.reveal().subspan(limbs * sizeof(Limb), limbs * sizeof(Limb)));
  load(b, bytes.reveal().last(limbs * sizeof(Limb)));
  // A secret modulus, but with bits that make it odd and full: whether it is may be known.
  m[0] = 0xf001, m[limbs - 1] = ~Limb{0};
  a[limbs - 1] = b[limbs - 1] = 1;
  const Modulus modulus(m);
  modulus.multiply(product, a, b);
  run.stays_secret({reinterpret_cast<const uint8_t*>(product.data()), limbs * sizeof(Limb)});
  modulus.square(product, product);
  run.stays_secret({reinterpret_cast<const uint8_t*>(product.data()), limbs * sizeof(Limb)});
  modulus.power(product, a, b);
  run.stays_secret({reinterpret_cast<const uint8_t*>(product.data()), limbs * sizeof(Limb)});
}

/// What a kernel of the big numbers does, with nothing around it but the wiping, which is the callers' work.
void montgomery(Run& run) {
  multiply_and_raise(run);
  crypto::wipe_stack<crypto::rsa::stack_depth>();
}

void rsa_generate(Run& run) {
  run.before_public("the public key");
  auto m = run.provider().signing.generate(KeyType::rsa, 2048, run.random());
  run.expect(m.ok(), "a key is made");
  run.made_public(m->modulus);
  run.stays_secret(m->prime1.reveal().last(64));
}

constexpr Operation rsa[] = {
    {"montgomery", montgomery},
    {"load", rsa_load},
    {"sign_pkcs1", sign<rsa_material, rsa_pkcs1_sha256>},
    {"sign_pss", sign<rsa_material, rsa_pss_sha512>},
    {"sign_batch", sign_batch<rsa_material, rsa_pkcs1_sha256, crypto::rsa::most_jobs>},
    {"generate", rsa_generate, true},
};

// --------------------------------------------------------------------------------------------- ML-DSA

template <const crypto::ml_dsa::Parameters& with>
void ml_dsa_expand(Run& run) {
  const SecretBytes seed = run.secret(crypto::ml_dsa::seed_size);
  tell_ml_dsa_key(run, with, seed.reveal());
  run.before_public("a public key");
  const auto keys = crypto::ml_dsa::generate(with, seed.reveal());
  run.made_public(keys.public_key);
  run.stays_secret(keys.private_key.reveal().last(64));
}

/// A key of which the seed is not known: rho and the hash of the public key are no secrets of it.
template <KeyType type, const crypto::ml_dsa::Parameters& with>
void ml_dsa_load_expanded(Run& run) {
  const std::array<uint8_t, crypto::ml_dsa::seed_size> seed = {0x5e, 0xed};
  PrivateKeyMaterial m{.type = type};
  m.expanded = crypto::ml_dsa::generate(with, seed).private_key;
  crypto::wipe_stack<size_t{1} << 16>();
  run.hide(m.expanded.reveal().subspan(32, 32));
  run.hide(m.expanded.reveal().subspan(128));
  run.before_public("a public key");
  const SigningKeyPtr key = loaded(run, m);
  run.made_public(key->public_key().point);
}

constexpr Operation ml_dsa[] = {
    {"expand_44", ml_dsa_expand<crypto::ml_dsa::ml_dsa_44>, true},
    {"expand_65", ml_dsa_expand<crypto::ml_dsa::ml_dsa_65>, true},
    {"expand_87", ml_dsa_expand<crypto::ml_dsa::ml_dsa_87>, true},
    {"load_44", load<fresh<KeyType::ml_dsa_44>>, true},
    {"load_65", load<fresh<KeyType::ml_dsa_65>>},
    {"load_87", load<fresh<KeyType::ml_dsa_87>>, true},
    {"load_expanded_44", ml_dsa_load_expanded<KeyType::ml_dsa_44, crypto::ml_dsa::ml_dsa_44>, true},
    {"load_expanded_65", ml_dsa_load_expanded<KeyType::ml_dsa_65, crypto::ml_dsa::ml_dsa_65>},
    {"load_expanded_87", ml_dsa_load_expanded<KeyType::ml_dsa_87, crypto::ml_dsa::ml_dsa_87>, true},
    {"sign_44", sign<fresh<KeyType::ml_dsa_44>, ml_dsa_44>, true},
    {"sign_65", sign<fresh<KeyType::ml_dsa_65>, ml_dsa_65>},
    {"sign_87", sign<fresh<KeyType::ml_dsa_87>, ml_dsa_87>, true},
    {"generate_44", generate<KeyType::ml_dsa_44>, true},
    {"generate_65", generate<KeyType::ml_dsa_65>},
    {"generate_87", generate<KeyType::ml_dsa_87>, true},
};

}  // namespace

std::span<const Operation> ecdsa_operations(KeyType type) noexcept {
  switch (type) {
    case KeyType::ec_p256: return ecdsa<KeyType::ec_p256>;
    case KeyType::ec_p384: return ecdsa<KeyType::ec_p384>;
    case KeyType::ec_p521: return ecdsa<KeyType::ec_p521>;
    default: return {};
  }
}
std::span<const Operation> ed25519_operations() noexcept {
  return of_ed25519;
}
std::span<const Operation> rsa_operations() noexcept {
  return rsa;
}
std::span<const Operation> ml_dsa_operations() noexcept {
  return ml_dsa;
}

}  // namespace bulla::constant_time
