// Lists of numbers as they stand on the wire: views that are iterated without a copy.
#pragma once

#include "base/reader.h"
#include "base/writer.h"

#include <bulla/tls_types.h>

#include <iterator>

namespace bulla::tls {

/// The body of `E list<..>` where E is a 16-bit enumeration: an even number of bytes, checked when decoded.
template <class E>
class U16List {
 public:
  U16List() noexcept = default;
  explicit U16List(Bytes raw) noexcept : raw_(raw) {}
  struct iterator {
    const uint8_t* at;
    E operator*() const noexcept { return static_cast<E>(at[0] << 8 | at[1]); }
    iterator& operator++() noexcept { return at += 2, *this; }
    bool operator==(const iterator&) const noexcept = default;
  };
  iterator begin() const noexcept { return {raw_.data()}; }
  iterator end() const noexcept { return {raw_.data() + raw_.size()}; }
  size_t size() const noexcept { return raw_.size() / 2; }
  Bytes raw() const noexcept { return raw_; }
  bool contains(E value) const noexcept {
    for (const E e : *this)
      if (e == value) return true;
    return false;
  }
  std::vector<E> to_vector() const {
    std::vector<E> out;
    for (const E e : *this) out.push_back(e);
    return out;
  }

 private:
  Bytes raw_;
};

/// `E list<2..2^16-2>` and `E list<2..254>`: never empty, never odd.
template <class E>
U16List<E> read_u16_list(Reader& r) noexcept {
  const Bytes raw = r.u16_bytes(2, 0xfffe);
  if (raw.size() % 2 != 0) r.fail();
  return r.ok() ? U16List<E>(raw) : U16List<E>();
}
template <class E>
U16List<E> read_short_u16_list(Reader& r) noexcept {
  const Bytes raw = r.u8_bytes(2, 254);
  if (raw.size() % 2 != 0) r.fail();
  return r.ok() ? U16List<E>(raw) : U16List<E>();
}

template <class E>
std::vector<uint8_t> encode_u16s(std::span<const E> values) {
  std::vector<uint8_t> out;
  Writer w(out);
  for (const E e : values) w.value(e);
  return out;
}

}  // namespace bulla::tls
