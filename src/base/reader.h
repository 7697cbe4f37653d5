// Reader: a sticky cursor over untrusted bytes. A read past the end yields zeros (or an empty view) and marks
// the reader failed; one `if (!r.done())` at the end of a decoder refuses. Decoders thereby read like the
// RFC's struct. Rule: no side effect and no loop on a count before ok().
#pragma once

#include <bulla/bytes.h>

#include <algorithm>

namespace bulla {

class Reader {
 public:
  explicit Reader(Bytes bytes) noexcept : rest_(bytes) {}
  Reader(Bytes bytes, bool failed) noexcept : rest_(bytes), failed_(failed) {}

  bool ok() const noexcept { return !failed_; }
  bool empty() const noexcept { return rest_.empty(); }
  size_t left() const noexcept { return rest_.size(); }
  /// All was read and nothing was missing.
  bool done() const noexcept { return ok() && empty(); }
  /// Something is left to read: the condition of list loops; false once failed.
  bool more() const noexcept { return ok() && !empty(); }
  void fail() noexcept {
    failed_ = true;
    rest_ = {};
  }

  uint8_t u8() noexcept { return static_cast<uint8_t>(number(1)); }
  uint16_t u16() noexcept { return static_cast<uint16_t>(number(2)); }
  uint32_t u24() noexcept { return static_cast<uint32_t>(number(3)); }
  uint32_t u32() noexcept { return static_cast<uint32_t>(number(4)); }
  uint64_t u64() noexcept { return number(8); }

  Bytes bytes(size_t n) noexcept {
    if (failed_ || rest_.size() < n) {
      fail();
      return {};
    }
    const Bytes out = rest_.first(n);
    rest_ = rest_.subspan(n);
    return out;
  }
  Bytes rest() noexcept { return bytes(rest_.size()); }

  /// opaque<min..max> with a length prefix of 1, 2 or 3 bytes.
  Bytes u8_bytes(size_t min = 0, size_t max = 0xff) noexcept { return prefixed(u8(), min, max); }
  Bytes u16_bytes(size_t min = 0, size_t max = 0xffff) noexcept { return prefixed(u16(), min, max); }
  Bytes u24_bytes(size_t min = 0, size_t max = 0xffffff) noexcept { return prefixed(u24(), min, max); }

  /// A reader over a prefixed field. It inherits failure; check it with done() like any other.
  Reader u8_prefixed(size_t min = 0, size_t max = 0xff) noexcept { return sub(u8_bytes(min, max)); }
  Reader u16_prefixed(size_t min = 0, size_t max = 0xffff) noexcept { return sub(u16_bytes(min, max)); }
  Reader u24_prefixed(size_t min = 0, size_t max = 0xffffff) noexcept { return sub(u24_bytes(min, max)); }

  /// Carries a sub-reader's failure (or its unread rest) upward.
  void require_done(const Reader& inner) noexcept {
    if (!inner.done()) fail();
  }

 private:
  uint64_t number(size_t n) noexcept {
    uint64_t value = 0;
    for (const uint8_t byte : bytes(n)) value = value << 8 | byte;
    return value;
  }
  Bytes prefixed(size_t length, size_t min, size_t max) noexcept {
    if (length < min || length > max) fail();
    return bytes(length);
  }
  Reader sub(Bytes field) const noexcept { return Reader(field, failed_); }

  Bytes rest_;
  bool failed_ = false;
};

}  // namespace bulla
