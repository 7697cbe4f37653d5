// What targets share that compare the kernels of a primitive with each other, and with libcrypto.
#pragma once

#include "base/assert.h"
#include "base/reader.h"
#include "crypto/kernel.h"

#include <bulla/provider.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <vector>

namespace bulla::fuzz {

using ByteVector = std::vector<uint8_t>;

/// What `compute(algorithm)` gives for "soft", the last kernel of a table. Every other kernel that this
/// machine runs must give the same.
template <class Algorithm, class Compute>
auto same_of_all(std::span<const crypto::Kernel<Algorithm>> table, const Compute& compute) {
  const auto wanted = compute(*table.back().algorithm);
  for (const auto& kernel : table.first(table.size() - 1)) {
    if (!kernel.runs_on(crypto::cpu_word()) || compute(*kernel.algorithm) == wanted) continue;
    std::fprintf(stderr, "kernel: %.*s\n", static_cast<int>(kernel.name.size()), kernel.name.data());
    BULLA_ASSERT(false, "a kernel gives what soft gives");
  }
  return wanted;
}

/// Bytes at an address of the caller's choice modulo 16. The block on the heap ends where they end, so that
/// AddressSanitizer sees what is read or written behind; what stands in front must be as it was at the end.
class Room {
 public:
  Room(size_t size, size_t shift) : shift_(shift % 16), size_(size), block_(new uint8_t[shift_ + size]) {
    std::fill_n(block_.get(), shift_, guard);
    std::fill_n(block_.get() + shift_, size, uint8_t{0});
  }
  Room(Bytes content, size_t shift) : Room(content.size(), shift) {
    std::copy(content.begin(), content.end(), bytes().begin());
  }
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;
  ~Room() {
    BULLA_ASSERT(std::all_of(block_.get(), block_.get() + shift_, [](uint8_t b) { return b == guard; }),
                 "nothing is written in front of a buffer");
  }

  MutBytes bytes() noexcept { return {block_.get() + shift_, size_}; }

 private:
  static constexpr uint8_t guard = 0xa5;
  size_t shift_, size_;
  std::unique_ptr<uint8_t[]> block_;
};

/// Hands out the bytes it was given, then others that depend on nothing.
class Source final : public Random {
 public:
  explicit Source(Bytes bytes) noexcept : bytes_(bytes) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) {
      byte = bytes_.empty() ? next() : bytes_.front();
      if (!bytes_.empty()) bytes_ = bytes_.subspan(1);
    }
  }

 private:
  /// splitmix64.
  uint8_t next() noexcept {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    return static_cast<uint8_t>(z >> 56);
  }
  Bytes bytes_;
  uint64_t state_ = 0;
};

/// `bytes` over and over, as many as asked for; zeros where there are none.
inline ByteVector stretched(Bytes bytes, size_t size) {
  ByteVector out(size);
  for (size_t i = 0; i < size && !bytes.empty(); ++i) out[i] = bytes[i % bytes.size()];
  return out;
}

/// All of `text` in pieces: a cut below 0xc0 is as long as it says, the others take so many times 64 bytes.
inline std::vector<Bytes> pieces_of(Bytes text, Bytes cuts) {
  std::vector<Bytes> out;
  for (const uint8_t cut : cuts) {
    const size_t wanted = cut < 0xc0 ? cut : size_t{64} * (cut - 0xc0u);
    out.push_back(text.first(std::min(wanted, text.size())));
    text = text.subspan(out.back().size());
  }
  if (!text.empty()) out.push_back(text);
  return out;
}

/// Alters one bit, where there is one.
inline void flip(MutBytes bytes, size_t bit) noexcept {
  if (!bytes.empty()) bytes[bit / 8 % bytes.size()] ^= static_cast<uint8_t>(1u << bit % 8);
}

}  // namespace bulla::fuzz
