// What AeadKey::seal demands of its buffers (bulla/provider.h), the same for every AEAD.
#pragma once

#include "base/assert.h"

#include <bulla/provider.h>

#include <functional>

namespace bulla::crypto {

/// Whether two buffers share a byte. Pointers into different objects are compared by std::less, which orders
/// them all.
inline bool overlap(Bytes a, Bytes b) noexcept {
  const std::less<> before;
  return !a.empty() && !b.empty() && before(a.data(), b.data() + b.size()) &&
         before(b.data(), a.data() + a.size());
}

/// The size of the plaintext, once its pieces, the additional data and `out` keep the contract: the first
/// piece may lie exactly at `out.data()`, nothing else overlaps, and `out` holds all pieces and the tag.
/// Anything else is an assertion.
inline size_t checked_text_size(MutBytes out, Bytes aad, std::span<const Bytes> in) noexcept {
  BULLA_ASSERT(!overlap(out, aad), "the additional data of seal overlaps its output");
  size_t at = 0;
  for (size_t i = 0; i < in.size(); ++i) {
    const Bytes piece = in[i];
    const size_t room = out.size() - at;
    BULLA_ASSERT(room >= aead_tag_size && piece.size() <= room - aead_tag_size,
                 "the output of seal is too small");
    at += piece.size();
    if (i == 0 && piece.data() == out.data()) continue;
    BULLA_ASSERT(!overlap(out, piece), "an input of seal overlaps its output");
  }
  BULLA_ASSERT(out.size() == at + aead_tag_size, "the output of seal is its inputs and the tag");
  return at;
}

}  // namespace bulla::crypto
