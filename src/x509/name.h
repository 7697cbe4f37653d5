// Distinguished names (RFC 5280 §4.1.2.4): parsed, compared by RFC 5280 §7.1, printed for a person.
#pragma once

#include <bulla/bytes.h>

#include <optional>
#include <string>
#include <vector>

namespace bulla::x509 {

/// AttributeTypeAndValue; views into the DER.
struct Attribute {
  Bytes type = {};  ///< OID content octets
  uint8_t string_tag = 0;
  Bytes value = {};
};
/// One RelativeDistinguishedName: mostly one attribute.
using Rdn = std::vector<Attribute>;
using Rdns = std::vector<Rdn>;

/// The RDNs of a Name, most significant first as encoded; nothing where the DER is malformed.
std::optional<Rdns> parse_name(Bytes name_der);
/// An empty RDNSequence.
bool is_empty_name(Bytes name_der) noexcept;

/// The form in which two names are compared: strings as UTF-8, letters in lower case (ASCII), blanks trimmed
/// and collapsed, attributes of an RDN sorted. Nothing where a string is malformed or has control characters
/// that are no blanks: such a name equals only itself.
std::optional<std::string> canonical_rdn(const Rdn& rdn);
std::optional<std::string> canonical_name(Bytes name_der);
/// By what names are found: the canonical form, or the DER of a name that has none.
std::string name_key(Bytes name_der);
bool names_equal(Bytes a_der, Bytes b_der);

/// The text of a string value as UTF-8; nothing where its bytes are not of its type.
std::optional<std::string> text_of(const Attribute& attribute);

/// RFC 4514 with a blank after the commas: "CN=example.com, O=Example", least significant first; safe for a
/// terminal. "(empty name)" or "(malformed name)" where there is nothing to print.
std::string print_name(Bytes name_der);

}  // namespace bulla::x509
