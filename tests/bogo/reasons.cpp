#include "bogo/reasons.h"

namespace bulla::bogo {
namespace {

struct Family {
  ErrorCode code;
  std::string_view name;
};

/// Rows that say more exactly, or from another side, what the runner has one name for.
constexpr Family families[] = {
    {ErrorCode::decode_error, "malformed_message"},
    {ErrorCode::illegal_parameter, "malformed_message"},
    {ErrorCode::empty_certificate_list, "malformed_message"},
    {ErrorCode::bad_ocsp_message, "malformed_message"},
    {ErrorCode::nonempty_request_context, "malformed_message"},
    {ErrorCode::missing_extension, "malformed_message"},
    {ErrorCode::compression_selected, "malformed_message"},
    {ErrorCode::bad_record_mac, "bad_protection"},
    {ErrorCode::unexpected_record, "bad_protection"},
    {ErrorCode::unexpected_record, "out_of_place"},
    {ErrorCode::unexpected_change_cipher_spec, "out_of_place"},
    {ErrorCode::empty_handshake_record, "out_of_place"},
    {ErrorCode::interleaved_handshake, "out_of_place"},
    {ErrorCode::unknown_record_type, "out_of_place"},
    {ErrorCode::unexpected_message, "out_of_place"},
    {ErrorCode::message_across_key_change, "handshake_left_over"},
    {ErrorCode::interleaved_handshake, "handshake_left_over"},
    {ErrorCode::finished_mismatch, "wrong_proof"},
    {ErrorCode::psk_binder_mismatch, "wrong_proof"},
    {ErrorCode::client_certificate_required, "no_certificate"},
    {ErrorCode::empty_certificate_list, "no_certificate"},
    {ErrorCode::no_common_cipher_suite, "nothing_in_common"},
    {ErrorCode::no_common_group, "nothing_in_common"},
    {ErrorCode::no_common_signature_scheme, "no_way_to_sign"},
    {ErrorCode::missing_extension, "no_way_to_sign"},
    {ErrorCode::operation_failed, "no_way_to_sign"},
    {ErrorCode::misplaced_extension, "bad_extension"},
    {ErrorCode::missing_uncompressed_point_format, "bad_extension"},
    {ErrorCode::unsolicited_extension, "extension_out_of_place"},
    {ErrorCode::misplaced_extension, "extension_out_of_place"},
    {ErrorCode::unsolicited_extension, "resumed_other_version"},
    {ErrorCode::wrong_cipher_returned, "resumed_other_version"},
    {ErrorCode::version_not_offered, "version_changed"},
    {ErrorCode::misplaced_extension, "version_changed"},
    {ErrorCode::too_many_empty_records, "flood"},
    {ErrorCode::unexpected_change_cipher_spec, "flood"},
    {ErrorCode::unsupported_version, "no_version"},
    {ErrorCode::illegal_parameter, "no_version"},
    {ErrorCode::wrong_group, "wrong_choice_of_group"},
    {ErrorCode::unnecessary_hello_retry, "wrong_choice_of_group"},
    {ErrorCode::hello_changed_after_retry, "wrong_choice_of_group"},
    {ErrorCode::signature_scheme_not_offered, "signature_not_acceptable"},
    {ErrorCode::certificate_unsupported_algorithm, "signature_not_acceptable"},
    {ErrorCode::bad_record_version, "bad_record_version_or_garbage"},
    {ErrorCode::not_tls, "bad_record_version_or_garbage"},
    {ErrorCode::bad_record_mac, "bad_record_version_or_garbage"},
};

}  // namespace

std::string reason_for_runner(const Error& error) {
  std::string out = ":" + std::string(error.row().name) + ":";
  for (const Family& family : families)
    if (family.code == error.code) out += " :" + std::string(family.name) + ":";
  if (error.code == ErrorCode::peer_sent_alert && error.alert)
    out += " :peer_sent_" + name_of(*error.alert) + ":";
  // RFC 9846 §4.5.1: a client that cannot sign as it is asked to sends no certificate; the runner refuses
  // that.
  if (error.alert == AlertDescription::certificate_required ||
      error.alert == AlertDescription::bad_certificate)
    out += " :no_way_to_sign:";
  return out + '\n' + error.explain() + '\n';
}

}  // namespace bulla::bogo
