#include "tls/peer_certificates.h"

#include "tls/schemes.h"

#include <algorithm>

namespace bulla::tls {

Result<Chain> parse_chain(std::span<const Bytes> list) {
  Chain chain;
  for (const Bytes der : list) {
    auto certificate = Certificate::from_der(der);
    if (!certificate) {
      Error error = std::move(certificate).error();
      // RFC 9846 §6.2: bytes that are no certificate at all are a message that cannot be decoded.
      if (error.code == ErrorCode::certificate_malformed) error.alert = AlertDescription::decode_error;
      error.detail =
          "certificate " + std::to_string(chain.size() + 1) + " of the peer's chain: " + error.detail;
      return error;
    }
    chain.push_back(*std::move(certificate));
  }
  return chain;
}

Result<void> check_scheme(SignatureScheme scheme, const Certificate& leaf, ProtocolVersion version,
                          const Context& ctx) {
  const auto& offered = ctx.common.signature_schemes;
  const Scheme* known = find_scheme(scheme);
  if (!known || std::ranges::find(offered, scheme) == offered.end())
    return Error{ErrorCode::signature_scheme_not_offered, name_of(scheme)};
  const PublicKeyView key = leaf.public_key();
  if (!fits(*known, key, version))
    return Error{ErrorCode::signature_scheme_not_offered,
                 name_of(scheme) + " with a key of type " + name_of(key.type)};
  if (!leaf.allows_digital_signature())
    return Error{ErrorCode::certificate_bad_usage,
                 "the leaf's keyUsage lacks digitalSignature: " + leaf.subject()};
  return {};
}

void tell_chain(const ChainVerified& chain, Context& ctx) {
  ctx.info.asserted_because = chain.asserted_because();
  if (ctx.info.asserted_because.empty()) ctx.info.verified_path = chain.path();
}

void tell_proofs(const ChainVerified& chain, const SignatureVerified& signature, Context& ctx) {
  ctx.info.peer_signature = signature.scheme();
  tell_chain(chain, ctx);
  ctx.decided(ctx.info.role == Role::client ? "server_signature" : "client_signature",
              name_of(signature.scheme()));
}

}  // namespace bulla::tls
