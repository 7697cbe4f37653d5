// DerWriter: appends DER (X.690 §10, §11) to a vector; constructed values nest like the ASN.1 they write:
//   w.sequence([&](DerWriter& w) { w.oid(oids::p256); w.null(); });
// The caller who writes secrets reserves enough room beforehand, so that the vector never moves, and wipes
// it.
#pragma once

#include "asn1/oid.h"
#include "asn1/tag.h"

#include <bulla/bytes.h>
#include <bulla/time.h>

#include <concepts>
#include <string_view>
#include <vector>

namespace bulla::asn1 {

class DerWriter {
 public:
  explicit DerWriter(std::vector<uint8_t>& out) noexcept : out_(out) {}

  template <std::invocable<DerWriter&> F>
  void constructed(uint8_t tag, F&& body) {
    const size_t at = begin(tag);
    body(*this);
    end(at);
  }
  template <std::invocable<DerWriter&> F>
  void sequence(F&& body) {
    constructed(tag::sequence, body);
  }
  /// SET or SET OF; the elements are put into DER's order afterwards (X.690 §11.6).
  template <std::invocable<DerWriter&> F>
  void set(F&& body) {
    const size_t at = begin(tag::set);
    body(*this);
    sort_set(at);
    end(at);
  }
  /// [n] EXPLICIT.
  template <std::invocable<DerWriter&> F>
  void explicit_tag(unsigned n, F&& body) {
    constructed(tag::context_constructed(n), body);
  }
  /// An OCTET STRING whose content is DER itself.
  template <std::invocable<DerWriter&> F>
  void octet_string(F&& body) {
    constructed(tag::octet_string, body);
  }
  /// A BIT STRING whose content is DER itself, with no unused bits.
  template <std::invocable<DerWriter&> F>
  void bit_string(F&& body) {
    constructed(tag::bit_string, [&](DerWriter& w) {
      w.out_.push_back(0);
      body(w);
    });
  }

  /// Any primitive: tag, length, content.
  void value(uint8_t tag, Bytes content);
  void boolean(bool v);
  void integer(uint64_t v);
  /// A non-negative number, big-endian; leading zeros are dropped and the sign octet is added where needed.
  void unsigned_integer(Bytes big_endian);
  void enumerated(uint8_t v) { value(tag::enumerated, {&v, 1}); }
  void null() { value(tag::null, {}); }
  void oid(const Oid& id) { value(tag::oid, id.content()); }
  void octet_string(Bytes content) { value(tag::octet_string, content); }
  /// A BIT STRING of whole octets.
  void bit_string(Bytes content);
  /// A named bit list: bit n of `bits` is named bit n; trailing zero bits are dropped (X.690 §11.2.2).
  void named_bits(uint32_t bits);
  void utf8_string(std::string_view text) { value(tag::utf8_string, as_bytes(text)); }
  void printable_string(std::string_view text) { value(tag::printable_string, as_bytes(text)); }
  void ia5_string(std::string_view text) { value(tag::ia5_string, as_bytes(text)); }
  /// UTCTime through 2049, GeneralizedTime from 2050 on (RFC 5280 §4.1.2.5). Years 1950 to 9999.
  void time(Time t);
  /// GeneralizedTime, whatever the year is.
  void generalized_time(Time t);
  /// Bytes that are DER already.
  void raw(Bytes der) { out_.insert(out_.end(), der.begin(), der.end()); }

 private:
  size_t begin(uint8_t tag);
  void end(size_t content_at);
  void sort_set(size_t content_at);

  std::vector<uint8_t>& out_;
};

/// The bytes that `body` writes.
template <std::invocable<DerWriter&> F>
std::vector<uint8_t> to_der(F&& body) {
  std::vector<uint8_t> out;
  DerWriter writer(out);
  body(writer);
  return out;
}

/// Whether every character may stand in a PrintableString (X.680 §41.4).
bool is_printable_string(std::string_view text) noexcept;

}  // namespace bulla::asn1
