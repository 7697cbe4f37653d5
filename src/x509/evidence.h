// Words about certificates for error details: which one, of which path, short and safe for a terminal
// although the peer chose them.
#pragma once

#include <bulla/certificate.h>

#include <span>
#include <string>

namespace bulla::x509 {

/// At most `most` bytes of a text, "..." behind it where it was cut, and no character cut in two.
std::string shortened(std::string text, size_t most = 120);

/// "CN=example.com, O=Example", cut to a readable length; a name of the subjectAltName or the serial number
/// where the subject is empty.
std::string label(const Certificate& certificate);

/// "certificate 2 of 3 (CN=Issuing CA), issued by CN=Root; path: CN=leaf <- CN=Issuing CA <- CN=Root".
/// `index` counts from 0, the leaf.
std::string describe(std::span<const CertificatePtr> path, size_t index);

/// "CN=leaf <- CN=Issuing CA <- CN=Root".
std::string describe_path(std::span<const CertificatePtr> path);

/// "12 days", "3 hours": how long, for a person.
std::string describe_span(Milliseconds span);

/// "serverAuth"; the number of a purpose of extendedKeyUsage that has no name here.
std::string purpose_name(Bytes oid);

/// A URL of the peer that may stand in a command line: nothing in it that a shell would obey. Empty
/// otherwise.
std::string shell_safe_url(Bytes url);

}  // namespace bulla::x509
