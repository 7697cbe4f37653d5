#include "base/ct.h"
#include "constant_time/key_files.h"
#include "constant_time/run.h"
#include "constant_time/timing.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/ml_kem/ml_kem.h"

#include <bulla/certificate.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>

namespace bulla::constant_time {
namespace {

using Input = std::vector<uint8_t>;

/// Secrets are bytes: `make` gives one of a class, `use` is what is measured.
class BytesTarget final : public Target {
 public:
  BytesTarget(std::string name, const std::function<Input(size_t which)>& make,
              std::function<void(MutBytes)> use)
      : name_(std::move(name)), use_(std::move(use)) {
    const Input fixed = make(0);
    for (size_t i = 0; i < inputs; ++i) {
      pool_[0].push_back(fixed);
      pool_[1].push_back(make(1));
    }
    work_ = fixed;
  }

  std::string name() const override { return name_; }
  void prepare(size_t which, size_t input) override { std::ranges::copy(pool_[which][input], work_.begin()); }
  void run() override { use_(work_); }

 private:
  std::string name_;
  std::function<void(MutBytes)> use_;
  std::vector<Input> pool_[2];
  Input work_;
};

/// The program's own provider, by the kernels that this machine picks.
const Provider& provider() {
  return builtin_provider();
}

Input random_bytes(size_t size) {
  Input out(size);
  provider().random->fill(out);
  return out;
}

void need(bool holds) {
  if (!holds) std::abort();
}

volatile bool sink;

/// What must not be written: it stops at the first difference. It is here to be found.
[[gnu::noinline]] bool leaking_equal(Bytes a, Bytes b) noexcept {
  for (size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

using Made = std::unique_ptr<Target>;

template <auto equal>
Made comparison(const char* name) {
  const Input secret = random_bytes(32);
  return std::make_unique<BytesTarget>(
      name, [=](size_t which) { return which == 0 ? secret : random_bytes(32); },
      [=](MutBytes guess) { sink = equal(secret, guess); });
}

/// A record whose tag is wrong: in its last bit, or altogether.
Made forged_record(AeadId id) {
  const AeadAlgorithm& aead = *provider().aead(id);
  const std::shared_ptr<AeadKey> key = aead.make_key(random_bytes(aead.key_size));
  Input sealed(64 + aead_tag_size);
  const Bytes text[] = {Bytes(sealed).first(64)};
  key->seal(sealed, AeadNonce{}, {}, text);
  const auto forge = [=](size_t which) {
    Input out = sealed;
    const Input tag = random_bytes(aead_tag_size);
    if (which == 0)
      out.back() ^= 1;
    else
      std::ranges::copy(tag, out.end() - aead_tag_size);
    return out;
  };
  return std::make_unique<BytesTarget>(std::string(aead.name) + " open, wrong tag", forge,
                                       [=](MutBytes record) { sink = key->open(record, AeadNonce{}, {}); });
}

/// A key is expanded, and seals a short record.
Made sealed_record(AeadId id) {
  const AeadAlgorithm& aead = *provider().aead(id);
  return std::make_unique<BytesTarget>(
      std::string(aead.name) + " seal, key", [&](size_t) { return random_bytes(aead.key_size); },
      [&](MutBytes key) {
        uint8_t record[64 + aead_tag_size] = {};
        const Bytes text[] = {Bytes(record).first(64)};
        aead.make_key(key)->seal(record, AeadNonce{}, {}, text);
      });
}

Made agreement(NamedGroup id) {
  const GroupAlgorithm& group = *provider().group(id);
  GenerateJob peer;
  group.generate(*provider().random, {&peer, 1});
  const auto make = [&](size_t) {
    GenerateJob own;
    group.generate(*provider().random, {&own, 1});
    return to_vector(own.private_key.reveal());
  };
  const auto own = std::make_shared<SecretBytes>(make(0));
  return std::make_unique<BytesTarget>(std::string(group.name) + " decapsulate, scalar", make,
                                       [&group, own, share = peer.share](MutBytes scalar) {
                                         std::ranges::copy(scalar, own->writable().begin());
                                         DecapsulateJob job{.private_key = own.get(), .peer_share = share};
                                         group.decapsulate({&job, 1});
                                         need(job.ok);
                                       });
}

/// The private key and the nonce, one behind the other.
Made ecdsa_signature() {
  const crypto::EcdsaCurve& curve = *crypto::ecdsa::curve_of(KeyType::ec_p256);
  const auto make = [&](size_t) {
    Input out = to_vector(curve.random_scalar(*provider().random).reveal());
    const SecretBytes nonce = curve.random_scalar(*provider().random);
    out.insert(out.end(), nonce.reveal().begin(), nonce.reveal().end());
    return out;
  };
  return std::make_unique<BytesTarget>("ECDSA P-256 sign, key and nonce", make, [&](MutBytes both) {
    std::array<uint8_t, 32> r, s;
    const std::array<uint8_t, 32> e = {1, 2, 3};
    need(curve.sign_one(both.first(32), both.last(32), e, r, s));
  });
}

Made ed25519_key() {
  return std::make_unique<BytesTarget>(
      "Ed25519 load, seed", [](size_t) { return random_bytes(32); },
      [](MutBytes seed) {
        PrivateKeyMaterial material{.type = KeyType::ed25519};
        material.scalar = SecretBytes(seed);
        need(provider().signing.load(material).ok());
      });
}

/// One key; what is signed differs, and so do the blinded numbers that meet its exponents.
Made rsa_signature() {
  auto material = parse_private_key(test_file("rsa.pem").reveal(), "", provider());
  need(material.ok());
  const SigningKeyPtr key = *provider().signing.load(*material);
  return std::make_unique<BytesTarget>(
      "RSA-2048 sign, message", [](size_t) { return random_bytes(32); },
      [key](MutBytes message) {
        SignJob job{.algorithm = SignatureAlgorithm::rsa_pkcs1_sha256, .message = message};
        key->sign(*provider().random, {&job, 1});
        need(job.ok);
      });
}

/// One ciphertext that was made for the key, against others that were made for nobody.
Made rejection() {
  const GroupAlgorithm& group = *crypto::pick(crypto::ml_kem_768_kernels(), crypto::cpu_word()).algorithm;
  const auto own = std::make_shared<GenerateJob>();
  group.generate(*provider().random, {own.get(), 1});
  const auto make = [&group, own](size_t which) {
    EncapsulateJob job{.peer_share = own->share};
    group.encapsulate(*provider().random, {&job, 1});
    if (which == 1) job.share[random_bytes(1)[0]] ^= 0x10;
    return job.share;
  };
  return std::make_unique<BytesTarget>(
      "ML-KEM-768 decapsulate, rejection", make, [&group, own](MutBytes ciphertext) {
        DecapsulateJob job{.private_key = &own->private_key, .peer_share = ciphertext};
        group.decapsulate({&job, 1});
        need(job.ok);
      });
}

}  // namespace

std::vector<std::unique_ptr<Target>> targets() {
  std::vector<std::unique_ptr<Target>> out;
  out.push_back(comparison<leaking_equal>("planted: a comparison that stops"));
  out.push_back(comparison<ct::equal>("ct::equal"));
  for (const AeadId id : {AeadId::aes_128_gcm, AeadId::aes_256_gcm, AeadId::chacha20_poly1305}) {
    out.push_back(forged_record(id));
    out.push_back(sealed_record(id));
  }
  for (const NamedGroup id : {NamedGroup::x25519, NamedGroup::secp256r1}) out.push_back(agreement(id));
  out.push_back(ecdsa_signature());
  out.push_back(ed25519_key());
  out.push_back(rsa_signature());
  out.push_back(rejection());
  return out;
}

}  // namespace bulla::constant_time
