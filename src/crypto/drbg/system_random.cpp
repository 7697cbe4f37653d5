#include "crypto/drbg/system_random.h"

#include "base/assert.h"
#include "crypto/sha2/sha2.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bulla::crypto {
namespace {

/// What differs between two copies of a machine even where the kernel does not: a counter of cycles. It
/// counts for no entropy.
uint64_t cycles() noexcept {
#if defined(__x86_64__)
  return __rdtsc();
#elif defined(__aarch64__)
  uint64_t count = 0;
  __asm__ volatile("mrs %0, cntvct_el0" : "=r"(count));
  return count;
#else
  return 0;
#endif
}

/// SP 800-90A §8.6.3, §10.1: twice the 256 bits of security, for the first seed has no nonce of its own.
struct Seed {
  uint8_t entropy[64];
  uint64_t cycles;

  explicit Seed(SystemRandom::Entropy source) noexcept : cycles(crypto::cycles()) {
    source(MutBytes(entropy));
  }
  ~Seed() { wipe({reinterpret_cast<uint8_t*>(this), sizeof *this}); }
  Bytes bytes() const noexcept { return {reinterpret_cast<const uint8_t*>(this), sizeof *this}; }
};

}  // namespace

void system_entropy(MutBytes out) noexcept {
  while (!out.empty()) {
    const ssize_t n = ::getrandom(out.data(), out.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    BULLA_ASSERT(n > 0, "the system has no entropy");
    out = out.subspan(static_cast<size_t>(n));
  }
}

void SystemRandom::fill(MutBytes out) noexcept {
  while (!out.empty()) {
    const size_t n = std::min(out.size(), HmacDrbg::max_request);
    request(out.first(n));
    out = out.subspan(n);
  }
}

void SystemRandom::request(MutBytes out) noexcept {
  const bool ours = !in_use_.test_and_set(std::memory_order_acquire);
  const Seed seed(entropy_);
  if (!ours) {
    HmacDrbg(sha256(), {seed.bytes()}).generate(out);
    return;
  }
  if (drbg_)
    drbg_->reseed({seed.bytes()});
  else
    drbg_.emplace(sha256(), std::initializer_list<Bytes>{seed.bytes()});
  drbg_->generate(out);
  in_use_.clear(std::memory_order_release);
}

}  // namespace bulla::crypto
