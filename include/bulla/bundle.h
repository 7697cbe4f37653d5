// A heap of certificates put in order: the chain that a server sends.
//
//   const auto ordered = pki::order_chain(found).value();
//   write_file("chain.pem", as_bytes(pki::to_pem(ordered.chain)));
//   if (!ordered.missing.empty()) say(ordered.missing + " is missing, get it at " + ordered.missing_at);
#pragma once

#include <bulla/certificate.h>
#include <bulla/result.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace bulla::pki {

/// Whether the self-signed certificate at the end of a chain stays in it. Whoever trusts it has it.
enum class RootInChain : uint8_t { leave_out, keep };

/// What order_chain() goes by.
struct ChainRequest {
  /// The chain begins with a certificate of this key; of several the one that lasts longest. None: with the
  /// one certificate that is no CA's and issued no other, or else with the one that issued no other.
  std::optional<PublicKeyView> key = {};
  RootInChain root = RootInChain::leave_out;  ///< a leaf that is self-signed stays in any case
};

/// A chain, and what was not needed for it.
struct OrderedChain {
  std::vector<CertificatePtr> chain = {};  ///< leaf first, each signed by the next: signatures were verified
  std::vector<CertificatePtr> unrelated =
      {};                         ///< no part of the chain; in the order in which they were found
  CertificatePtr root = nullptr;  ///< the self-signed certificate that the chain leads to, if it was there
  size_t repeated = 0;            ///< how many were there more than once, byte for byte
  std::string missing = {};  ///< the issuer of the last that was not there, as text; empty where `root` was
  std::string missing_at =
      {};  ///< where the last says its issuer's certificate is (RFC 5280 §4.2.2.1), or empty
  std::string why_missing = {};  ///< where one of that name was there: why it is not the issuer; else empty
};

/// Orders certificates, none of them nullptr. At most 64 signatures are verified. Errors:
/// certificate_not_found for none, or none of the key; bad_argument, with what there is, where several could
/// be the first.
Result<OrderedChain> order_chain(std::span<const CertificatePtr> found, const ChainRequest& request = {},
                                 const Provider& provider = default_provider());

}  // namespace bulla::pki
