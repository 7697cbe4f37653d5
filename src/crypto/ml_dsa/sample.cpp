#include "crypto/ml_dsa/sample.h"

#include "base/ct.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/ml_dsa/pack.h"
#include "crypto/sha3/sha3.h"

#include <algorithm>

namespace bulla::crypto::ml_dsa {
namespace {

const Keccak& keccak() noexcept {
  return *kernel().keccak;
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

/// Streams that are squeezed together: as many as a kernel of Keccak may like.
constexpr size_t side_by_side = 8;

/// Numbers of 23 bits, as long as they are below q, behind the first `count`; how many there are then. All of
/// it is public, but a branch that nobody can foresee would take longer than a number that is overwritten.
size_t take_vartime(Bytes block, size_t count, Poly& out) noexcept {
  for (size_t at = 0; at + 3 <= block.size() && count < n; at += 3) {
    const uint32_t number = block[at] | uint32_t{block[at + 1]} << 8 | (block[at + 2] & 0x7fu) << 16;
    out[count] = static_cast<int32_t>(number);
    count += number < static_cast<uint32_t>(q);
  }
  return count;
}

}  // namespace

void hash(std::initializer_list<Bytes> parts, MutBytes out) noexcept {
  Sponge sponge(keccak(), shake256_kind);
  for (const Bytes part : parts) sponge.absorb(part);
  sponge.squeeze(out);
}

/// FIPS 204 §7.3, algorithms 30 and 32.
void expand_a(std::span<Poly> out, const Parameters& with, Bytes rho) noexcept {
  ShakeLanes<side_by_side, shake128_kind> lanes(keccak());
  std::array<uint8_t, 34> input;
  std::ranges::copy(rho, input.begin());
  input[32] = input[33] = 0;  // column, row
  for (size_t first = 0; first < out.size(); first += side_by_side) {
    const size_t count = std::min(side_by_side, out.size() - first);
    for (size_t i = 0; i < count; ++i) {
      lanes.start(i, input);
      if (++input[32] < with.l) continue;
      input[32] = 0;
      ++input[33];
    }
    std::array<size_t, side_by_side> found{};
    for (bool done = false; !done;) {
      lanes.next(count);
      done = true;
      for (size_t i = 0; i < count; ++i) {
        if (found[i] == n) continue;
        std::array<uint8_t, shake128_kind.rate> block;
        lanes.block(i, block.data());
        found[i] = take_vartime(block, found[i], out[first + i]);
        done = done && found[i] == n;
      }
    }
  }
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

/// FIPS 204 §7.3, algorithm 34: numbers of z_bits() bits, little-endian, taken from gamma1. A polynomial
/// needs 576 or 640 bytes: five blocks.
void expand_mask(std::span<Poly> out, const Parameters& with, Bytes rho_second, size_t index) noexcept {
  constexpr size_t blocks = 5, rate = shake256_kind.rate;
  ShakeLanes<side_by_side, shake256_kind> lanes(keccak());
  SecretBytes streams(side_by_side * blocks * rate);
  std::array<uint8_t, 66> input;
  std::ranges::copy(rho_second, input.begin());
  for (size_t first = 0; first < out.size(); first += side_by_side) {
    const size_t count = std::min(side_by_side, out.size() - first);
    for (size_t i = 0; i < count; ++i) {
      std::ranges::copy(little_endian(index + first + i), input.begin() + 64);
      lanes.start(i, input);
    }
    for (size_t block = 0; block < blocks; ++block) {
      lanes.next(count);
      for (size_t i = 0; i < count; ++i) lanes.block(i, &streams.writable()[(i * blocks + block) * rate]);
    }
    for (size_t i = 0; i < count; ++i)
      out[first + i] = unpack(streams.reveal().subspan(i * blocks * rate, n / 8 * with.z_bits()),
                              with.z_bits(), with.gamma1);
  }
  wipe(input);
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
