// The calls of the provider's group over what multiplies points, however many it takes at once.
#pragma once

#include "base/ct.h"
#include "crypto/by_lanes.h"
#include "crypto/curve25519/field.h"

#include <bulla/provider.h>
#include <bulla/secret.h>

#include <algorithm>

namespace bulla::crypto::curve25519 {

inline constexpr size_t key_size = 32;

/// X25519(scalar, u), the function of RFC 7748 §5, to be computed; `u` is not looked at where it is 9. Each
/// has key_size bytes; scalars are not clamped yet.
struct Multiple {
  const uint8_t* scalar = nullptr;
  const uint8_t* u = nullptr;
  uint8_t* out = nullptr;
};

/// Those of some jobs.
class Multiples {
 public:
  static constexpr size_t most = 8;

  void add(const Multiple& multiple) noexcept { all_[count_++] = multiple; }
  operator std::span<const Multiple>() const noexcept { return std::span(all_).first(count_); }

 private:
  std::array<Multiple, most> all_;
  size_t count_ = 0;
};

/// decodeScalar25519 (RFC 7748 §5): a multiple of 8 with bit 254 as its highest.
inline void clamp(std::span<uint8_t, key_size> k) noexcept {
  k[0] &= 248;
  k[31] &= 127;
  k[31] |= 64;
}

/// `Multiplication` has `lanes`, how many it does side by side, of_points(span<const Multiple>), which
/// computes them all and leaves nothing behind, and of_nine(), which does so for u = 9 and declassifies.
template <class Multiplication>
class Group {
  /// A secret that is all zero is none (RFC 9846 §7.4.2).
  static void refuse_zero(SecretBytes& secret) noexcept {
    static constexpr Encoded none{};
    if (!secret.empty() && ct::equal(secret.reveal(), none)) secret.reset();
  }

  /// New private keys, of one request: each would cost as much as a share.
  static void draw(Random& random, std::span<SecretBytes> keys) noexcept {
    SecretBytes bytes(keys.size() * key_size);
    random.fill(bytes.writable());
    for (size_t i = 0; i < keys.size(); ++i)
      keys[i] = SecretBytes(bytes.reveal().subspan(i * key_size, key_size));
  }

  static void generate(Random& random, std::span<GenerateJob> all) noexcept {
    by_lanes<Multiples::most>(all, [&](std::span<GenerateJob> jobs) {
      std::array<SecretBytes, Multiples::most> keys;
      draw(random, std::span(keys).first(jobs.size()));
      Multiples shares;
      for (size_t i = 0; i < jobs.size(); ++i) {
        GenerateJob& job = jobs[i];
        job.private_key = std::move(keys[i]);
        job.share.resize(key_size);
        shares.add({.scalar = job.private_key.reveal().data(), .out = job.share.data()});
        job.ok = true;
      }
      Multiplication::of_nine(shares);
    });
  }

  static void encapsulate(Random& random, std::span<EncapsulateJob> all) noexcept {
    by_lanes<Multiples::most>(all, [&](std::span<EncapsulateJob> jobs) {
      std::array<SecretBytes, Multiples::most> keys;
      draw(random, std::span(keys).first(jobs.size()));
      Multiples secrets, shares;
      for (size_t i = 0; i < jobs.size(); ++i) {
        start(jobs[i].secret, keys[i], jobs[i].peer_share, secrets);
        jobs[i].share.clear();
      }
      Multiplication::of_points(secrets);
      for (size_t i = 0; i < jobs.size(); ++i) {
        refuse_zero(jobs[i].secret);
        jobs[i].ok = !jobs[i].secret.empty();
        if (!jobs[i].ok) continue;
        jobs[i].share.resize(key_size);
        shares.add({.scalar = keys[i].reveal().data(), .out = jobs[i].share.data()});
      }
      Multiplication::of_nine(shares);
    });
  }

  static void decapsulate(std::span<DecapsulateJob> all) noexcept {
    by_lanes<Multiples::most>(all, [](std::span<DecapsulateJob> jobs) {
      Multiples secrets;
      for (DecapsulateJob& job : jobs) {
        job.secret.reset();
        if (job.private_key && job.private_key->size() == key_size)
          start(job.secret, *job.private_key, job.peer_share, secrets);
      }
      Multiplication::of_points(secrets);
      for (DecapsulateJob& job : jobs) {
        refuse_zero(job.secret);
        job.ok = !job.secret.empty();
      }
    });
  }

  /// Asks for the secret that a private key and a share agree on; leaves none for a share of a wrong size.
  static void start(SecretBytes& secret, const SecretBytes& key, Bytes share, Multiples& secrets) {
    secret.reset();
    if (share.size() != key_size) return;
    secret = SecretBytes(key_size);
    secrets.add({.scalar = key.reveal().data(), .u = share.data(), .out = secret.writable().data()});
  }

 public:
  static constexpr GroupAlgorithm algorithm = {.id = NamedGroup::x25519,
                                               .name = "x25519",
                                               .share_size = key_size,
                                               .reply_size = key_size,
                                               .generate = generate,
                                               .encapsulate = encapsulate,
                                               .decapsulate = decapsulate,
                                               .lanes = Multiplication::lanes};
};

}  // namespace bulla::crypto::curve25519
