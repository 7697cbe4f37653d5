#include "x509/general_name.h"

#include "x509/ip_address.h"
#include "x509/name.h"

#include <bulla/error.h>

#include <algorithm>

namespace bulla::x509 {

using namespace asn1;

namespace {

bool is_constructed_kind(uint8_t number) {
  // otherName, x400Address and ediPartyName are IMPLICIT over sequences, directoryName is EXPLICIT over a
  // CHOICE.
  return number == 0 || number == 3 || number == 4 || number == 5;
}

void check(DerReader& r, const GeneralName& name, AddressForm form) {
  switch (name.kind) {
    case GeneralNameKind::email:
    case GeneralNameKind::dns:
    case GeneralNameKind::uri:
      if (std::any_of(name.value.begin(), name.value.end(), [](uint8_t c) { return c >= 0x80; }))
        r.fail("a name has characters that are not ASCII");
      break;
    case GeneralNameKind::directory:
      if (!parse_name(name.value)) r.fail("a directoryName is malformed");
      break;
    case GeneralNameKind::ip: {
      const size_t factor = form == AddressForm::address ? 1 : 2;
      if (name.value.size() != 4 * factor && name.value.size() != 16 * factor)
        r.fail("an iPAddress has a length that no address has");
      break;
    }
    case GeneralNameKind::registered_id:
      if (!is_valid_oid(name.value)) r.fail("a registeredID is malformed");
      break;
    case GeneralNameKind::other:
    case GeneralNameKind::x400:
    case GeneralNameKind::edi_party: break;
  }
}

std::string_view prefix_of(GeneralNameKind kind) {
  switch (kind) {
    case GeneralNameKind::other: return "other:";
    case GeneralNameKind::email: return "email:";
    case GeneralNameKind::dns: return "DNS:";
    case GeneralNameKind::x400: return "X400:";
    case GeneralNameKind::directory: return "directory:";
    case GeneralNameKind::edi_party: return "EDI:";
    case GeneralNameKind::uri: return "URI:";
    case GeneralNameKind::ip: return "IP:";
    case GeneralNameKind::registered_id: return "OID:";
  }
  return "unknown:";
}

}  // namespace

GeneralName read_general_name(DerReader& r, AddressForm form) {
  const Element e = r.any();
  if (!r.ok()) return {};
  const auto number = static_cast<uint8_t>(e.tag & 0x1f);
  const uint8_t wanted =
      is_constructed_kind(number) ? tag::context_constructed(number) : tag::context(number);
  if (number > 8 || e.tag != wanted) {
    r.fail("a GeneralName is of no known form");
    return {};
  }
  const GeneralName name = {static_cast<GeneralNameKind>(number), e.content};
  check(r, name, form);
  return name;
}

std::vector<GeneralName> read_general_names(DerReader& r, uint8_t tag) {
  std::vector<GeneralName> out;
  r.constructed(tag, [&](DerReader& r) {
    if (!r.more()) r.fail("a list of names is empty");
    while (r.more()) out.push_back(read_general_name(r, AddressForm::address));
  });
  return out;
}

std::string print_general_name(const GeneralName& name) {
  const std::string prefix(prefix_of(name.kind));
  switch (name.kind) {
    case GeneralNameKind::email:
    case GeneralNameKind::dns:
    case GeneralNameKind::uri: return prefix + printable(as_text(name.value));
    case GeneralNameKind::directory: return prefix + print_name(name.value);
    case GeneralNameKind::ip: {
      const size_t half = name.value.size() / 2;
      if (name.value.size() != 8 && name.value.size() != 32) return prefix + format_ip_address(name.value);
      return prefix + format_ip_address(name.value.first(half)) + '/' +
             format_ip_address(name.value.subspan(half));
    }
    case GeneralNameKind::registered_id: return prefix + to_dotted(name.value);
    case GeneralNameKind::other:
    case GeneralNameKind::x400:
    case GeneralNameKind::edi_party: return prefix + '#' + to_hex(name.value);
  }
  return prefix;
}

}  // namespace bulla::x509
