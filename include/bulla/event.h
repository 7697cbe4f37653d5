// What Connection::next returns: one event value a call.
#pragma once

#include <bulla/bytes.h>
#include <bulla/error.h>
#include <bulla/operation.h>

#include <variant>

namespace bulla {

/// All input is taken, as far as it is whole: receive more behind what is left, then call again. A part of a
/// record stays in the input.
struct NeedInput {};
/// Operations that left as events are unanswered, and the handshake cannot go on without: call complete().
struct NeedAnswer {};
/// Decrypted application data: a view into the caller's input buffer, valid until that is changed. Never
/// empty.
struct AppData {
  MutBytes bytes;  ///< the caller may write here, too
};
/// 0-RTT data: a type of its own, since it may be a replay (RFC 9846 §8). Not produced by this version.
struct EarlyData {
  MutBytes bytes;  ///< in the caller's input buffer, as AppData
};
/// The handshake is complete and verified; Connection::info() says what was agreed. Comes once.
struct HandshakeDone {};
/// The peer sent close_notify: no more data will come, and none is missing. We may still send.
struct PeerClosed {};
/// The transport ended without close_notify: data may be missing (RFC 9846 §6.1).
struct Truncated {};
/// The connection failed; the alert, if one is due, is in the output: send that, then close. Nothing more can
/// be done with the connection.
struct Failed {
  Error error;  ///< what happened, with its evidence
};

/// What one call of Connection::next led to. An Operation wants an answer through Connection::complete; other
/// events may come before it is given.
using Event = std::variant<NeedInput, NeedAnswer, AppData, EarlyData, HandshakeDone, PeerClosed, Truncated,
                           Operation, Failed>;

}  // namespace bulla
