// A TLS connection without I/O. Bytes and time go in, bytes and events come out:
//
//   for (;;) {
//     Event event = connection.next(buffer.unread, output, now());
//     flush(output);
//     if (auto* data = std::get_if<AppData>(&event)) use(data->bytes);
//     else if (std::holds_alternative<NeedInput>(event)) buffer.filled(receive(buffer.space()));
//     else if (std::holds_alternative<HandshakeDone>(event)) connection.send(request, output);
//     else break;  // PeerClosed, Truncated, Failed
//   }
#pragma once

#include <bulla/config.h>
#include <bulla/event.h>

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace bulla {

namespace tls {
/// Inner types; no part of the interface.
struct ConnectionState;  // src/tls/connection_state.h
struct SendState;
struct ReceiveState;
}  // namespace tls

/// Which end of the connection this is.
enum class Role : uint8_t { client, server };
/// How the handshake went. retried: with a HelloRetryRequest, then in full.
enum class HandshakeKind : uint8_t { full, retried, resumed };

/// What was agreed. Complete after HandshakeDone; before that, fields fill up in the order of the handshake.
struct ConnectionInfo {
  Role role = Role::client;                              ///< this end's
  ProtocolVersion version = {};                          ///< 0 until it is negotiated
  CipherSuite suite = CipherSuite::null_with_null_null;  ///< null_with_null_null until it is negotiated
  std::optional<NamedGroup> group = {};                  ///< none for a TLS 1.2 resumption
  std::optional<SignatureScheme> peer_signature = {};    ///< how the peer signed; none where it did not
  std::optional<SignatureScheme> own_signature = {};     ///< how we signed; none where we did not
  HandshakeKind kind = HandshakeKind::full;  ///< resumed: the peer showed no certificate this time
  bool extended_master_secret = false;       ///< TLS 1.2; always true in 1.3, whose schedule has it built in
  std::string alpn = {};                     ///< empty: none
  std::string server_name = {};              ///< SNI: as sent (client) or received (server)
  Chain peer_chain = {};                     ///< as sent by the peer, leaf first; from the session if resumed
  Chain verified_path = {};                  ///< leaf to anchor; empty if asserted or resumed
  std::string asserted_because = {};         ///< why the peer was not verified, where it was not
  std::vector<uint8_t> ocsp_response = {};   ///< stapled by the server; empty: none

  /// Who the peer is: the certificate that was verified and whose key the peer proved to hold, now or when
  /// the session that was resumed began. Its names or fingerprint_sha256() are what to decide by. nullptr:
  /// the peer showed none, or nobody verified it. As all else here, to be asked after HandshakeDone; lives as
  /// long as this object.
  const Certificate* verified_peer() const noexcept {
    const bool proved = peer_signature || kind == HandshakeKind::resumed;
    return proved && asserted_because.empty() && !peer_chain.empty() ? peer_chain.front().get() : nullptr;
  }
};

/// Whether a KeyUpdate asks the peer to update its keys as well (RFC 9846 §4.7.3).
enum class KeyUpdateRequest : uint8_t { update_not_requested = 0, update_requested = 1 };

/// What the receive half has to tell the send half: it owes the peer an answer to a KeyUpdate, or a fatal
/// alert; or the peer has updated its keys, so that it may be asked to do so again.
struct Reply {
  /// What it is; none: nothing to hand over.
  enum class Kind : uint8_t { none, key_update, alert, peer_updated } kind = Kind::none;  ///< see Kind
  AlertDescription alert = AlertDescription::close_notify;  ///< with Kind::alert
};

/// The keys of one direction at a record boundary, for a kernel or a network card that goes on (kTLS). Owned
/// by whoever gets them.
struct TrafficKeys {
  ProtocolVersion version = {};                  ///< says how nonces and records are made
  CipherSuite suite = {};                        ///< says which AEAD
  SecretBytes key = {};                          ///< of the AEAD: 16 or 32 bytes
  std::array<uint8_t, aead_nonce_size> iv = {};  ///< TLS 1.2 with GCM: the salt in the first four bytes
  uint64_t sequence = 0;                         ///< of the next record
};

/// The sending half of a connection; one thread may use it while another uses the ReceiveHalf.
class SendHalf {
 public:
  /// Takes the state; the other can only be assigned to or destroyed.
  SendHalf(SendHalf&&) noexcept;
  /// The same.
  SendHalf& operator=(SendHalf&&) noexcept;
  /// Sends nothing: call close_write first.
  ~SendHalf();
  /// As Connection::send.
  Result<size_t> send(std::span<const Bytes> data, Output& out);
  /// The same for bytes in one piece.
  Result<size_t> send(Bytes data, Output& out) { return send(std::span<const Bytes>(&data, 1), out); }
  /// As Connection::close_write.
  Result<void> close_write(Output& out);
  /// As Connection::update_keys.
  Result<void> update_keys(KeyUpdateRequest request, Output& out);
  /// Sends what the receive half owes, as far as anything is due by now; the rest goes out with the next
  /// send.
  Result<void> answer(const Reply& reply, Output& out);

 private:
  friend class Connection;
  explicit SendHalf(std::unique_ptr<tls::SendState> state) noexcept;
  std::unique_ptr<tls::SendState> state_;
};

/// The receiving half. After each call take reply(): if it is not none, hand it to the send half.
class ReceiveHalf {
 public:
  /// Takes the state; the other can only be assigned to or destroyed.
  ReceiveHalf(ReceiveHalf&&) noexcept;
  /// The same.
  ReceiveHalf& operator=(ReceiveHalf&&) noexcept;
  ~ReceiveHalf();
  /// As Connection::next: AppData, NeedInput, PeerClosed or Failed.
  Event next(MutBytes& in, Time now);
  /// As Connection::end_of_input: PeerClosed or Truncated, or Failed where it had failed before.
  Event end_of_input();
  /// What is owed since the last call of reply(), which takes it away.
  Reply reply() noexcept;

 private:
  friend class Connection;
  explicit ReceiveHalf(std::unique_ptr<tls::ReceiveState> state) noexcept;
  std::unique_ptr<tls::ReceiveState> state_;
};

/// One TLS connection, client or server. Movable; used by one thread at a time (or split into halves). Keeps
/// its config alive. After Failed, all that can be done is to ask: info() and what is pending in the output
/// stay.
class Connection {
 public:
  /// A client's connection. `config` is not nullptr. `name`: what the server's certificate must carry, and
  /// the SNI where it is a DNS name. There is no way to forget it.
  static Connection client(ClientConfigPtr config, ServerName name);
  /// A server's connection. `config` is not nullptr.
  static Connection server(ServerConfigPtr config);
  /// Takes the state; the other can only be assigned to or destroyed.
  Connection(Connection&&) noexcept;
  /// The same.
  Connection& operator=(Connection&&) noexcept;
  /// Sends nothing, wipes all secrets.
  ~Connection();

  /// Takes what it can from the front of `in` (advancing it, decrypting in place), appends what is to be sent
  /// to `out`, and says what happened. A client's first call needs no input. Call again until NeedInput.
  /// `now`: the time for certificates, tickets and deadline(); it should not go back. Failures are events:
  /// Failed with the row that says why, and again with connection_failed_before.
  Event next(MutBytes& in, Output& out, Time now);
  /// Says that the transport has ended: PeerClosed if close_notify came before, else Truncated, or Failed
  /// (truncated) in the midst of a handshake.
  Event end_of_input();
  /// Operations of these kinds leave next() as events from now on, beside those of the config: for a program
  /// that answers those of several connections at once. Changes nothing after HandshakeDone.
  void hand_out(OperationSet kinds);
  /// Answers an Operation, in whatever order. Then call next again. Error: unknown_operation if none such is
  /// pending, it was answered before, or the answer is of another type; that harms nothing.
  Result<void> complete(OperationId id, Answer answer);

  /// Encrypts the concatenation of `data` into as few records as the limits allow; returns the bytes taken,
  /// which is all of them. A record takes at most eight pieces. The bytes are not kept; they may not lie in
  /// `out` (asserted). Errors, and nothing is sent: not_connected before HandshakeDone; write_side_closed
  /// after close_write or a failure; key_exhausted (TLS 1.2: open a new connection).
  Result<size_t> send(std::span<const Bytes> data, Output& out);
  /// The same for bytes in one piece.
  Result<size_t> send(Bytes data, Output& out) { return send(std::span<const Bytes>(&data, 1), out); }
  /// Sends close_notify, once; reading goes on until the peer closes as well (half-close, RFC 9846 §6.1).
  /// Error: not_connected before HandshakeDone.
  Result<void> close_write(Output& out);
  /// TLS 1.3: changes our sending keys now, and asks the peer to change its own if `request` says so and the
  /// peer is not asked already (RFC 9846 §4.7.3). Errors: not_connected, write_side_closed; bad_argument in
  /// TLS 1.2; key_exhausted after 2^48 - 1 updates.
  Result<void> update_keys(KeyUpdateRequest request, Output& out);
  /// Ends the connection with an alert chosen by the application: a fatal one, or user_canceled, which
  /// close_notify follows. Nothing more can be done with the connection. Errors: connection_failed_before;
  /// bad_argument for no_renegotiation, which is no end (RFC 5246 §7.2.2).
  Result<void> fail(AlertDescription alert, Output& out);
  /// RFC 9846 §7.5, RFC 5705: `size` bytes that both sides share. In 1.2 no context differs from an empty
  /// one. not_connected before HandshakeDone; connection_failed_before after a failure; bad_argument for a
  /// label that is longer than 240 bytes or reserved, and for sizes that the hash cannot give;
  /// extended_master_secret_required in a TLS 1.2 session resumed without that extension (RFC 7627 §5.4).
  Result<SecretBytes> export_secret(std::string_view label, std::optional<Bytes> context, size_t size) const;

  /// What was agreed so far; the reference lives as long as the connection, moved or not, and until split().
  const ConnectionInfo& info() const noexcept;
  /// Whether HandshakeDone came: data may be sent.
  bool handshake_done() const noexcept;
  /// When next() must be called again even without input, so that the handshake fails with handshake_timeout:
  /// first call + handshake_timeout. Nothing after HandshakeDone, before the first call, and without a limit.
  std::optional<Time> deadline() const noexcept;

  /// Two halves for two threads; see split().
  struct Halves;
  /// Takes the connection apart; what stays behind is closed and has no secrets, so that exporting comes
  /// before (not_connected afterwards).
  /// Errors, which leave it whole: not_connected before HandshakeDone or with an operation pending;
  /// connection_failed_before; bad_argument after hand_to_kernel.
  Result<Halves> split() &&;
  /// Record protection, for a kernel: of the directions whose keys it has not got yet.
  struct KernelKeys {
    std::optional<TrafficKeys> send,  ///< for our next record
        receive;                      ///< for the peer's
  };
  /// Hands record protection to the kernel: at a record boundary, after HandshakeDone. The first call gives
  /// the keys of both directions; from then on the kernel alone counts their records, and nobody gets them
  /// again. Bytes not yet taken from the input are the kernel's to decrypt. The engine stays responsible for
  /// handshake records and alerts: they come back through kernel_record, and what it writes from now on are
  /// records in the clear, whose type and content the kernel is to protect.
  ///
  /// After update_keys and after a KeyUpdate of the peer, protect what is in `out`, if anything, and call
  /// this again before all else: it gives the keys that are new. Until then send, update_keys, close_write
  /// and kernel_record refuse with bad_argument, and fail sends no alert. How much one key may protect (RFC
  /// 9846 §5.5: 2^24.5 full records with AES-GCM) is the program's to watch: it calls update_keys in time.
  ///
  /// Errors, at which nothing changes: not_connected, connection_failed_before; for the first call also
  /// message_across_key_change in the midst of a handshake message, and bad_argument where the peer has asked
  /// for a KeyUpdate that is not sent yet (update_keys sends it).
  Result<KernelKeys> hand_to_kernel();
  /// A decrypted record that the kernel did not deliver as data. NeedInput: taken; after a KeyUpdate, see
  /// hand_to_kernel. Failed with not_connected without hand_to_kernel before, and with bad_argument for
  /// application data or where keys wait for the kernel, leaves the connection as it was.
  Event kernel_record(ContentType type, Bytes plaintext, Output& out, Time now);

 private:
  explicit Connection(std::unique_ptr<tls::ConnectionState> state) noexcept;
  std::unique_ptr<tls::ConnectionState> state_;
};

/// The two halves, and what was agreed.
struct Connection::Halves {
  SendHalf send;        ///< for one thread
  ReceiveHalf receive;  ///< for another
  ConnectionInfo info;  ///< as Connection::info() was
};

}  // namespace bulla
