// The receiving half: records into content. During the handshake the connection asks it for records; after
// it, it stands on its own and only tells what it owes the peer (Reply).
#pragma once

#include "tls/connected.h"
#include "tls/record/joiner.h"
#include "tls/record/protection.h"

#include <bulla/event.h>

namespace bulla::tls {

/// A TLS 1.3 client's part in NewSessionTicket: the secret, and the session but for what the message brings.
struct TicketTaker {
  std::shared_ptr<ClientSessionStore> store;
  std::string key;
  ResumptionSecret secret;
  ClientSession session;
};

struct ReceiveState {
  ReceiveState(std::shared_ptr<const void> keep_config, const CommonOptions& common_options,
               const Provider& crypto, Role role) noexcept
      : config(std::move(keep_config)), common(&common_options), provider(&crypto), receiver(role) {}

  std::shared_ptr<const void> config;
  const CommonOptions* common;
  const Provider* provider;
  Role receiver;
  Protection protection = {};
  HandshakeJoiner joiner = {};
  EncryptionLevel level = EncryptionLevel::initial;
  bool connected = false;
  bool tls13 = false;
  bool peer_closed = false;
  bool failed = false;
  bool in_kernel = false;  ///< records are opened by the kernel; none come through next()
  bool received_any = false;
  /// RFC 9846 §4.3.10: bytes of refused early data that may still be skipped; nullopt: none is expected.
  std::optional<size_t> skippable = {};
  unsigned empty_records = 0, warnings = 0, key_updates = 0, change_cipher_specs = 0, tickets_taken = 0;
  Reply owed = {};
  std::unique_ptr<TicketTaker> tickets = {};

  /// The next record, opened; nothing where input is missing. Counts what has a limit. Takes from the front
  /// of `in`.
  Result<std::optional<Protection::Opened>> read_record(MutBytes& in);
  Result<void> install(RecordAligned, EncryptionLevel at, ReadKeys keys);
  /// An alert: PeerClosed for close_notify, nothing for one that is ignored, else the error.
  Result<std::optional<Event>> take_alert(Bytes content);

  /// After the handshake: the next event.
  Event next(MutBytes& in, Time now);
  Event end_of_input();
  /// RFC 9846 §6: forgets the keys; nothing is received any more.
  void give_up() noexcept;
  /// What is inside a record, after the handshake. Nothing: go on.
  Result<std::optional<Event>> take(const Protection::Opened& record, Time now);

 private:
  Result<bool> skip(const RecordHeader& header, size_t size);
  Result<std::optional<Protection::Opened>> open(MutBytes wire);
  Result<void> check_begun() const;
  Result<void> take_post_handshake(Bytes whole, Time now);
  Result<void> take_ticket(const HandshakeMessage& message, Time now);
  Result<void> take_hello_request(const HandshakeMessage& message);
  Result<void> take_key_update(const HandshakeMessage& message);
};

}  // namespace bulla::tls
