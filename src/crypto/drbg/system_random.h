// Random bytes for keys and nonces: the system's entropy behind a generator of our own.
#pragma once

#include "crypto/drbg/hmac_drbg.h"

#include <atomic>
#include <optional>

namespace bulla::crypto {

/// Fills `out` from the kernel's generator, waiting only where that was never seeded; ends the process where
/// there is none.
void system_entropy(MutBytes out) noexcept;

/// Every request mixes fresh entropy of the kernel, and of the processor's clock, into a state that lives as
/// long as this object: a process that was forked, and a virtual machine that was started twice from one
/// snapshot, go different ways at the next request, and a kernel that repeats itself does not make us repeat
/// ourselves. Safe in several threads; nobody waits: who finds the state in use, or inherited it locked from
/// before a fork, makes one for this request.
class SystemRandom final : public Random {
 public:
  /// `entropy` must outlive this object; tests bring one of their own.
  using Entropy = void (*)(MutBytes out) noexcept;
  explicit SystemRandom(Entropy entropy = system_entropy) noexcept : entropy_(entropy) {}

  void fill(MutBytes out) noexcept override;

 private:
  /// At most HmacDrbg::max_request bytes.
  void request(MutBytes out) noexcept;

  Entropy entropy_;
  std::atomic_flag in_use_;
  std::optional<HmacDrbg> drbg_;
};

}  // namespace bulla::crypto
