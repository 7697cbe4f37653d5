// DerReader: a sticky cursor over untrusted DER (X.690 §10, §11), strict: definite lengths in their shortest
// form, canonical BOOLEAN, INTEGER and BIT STRING, tags of one octet. What is missing or wrong marks the
// reader failed and yields empty values, so that decoders read like the ASN.1; `ok()` and `why()` tell at the
// end.
//   DerReader r(der);
//   r.sequence([&](DerReader& r) { id = r.oid(); parameters = r.rest(); });
//   if (!r.done()) return error(r.why());
#pragma once

#include "asn1/oid.h"
#include "asn1/tag.h"

#include <bulla/bytes.h>
#include <bulla/time.h>

#include <concepts>
#include <cstdint>

namespace bulla::asn1 {

/// One element: its tag, its content, and both with the length between.
struct Element {
  uint8_t tag = 0;
  Bytes content = {};
  Bytes whole = {};
};

struct BitString {
  Bytes octets = {};
  uint8_t unused = 0;
  /// Named bit n; bits that were not sent are zero (X.680 §22.7).
  bool bit(size_t n) const noexcept { return n / 8 < octets.size() && (octets[n / 8] >> (7 - n % 8) & 1); }
};

class DerReader {
 public:
  /// How deep elements may nest: certificates need eight or so, an attacker would like thousands.
  static constexpr unsigned max_depth = 24;

  explicit DerReader(Bytes der) noexcept : rest_(der) {}

  bool ok() const noexcept { return why_ == nullptr; }
  /// All was read and nothing was wrong.
  bool done() const noexcept { return ok() && rest_.empty(); }
  /// Something is left to read: the condition of SEQUENCE OF loops; false once failed.
  bool more() const noexcept { return ok() && !rest_.empty(); }
  /// What was wrong first, for a person; a reason too where bytes are left over.
  const char* why() const noexcept {
    return why_ ? why_ : rest_.empty() ? "" : "bytes follow where none may";
  }
  void fail(const char* why) noexcept;

  /// Whether the next element has this tag; false at the end and once failed. For OPTIONAL fields.
  bool next_is(uint8_t tag) const noexcept { return more() && rest_[0] == tag; }

  /// The next element, whatever it is.
  Element any() noexcept;
  /// The next element, which must have this tag.
  Element element(uint8_t tag) noexcept;
  Bytes content(uint8_t tag) noexcept { return element(tag).content; }
  /// Everything that is left, unread.
  Bytes rest() noexcept;

  /// Reads a constructed element with `body`, which must leave nothing over. Not called once failed.
  template <std::invocable<DerReader&> F>
  void constructed(uint8_t tag, F&& body) {
    DerReader inner = enter(tag);
    if (!inner.ok()) return;
    body(inner);
    leave(inner);
  }
  template <std::invocable<DerReader&> F>
  void sequence(F&& body) {
    constructed(tag::sequence, body);
  }
  /// [n] EXPLICIT.
  template <std::invocable<DerReader&> F>
  void explicit_tag(unsigned n, F&& body) {
    constructed(tag::context_constructed(n), body);
  }
  /// An OCTET STRING that holds DER.
  template <std::invocable<DerReader&> F>
  void octet_string(F&& body) {
    constructed(tag::octet_string, body);
  }

  bool boolean() noexcept;
  /// Two's complement content in its shortest form.
  Bytes integer() noexcept;
  /// A number that is not negative, without its sign octet; zero is one octet 00.
  Bytes unsigned_integer() noexcept;
  /// A number from 0 to `max`.
  uint64_t small_integer(uint64_t max) noexcept;
  /// The same with another tag (IMPLICIT).
  uint64_t small_integer(uint8_t tag, uint64_t max) noexcept;
  void null() noexcept;
  /// Content octets of a well-formed OID.
  Bytes oid() noexcept;
  BitString bit_string(uint8_t tag = tag::bit_string) noexcept;
  /// A BIT STRING of whole octets.
  Bytes bit_string_octets() noexcept;
  /// A named bit list: no trailing zero bits (X.690 §11.2.2).
  BitString named_bits(uint8_t tag = tag::bit_string) noexcept;
  Bytes octet_string() noexcept { return content(tag::octet_string); }
  /// UTCTime or GeneralizedTime in RFC 5280's form.
  Time time() noexcept;

 private:
  DerReader(Bytes der, unsigned depth) noexcept : rest_(der), depth_(depth) {}
  DerReader enter(uint8_t tag) noexcept;
  void leave(const DerReader& inner) noexcept;
  bool header(uint8_t& tag, size_t& header_size, size_t& length) noexcept;

  Bytes rest_;
  const char* why_ = nullptr;
  unsigned depth_ = 0;
};

/// Whether INTEGER content octets are in their shortest form.
bool is_minimal_integer(Bytes content) noexcept;

}  // namespace bulla::asn1
