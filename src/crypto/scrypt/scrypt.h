// scrypt (RFC 7914): the passphrases of encrypted key files, made costly in memory as well as in time.
#pragma once

#include <bulla/provider.h>

#include <optional>

namespace bulla {

/// RFC 7914 §6, by its names.
struct ScryptCost {
  uint64_t n;  ///< CPU and memory cost: a power of two above 1
  uint32_t r;  ///< block size: at least 1
  uint32_t p;  ///< parallelisation: at least 1

  /// Bytes that it takes while it runs; nothing where these numbers are no cost that RFC 7914 §6 allows.
  std::optional<uint64_t> memory() const noexcept;
  /// N * r * p: what the time is a multiple of. For a cost whose memory() is bounded.
  uint64_t work() const noexcept { return n * r * p; }
};

/// Fills `out` from the passphrase. `cost` is valid (asserted) and bounded by the caller, who reads it from a
/// file. The pattern of memory accesses depends on the passphrase: that is what scrypt is.
void scrypt(const HashAlgorithm& sha256, Bytes passphrase, Bytes salt, const ScryptCost& cost, MutBytes out);

}  // namespace bulla
