// AES, the block cipher (FIPS 197), with keys of 128, 192 and 256 bits. Whoever wants to encrypt messages
// wants aes_gcm or, for key files, aes_cbc.
#pragma once

#include "crypto/kernel.h"

#include <bulla/secret.h>

#include <array>

namespace bulla::crypto::aes {

/// Bytes of a block.
inline constexpr size_t block_size = 16;
/// Rounds that a key of 256 bits takes; one of 128 takes 10, one of 192 takes 12.
inline constexpr unsigned max_rounds = 14;

/// Whether AES has keys of so many bytes.
constexpr bool is_key_size(size_t bytes) noexcept {
  return bytes == 16 || bytes == 24 || bytes == 32;
}

/// The round keys that a key expands to, as the kernel that wrote them wants to read them; wiped when it
/// dies.
struct Schedule {
  Schedule() noexcept = default;
  Schedule(const Schedule&) = delete;
  Schedule& operator=(const Schedule&) = delete;
  ~Schedule() { wipe({reinterpret_cast<uint8_t*>(words.data()), sizeof words}); }

  alignas(16) std::array<uint64_t, 8 * (max_rounds + 1)> words;  ///< the round keys
  unsigned rounds;                                               ///< 10, 12 or 14
};

/// One way to compute AES. `in` and `out` are `count` whole blocks, at any address; they are the same place,
/// or do not overlap.
struct BlockCipher {
  /// Key expansion, for both directions. `key` has 16, 24 or 32 bytes.
  void (*expand)(Schedule& schedule, Bytes key) noexcept;
  /// The cipher, block by block.
  void (*encrypt)(const Schedule& schedule, uint8_t* out, const uint8_t* in, size_t count) noexcept;
  /// Its inverse.
  void (*decrypt)(const Schedule& schedule, uint8_t* out, const uint8_t* in, size_t count) noexcept;
};

/// All ways to compute it that this build has.
std::span<const Kernel<BlockCipher>> kernels() noexcept;

}  // namespace bulla::crypto::aes
