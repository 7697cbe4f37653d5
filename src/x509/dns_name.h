// DNS names as certificates and users write them, and the rule by which one matches another (RFC 9525 §6.3).
#pragma once

#include "x509/general_name.h"

#include <bulla/bytes.h>
#include <bulla/certificate.h>

#include <optional>
#include <string>
#include <string_view>

namespace bulla::x509 {

/// ASCII letters in lower case.
std::string lower(std::string_view text);
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// nullptr if `text` is a DNS host name: labels of letters, digits, hyphens (not at the ends) and, since
/// hosts have them, underscores; 1 to 63 octets a label, 253 in all, no final dot, and not the look of an
/// IPv4 address (a last label of digits only). Otherwise the reason, for a person.
const char* why_no_dns_name(std::string_view text) noexcept;

/// Whether `text` is a DNS name or "*." and one.
bool is_dns_pattern(std::string_view text) noexcept;

/// Whether a dNSName of a certificate matches a host name: equal ignoring case, or "*." in place of exactly
/// the first label, where at least two labels follow the star ("*.com" would speak for everybody).
bool dns_name_matches(std::string_view pattern, std::string_view host) noexcept;

/// The name in the subjectAltName of the certificate that is this one or, with a wildcard, stands for it (RFC
/// 9525: nothing but the subjectAltName counts); nothing where there is none.
std::optional<GeneralName> matching_name(const Certificate& certificate, const ServerName& name) noexcept;

}  // namespace bulla::x509
