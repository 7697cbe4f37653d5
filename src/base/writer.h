// Writer: appends numbers and length-prefixed blocks to a vector; blocks nest like the presentation language:
//   w.u16_prefixed([&](Writer& w) { w.u16(group); w.u16_bytes(share); });
#pragma once

#include "base/assert.h"

#include <bulla/bytes.h>

#include <concepts>
#include <cstring>
#include <type_traits>

namespace bulla {

class Writer {
 public:
  explicit Writer(std::vector<uint8_t>& out) noexcept : out_(out) {}

  size_t size() const noexcept { return out_.size(); }

  void u8(uint8_t v) { out_.push_back(v); }
  void u16(uint16_t v) { number(v, 2); }
  void u24(uint32_t v) {
    BULLA_ASSERT(v >> 24 == 0, "a number is larger than its three bytes");
    number(v, 3);
  }
  void u32(uint32_t v) { number(v, 4); }
  void u64(uint64_t v) { number(v, 8); }
  template <class E>
    requires std::is_enum_v<E>
  void value(E e) {
    number(static_cast<uint64_t>(e), sizeof(E));
  }
  void bytes(Bytes b) {
    // resize and memcpy: g++ 12 at -O3 sees overflows that are not there in vector::insert of a range.
    if (b.empty()) return;
    const size_t at = out_.size();
    out_.resize(at + b.size());
    std::memcpy(out_.data() + at, b.data(), b.size());
  }

  void u8_bytes(Bytes b) {
    prefixed(1, [&](Writer& w) { w.bytes(b); });
  }
  void u16_bytes(Bytes b) {
    prefixed(2, [&](Writer& w) { w.bytes(b); });
  }
  void u24_bytes(Bytes b) {
    prefixed(3, [&](Writer& w) { w.bytes(b); });
  }

  template <std::invocable<Writer&> F>
  void u8_prefixed(F&& body) {
    prefixed(1, body);
  }
  template <std::invocable<Writer&> F>
  void u16_prefixed(F&& body) {
    prefixed(2, body);
  }
  template <std::invocable<Writer&> F>
  void u24_prefixed(F&& body) {
    prefixed(3, body);
  }

 private:
  void number(uint64_t v, size_t n) {
    for (size_t i = n; i-- > 0;) out_.push_back(static_cast<uint8_t>(v >> (8 * i)));
  }
  template <class F>
  void prefixed(size_t n, F&& body) {
    const size_t at = out_.size();
    out_.insert(out_.end(), n, 0);
    body(*this);
    const size_t length = out_.size() - at - n;
    BULLA_ASSERT(length >> (8 * n) == 0, "a field is longer than its length prefix can say");
    for (size_t i = 0; i < n; ++i) out_[at + i] = static_cast<uint8_t>(length >> (8 * (n - 1 - i)));
  }

  std::vector<uint8_t>& out_;
};

}  // namespace bulla
