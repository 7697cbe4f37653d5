// What a kernel of AES-GCM brings: the steps of which a record is sealed or opened. Kernels compute GHASH in
// the bit order of POLYVAL (RFC 8452 §A), where multiplication needs no reflected bits:
//
//   GHASH(H, X1, X2, ...) = reverse(POLYVAL(x * reverse(H), reverse(X1), reverse(X2), ...)),
//
// with the order of 16 bytes reversed, in GF(2)[x] modulo x^128 + x^127 + x^126 + x^121 + 1. What POLYVAL
// calls dot(a, b) is a * b / x^128.
#pragma once

#include "crypto/aes/aes.h"

#include <bulla/provider.h>

namespace bulla::crypto::aes_gcm {

/// Blocks that one reduction may cover, and the powers of H which that takes.
inline constexpr size_t max_power = 8;

/// A polynomial: bit i is the coefficient of x^i.
struct alignas(16) Field {
  uint64_t low, high;
};

/// What a kernel keeps of a key. powers[0] is H' = x * reverse(H), powers[i] is dot(powers[i - 1], H');
/// kernels that do a block at a time know the first only. Wiped when it dies.
struct Key {
  Key() noexcept = default;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() {
    wipe({reinterpret_cast<uint8_t*>(powers), sizeof powers});
    wipe({reinterpret_cast<uint8_t*>(sums), sizeof sums});
  }

  aes::Schedule schedule;   ///< of the cipher
  Field powers[max_power];  ///< of H'
  Field sums[max_power];    ///< low + high of each power, for Karatsuba's method
};

/// A record on its way.
struct Record {
  Field y;           ///< GHASH so far, reversed
  uint8_t mask[16];  ///< E(K, J0), what the tag is masked with
  AeadNonce nonce;   ///< the front of each counter block
  uint32_t counter;  ///< its rest, for the next block of text
};

/// The steps. SP 800-38D Algorithms 4 and 5, where the IV has 96 bits.
struct Functions {
  /// Expands `key` (16 or 32 bytes) and computes H.
  void (*set_key)(Key& into, Bytes key) noexcept;
  /// J0, and the additional data.
  void (*start)(const Key& key, Record& record, const AeadNonce& nonce, Bytes aad) noexcept;
  /// Encrypts, then authenticates `size` bytes: whole blocks, but for the last call of a record. `out` and
  /// `in` are the same place, or do not overlap.
  void (*seal)(const Key& key, Record& record, uint8_t* out, const uint8_t* in, size_t size) noexcept;
  /// Authenticates, then decrypts; likewise.
  void (*open)(const Key& key, Record& record, uint8_t* out, const uint8_t* in, size_t size) noexcept;
  /// The tag of it all.
  void (*finish)(const Key& key, Record& record, uint64_t aad_size, uint64_t text_size,
                 uint8_t* tag) noexcept;
};

extern const Functions soft;
#if defined(__x86_64__)
extern const Functions aesni;
#endif
/// All of them that this build has, in the order of the tables in aes_gcm.h.
std::span<const Kernel<Functions>> functions() noexcept;

/// x * a.
Field times_x(Field a) noexcept;

}  // namespace bulla::crypto::aes_gcm
