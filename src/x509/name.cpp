#include "x509/name.h"

#include "asn1/der_reader.h"

#include <bulla/error.h>

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

struct ShortName {
  Oid oid;
  std::string_view name;
};
// RFC 4514 §3, and what OpenSSL prints for the rest.
constexpr ShortName short_names[] = {
    {oids::common_name, "CN"},
    {oids::country, "C"},
    {oids::locality, "L"},
    {oids::state, "ST"},
    {oids::organization, "O"},
    {oids::organizational_unit, "OU"},
    {oids::street, "STREET"},
    {oids::domain_component, "DC"},
    {oids::user_id, "UID"},
    {oids::email_address, "emailAddress"},
    {oids::serial_number, "serialNumber"},
    {oids::surname, "SN"},
    {oids::given_name, "GN"},
    {oids::title, "title"},
};

void append_utf8(std::string& out, uint32_t c) {
  const auto put = [&](uint32_t octet) { out += static_cast<char>(octet); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  } else {
    put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
  }
}

/// Code units of `width` octets (1: Latin-1, 2: UCS-2, 4: UCS-4), big-endian.
std::optional<std::string> from_units(Bytes value, size_t width) {
  if (value.size() % width) return {};
  std::string out;
  for (size_t at = 0; at < value.size(); at += width) {
    uint32_t c = 0;
    for (size_t i = 0; i < width; ++i) c = c << 8 | value[at + i];
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return {};
    append_utf8(out, c);
  }
  return out;
}

/// RFC 3629 §4: shortest forms only, no surrogates, nothing beyond U+10FFFF.
bool is_utf8(Bytes text) {
  for (size_t i = 0; i < text.size();) {
    const uint8_t lead = text[i];
    const size_t tail = lead < 0x80 ? 0 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if ((lead >= 0x80 && lead < 0xc2) || lead > 0xf4 || text.size() - i <= tail) return false;
    uint32_t c = tail ? lead & (0x3fu >> tail) : lead;
    for (size_t k = 1; k <= tail; ++k) {
      if ((text[i + k] & 0xc0) != 0x80) return false;
      c = c << 6 | (text[i + k] & 0x3f);
    }
    if ((tail == 2 && (c < 0x800 || (c >= 0xd800 && c <= 0xdfff))) ||
        (tail == 3 && (c < 0x10000 || c > 0x10ffff)))
      return false;
    i += tail + 1;
  }
  return true;
}

bool is_ascii(Bytes value) {
  return std::all_of(value.begin(), value.end(), [](uint8_t c) { return c < 0x80; });
}

bool is_control(char c) {
  return static_cast<uint8_t>(c) < 0x20 || c == 0x7f;
}

/// RFC 5280 §7.1, RFC 4518 §2.2, §2.6.1: tabs and line ends are blanks; blanks at the ends go, blanks inside
/// become one; letters lose their case. Nothing where the text has other control characters: RFC 4518 drops
/// them, so that two names look different and are not.
std::optional<std::string> folded(std::string_view text) {
  std::string out;
  bool blank = false;
  for (const char c : text) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      blank = true;
      continue;
    }
    if (is_control(c)) return {};
    if (blank && !out.empty()) out += ' ';
    blank = false;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

void append_sized(std::string& out, std::string_view part) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(part.size() >> shift);
  out += part;
}

/// RFC 4514 §2.4: what would be taken for syntax is escaped.
std::string escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool at_edge =
        (i == 0 && (text[i] == ' ' || text[i] == '#')) || (i + 1 == text.size() && text[i] == ' ');
    if (at_edge || std::string_view("\"+,;<>\\").find(text[i]) != std::string_view::npos) out += '\\';
    out += text[i];
  }
  return printable(out);
}

std::string print_attribute(const Attribute& attribute) {
  std::string out;
  for (const ShortName& known : short_names)
    if (known.oid == attribute.type) out = known.name;
  if (out.empty()) out = to_dotted(attribute.type);
  const auto text = text_of(attribute);
  return out + '=' + (text ? escaped(*text) : '#' + to_hex(attribute.value));
}

}  // namespace

std::optional<Rdns> parse_name(Bytes name_der) {
  Rdns out;
  DerReader r(name_der);
  r.sequence([&](DerReader& r) {
    while (r.more()) {
      Rdn rdn;
      r.constructed(tag::set, [&](DerReader& r) {
        if (!r.more()) r.fail("a RelativeDistinguishedName is empty");
        while (r.more()) {
          r.sequence([&](DerReader& r) {
            Attribute attribute;
            attribute.type = r.oid();
            const Element value = r.any();
            attribute.string_tag = value.tag;
            attribute.value = value.content;
            rdn.push_back(attribute);
          });
        }
      });
      out.push_back(std::move(rdn));
    }
  });
  if (!r.done()) return {};
  return out;
}

bool is_empty_name(Bytes name_der) noexcept {
  return name_der.size() == 2 && name_der[1] == 0;
}

std::optional<std::string> text_of(const Attribute& attribute) {
  switch (attribute.string_tag) {
    case tag::utf8_string:
      return is_utf8(attribute.value) ? std::optional(std::string(as_text(attribute.value))) : std::nullopt;
    case tag::printable_string:
    case tag::ia5_string:
    case tag::visible_string:
      return is_ascii(attribute.value) ? std::optional(std::string(as_text(attribute.value))) : std::nullopt;
    case tag::teletex_string: return from_units(attribute.value, 1);  // Latin-1, as everybody means it
    case tag::bmp_string: return from_units(attribute.value, 2);
    case tag::universal_string: return from_units(attribute.value, 4);
    default: return {};
  }
}

std::optional<std::string> canonical_rdn(const Rdn& rdn) {
  std::vector<std::string> parts;
  for (const Attribute& attribute : rdn) {
    std::string part;
    append_sized(part, as_text(attribute.type));
    const bool is_string =
        attribute.string_tag == tag::utf8_string || attribute.string_tag == tag::printable_string ||
        attribute.string_tag == tag::ia5_string || attribute.string_tag == tag::visible_string ||
        attribute.string_tag == tag::teletex_string || attribute.string_tag == tag::bmp_string ||
        attribute.string_tag == tag::universal_string;
    const auto text = text_of(attribute);
    if (is_string && !text) return {};
    const auto compared = text ? folded(*text) : std::optional(std::string(as_text(attribute.value)));
    if (!compared) return {};
    part += is_string ? 's' : static_cast<char>(attribute.string_tag);
    append_sized(part, *compared);
    parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const std::string& part : parts) append_sized(out, part);
  return out;
}

std::optional<std::string> canonical_name(Bytes name_der) {
  const auto rdns = parse_name(name_der);
  if (!rdns) return {};
  std::string out;
  for (const Rdn& rdn : *rdns) {
    const auto one = canonical_rdn(rdn);
    if (!one) return {};
    append_sized(out, *one);
  }
  return out;
}

std::string name_key(Bytes name_der) {
  return canonical_name(name_der).value_or(std::string(as_text(name_der)));
}

bool names_equal(Bytes a_der, Bytes b_der) {
  if (equal_vartime(a_der, b_der)) return true;
  const auto a = canonical_name(a_der);
  if (!a) return false;
  const auto b = canonical_name(b_der);
  return b && *a == *b;
}

std::string print_name(Bytes name_der) {
  const auto rdns = parse_name(name_der);
  if (!rdns) return "(malformed name)";
  std::string out;
  for (size_t i = rdns->size(); i-- > 0;) {
    if (!out.empty()) out += ", ";
    bool first = true;
    for (const Attribute& attribute : (*rdns)[i]) {
      if (!first) out += '+';
      first = false;
      out += print_attribute(attribute);
    }
  }
  return out.empty() ? "(empty name)" : out;
}

}  // namespace bulla::x509
