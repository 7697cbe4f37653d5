#include "crypto/sha3/sha3.h"

#include "base/assert.h"
#include "crypto/little_endian.h"
#include "crypto/sha3/impl.h"

#include <bulla/secret.h>

#include <algorithm>

namespace bulla::crypto {
namespace {

constexpr Kernel<Keccak> kernels[] = {
#if defined(__x86_64__)
    {"avx512", sha3::avx512_needs, &sha3::keccak_avx512},
    {"avx2", sha3::avx2_needs, &sha3::keccak_avx2},
#endif
    {"soft", 0, &sha3::keccak_soft},
};

/// Byte `at` of the state: lanes are little-endian (FIPS 202 §B.1).
constexpr unsigned shift_of(size_t at) noexcept {
  return static_cast<unsigned>(8 * (at % 8));
}

}  // namespace

std::span<const Kernel<Keccak>> keccak_kernels() noexcept {
  return kernels;
}

Sponge::~Sponge() {
  wipe({reinterpret_cast<uint8_t*>(state_.data()), sizeof state_});
}

void Sponge::absorb(Bytes data) noexcept {
  BULLA_ASSERT(!squeezing_, "a sponge takes nothing in after it was squeezed");
  while (!data.empty()) {
    if (at_ % 8 == 0 && data.size() >= 8) {
      state_[at_ / 8] ^= load_little_endian<uint64_t>(data.data());
      at_ += 8;
      data = data.subspan(8);
    } else {
      state_[at_ / 8] ^= uint64_t{data[0]} << shift_of(at_);
      at_ += 1;
      data = data.subspan(1);
    }
    if (at_ < kind_.rate) continue;
    keccak_->permute(&state_, 1);
    at_ = 0;
  }
}

void Sponge::squeeze(MutBytes out) noexcept {
  if (!squeezing_) {
    // FIPS 202 §5.1: the padding begins behind the message and ends with the block.
    const size_t last = size_t{kind_.rate} - 1;
    state_[at_ / 8] ^= uint64_t{kind_.suffix} << shift_of(at_);
    state_[last / 8] ^= uint64_t{0x80} << shift_of(last);
    at_ = kind_.rate;
    squeezing_ = true;
  }
  while (!out.empty()) {
    if (at_ == kind_.rate) {
      keccak_->permute(&state_, 1);
      at_ = 0;
    }
    if (at_ % 8 == 0 && out.size() >= 8) {
      store_little_endian(state_[at_ / 8], out.data());
      at_ += 8;
      out = out.subspan(8);
    } else {
      out[0] = static_cast<uint8_t>(state_[at_ / 8] >> shift_of(at_));
      at_ += 1;
      out = out.subspan(1);
    }
  }
}

void sha3_256(const Keccak& keccak, std::initializer_list<Bytes> pieces, uint8_t* out) noexcept {
  Sponge sponge(keccak, sha3_256_kind);
  for (const Bytes piece : pieces) sponge.absorb(piece);
  sponge.squeeze({out, 32});
}

void sha3_512(const Keccak& keccak, std::initializer_list<Bytes> pieces, uint8_t* out) noexcept {
  Sponge sponge(keccak, sha3_512_kind);
  for (const Bytes piece : pieces) sponge.absorb(piece);
  sponge.squeeze({out, 64});
}

}  // namespace bulla::crypto
