#include "bogo/checks.h"

#include <bulla/os.h>

namespace bulla::bogo {
namespace {

using Complaint = std::optional<std::string>;

template <class Want, class Got>
Complaint differ(std::string_view what, const Want& want, const Got& got) {
  if (want == got) return {};
  const auto show = [](const auto& value) -> std::string {
    using T = std::remove_cvref_t<decltype(value)>;
    if constexpr (std::is_same_v<T, bool>)
      return value ? "yes" : "no";
    else if constexpr (std::is_arithmetic_v<T>)
      return std::to_string(value);
    else if constexpr (std::is_same_v<T, std::vector<uint8_t>>)
      return to_hex(value);
    else
      return printable(value);
  };
  return std::string(what) + ": expected " + show(want) + ", got " + show(got);
}

bool resumed(const ConnectionInfo& info) {
  return info.kind == HandshakeKind::resumed;
}

Complaint check_resumption(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  const bool expected = !seen.first && !flags.expect_session_miss;
  if (auto c = differ("resumed", expected, resumed(info))) return c;
  if (!flags.server || resumed(info)) return {};
  if (flags.expect_session_id && seen.cached == 0) return "the session was not put in the cache";
  if (flags.expect_no_session_id && seen.cached != 0) return "the session was put in the cache";
  return {};
}

Complaint check_algorithms(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  if (flags.expect_version)
    if (auto c = differ("version", *flags.expect_version, uint64_t(info.version))) return c;
  if (flags.expect_cipher)
    if (auto c = differ("cipher suite", *flags.expect_cipher, uint64_t(info.suite))) return c;
  // A TLS 1.2 resumption uses no group, and no resumption a signature.
  if (flags.expect_curve_id && (info.group || !resumed(info)))
    if (auto c = differ("group", *flags.expect_curve_id, uint64_t(info.group.value_or(NamedGroup{}))))
      return c;
  if (flags.expect_peer_signature_algorithm && !resumed(info))
    if (auto c = differ("peer signature", *flags.expect_peer_signature_algorithm,
                        uint64_t(info.peer_signature.value_or(SignatureScheme{}))))
      return c;
  if (flags.expect_extended_master_secret && !info.extended_master_secret) return "no extended master secret";
  if (flags.expect_hrr && !seen.observer.retried) return "no HelloRetryRequest";
  if (flags.expect_no_hrr && seen.observer.retried) return "a HelloRetryRequest";
  // TLS 1.3 knows no renegotiation and needs no indication of it.
  if (flags.expect_secure_renegotiation && info.version == ProtocolVersion::tls12 &&
      !seen.observer.secure_renegotiation)
    return "no renegotiation_info";
  if (!flags.expect_peer_verify_pref.empty()) {
    std::vector<uint16_t> schemes;
    for (const SignatureScheme s : seen.observer.peer_schemes) schemes.push_back(static_cast<uint16_t>(s));
    if (schemes != flags.expect_peer_verify_pref) return "the peer verifies other schemes";
  }
  return {};
}

Complaint check_extensions(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  const std::string alpn = (flags.server ? flags.select_alpn : flags.expect_alpn).value_or("");
  if (auto c = differ("ALPN", alpn, info.alpn)) return c;
  if (flags.expect_advertised_alpn)
    if (auto c = differ("advertised ALPN", *flags.expect_advertised_alpn, seen.observer.advertised_alpn))
      return c;
  if (flags.expect_server_name)
    if (auto c = differ("server name", *flags.expect_server_name, info.server_name)) return c;
  if (flags.expect_ocsp_response && !resumed(info))
    if (auto c = differ("OCSP response", *flags.expect_ocsp_response, info.ocsp_response)) return c;
  if (flags.expect_certificate_types)
    if (auto c =
            differ("certificate types", *flags.expect_certificate_types, seen.observer.certificate_types))
      return c;
  if (flags.expect_client_ca_list && seen.observer.authorities != parse_names(*flags.expect_client_ca_list))
    return "the server names other CAs";
  return {};
}

Complaint check_peer_file(const std::string& path, const Chain& chain) {
  const auto file = read_file(path);
  if (!file) return "-expect-peer-cert-file cannot be read";
  const auto expected = Certificate::from_pem_or_der(*file);
  if (!expected) return "-expect-peer-cert-file cannot be parsed";
  if (expected->size() != chain.size()) return "the peer's chain has another length";
  for (size_t i = 0; i < chain.size(); ++i)
    if (!equal_vartime((*expected)[i]->der(), chain[i]->der())) return "the peer sent another certificate";
  return {};
}

Complaint check_peer(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  const bool required = !flags.server || flags.require_any_client_certificate;
  if (flags.expect_no_peer_cert && !info.peer_chain.empty()) return "the peer sent a certificate";
  if (required && !flags.expect_no_peer_cert && info.peer_chain.empty())
    return "the peer sent no certificate";
  if (flags.expect_peer_cert_file)
    if (auto c = check_peer_file(*flags.expect_peer_cert_file, info.peer_chain)) return c;
  if (flags.control) return {};
  // Every certificate of a full handshake has been judged, once, and not refused.
  const unsigned judged = resumed(info) || info.peer_chain.empty() ? 0 : 1;
  if (auto c = differ("certificates verified", judged, seen.observer.verified)) return c;
  if (flags.expect_verify_result && flags.verify_fail && judged && seen.observer.refused == 0)
    return "the verifier should have refused";
  return {};
}

}  // namespace

Complaint check_handshake(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  for (const auto check : {check_resumption, check_algorithms, check_extensions, check_peer})
    if (auto complaint = check(flags, info, seen)) return complaint;
  return {};
}

Complaint check_end(const Flags& flags, const ConnectionInfo& info, const Seen& seen) {
  if (flags.expect_total_renegotiations)
    if (auto c = differ("renegotiations", *flags.expect_total_renegotiations, uint64_t{0})) return c;
  if (flags.expect_msg_callback)
    if (auto c = differ("messages", *flags.expect_msg_callback, seen.observer.trace)) return c;
  if (flags.server) return {};
  const bool got = seen.new_sessions > 0;
  if (info.version == ProtocolVersion::tls12)
    return differ("got a new session",
                  !flags.expect_no_session && (!resumed(info) || flags.expect_ticket_renewal), got);
  // Who does not read to the end may miss a ticket of TLS 1.3, which comes after the handshake.
  if (flags.shim_shuts_down || flags.send_alert) return {};
  return differ("got a new session", !flags.expect_no_session, got);
}

}  // namespace bulla::bogo
