// openssl_provider(): the tables that the files beside this one fill, without what libcrypto does not give.
// Its configuration (OPENSSL_CONF) decides which of its own providers are active: those of FIPS have no
// ChaCha20-Poly1305, `base` alone has no algorithm at all.
#include "crypto/drbg/system_random.h"
#include "crypto/openssl/libcrypto.h"
#include "crypto/openssl/raw_keys.h"
#include "crypto/openssl/rsa.h"
#include "crypto/openssl/tables.h"

#include <bulla/openssl_provider.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <span>

namespace bulla {

namespace openssl {

namespace {

/// libcrypto's generator: one for each thread, reseeded after a fork.
class LibcryptoRandom final : public Random {
 public:
  void fill(MutBytes out) noexcept override {
    while (!out.empty()) {
      const size_t step = std::min<size_t>(out.size(), INT32_MAX);
      BULLA_ASSERT(RAND_bytes(out.data(), static_cast<int>(step)) == 1, "the system has no entropy");
      out = out.subspan(step);
    }
  }
};

/// Whether libcrypto has a generator, for public and for secret numbers. Without it, it makes no ECDSA nonce,
/// blinds no RSA key and no multiplication on its generic curves.
bool has_random() noexcept {
  uint8_t probe = 0;
  return RAND_bytes(&probe, 1) == 1 && RAND_priv_bytes(&probe, 1) == 1;
}

/// The system's where libcrypto has none.
Random& random(bool libcrypto) noexcept {
  if (libcrypto) {
    static LibcryptoRandom own;
    return own;
  }
  static crypto::SystemRandom& system =
      *new crypto::SystemRandom;  // never destroyed, as in builtin_provider()
  return system;
}

/// The first `count` entries of a table.
template <class T, size_t N>
struct Table {
  std::array<T, N> entries{};
  size_t count = 0;
  void add_if(bool available, T entry) noexcept {
    if (available) entries[count++] = entry;
  }
  std::span<const T> view() const noexcept { return {entries.data(), count}; }
};

// libcrypto's low-level contexts; no configuration takes them away.
constexpr const HashAlgorithm* hashes[] = {&sha1, &sha256, &sha384, &sha512};

/// What libcrypto gives, asked for once. Entries stand in the order of preference.
struct Tables {
  bool own_random;
  Table<const AeadAlgorithm*, 3> aeads;
  Table<const GroupAlgorithm*, 3> groups;
  Table<SignatureAlgorithm, 10> signatures;
  KeyFileCipher key_files;

  Tables() noexcept {
    const ErrorQueueGuard errors;
    own_random = has_random();
    for (const AeadAlgorithm* aead : {&aes_128_gcm, &aes_256_gcm, &chacha20_poly1305})
      aeads.add_if(is_available(aead->id), aead);
    groups.add_if(is_available(RawKeyKind::x25519), &x25519);
    for (const GroupAlgorithm* group : {&secp256r1, &secp384r1}) groups.add_if(own_random, group);
    add_signatures();
    key_files = available_key_file_cipher();
  }

 private:
  void add_signatures() noexcept {
    using enum SignatureAlgorithm;
    for (const auto ecdsa : {ecdsa_sha256, ecdsa_sha384, ecdsa_sha512}) signatures.add_if(own_random, ecdsa);
    signatures.add_if(is_available(RawKeyKind::ed25519), ed25519);
    for (const auto pss : {rsa_pss_sha256, rsa_pss_sha384, rsa_pss_sha512})
      signatures.add_if(own_random && md_of(pss), pss);
    for (const auto pkcs1 : {rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512})
      signatures.add_if(own_random, pkcs1);
  }
};

}  // namespace

}  // namespace openssl

const Provider& openssl_provider() noexcept {
  static const openssl::Tables tables;
  static const Provider provider = {.name = "openssl",
                                    .hashes = openssl::hashes,
                                    .aeads = tables.aeads.view(),
                                    .groups = tables.groups.view(),
                                    .signatures = tables.signatures.view(),
                                    .signing = openssl::signature_functions,
                                    .key_files = tables.key_files,
                                    .random = &openssl::random(tables.own_random)};
  return provider;
}

}  // namespace bulla
