// The sending half: plaintext into records. It knows nothing of the receiving half.
#pragma once

#include "tls/record/protection.h"

#include <bulla/config.h>
#include <bulla/connection.h>

namespace bulla::tls {

struct SendState {
  SendState(std::shared_ptr<const void> keep_config, const CommonOptions& common_options,
            const Provider& crypto, Role role) noexcept
      : config(std::move(keep_config)), common(&common_options), provider(&crypto), sender(role) {}

  std::shared_ptr<const void> config;  ///< keeps what `common` points into
  const CommonOptions* common;
  const Provider* provider;
  Role sender;
  Protection protection = {};
  bool connected = false;        ///< application data may be sent
  bool closed = false;           ///< close_notify or a fatal alert is out
  bool in_kernel = false;        ///< records leave in the clear, for the kernel to protect
  bool owes_key_update = false;  ///< to go out before the next application data
  bool update_asked = false;     ///< a KeyUpdate of ours asked the peer for one, which has not come yet
  uint64_t updates = 0;          ///< how often the keys were updated

  /// Cuts `parts` into records of at most limits.max_fragment bytes.
  void write(ContentType type, std::span<const Bytes> parts, Output& out);
  void write(ContentType type, Bytes bytes, Output& out) {
    write(type, std::span<const Bytes>(&bytes, 1), out);
  }
  void install(WriteKeys keys) { protection.install(*provider, std::move(keys)); }
  /// After user_canceled and no_renegotiation the connection goes on (RFC 9846 §6.1, RFC 5246 §7.2.2).
  void send_alert(AlertDescription alert, Output& out);
  /// RFC 9846 §6: forgets the keys; nothing is sent any more.
  void give_up() noexcept;

  // What SendHalf and Connection offer.
  Result<size_t> send(std::span<const Bytes> data, Output& out);
  Result<void> close_write(Output& out);
  Result<void> update_keys(KeyUpdateRequest request, Output& out);
  Result<void> answer(const Reply& reply, Output& out);

 private:
  Result<void> may_write() const;
  Result<void> write_data(std::span<const Bytes> data, Output& out);
  bool may_update() const noexcept;
  void write_record(ContentType type, std::span<const Bytes> parts, size_t size, Output& out);
  size_t padding_for(size_t size) const noexcept;
};

}  // namespace bulla::tls
