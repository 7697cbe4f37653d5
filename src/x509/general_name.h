// GeneralName (RFC 5280 §4.2.1.6): the names of subjectAltName, nameConstraints and others.
#pragma once

#include "asn1/der_reader.h"

#include <bulla/bytes.h>

#include <string>
#include <vector>

namespace bulla::x509 {

/// The numbers are the context tags.
enum class GeneralNameKind : uint8_t {
  other = 0,
  email = 1,
  dns = 2,
  x400 = 3,
  directory = 4,
  edi_party = 5,
  uri = 6,
  ip = 7,
  registered_id = 8,
};

/// email, dns, uri: IA5 characters; directory: a Name's DER; ip: 4 or 16 bytes (twice that in
/// nameConstraints); the rest: content octets. Views into the certificate.
struct GeneralName {
  GeneralNameKind kind = GeneralNameKind::other;
  Bytes value = {};
};

/// Where a GeneralName stands decides how long an iPAddress is.
enum class AddressForm : uint8_t { address, address_and_mask };

GeneralName read_general_name(asn1::DerReader& r, AddressForm form);
/// GeneralNames ::= SEQUENCE SIZE (1..MAX) OF GeneralName, under any tag.
std::vector<GeneralName> read_general_names(asn1::DerReader& r, uint8_t tag);

/// "DNS:example.com", "IP:192.0.2.1", "email:a@example.com"; safe for a terminal.
std::string print_general_name(const GeneralName& name);

}  // namespace bulla::x509
