// What a kernel of AES-GCM brings. Kernels compute GHASH in the bit order of POLYVAL (RFC 8452 §A), where
// multiplication needs no reflected bits:
//
//   GHASH(H, X1, X2, ...) = reverse(POLYVAL(x * reverse(H), reverse(X1), reverse(X2), ...)),
//
// with the order of 16 bytes reversed, in GF(2)[x] modulo x^128 + x^127 + x^126 + x^121 + 1. What POLYVAL
// calls dot(a, b) is a * b / x^128.
#pragma once

#include "crypto/aes/impl.h"

#include <bulla/provider.h>

namespace bulla::crypto::aes_gcm {

/// A polynomial: bit i is the coefficient of x^i.
struct alignas(16) Field {
  uint64_t low, high;
};

/// What `soft` keeps of a key.
struct SoftKey {
  aes::Schedule schedule;
  Field h;  ///< H' = x * reverse(H)
};

#if defined(__x86_64__)
/// What kernels keep that have the AES instructions: as many powers of H' as they take blocks between two
/// reductions, and some sums of their halves for Karatsuba's method, in an order of their own.
struct TableKey {
  aes::ForwardKeys round_keys;
  Field table[44];
};
#else
using TableKey = SoftKey;
#endif

/// What a kernel keeps of a key, wiped when it dies. Which of the two it is, the kernel knows.
union Key {
  Key() noexcept {}
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key() { wipe({reinterpret_cast<uint8_t*>(this), sizeof *this}); }

  SoftKey soft;
  TableKey by_table;
};

/// Runs of text begin at multiples of so many bytes.
inline constexpr size_t run_unit = 512;

/// A record, and all that goes into its tag.
struct Record {
  const AeadNonce& nonce;
  Bytes aad;
  Field lengths;               ///< the last block of GHASH, reversed
  uint8_t* out;                ///< where the text goes, encrypted or decrypted
  std::span<const Bytes> in;   ///< the text, in runs that `out` does not overlap or that lie where they go;
                               ///< all but the last are whole run_units; there is a last one
  uint32_t first_counter = 1;  ///< of J0
};

/// len(A) and len(C) in bits, reversed.
constexpr Field lengths_of(uint64_t aad_size, uint64_t text_size) noexcept {
  return {.low = text_size * 8, .high = aad_size * 8};
}

/// SP 800-38D Algorithms 4 and 5, where the IV has 96 bits.
struct Functions {
  /// Expands `key` (16 or 32 bytes), computes H and calls set_hash_key().
  void (*set_key)(Key& into, Bytes key) noexcept;
  /// Takes H' and computes the powers of it that the kernel wants.
  void (*set_hash_key)(Key& into, Field h) noexcept;
  /// Encrypts and authenticates.
  void (*seal)(const Key& key, const Record& record, uint8_t* tag) noexcept;
  /// Authenticates and decrypts. `tag` becomes the one that the record should have: a secret, if it has
  /// another one.
  void (*open)(const Key& key, const Record& record, uint8_t* tag) noexcept;
};

extern const Functions soft;
#if defined(__x86_64__)
extern const Functions aesni;
extern const Functions vaes_avx2;
extern const Functions vaes_avx512;
#endif
/// All of them that this build has, in the order of the tables in aes_gcm.h.
std::span<const Kernel<Functions>> functions() noexcept;

/// x * a.
Field times_x(Field a) noexcept;

}  // namespace bulla::crypto::aes_gcm
