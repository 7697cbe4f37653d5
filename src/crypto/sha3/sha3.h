// SHA3-256, SHA3-512, SHAKE128 and SHAKE256 (FIPS 202).
#pragma once

#include "crypto/kernel.h"

#include <bulla/bytes.h>

#include <array>
#include <cstring>

namespace bulla::crypto {

/// FIPS 202 §3.1: 5 * 5 lanes of 64 bits, lane (x, y) at 5 * y + x.
using KeccakState = std::array<uint64_t, 25>;

/// Keccak-f[1600], the permutation that everything here is made of.
struct Keccak {
  std::string_view name;  ///< "Keccak-f[1600]"
  /// Permutes `count` states that have nothing to do with each other, side by side where a kernel can.
  void (*permute)(KeccakState* states, size_t count) noexcept;
};

/// All ways to compute it that this build has.
std::span<const Kernel<Keccak>> keccak_kernels() noexcept;

/// The four functions differ in how many bytes of the state meet the outside, and in the bits that end a
/// message.
struct SpongeKind {
  uint8_t rate;    ///< bytes of a block
  uint8_t suffix;  ///< the bits after a message, the lowest first, and the first one of the padding
};
/// FIPS 202 §6.1: 01, then 10*1.
inline constexpr SpongeKind sha3_256_kind = {136, 0x06}, sha3_512_kind = {72, 0x06};
/// FIPS 202 §6.2: 1111, then 10*1.
inline constexpr SpongeKind shake128_kind = {168, 0x1f}, shake256_kind = {136, 0x1f};

/// The sponge construction (FIPS 202 §4): takes in bytes, then gives out any number of them. Wiped when it
/// dies. `keccak` outlives it, as those of kernels do.
class Sponge {
 public:
  /// Empty.
  Sponge(const Keccak& keccak, SpongeKind kind) noexcept : keccak_(&keccak), kind_(kind) {}
  /// Forks it: both go on from here.
  Sponge(const Sponge&) noexcept = default;
  Sponge& operator=(const Sponge&) noexcept = default;
  ~Sponge();

  /// Takes in more; not after squeeze().
  void absorb(Bytes data) noexcept;
  /// Gives the next bytes, as many as `out` has.
  void squeeze(MutBytes out) noexcept;

 private:
  const Keccak* keccak_;
  SpongeKind kind_;
  bool squeezing_ = false;
  size_t at_ = 0;  ///< bytes of this block that were taken in, or given out
  KeccakState state_{};
};

/// An extendable-output function: takes in a message, then is read piece by piece.
class Shake : public Sponge {
 public:
  /// SHAKE128 by that kernel.
  static Shake shake128(const Keccak& keccak) noexcept { return Shake(keccak, shake128_kind); }
  /// SHAKE256 by that kernel.
  static Shake shake256(const Keccak& keccak) noexcept { return Shake(keccak, shake256_kind); }

 private:
  using Sponge::Sponge;
};

/// 32 bytes to `out`: SHA3-256 of all pieces, one after the other.
void sha3_256(const Keccak& keccak, std::initializer_list<Bytes> pieces, uint8_t* out) noexcept;
/// 64 bytes to `out`, likewise.
void sha3_512(const Keccak& keccak, std::initializer_list<Bytes> pieces, uint8_t* out) noexcept;

/// `n` extendable-output functions side by side, for samplers: each has an input that is shorter than a
/// block, and all are squeezed block by block. Wiped when it dies.
template <size_t n, SpongeKind kind>
class ShakeLanes {
 public:
  static constexpr size_t block_size = kind.rate;  ///< bytes

  explicit ShakeLanes(const Keccak& keccak) noexcept : keccak_(&keccak) {}
  ShakeLanes(const ShakeLanes&) = delete;
  ShakeLanes& operator=(const ShakeLanes&) = delete;
  ~ShakeLanes();

  /// Begins number `i` afresh with `input`, which has fewer than block_size bytes.
  void start(size_t i, Bytes input) noexcept;
  /// The next block of the first `count`.
  void next(size_t count = n) noexcept { keccak_->permute(states_.data(), count); }
  /// Writes the block of number `i`: block_size bytes.
  void block(size_t i, uint8_t* out) const noexcept;

 private:
  const Keccak* keccak_;
  std::array<KeccakState, n> states_;
};

}  // namespace bulla::crypto

#include "crypto/sha3/shake_lanes.h"
