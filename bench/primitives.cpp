#include "primitives.h"

#include "crypto/hkdf.h"
#include "crypto/ml_dsa/ml_dsa.h"
#include "crypto/ml_kem/ml_kem.h"

#include <bulla/openssl_provider.h>

#include <vector>

namespace bulla::bench {
namespace {

using ByteVector = std::vector<uint8_t>;
using Work = std::function<void()>;

/// `work_of(provider)` makes what is measured, for ours and for libcrypto.
template <class WorkOf>
void row(Report& report, const std::string& what, unsigned rounds, WorkOf work_of) {
  const std::string name = "primitive " + what;
  if (!report.wants(name)) return;
  const Work ours = work_of(default_provider()), theirs = work_of(openssl_provider());
  report.row(name, "cycles", compare(rounds, ours, theirs), true);
}

/// What libcrypto 3.0 does not have.
void row_alone(Report& report, const std::string& what, unsigned rounds, const Work& work) {
  const std::string name = "primitive " + what;
  if (report.wants(name)) report.row(name, "cycles", {compare(rounds, work, [] {}).ours, 0}, true);
}

void hashes(Report& report) {
  struct Case {
    HashId id;
    std::string name;
  };
  for (const Case& c : {Case{HashId::sha1, "SHA-1"}, Case{HashId::sha256, "SHA-256"},
                        Case{HashId::sha384, "SHA-384"}, Case{HashId::sha512, "SHA-512"}}) {
    for (const size_t size : {64u, 16384u}) {
      row(report, c.name + ' ' + std::to_string(size) + " B", 400, [&](const Provider& provider) -> Work {
        return [hash = provider.hash(c.id), data = ByteVector(size, 1), out = ByteVector(64)]() mutable {
          HashContext context(*hash);
          context.update(data);
          context.finish(out);
        };
      });
    }
  }
  row(report, "HMAC-SHA-256 64 B, key at hand", 2000, [](const Provider& provider) -> Work {
    const auto key = std::make_shared<HmacKey>(*provider.hash(HashId::sha256), ByteVector(32, 1));
    return [key, data = ByteVector(64), out = ByteVector(32)]() mutable { key->mac({data}, out); };
  });
  row(report, "HKDF-Expand-SHA-256 32 B", 2000, [](const Provider& provider) -> Work {
    return [hash = provider.hash(HashId::sha256), key = ByteVector(32), info = ByteVector(20),
            out = ByteVector(32)]() mutable { hkdf_expand(*hash, key, info, out); };
  });
}

void aeads(Report& report) {
  for (const AeadAlgorithm* aead : default_provider().aeads) {
    for (const size_t size : {64u, 1350u, 16384u}) {
      row(report, std::string(aead->name) + " seal " + std::to_string(size) + " B", 1000,
          [&](const Provider& provider) -> Work {
            std::shared_ptr<AeadKey> key = provider.aead(aead->id)->make_key(ByteVector(aead->key_size, 1));
            return [key, nonce = AeadNonce{}, aad = ByteVector(5),
                    record = ByteVector(size + aead_tag_size)]() mutable {
              const Bytes in[] = {Bytes(record).first(record.size() - aead_tag_size)};
              key->seal(record, nonce, aad, in);
            };
          });
    }
    row(report, std::string(aead->name) + " key", 1000, [&](const Provider& provider) -> Work {
      return [&, bytes = ByteVector(aead->key_size, 1)] { (void)provider.aead(aead->id)->make_key(bytes); };
    });
  }
}

/// Cycles of one of `count` operations that are asked for in one call; `work_of(provider)` makes the call.
template <class WorkOf>
void row_of_each(Report& report, const std::string& what, size_t count, unsigned rounds, WorkOf work_of) {
  const std::string name = "primitive " + what + ", " + std::to_string(count) + " at once, each";
  if (!report.wants(name)) return;
  const Work ours = work_of(default_provider()), theirs = work_of(openssl_provider());
  const Figure f = compare(rounds, ours, theirs);
  const auto each = static_cast<double>(count);
  report.row(name, "cycles", {f.ours / each, f.peer / each}, true);
}

Work generate_with(const GroupAlgorithm& group, Random& random) {
  return [&] {
    GenerateJob job;
    group.generate(random, {&job, 1});
  };
}
Work decapsulate_with(const GroupAlgorithm& group, Random& random) {
  const auto own = std::make_shared<GenerateJob>();
  const auto reply = std::make_shared<EncapsulateJob>();
  group.generate(random, {own.get(), 1});
  reply->peer_share = own->share;
  group.encapsulate(random, {reply.get(), 1});
  return [&group, own, reply] {
    DecapsulateJob job{.private_key = &own->private_key, .peer_share = reply->share};
    group.decapsulate({&job, 1});
  };
}

void group_batches(Report& report) {
  for (const NamedGroup id : {NamedGroup::x25519, NamedGroup::secp256r1})
    for (const size_t count : {8u, 16u}) {
      row_of_each(report, name_of(id) + " generate", count, 60, [&](const Provider& provider) -> Work {
        return [&group = *provider.group(id), &random = *provider.random, count] {
          std::vector<GenerateJob> jobs(count);
          group.generate(random, jobs);
        };
      });
      row_of_each(report, name_of(id) + " agree", count, 60, [&](const Provider& provider) -> Work {
        const GroupAlgorithm& group = *provider.group(id);
        const auto own = std::make_shared<std::vector<GenerateJob>>(count);
        const auto peers = std::make_shared<std::vector<GenerateJob>>(count);
        group.generate(*provider.random, *own);
        group.generate(*provider.random, *peers);
        return [&group, own, peers, count] {
          std::vector<DecapsulateJob> jobs(count);
          for (size_t i = 0; i < count; ++i) {
            jobs[i].private_key = &(*own)[i].private_key;
            jobs[i].peer_share = (*peers)[i].share;
          }
          group.decapsulate(jobs);
        };
      });
    }
}

void groups(Report& report) {
  for (const NamedGroup id : {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1}) {
    row(report, name_of(id) + " generate", 200,
        [&](const Provider& provider) { return generate_with(*provider.group(id), *provider.random); });
    row(report, name_of(id) + " agree", 200,
        [&](const Provider& provider) { return decapsulate_with(*provider.group(id), *provider.random); });
  }
  Random& random = *builtin_provider().random;
  for (const auto& kernels : {crypto::ml_kem_768_kernels(), crypto::ml_kem_1024_kernels()}) {
    const GroupAlgorithm& kem = *pick(kernels, crypto::cpu_word()).algorithm;
    const std::string name(kem.name);
    GenerateJob own;
    kem.generate(random, {&own, 1});
    row_alone(report, name + " generate", 300, generate_with(kem, random));
    row_alone(report, name + " encapsulate", 300, [&] {
      EncapsulateJob job{.peer_share = own.share};
      kem.encapsulate(random, {&job, 1});
    });
    row_alone(report, name + " decapsulate", 300, decapsulate_with(kem, random));
  }
}

struct Signed {
  SigningKeyPtr key;
  SignatureAlgorithm algorithm;
  ByteVector message = ByteVector(100, 1), signature = {};
};

Work sign_with(const Provider& provider, std::shared_ptr<Signed> s) {
  return [&provider, s] {
    SignJob job{.algorithm = s->algorithm, .message = s->message};
    s->key->sign(*provider.random, {&job, 1});
    s->signature = std::move(job.signature);
  };
}

/// With one key, as a server signs.
void signature_batches(Report& report) {
  struct Case {
    KeyType type;
    unsigned bits;
    SignatureAlgorithm algorithm;
    std::string name;
  };
  for (const Case& c : {Case{KeyType::ec_p256, 0, SignatureAlgorithm::ecdsa_sha256, "ECDSA P-256"},
                        Case{KeyType::rsa, 2048, SignatureAlgorithm::rsa_pss_sha256, "RSA-2048"}}) {
    if (!report.wants("primitive " + c.name + " sign, 8 at once, each") &&
        !report.wants("primitive " + c.name + " sign, 16 at once, each"))
      continue;
    const PrivateKeyMaterial material =
        openssl_provider().signing.generate(c.type, c.bits, *openssl_provider().random).value();
    for (const size_t count : {8u, 16u})
      row_of_each(report, c.name + " sign", count, 40, [&](const Provider& provider) -> Work {
        const SigningKeyPtr key = provider.signing.load(material).value();
        return [key, &provider, count, algorithm = c.algorithm, message = ByteVector(100, 1)] {
          std::vector<SignJob> jobs(count);
          for (SignJob& job : jobs) job.algorithm = algorithm, job.message = message;
          key->sign(*provider.random, jobs);
        };
      });
  }
}

void signatures(Report& report) {
  struct Case {
    KeyType type;
    unsigned bits;
    SignatureAlgorithm algorithm;
    std::string name;
  };
  using enum SignatureAlgorithm;
  for (const Case& c :
       {Case{KeyType::ec_p256, 0, ecdsa_sha256, "ECDSA P-256"},
        Case{KeyType::ec_p384, 0, ecdsa_sha384, "ECDSA P-384"},
        Case{KeyType::ec_p521, 0, ecdsa_sha512, "ECDSA P-521"}, Case{KeyType::ed25519, 0, ed25519, "Ed25519"},
        Case{KeyType::rsa, 2048, rsa_pss_sha256, "RSA-2048"},
        Case{KeyType::rsa, 3072, rsa_pss_sha256, "RSA-3072"},
        Case{KeyType::rsa, 4096, rsa_pss_sha256, "RSA-4096"}}) {
    if (!report.wants("primitive " + c.name + " sign") && !report.wants("primitive " + c.name + " verify") &&
        !report.wants("primitive " + c.name + " load"))
      continue;
    // libcrypto makes the key: that is not what is measured.
    const PrivateKeyMaterial material =
        openssl_provider().signing.generate(c.type, c.bits, *openssl_provider().random).value();
    const auto loaded = [&](const Provider& provider) {
      return std::make_shared<Signed>(Signed{provider.signing.load(material).value(), c.algorithm});
    };
    const unsigned rounds = c.bits > 0 ? 60 : 200;
    row(report, c.name + " load", rounds,
        [&](const Provider& provider) -> Work { return [&] { (void)provider.signing.load(material); }; });
    row(report, c.name + " sign", rounds,
        [&](const Provider& provider) { return sign_with(provider, loaded(provider)); });
    row(report, c.name + " verify", rounds, [&](const Provider& provider) -> Work {
      const auto s = loaded(provider);
      sign_with(provider, s)();
      return [&provider, s] {
        const PublicKeyView key = s->key->public_key();
        VerifyJob job{
            .key = &key, .algorithm = s->algorithm, .message = s->message, .signature = s->signature};
        provider.signing.verify({&job, 1});
      };
    });
  }
}

void ml_dsa_alone(Report& report) {
  using namespace crypto::ml_dsa;
  for (const Parameters* set : {&ml_dsa_44, &ml_dsa_65, &ml_dsa_87}) {
    const std::string name(set->name);
    const ByteVector seed(seed_size, 1), message(100, 2);
    const KeyPair keys = generate(*set, seed);
    // How often a signature is tried depends on `rnd`; a counter gives the distribution.
    ByteVector rnd(rnd_size);
    ByteVector signature = sign(*set, keys.private_key.reveal(), {}, message, rnd).value();
    row_alone(report, name + " generate", 100, [&] { (void)generate(*set, seed); });
    row_alone(report, name + " sign", 300, [&] {
      ++rnd[0];
      (void)sign(*set, keys.private_key.reveal(), {}, message, rnd);
    });
    row_alone(report, name + " verify", 100,
              [&] { (void)verify_vartime(*set, keys.public_key, {}, message, signature); });
  }
}

}  // namespace

void primitives(Report& report) {
  hashes(report);
  aeads(report);
  groups(report);
  group_batches(report);
  signatures(report);
  signature_batches(report);
  ml_dsa_alone(report);
}

}  // namespace bulla::bench
