#include "crypto/ml_dsa/sample.h"

#include "base/ct.h"
#include "crypto/sha3/sha3.h"

namespace bulla::crypto::ml_dsa {
namespace {

const Keccak& keccak() noexcept {
  return *pick(keccak_kernels(), cpu_word()).algorithm;
}

/// A stream of bytes from a seed and an index, block by block; wiped when it dies.
class Stream {
 public:
  Stream(SpongeKind kind, Bytes seed, Bytes index) noexcept : sponge_(keccak(), kind), size_(kind.rate) {
    sponge_.absorb(seed);
    sponge_.absorb(index);
  }
  ~Stream() { wipe(block_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  uint8_t byte() noexcept {
    if (at_ == size_) at_ = 0;
    if (at_ == 0) sponge_.squeeze(MutBytes(block_).first(size_));
    return block_[at_++];
  }

 private:
  Sponge sponge_;
  size_t size_, at_ = 0;
  std::array<uint8_t, 168> block_{};
};

std::array<uint8_t, 2> little_endian(size_t v) noexcept {
  return {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8)};
}

}  // namespace

void hash(std::initializer_list<Bytes> parts, MutBytes out) noexcept {
  Sponge sponge(keccak(), shake256_kind);
  for (const Bytes part : parts) sponge.absorb(part);
  sponge.squeeze(out);
}

/// FIPS 204 §7.3, algorithms 30 and 32: numbers of 23 bits, as long as they are below q. Public.
Poly expand_a(Bytes rho, size_t row, size_t column) noexcept {
  Stream stream(shake128_kind, rho, little_endian(row << 8 | column));
  Poly out;
  for (size_t i = 0; i < n;) {
    const uint32_t low = stream.byte(), middle = stream.byte(), high = stream.byte();
    const uint32_t number = low | middle << 8 | (high & 0x7f) << 16;
    if (number < static_cast<uint32_t>(q)) out[i++] = static_cast<int32_t>(number);
  }
  return out;
}

/// FIPS 204 §7.3, algorithms 31 and 33: half bytes, as long as they are below 15 (eta = 2) or 9 (eta = 4).
void expand_s(Poly& out, const Parameters& with, Bytes rho_prime, size_t index) noexcept {
  Stream stream(shake256_kind, rho_prime, little_endian(index));
  const uint32_t limit = with.eta == 2 ? 15 : 9;
  for (size_t i = 0; i < n;) {
    const uint32_t byte = stream.byte();
    for (const uint32_t half : {byte & 15, byte >> 4}) {
      const uint32_t fits = ct::Mask<uint32_t>::is_less(half, limit).bit();
      if (!ct::declassified(fits, "which half bytes are used says nothing of those that are") || i == n)
        continue;
      // eta = 2: five values, 0 to 4 three times each; half mod 5 without a division.
      const uint32_t value = with.eta == 2 ? half - 5 * (half * 205 >> 10) : half;
      out[i++] = with.eta - static_cast<int32_t>(value);
    }
  }
}

/// FIPS 204 §7.3, algorithm 34: numbers of z_bits() bits, little-endian, taken from gamma1.
void expand_mask(Poly& out, const Parameters& with, Bytes rho_second, size_t index) noexcept {
  Stream stream(shake256_kind, rho_second, little_endian(index));
  uint64_t held = 0;
  unsigned count = 0;
  for (int32_t& c : out) {
    for (; count < with.z_bits(); count += 8) held |= uint64_t{stream.byte()} << count;
    c = with.gamma1 - static_cast<int32_t>(held & ((uint64_t{1} << with.z_bits()) - 1));
    held >>= with.z_bits();
    count -= with.z_bits();
  }
}

/// FIPS 204 §7.3, algorithm 29: a shuffle of the last tau places, with 64 bits of signs. The challenge is
/// public.
Poly sample_in_ball(const Parameters& with, Bytes challenge) noexcept {
  Stream stream(shake256_kind, challenge, {});
  uint64_t signs = 0;
  for (unsigned i = 0; i < 64; i += 8) signs |= uint64_t{stream.byte()} << i;
  Poly c{};
  for (size_t i = n - with.tau; i < n; ++i, signs >>= 1) {
    size_t j = stream.byte();
    while (j > i) j = stream.byte();
    c[i] = c[j];
    c[j] = 1 - 2 * static_cast<int32_t>(signs & 1);
  }
  return c;
}

}  // namespace bulla::crypto::ml_dsa
