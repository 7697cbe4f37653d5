// X25519 as a key exchange group (RFC 7748 §6.1, RFC 9846 §4.3.8.2, §7.4.2).
#include "base/ct.h"
#include "crypto/openssl/raw_keys.h"
#include "crypto/openssl/tables.h"

#include <cstring>

namespace bulla::openssl {

namespace {

/// The shared secret; empty where the share is malformed or the secret all zero, as RFC 9846 §7.4.2 demands.
SecretBytes agree(EVP_PKEY* key, Bytes share) {
  const Pkey peer = load_public(RawKeyKind::x25519, share);
  if (!peer) return {};
  const PkeyContext context(EVP_PKEY_CTX_new(key, nullptr));
  SecretBytes secret(raw_key_size);
  size_t size = secret.size();
  // libcrypto itself refuses an all-zero secret; the check after it does not depend on that.
  if (!context || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) != 1 ||
      EVP_PKEY_derive(context.get(), secret.writable().data(), &size) != 1 || size != raw_key_size)
    return {};
  static constexpr std::array<uint8_t, raw_key_size> zero{};
  if (ct::equal(secret.reveal(), zero)) return {};
  return secret;
}

/// A job's private key is the 32 bytes of RFC 7748 and behind them the public key, which saves computing it
/// again.
void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  for (GenerateJob& job : jobs) {
    job.private_key = SecretBytes(2 * raw_key_size);
    const MutBytes bytes = job.private_key.writable();
    random.fill(bytes.first(raw_key_size));
    const Pkey key = load_private(RawKeyKind::x25519, bytes.first(raw_key_size));
    job.ok = key && export_public(key.get(), bytes.last(raw_key_size));
    job.share = to_vector(bytes.last(raw_key_size));
  }
}

void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  for (EncapsulateJob& job : jobs) {
    SecretBytes private_key(raw_key_size);
    random.fill(private_key.writable());
    const Pkey key = load_private(RawKeyKind::x25519, private_key.reveal());
    job.share.resize(raw_key_size);
    job.secret.reset();
    if (key && export_public(key.get(), job.share)) job.secret = agree(key.get(), job.peer_share);
    job.ok = !job.secret.empty();
  }
}

void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  for (DecapsulateJob& job : jobs) {
    job.secret.reset();
    const Bytes bytes = job.private_key ? job.private_key->reveal() : Bytes{};
    // A key from elsewhere (a test's, a file's) may lack the public half.
    if (bytes.size() == raw_key_size || bytes.size() == 2 * raw_key_size) {
      const Pkey key =
          load_private(RawKeyKind::x25519, bytes.first(raw_key_size), bytes.subspan(raw_key_size));
      if (key) job.secret = agree(key.get(), job.peer_share);
    }
    job.ok = !job.secret.empty();
  }
}

}  // namespace

constexpr GroupAlgorithm x25519 = {.id = NamedGroup::x25519,
                                   .name = "x25519",
                                   .share_size = raw_key_size,
                                   .reply_size = raw_key_size,
                                   .generate = generate,
                                   .encapsulate = encapsulate,
                                   .decapsulate = decapsulate};

}  // namespace bulla::openssl
