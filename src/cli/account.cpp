#include "cli/account.h"

#include <bulla/pki.h>

namespace bulla::cli {
namespace {

std::string names_of(const Certificate& certificate) {
  std::string out;
  for (const std::string& name : certificate.names()) out += (out.empty() ? "" : ", ") + printable(name);
  return out.empty() ? "no names" : out;
}

std::string_view kind_of(const ConnectionInfo& info) {
  switch (info.kind) {
    case HandshakeKind::full: return "full";
    case HandshakeKind::retried: return "full, after a HelloRetryRequest";
    case HandshakeKind::resumed: return "resumed";
  }
  return "";
}

/// Who says that the peer is who it says to be.
std::string voucher_of(const ConnectionInfo& info) {
  if (!info.asserted_because.empty())
    return "NO, nobody was authenticated: " + printable(info.asserted_because);
  if (info.kind == HandshakeKind::resumed) return "by the earlier connection that is resumed";
  if (info.verified_path.empty()) return "no certificate was shown";
  const std::string root = printable(info.verified_path.back()->subject());
  if (info.verified_path.size() == 1) return "yes, the certificate itself is trusted";
  return "yes, " + std::to_string(info.verified_path.size()) + " certificates, up to the trusted root " +
         root;
}

}  // namespace

std::string account_line(std::string_view label, std::string_view value) {
  std::string line = "  " + std::string(label);
  line.resize(std::max<size_t>(line.size() + 2, 16), ' ');
  return line + std::string(value) + '\n';
}

std::string account_of(const ConnectionInfo& info, const Endpoint& peer) {
  std::string out = account_line("peer", peer.to_string());
  out += account_line("version", name_of(info.version));
  out += account_line("cipher suite", name_of(info.suite));
  if (info.group) out += account_line("group", name_of(*info.group));
  if (info.peer_signature) out += account_line("signature", name_of(*info.peer_signature));
  out += account_line("handshake", kind_of(info));
  if (!info.alpn.empty()) out += account_line("ALPN", printable(info.alpn));
  if (!info.peer_chain.empty()) {
    const Certificate& leaf = *info.peer_chain.front();
    out += account_line("certificate", printable(leaf.subject()) + " (" + names_of(leaf) + ")");
    out += account_line("issued by", printable(leaf.issuer()));
    out += account_line("validity", pki::describe_validity(leaf, now()));
  }
  out += account_line("verified", voucher_of(info));
  return out;
}

std::string summary_of(const ConnectionInfo& info) {
  std::string out = name_of(info.version) + ", " + name_of(info.suite);
  if (info.group) out += ", " + name_of(*info.group);
  if (info.kind == HandshakeKind::resumed) out += ", resumed";
  if (!info.alpn.empty()) out += ", ALPN " + printable(info.alpn);
  if (const Certificate* const client = info.verified_peer()) {
    out += ", client " + client->subject() + " (";
    for (const std::string& name : client->alternative_names()) out += name + ", ";
    out += "SHA-256 " + fingerprint_sha256(*client) + ')';
  }
  return out;
}

std::string json_field(std::string_view name, std::string_view value) {
  return '"' + std::string(name) + "\":\"" + json_escaped(value) + '"';
}

std::string account_json(const ConnectionInfo& info, const Endpoint& peer) {
  std::string out = "{" + json_field("peer", peer.to_string());
  out += "," + json_field("version", name_of(info.version));
  out += "," + json_field("cipher_suite", name_of(info.suite));
  if (info.group) out += "," + json_field("group", name_of(*info.group));
  if (info.peer_signature) out += "," + json_field("signature", name_of(*info.peer_signature));
  out += "," + json_field("handshake", info.kind == HandshakeKind::retried   ? "retried"
                                       : info.kind == HandshakeKind::resumed ? "resumed"
                                                                             : "full");
  out += std::string(",\"resumed\":") + (info.kind == HandshakeKind::resumed ? "true" : "false");
  if (!info.alpn.empty()) out += "," + json_field("alpn", info.alpn);
  out += std::string(",\"authenticated\":") +
         (info.asserted_because.empty() && !info.peer_chain.empty() ? "true" : "false");
  out += ",\"verified_path\":[";
  for (size_t i = 0; i < info.verified_path.size(); ++i)
    out += (i ? ",\"" : "\"") + json_escaped(info.verified_path[i]->subject()) + "\"";
  out += "]";
  if (!info.peer_chain.empty())
    out += ",\"certificate\":" + pki::describe_json(*info.peer_chain.front(), now());
  return out + "}";
}

}  // namespace bulla::cli
