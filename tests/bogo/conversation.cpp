#include "bogo/conversation.h"

#include <algorithm>

namespace bulla::bogo {
namespace {

constexpr size_t default_read_size = 512;

std::optional<Error> handshake(Link& link, const Flags& flags) {
  Event event = link.next();
  if (auto* failed = std::get_if<Failed>(&event)) return std::move(failed->error);
  if (!std::holds_alternative<HandshakeDone>(event)) return Error{ErrorCode::internal, "no HandshakeDone"};
  if (auto error = link.settle()) return error;
  if (flags.no_op_extra_handshake) return link.settle();
  return std::nullopt;
}

Result<void> send(Link& link, Bytes data) {
  BULLA_TRY(link.connection().send(data, link.output()));
  link.flush();
  return {};
}

Result<void> write_exports(Link& link, const Flags& flags) {
  if (!flags.export_keying_material) return {};
  std::optional<Bytes> context;
  if (flags.use_export_context) context = as_bytes(*flags.export_context);
  BULLA_TRY(const SecretBytes secret,
            link.connection().export_secret(flags.export_label.value_or(""), context,
                                            *flags.export_keying_material));
  return send(link, secret.reveal());
}

/// Before anything is read.
Result<void> write_first(Link& link, const Flags& flags) {
  BULLA_TRY(write_exports(link, flags));
  if (flags.send_alert) {
    BULLA_TRY(link.connection().fail(AlertDescription::decompression_failure, link.output()));
    link.flush();
    return {};
  }
  if (flags.read_with_unfinished_write) link.hold_after_one_byte();
  std::string text = flags.shim_initial_write.value_or("");
  if (flags.shim_writes_first || (flags.read_with_unfinished_write && text.empty())) text = "hello";
  for (uint64_t i = 0; i < flags.repeat_shim_initial_write.value_or(1) && !text.empty(); ++i)
    BULLA_TRY(send(link, as_bytes(text)));
  return {};
}

Result<void> echo(Link& link, const Flags& flags, MutBytes data) {
  const size_t piece = flags.read_size ? *flags.read_size : default_read_size;
  while (!data.empty()) {
    const MutBytes part = data.first(std::min(piece, data.size()));
    data = data.subspan(part.size());
    for (uint8_t& byte : part) byte ^= 0xff;
    link.release();
    if (flags.key_update)
      BULLA_TRY(link.connection().update_keys(KeyUpdateRequest::update_not_requested, link.output()));
    BULLA_TRY(send(link, part));
  }
  return {};
}

/// Reads and answers until the peer closes.
Outcome echo_loop(Link& link, const Flags& flags, bool& closed_by_peer) {
  while (true) {
    Event event = link.next();
    if (auto* failed = std::get_if<Failed>(&event)) return {std::move(failed->error)};
    closed_by_peer = std::holds_alternative<PeerClosed>(event);
    if (closed_by_peer || std::holds_alternative<Truncated>(event)) return {};
    auto* data = std::get_if<AppData>(&event);
    if (!data) return {Error{ErrorCode::internal, "an unknown event"}};
    if (auto done = echo(link, flags, data->bytes); !done) return {std::move(done).error()};
  }
}

/// close_notify both ways; data after ours is what nobody will read.
Outcome close_both_ways(Link& link, bool closed_by_peer) {
  if (auto closed = link.connection().close_write(link.output()); !closed) return {std::move(closed).error()};
  link.flush();
  if (closed_by_peer) return {};
  Event event = link.next();
  if (auto* failed = std::get_if<Failed>(&event)) return {std::move(failed->error)};
  if (std::holds_alternative<AppData>(event))
    return {Error{ErrorCode::unexpected_record, ":application_data_on_shutdown:"}};
  if (!std::holds_alternative<PeerClosed>(event))
    return {Error{ErrorCode::truncated, "no close_notify came"}};
  return {};
}

}  // namespace

Outcome converse(Link& link, const Flags& flags,
                 const std::function<std::optional<std::string>(const ConnectionInfo&)>& after_handshake) {
  if (auto error = handshake(link, flags)) return {std::move(error)};
  if (auto complaint = after_handshake(link.connection().info())) return {{}, std::move(complaint)};
  if (auto written = write_first(link, flags); !written) return {std::move(written).error()};
  if (flags.send_alert) return {};

  bool closed_by_peer = false;
  if (!flags.shim_shuts_down)
    if (Outcome outcome = echo_loop(link, flags, closed_by_peer); outcome.error) return outcome;
  if (!link.all_sent()) return {Error{ErrorCode::connection_reset, "the runner no longer listened"}};
  if (!flags.check_close_notify) return {};
  if (!flags.shim_shuts_down && !closed_by_peer) return {Error{ErrorCode::truncated, "no close_notify came"}};
  return close_both_ways(link, closed_by_peer);
}

}  // namespace bulla::bogo
