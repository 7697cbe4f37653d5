// NewSessionTicket, RFC 9846 §4.7.1: sent by the server when a session is sealed.
#include "tls/connected.h"
#include "tls/msg/post_handshake.h"
#include "tls/session_state.h"

#include <algorithm>

namespace bulla::tls {

Result<Connected> Connected::on(Answered<Ticket>&& answer, ServerContext& ctx) && {
  const auto ticket = std::ranges::find(tickets, answer.id, &PendingTicket::operation);
  if (ticket == tickets.end()) return Error{ErrorCode::internal, "a ticket that nobody asked for"};
  const PendingTicket pending = *ticket;
  tickets.erase(ticket);
  if (answer.value.bytes.empty()) return std::move(*this);
  NewSessionTicket message;
  message.lifetime = static_cast<uint32_t>(ticket_lifetime(ctx).count());
  message.age_add = pending.age_add;
  message.nonce = pending.nonce;
  message.ticket = answer.value.bytes;
  ctx.send(EncryptionLevel::application, message);
  return std::move(*this);
}

}  // namespace bulla::tls
