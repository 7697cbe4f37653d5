// What the CA/Browser Forum asks of certificates of the Web, beyond RFC 5280: its "Baseline Requirements for
// the Issuance and Management of Publicly-Trusted TLS Server Certificates", version 2.1 (BR). Rules for CAs:
// a certificate that breaks them proves no less, but no public CA may issue it.
#pragma once

#include "x509/checks.h"

namespace bulla::x509 {

/// One of them.
struct ProfileRule {
  std::string_view section;  ///< "BR §7.1.2.7.10"
  std::string_view broken;   ///< "its extendedKeyUsage is critical"
  bool (*breaks)(const Certificate& certificate);
};

/// The first rule for leaves, or for the CAs between leaf and anchor, that the certificate breaks; nullptr
/// where it keeps all. Anchors were chosen; nobody asks them how they look (RFC 5280 §6.1.1 (d)).
const ProfileRule* broken_leaf_rule(const Certificate& leaf) noexcept;
const ProfileRule* broken_ca_rule(const Certificate& ca) noexcept;

}  // namespace bulla::x509
