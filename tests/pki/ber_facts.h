// What an input looks like as BER, found without our DER reader: the forms that DER forbids, and some that
// the profile of RFC 5280 does. Of a claim such as "it has an indefinite length" this is the second opinion.
#pragma once

#include <bulla/bytes.h>

#include <algorithm>

namespace bulla::test {

struct BerFacts {
  bool whole = true;                ///< elements one behind another, down to the last byte
  bool indefinite = false;          ///< X.690 §8.1.3.6
  bool long_length = false;         ///< a length in more octets than it needs, or in more than four
  bool high_tag = false;            ///< a tag of more than one octet
  bool reserved_tag = false;        ///< 00 or 20, but as the end of an indefinite length
  bool boolean = false;             ///< a BOOLEAN that is neither 00 nor FF
  bool integer = false;             ///< an INTEGER with octets it does not need, or with none
  bool unused_bits = false;         ///< a BIT STRING with unused bits set, or more than there are
  bool implicit_bits = false;       ///< [1], [2] or [3], primitive, that would be such a BIT STRING
  bool primitive_list = false;      ///< a SEQUENCE, SET or [0] without the bit that says constructed
  bool broken_inside = false;       ///< a constructed element that does not hold whole elements
  bool odd_attribute = false;       ///< in a SET: SEQUENCE { OID, something that is no string of a name }
  bool odd_name_form = false;       ///< in an OCTET STRING: what GeneralName has in parts as one, or reversed
  bool structured_name = false;     ///< in an OCTET STRING: [0], [3] or [5], constructed, as a GeneralName
  bool partial_octet = false;       ///< a BIT STRING that does not end at an octet
  bool constructed_string = false;  ///< a type of no parts, in pieces
  bool empty_constructed = false;   ///< a SEQUENCE, SET or [n] without elements
  bool wide_ia5 = false;            ///< [1], [2] or [6], primitive, with an octet beyond ASCII
  bool odd_address = false;         ///< [7], primitive, of a length that no address (with mask) has
  bool holes = false;               ///< [7] of 8 or 32 octets whose second half is no mask
  bool null_content = false;        ///< a NULL with content
  bool odd_oid = false;             ///< an OID that is empty, cut off, or has a leading 80
  bool odd_text = false;            ///< a string whose octets are not of its type
  unsigned depth = 0;
};

namespace ber {

struct Header {
  uint8_t tag = 0;
  size_t size = 0, length = 0;
  bool ok = false, indefinite = false;
};

inline Header read_header(Bytes in, BerFacts& facts) {
  Header out;
  if (in.size() < 2) return out;
  out.tag = in[0];
  size_t at = 1;
  if ((in[0] & 0x1f) == 0x1f) {
    facts.high_tag = true;
    while (at < in.size() && (in[at] & 0x80)) ++at;
    ++at;
  }
  if (at >= in.size()) return out;
  const size_t octets = in[at] & 0x7f;
  if (!(in[at] & 0x80)) {
    out.length = in[at];
    out.size = at + 1;
  } else if (octets == 0) {
    facts.indefinite = out.indefinite = true;
    out.size = at + 1;
  } else {
    if (octets > 8 || in.size() - at <= octets) return out;
    for (size_t i = 1; i <= octets; ++i) out.length = out.length << 8 | in[at + i];
    if (octets > 4 || out.length < 0x80 || in[at + 1] == 0) facts.long_length = true;
    out.size = at + 1 + octets;
  }
  out.ok = out.indefinite || in.size() - out.size >= out.length;
  return out;
}

inline bool is_mask(Bytes mask) {
  bool ended = false;
  for (const uint8_t octet : mask)
    for (unsigned bit = 8; bit-- > 0;) {
      const bool one = (octet >> bit & 1) != 0;
      if (one && ended) return false;
      ended = ended || !one;
    }
  return true;
}

/// Unicode's, of `width` octets each.
inline bool are_characters(Bytes text, size_t width) {
  for (size_t at = 0; at < text.size(); at += width) {
    uint64_t c = 0;
    for (size_t i = 0; i < width && at + i < text.size(); ++i) c = c << 8 | text[at + i];
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return false;
  }
  return text.size() % width == 0;
}

inline bool is_odd_bits(Bytes content) {
  const size_t size = content.size();
  return size == 0 || content[0] > 7 || (size == 1 && content[0]) ||
         (content[0] && (content.back() & ((1u << content[0]) - 1)));
}

inline void look_at_name(uint8_t tag, Bytes content, BerFacts& facts) {
  if (tag >= 0x81 && tag <= 0x83 && is_odd_bits(content)) facts.implicit_bits = true;
  const bool text = tag == 0x81 || tag == 0x82 || tag == 0x86;
  if (text && std::any_of(content.begin(), content.end(), [](uint8_t c) { return c >= 0x80; }))
    facts.wide_ia5 = true;
  if (tag != 0x87) return;
  const size_t size = content.size();
  if (size != 4 && size != 16) facts.odd_address = true;
  if ((size == 8 || size == 32) && !is_mask(content.subspan(size / 2))) facts.holes = true;
}

inline bool is_utf8(Bytes text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t lead = text[i];
    if (lead < 0x80) continue;
    const size_t tail = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4 || text.size() - i <= tail) return false;
    for (size_t k = 1; k <= tail; ++k)
      if ((text[i + k] & 0xc0) != 0x80) return false;
    if ((lead == 0xe0 && text[i + 1] < 0xa0) || (lead == 0xed && text[i + 1] > 0x9f)) return false;
    if ((lead == 0xf0 && text[i + 1] < 0x90) || (lead == 0xf4 && text[i + 1] > 0x8f)) return false;
    i += tail;
  }
  return true;
}

/// Where an element stands.
struct Place {
  unsigned depth = 0;
  bool in_octets = false, in_set = false, until_end_mark = false;
};

inline void look_at_value(uint8_t tag, Bytes content, Place place, BerFacts& facts) {
  if (place.in_octets && tag >= 0x83 && tag <= 0x85) facts.odd_name_form = true;
  const size_t size = content.size();
  switch (tag) {
    case 0x01:
      if (size != 1 || (content[0] != 0 && content[0] != 0xff)) facts.boolean = true;
      break;
    case 0x02:
    case 0x0a:
      if (size == 0 || (size > 1 && ((content[0] == 0 && content[1] < 0x80) ||
                                     (content[0] == 0xff && content[1] >= 0x80))))
        facts.integer = true;
      break;
    case 0x03:
      if (is_odd_bits(content)) facts.unused_bits = true;
      if (size && content[0]) facts.partial_octet = true;
      break;
    case 0x05:
      if (size) facts.null_content = true;
      break;
    case 0x06: {
      bool begins = true;
      for (const uint8_t octet : content) {
        if (begins && octet == 0x80) facts.odd_oid = true;
        begins = !(octet & 0x80);
      }
      if (size == 0 || !begins) facts.odd_oid = true;
      break;
    }
    case 0x10:
    case 0x11:
    case 0x80:
      // In an extension [0] is a key identifier, unless elements stand in it.
      if (tag != 0x80 || !place.in_octets || (!content.empty() && content[0] == 0x30))
        facts.primitive_list = true;
      break;
    case 0x0c:
      if (!is_utf8(content)) facts.odd_text = true;
      break;
    case 0x1c: facts.odd_text = facts.odd_text || !are_characters(content, 4); break;
    case 0x1e: facts.odd_text = facts.odd_text || !are_characters(content, 2); break;
    default: look_at_name(tag, content, facts);
  }
}

inline bool is_in_one_piece(uint8_t tag) {
  constexpr uint8_t types[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x12,
                               0x13, 0x14, 0x16, 0x17, 0x18, 0x1a, 0x1c, 0x1e};
  return std::find(std::begin(types), std::end(types), tag) != std::end(types);
}

inline size_t walk(Bytes in, Place place, BerFacts& facts);

inline void look_inside(Bytes content, Place place, BerFacts& facts) {
  BerFacts inner = facts;
  walk(content, {.depth = place.depth + 1, .in_octets = true}, inner);
  // Octets that are no elements are a key or a number; what begins as an extension's value is meant as one.
  constexpr uint8_t begins[] = {0x02, 0x03, 0x05, 0x0a, 0x18, 0x23, 0x24, 0x30};
  const bool meant =
      !content.empty() && std::find(std::begin(begins), std::end(begins), content[0]) != std::end(begins);
  if (!inner.whole && !meant) return;
  facts = inner;
  facts.whole = true;
}

/// The value of an AttributeTypeAndValue: libcrypto takes the types of its B_ASN1_PRINTABLE.
inline void look_at_attribute(Bytes content, BerFacts& facts) {
  BerFacts ignored;
  const Header type = read_header(content, ignored);
  if (!type.ok || type.tag != 0x06) return;
  const Bytes value = content.subspan(type.size + type.length);
  constexpr uint8_t types[] = {0x03, 0x0c, 0x12, 0x13, 0x14, 0x16, 0x1c, 0x1e, 0x30};
  if (value.empty() || std::find(std::begin(types), std::end(types), value[0]) == std::end(types))
    facts.odd_attribute = true;
}

inline void look_at_constructed(uint8_t tag, Bytes content, Place place, BerFacts& facts) {
  if (content.empty()) facts.empty_constructed = true;
  if (place.in_octets && (tag == 0xa0 || tag == 0xa3 || tag == 0xa5)) facts.structured_name = true;
  if (place.in_octets && (tag == 0xa1 || tag == 0xa2 || (tag >= 0xa6 && tag <= 0xa8)))
    facts.odd_name_form = true;
  if (place.in_set && tag == 0x30) look_at_attribute(content, facts);
  walk(content, {.depth = place.depth + 1, .in_octets = place.in_octets, .in_set = tag == 0x31}, facts);
  if (facts.whole) return;
  facts.whole = true;
  facts.broken_inside = true;
}

/// Walks over elements until the input, or an element of indefinite length around them, ends; returns what
/// was walked over.
inline size_t walk(Bytes in, Place place, BerFacts& facts) {
  facts.depth = std::max(facts.depth, place.depth);
  size_t at = 0;
  while (facts.whole && at < in.size()) {
    const Header h = read_header(in.subspan(at), facts);
    if (place.until_end_mark && h.ok && h.tag == 0 && h.length == 0) return at + h.size;
    if (!h.ok || place.depth > 200) facts.whole = false;
    if (!facts.whole) return at;
    if ((h.tag & ~0x20u) == 0) facts.reserved_tag = true;
    if ((h.tag & 0x20) && !(h.tag & 0xc0) && is_in_one_piece(h.tag & 0xdf)) facts.constructed_string = true;
    const Bytes rest = in.subspan(at + h.size);
    const Bytes content = h.indefinite ? Bytes() : rest.first(h.length);
    at += h.size + h.length;
    if (h.indefinite) {
      at +=
          walk(rest, {.depth = place.depth + 1, .in_octets = place.in_octets, .until_end_mark = true}, facts);
    } else if (h.tag & 0x20) {
      look_at_constructed(h.tag, content, place, facts);
    } else {
      look_at_value(h.tag, content, place, facts);
      if (h.tag == 0x04) look_inside(content, place, facts);
      if (h.tag == 0x03 && !content.empty()) look_inside(content.subspan(1), place, facts);
    }
  }
  if (place.until_end_mark) facts.whole = false;  // its end is missing
  return at;
}

}  // namespace ber

/// Of SEQUENCE { first, second, ... }: whether the bytes of `second` stand nowhere in `first`, as those of
/// the algorithm of a signature do in what is signed.
inline bool second_is_not_in_first(Bytes in) {
  BerFacts ignored;
  const auto take = [&](Bytes& from) {
    const ber::Header h = ber::read_header(from, ignored);
    const Bytes out = h.ok ? from.first(h.size + h.length) : Bytes();
    from = from.subspan(out.size());
    return out;
  };
  const ber::Header outer = ber::read_header(in, ignored);
  if (!outer.ok) return false;
  Bytes rest = in.subspan(outer.size);
  const Bytes first = take(rest), second = take(rest);
  return std::search(first.begin(), first.end(), second.begin(), second.end()) == first.end();
}

inline BerFacts look_at_ber(Bytes in) {
  BerFacts out;
  ber::walk(in, {}, out);
  return out;
}

}  // namespace bulla::test
