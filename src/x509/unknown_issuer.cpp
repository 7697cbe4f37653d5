#include "x509/unknown_issuer.h"

#include "x509/evidence.h"

namespace bulla::x509 {
namespace {

/// Where the issuer publishes its certificate (RFC 5280 §4.2.2.1); empty where it does not say, or where the
/// address is not fit for a command line.
std::string published_at(const Certificate& certificate) {
  for (const AccessDescription& access : certificate.parsed().extensions.authority_info_access) {
    if (!(asn1::oids::access_ca_issuers == access.method) || access.location.kind != GeneralNameKind::uri)
      continue;
    return shell_safe_url(access.location.value);
  }
  return {};
}

/// How the program is told whom to trust: servers ask for the certificates of clients.
std::string trust_option(const VerifyRequest& request) {
  return request.purpose == CertificatePurpose::server ? "--ca FILE" : "--client-ca FILE";
}

/// A root that is not trusted, or a leaf that nobody else vouches for.
Error untrusted_itself(Position position, const VerifyRequest& request) {
  const bool is_leaf = position == Position::leaf;
  Error out{ErrorCode::certificate_unknown_issuer, is_leaf
                                                       ? "it is not among the trusted certificates"
                                                       : "this root is not among the trusted certificates"};
  out.remedy = is_leaf ? "if it is yours, trust exactly this certificate: "
                       : "if you trust this CA, give its certificate: ";
  out.remedy += trust_option(request) + " (with ";
  out.remedy += request.name ? "`openssl s_client -connect " + request.name->text() +
                                   ":443 -showcerts </dev/null` you see what the server sends)"
                             : "`openssl x509 -in FILE -noout -fingerprint -sha256` you compare it)";
  return out;
}

}  // namespace

Error unknown_issuer(const Certificate& last, Position position, const VerifyRequest& request) {
  if (last.parsed().self_issued) return untrusted_itself(position, request);
  Error out{ErrorCode::certificate_unknown_issuer,
            "no certificate of that issuer was sent, and none is trusted"};
  const std::string url = published_at(last);
  if (url.empty()) {
    out.remedy =
        "the chain should hold the intermediate certificates: `cat leaf.pem intermediate.pem > chain.pem`; "
        "if "
        "the issuer is your own CA, give its certificate: " +
        trust_option(request);
    return out;
  }
  const std::string_view peer = request.purpose == CertificatePurpose::server ? "server" : "client";
  out.detail += "; the " + std::string(peer) + " most likely forgot its intermediate certificate";
  out.remedy = "have the " + std::string(peer) +
               " send it after the leaf; its issuer publishes it: `curl -s " + url +
               " | openssl x509 -inform DER >> chain.pem`";
  return out;
}

}  // namespace bulla::x509
