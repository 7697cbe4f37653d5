// A gather list of bounded length.
#pragma once

#include "base/assert.h"

#include <bulla/bytes.h>

#include <memory>

namespace bulla {

/// Up to `n` pieces of bytes, which lie elsewhere. Nothing is written where there are none yet: clearing an
/// array of them, which g++ 12 does by REP STOS, takes longer than encrypting a short record.
template <size_t n>
class Pieces {
 public:
  Pieces() noexcept {}
  Pieces(const Pieces&) = delete;
  Pieces& operator=(const Pieces&) = delete;

  void add(Bytes piece) noexcept {
    BULLA_ASSERT(count_ < n, "there are more pieces than room");
    std::construct_at(room_ + count_++, piece);
  }
  void clear() noexcept { count_ = 0; }
  bool full() const noexcept { return count_ == n; }
  std::span<const Bytes> all() const noexcept { return {room_, count_}; }

 private:
  size_t count_ = 0;
  union {
    Bytes room_[n];
  };
};

}  // namespace bulla
