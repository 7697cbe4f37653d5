#include "bogo/flags.h"

#include "asn1/base64.h"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <variant>

namespace bulla::bogo {
namespace {

/// Understood and without effect here: how the reference shim calls its library makes no difference to ours.
struct Ignored {
  bool has_value;
};
using Target =
    std::variant<bool Flags::*, Number Flags::*, Numbers Flags::*, Text Flags::*, Blob Flags::*, Ignored>;
struct Row {
  std::string_view name;
  Target target;
};

const Row table[] = {
    {"port", &Flags::port},
    {"shim-id", &Flags::shim_id},
    {"ipv6", &Flags::ipv6},
    {"server", &Flags::server},
    {"resume-count", &Flags::resume_count},
    {"is-handshaker-supported", &Flags::is_handshaker_supported},
    {"control", &Flags::control},
    {"wait-for-debugger", &Flags::wait_for_debugger},

    {"cert-file", &Flags::cert_file},
    {"key-file", &Flags::key_file},
    {"trust-cert", &Flags::trust_cert},
    {"ocsp-response", &Flags::ocsp_response},

    {"verify-peer", &Flags::verify_peer},
    {"require-any-client-certificate", &Flags::require_any_client_certificate},
    {"verify-fail", &Flags::verify_fail},
    {"expect-verify-result", &Flags::expect_verify_result},
    {"use-custom-verify-callback", &Flags::use_custom_verify_callback},
    {"expect-no-peer-cert", &Flags::expect_no_peer_cert},
    {"expect-peer-cert-file", &Flags::expect_peer_cert_file},

    {"verify-prefs", &Flags::verify_prefs},
    {"signing-prefs", &Flags::signing_prefs},
    {"expect-peer-verify-pref", &Flags::expect_peer_verify_pref},
    {"expect-peer-signature-algorithm", &Flags::expect_peer_signature_algorithm},
    {"curves", &Flags::curves},
    {"key-shares", &Flags::key_shares},
    {"expect-curve-id", &Flags::expect_curve_id},
    {"cipher", &Flags::cipher},
    {"expect-cipher", &Flags::expect_cipher},
    {"server-preference", &Flags::server_preference},

    {"min-version", &Flags::min_version},
    {"max-version", &Flags::max_version},
    {"expect-version", &Flags::expect_version},
    {"no-tls1", &Flags::no_tls1},
    {"no-tls11", &Flags::no_tls11},
    {"no-tls12", &Flags::no_tls12},
    {"no-tls13", &Flags::no_tls13},

    {"no-ticket", &Flags::no_ticket},
    {"expect-session-miss", &Flags::expect_session_miss},
    {"expect-session-id", &Flags::expect_session_id},
    {"expect-no-session-id", &Flags::expect_no_session_id},
    {"expect-no-session", &Flags::expect_no_session},
    {"expect-ticket-renewal", &Flags::expect_ticket_renewal},
    {"expect-extended-master-secret", &Flags::expect_extended_master_secret},
    {"resumption-delay", &Flags::resumption_delay},

    {"host-name", &Flags::host_name},
    {"expect-server-name", &Flags::expect_server_name},
    {"advertise-alpn", &Flags::advertise_alpn},
    {"select-alpn", &Flags::select_alpn},
    {"expect-alpn", &Flags::expect_alpn},
    {"expect-advertised-alpn", &Flags::expect_advertised_alpn},
    {"decline-alpn", &Flags::decline_alpn},
    {"reject-alpn", &Flags::reject_alpn},
    {"select-empty-alpn", &Flags::select_empty_alpn},
    {"enable-ocsp-stapling", &Flags::enable_ocsp_stapling},
    {"use-ocsp-callback", &Flags::use_ocsp_callback},
    {"set-ocsp-in-callback", &Flags::set_ocsp_in_callback},
    {"decline-ocsp-callback", &Flags::decline_ocsp_callback},
    {"fail-ocsp-callback", &Flags::fail_ocsp_callback},
    {"expect-ocsp-response", &Flags::expect_ocsp_response},
    {"use-client-ca-list", &Flags::use_client_ca_list},
    {"expect-client-ca-list", &Flags::expect_client_ca_list},
    {"expect-certificate-types", &Flags::expect_certificate_types},
    {"max-cert-list", &Flags::max_cert_list},
    {"expect-secure-renegotiation", &Flags::expect_secure_renegotiation},
    {"expect-total-renegotiations", &Flags::expect_total_renegotiations},

    {"async", &Flags::async},
    {"expect-hrr", &Flags::expect_hrr},
    {"expect-no-hrr", &Flags::expect_no_hrr},
    {"fail-cert-callback", &Flags::fail_cert_callback},
    {"no-op-extra-handshake", &Flags::no_op_extra_handshake},
    {"expect-msg-callback", &Flags::expect_msg_callback},

    {"shim-writes-first", &Flags::shim_writes_first},
    {"shim-initial-write", &Flags::shim_initial_write},
    {"repeat-shim-initial-write", &Flags::repeat_shim_initial_write},
    {"read-with-unfinished-write", &Flags::read_with_unfinished_write},
    {"read-size", &Flags::read_size},
    {"max-send-fragment", &Flags::max_send_fragment},
    {"shim-shuts-down", &Flags::shim_shuts_down},
    {"check-close-notify", &Flags::check_close_notify},
    {"send-alert", &Flags::send_alert},
    {"key-update", &Flags::key_update},
    {"export-keying-material", &Flags::export_keying_material},
    {"export-label", &Flags::export_label},
    {"export-context", &Flags::export_context},
    {"use-export-context", &Flags::use_export_context},

    {"renegotiate-ignore", Ignored{false}},  // a HelloRequest is declined, and the connection goes on
    {"implicit-handshake", Ignored{false}},  // next() always drives the handshake
    {"handshake-twice", Ignored{false}},     // there is no second call to make
    {"use-early-callback", Ignored{false}},  // SelectIdentity comes at that time in any case
    {"use-old-client-cert-callback", Ignored{false}},  // another form of the same callback
    {"expect-early-data-reason", Ignored{true}},       // 0-RTT is never attempted; why is told by no API
};

std::vector<uint8_t> from_base64(const char* text) {
  const std::string_view piece = text;
  std::vector<uint8_t> out(piece.size());
  const auto size = asn1::base64_decode(std::span(&piece, 1), out);
  if (!size) std::exit((std::fprintf(stderr, "bad base64: %s\n", text), shim_bug));
  out.resize(*size);
  return out;
}

uint64_t to_number(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    std::exit((std::fprintf(stderr, "not a number: %s\n", text.data()), shim_bug));
  return value;
}

bool takes_value(const Target& target) {
  if (const auto* ignored = std::get_if<Ignored>(&target)) return ignored->has_value;
  return !std::holds_alternative<bool Flags::*>(target);
}

struct Store {
  Flags& flags;
  const char* value;
  void operator()(bool Flags::* m) const { flags.*m = true; }
  void operator()(Number Flags::* m) const { flags.*m = to_number(value); }
  void operator()(Numbers Flags::* m) const { (flags.*m).push_back(static_cast<uint16_t>(to_number(value))); }
  void operator()(Text Flags::* m) const { flags.*m = value; }
  void operator()(Blob Flags::* m) const { flags.*m = from_base64(value); }
  void operator()(Ignored) const {}
};

bool strip(std::string_view& name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  return true;
}

const Row* find(std::string_view name) {
  for (const Row& row : table)
    if (row.name == name) return &row;
  return nullptr;
}

}  // namespace

ParsedCommandLine parse_command_line(std::span<const char* const> arguments) {
  ParsedCommandLine parsed;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view whole = arguments[i];
    std::string_view name = whole;
    const bool is_flag = strip(name, "-");
    const bool other_process = strip(name, "on-handshaker-");
    strip(name, "on-shim-");
    const bool initial = strip(name, "on-initial-"), resume = strip(name, "on-resume-");
    const bool retry = strip(name, "on-retry-");
    const Row* row = is_flag ? find(name) : nullptr;
    if (!row) {
      parsed.unknown = whole;
      return parsed;
    }
    const char* value = "";
    if (takes_value(row->target)) {
      if (++i == arguments.size())
        std::exit((std::fprintf(stderr, "%s lacks its value\n", arguments[i - 1]), shim_bug));
      value = arguments[i];
    }
    if (other_process || retry) continue;
    if (!resume) std::visit(Store{parsed.flags.initial, value}, row->target);
    if (!initial) std::visit(Store{parsed.flags.resume, value}, row->target);
  }
  return parsed;
}

std::vector<std::vector<uint8_t>> parse_names(const std::string& list) {
  std::vector<std::vector<uint8_t>> names;
  if (list == "<EMPTY>" || list == "<NULL>" || list.empty()) return names;
  names.emplace_back();
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == ',') {
      names.emplace_back();
      continue;
    }
    uint8_t byte = 0;
    std::from_chars(list.data() + i, list.data() + std::min(i + 2, list.size()), byte, 16);
    names.back().push_back(byte);
    ++i;
  }
  return names;
}

}  // namespace bulla::bogo
