// Hashes, and what is made of them: HMAC, HKDF, the PRF of TLS 1.2, PBKDF2, HMAC_DRBG; SHA-3.
#include "constant_time/run.h"
#include "crypto/drbg/hmac_drbg.h"
#include "crypto/hkdf.h"
#include "crypto/pbkdf2.h"
#include "crypto/sha3/sha3.h"
#include "crypto/tls12_prf.h"

namespace bulla::constant_time {
namespace {

/// Around the edges of blocks and of their padding.
constexpr size_t sizes[] = {1, 55, 56, 64, 111, 112, 128, 129, 600};
constexpr uint8_t salt[20] = {1, 2, 3};

template <HashId id>
const HashAlgorithm& hash_of(const Run& run) {
  return *run.provider().hash(id);
}

/// In pieces, and forked.
template <HashId id>
void digest(Run& run) {
  const HashAlgorithm& hash = hash_of<id>(run);
  SecretBytes out(hash.digest_size);
  for (const size_t size : sizes) {
    const SecretBytes message = run.secret(size);
    HashContext context(hash);
    context.update(message.reveal().first(size / 3));
    HashContext fork = context;
    for (HashContext* each : {&context, &fork}) {
      each->update(message.reveal().subspan(size / 3));
      each->finish(out.writable());
    }
  }
  run.stays_secret(out.reveal());
}

template <HashId id>
void hmac_of(Run& run) {
  const HashAlgorithm& hash = hash_of<id>(run);
  const SecretBytes message = run.secret(150);
  SecretBytes out(hash.digest_size);
  for (const size_t size : {32u, 200u}) {  // shorter and longer than a block
    const SecretBytes key = run.secret(size);
    hmac(hash, key.reveal(), message.reveal(), out.writable());
  }
  run.stays_secret(out.reveal());
}

template <HashId id>
void hkdf(Run& run) {
  const HashAlgorithm& hash = hash_of<id>(run);
  const SecretBytes material = run.secret(48);
  SecretBytes extracted(hash.digest_size), out(100);
  hkdf_extract(hash, salt, material.reveal(), extracted.writable());
  hkdf_expand(hash, extracted.reveal(), salt, out.writable());
  run.stays_secret(extracted.reveal());
  run.stays_secret(out.reveal());
}

template <HashId id>
void tls12(Run& run) {
  const SecretBytes secret = run.secret(48);
  SecretBytes out(100);
  tls12_prf(hash_of<id>(run), secret.reveal(), "key expansion", {salt, salt}, out.writable());
  run.stays_secret(out.reveal());
}

template <HashId id>
void passphrase(Run& run) {
  const SecretBytes secret = run.secret(11);
  SecretBytes out(100);
  pbkdf2(hash_of<id>(run), secret.reveal(), salt, 3, out.writable());
  run.stays_secret(out.reveal());
}

template <HashId id>
void drbg(Run& run) {
  const SecretBytes seed = run.secret(48), more = run.secret(32);
  SecretBytes out(100);
  crypto::HmacDrbg drbg(hash_of<id>(run), {seed.reveal(), salt});
  drbg.generate(out.writable());
  drbg.reseed({more.reveal()});
  drbg.generate(out.writable());
  run.stays_secret(out.reveal());
}

template <HashId id>
constexpr Operation operations[] = {
    {"digest", digest<id>},   {"hmac", hmac_of<id>},      {"hkdf", hkdf<id>},
    {"tls12_prf", tls12<id>}, {"pbkdf2", passphrase<id>}, {"hmac_drbg", drbg<id>},
};

const crypto::Keccak& keccak() {
  return *crypto::pick(crypto::keccak_kernels(), crypto::cpu_word()).algorithm;
}

void sha3(Run& run) {
  const SecretBytes message = run.secret(300);
  SecretBytes out(64);
  crypto::sha3_256(keccak(), {message.reveal()}, out.writable().data());
  run.stays_secret(out.reveal().first(32));
  crypto::sha3_512(keccak(), {message.reveal().first(71), message.reveal().subspan(71)},
                   out.writable().data());
  run.stays_secret(out.reveal());
}

void shake(Run& run) {
  const SecretBytes message = run.secret(200);
  SecretBytes out(400);
  for (crypto::Shake shake : {crypto::Shake::shake128(keccak()), crypto::Shake::shake256(keccak())}) {
    shake.absorb(message.reveal());
    shake.squeeze(out.writable());
    run.stays_secret(out.reveal());
  }
}

/// As samplers use it, and with as many side by side as a kernel may like.
void shake_lanes(Run& run) {
  constexpr size_t lanes = 9;
  crypto::ShakeLanes<lanes, crypto::shake256_kind> shake(keccak());
  for (size_t i = 0; i < lanes; ++i) shake.start(i, run.secret(33).reveal());
  SecretBytes out(shake.block_size);
  shake.next();
  for (size_t i = 0; i < lanes; ++i) {
    shake.block(i, out.writable().data());
    run.stays_secret(out.reveal());
  }
}

constexpr Operation of_keccak[] = {{"sha3", sha3}, {"shake", shake}, {"shake_lanes", shake_lanes}};

}  // namespace

std::span<const Operation> hash_operations(HashId id) noexcept {
  switch (id) {
    case HashId::sha1: return operations<HashId::sha1>;
    case HashId::sha256: return operations<HashId::sha256>;
    case HashId::sha384: return operations<HashId::sha384>;
    case HashId::sha512: return operations<HashId::sha512>;
  }
  return {};
}

std::span<const Operation> keccak_operations() noexcept {
  return of_keccak;
}

}  // namespace bulla::constant_time
