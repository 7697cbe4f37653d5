#include "bogo/reasons.h"

namespace bulla::bogo {
namespace {

struct Family {
  ErrorCode code;
  std::string_view name;
};

/// Rows that say more exactly what the runner has one name for.
constexpr Family families[] = {
    {ErrorCode::unexpected_record, "record_out_of_place"},
    {ErrorCode::unexpected_change_cipher_spec, "record_out_of_place"},
    {ErrorCode::empty_handshake_record, "record_out_of_place"},
    {ErrorCode::interleaved_handshake, "record_out_of_place"},
    {ErrorCode::unknown_record_type, "record_out_of_place"},
    {ErrorCode::not_tls, "record_out_of_place"},
};

}  // namespace

std::string reason_for_runner(const Error& error) {
  std::string out = ":" + std::string(error.row().name) + ":";
  for (const Family& family : families)
    if (family.code == error.code) out += " :" + std::string(family.name) + ":";
  if (error.code == ErrorCode::peer_sent_alert && error.alert)
    out += " :peer_sent_" + name_of(*error.alert) + ":";
  return out + '\n' + error.explain() + '\n';
}

}  // namespace bulla::bogo
