// The command line of a BoGo shim: single-dash flags, each of which may be bound to one connection by a
// prefix.
#pragma once

#include <bulla/bytes.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::bogo {

/// Process exit codes that the runner knows.
enum Exit : int { success = 0, connection_failed = 1, not_implemented = 89, shim_bug = 90 };

using Text = std::optional<std::string>;
using Number = std::optional<uint64_t>;
using Numbers = std::vector<uint16_t>;             ///< code points; a flag given again adds one
using Blob = std::optional<std::vector<uint8_t>>;  ///< base64 on the command line

/// What one connection is to do. Members are named as the flags, in the order of the table in flags.cpp.
struct Flags {
  // plumbing
  Number port, shim_id, resume_count;
  Text control;  ///< not the runner's: which broken shim to be, "always-fails" or "skips-verification"
  bool ipv6 = false, server = false, is_handshaker_supported = false, wait_for_debugger = false;
  // credentials
  Text cert_file, key_file, trust_cert;
  Blob ocsp_response;
  // verification of the peer
  bool verify_peer = false, require_any_client_certificate = false, verify_fail = false,
       expect_verify_result = false, use_custom_verify_callback = false, expect_no_peer_cert = false;
  Text expect_peer_cert_file;
  // algorithms
  Numbers verify_prefs, signing_prefs, expect_peer_verify_pref, curves, key_shares;
  Number expect_peer_signature_algorithm, expect_curve_id, expect_cipher;
  Text cipher;
  bool server_preference = false;
  // versions
  Number min_version, max_version, expect_version;
  bool no_tls1 = false, no_tls11 = false, no_tls12 = false, no_tls13 = false;
  // sessions
  bool no_ticket = false, expect_session_miss = false, expect_session_id = false,
       expect_no_session_id = false, expect_no_session = false, expect_ticket_renewal = false,
       expect_extended_master_secret = false;
  Number resumption_delay;
  // extensions
  Text host_name, expect_server_name, advertise_alpn, select_alpn, expect_alpn, expect_advertised_alpn,
      use_client_ca_list, expect_client_ca_list;
  bool decline_alpn = false, reject_alpn = false, select_empty_alpn = false, enable_ocsp_stapling = false,
       use_ocsp_callback = false, set_ocsp_in_callback = false, decline_ocsp_callback = false,
       fail_ocsp_callback = false, expect_secure_renegotiation = false;
  Blob expect_ocsp_response, expect_certificate_types;
  Number max_cert_list, expect_total_renegotiations;
  // shape of the handshake
  bool async = false, expect_hrr = false, expect_no_hrr = false, fail_cert_callback = false,
       no_op_extra_handshake = false;
  Text expect_msg_callback;
  // data
  bool shim_writes_first = false, read_with_unfinished_write = false, shim_shuts_down = false,
       check_close_notify = false, send_alert = false, key_update = false, use_export_context = false;
  Text shim_initial_write, export_label, export_context;
  Number repeat_shim_initial_write, read_size, max_send_fragment, export_keying_material;
};

/// Flags without a prefix hold for every connection, those with -on-initial- for the first, with -on-resume-
/// for all others. (-on-retry- is for the connection after a refused 0-RTT attempt, which this shim never
/// makes.)
struct CommandLine {
  Flags initial, resume;
  const Flags& of(unsigned connection) const noexcept { return connection == 0 ? initial : resume; }
};

/// The flags, or the name of the first one that this shim does not implement.
struct ParsedCommandLine {
  CommandLine flags;
  std::optional<std::string> unknown;
};
ParsedCommandLine parse_command_line(std::span<const char* const> arguments);

/// "3059…,30…" as DER names; <EMPTY> and <NULL> are no names.
std::vector<std::vector<uint8_t>> parse_names(const std::string& list);

}  // namespace bulla::bogo
