#include "tls/hello/client.h"

#include "tls/hello/client_hello_plan.h"
#include "tls/hello/downgrade.h"

#include <algorithm>

namespace bulla::tls::hello {
namespace {

/// RFC 9846 §4.2.2 and §E.4: a random session id in compatibility mode; RFC 5077 §3.4: one beside a ticket,
/// whose echo tells that it was accepted; RFC 5246 §7.4.1.2: the session's own where there is no ticket.
std::vector<uint8_t> choose_session_id(const ClientContext& ctx, const ClientSession* session) {
  const bool tls12_session = session && session->version == ProtocolVersion::tls12;
  if (tls12_session && session->ticket.empty()) return session->session_id;
  const bool compatible = ctx.common.versions.has(ProtocolVersion::tls13) &&
                          ctx.common.middlebox_compatibility == MiddleboxCompatibility::on;
  if (!tls12_session && !compatible) return {};
  std::vector<uint8_t> id(32);
  ctx.random().fill(id);
  return id;
}

size_t position_of(const std::vector<OperationId>& ids, OperationId id) {
  return static_cast<size_t>(std::ranges::find(ids, id) - ids.begin());
}

}  // namespace

// ---------------------------------------------------------------------------------------------------- START

Result<AfterStart> start(ClientContext& ctx) {
  ctx.random().fill(ctx.client_random);
  Offer offer;
  offer.session = session_to_offer(ctx);
  offer.session_id = choose_session_id(ctx, offer.session.get());
  if (ctx.name.kind() == ServerName::Kind::dns) ctx.info.server_name = ctx.name.text();

  if (!ctx.common.versions.has(ProtocolVersion::tls13)) {
    send_client_hello(ctx, offer, {});
    return WaitSh{std::move(offer)};
  }
  std::vector<OperationId> asked;
  for (const NamedGroup group : ctx.config.options().key_shares) {
    offer.shares.push_back({group, {}});
    asked.push_back(ctx.request(GenerateShare{group}));
  }
  const auto missing = static_cast<unsigned>(asked.size());
  return WaitShares{std::move(offer), std::move(asked), missing};
}

Result<AfterStart> WaitShares::on(Answered<KeyPair>&& answer, ClientContext& ctx) && {
  offer.shares[position_of(asked, answer.id)].keys = std::move(answer.value);
  if (--missing > 0) return std::move(*this);
  send_client_hello(ctx, offer, {});
  return WaitSh{std::move(offer)};
}

// -------------------------------------------------------------------------------------------------- WAIT_SH

Result<WaitSh> WaitSh::on(const ChangeCipherSpec&, ClientContext& ctx) && {
  if (!ctx.common.versions.has(ProtocolVersion::tls13))
    return Error{ErrorCode::unexpected_change_cipher_spec, "in state WAIT_SH"};
  change_cipher_spec_seen = true;
  return std::move(*this);
}

Result<tls13::client::WaitSecret> WaitSh::on(const ServerHello& hello, ClientContext& ctx) && {
  return tls13::client::on_server_hello(hello, std::move(offer), std::nullopt, ctx);
}

Result<tls12::ClientAfterHello> WaitSh::on(const ServerHello12& hello, ClientContext& ctx) && {
  using enum ProtocolVersion;
  // RFC 9846 §4.2.3: the sentinel says that somebody removed our offer of 1.3.
  if (has_downgrade_sentinel(hello.random, ctx.common)) return ErrorCode::downgrade_detected;
  if (hello.version != tls12 || !ctx.common.versions.has(tls12))
    return Error{ErrorCode::unsupported_version, "the server chose " + name_of(hello.version)};
  if (change_cipher_spec_seen)
    return Error{ErrorCode::unexpected_change_cipher_spec, "before a ServerHello of TLS 1.2"};
  ctx.info.version = tls12;
  ctx.decided("version", name_of(tls12));
  std::ranges::copy(hello.random, ctx.server_random.begin());
  ctx.transcript.add(ctx.received);
  return tls12::on_server_hello(hello, std::move(offer), ctx);
}

// ----------------------------------------------------------------------------------------- HelloRetryRequest

namespace {

constexpr size_t longest_cookie = 32 * 1024;

/// RFC 9846 §4.2.4: the same checks as for a ServerHello, and that the second ClientHello will differ.
Result<void> check_retry(const HelloRetryRequest& message, const Offer& offer, const ClientContext& ctx) {
  if (message.selected_version != ProtocolVersion::tls13 || !ctx.common.versions.has(ProtocolVersion::tls13))
    return Error{ErrorCode::version_not_offered, "HelloRetryRequest"};
  if (message.legacy_version != ProtocolVersion::tls12)
    return Error{ErrorCode::illegal_parameter,
                 "legacy_version in HelloRetryRequest",
                 {},
                 AlertDescription::protocol_version};
  if (!equal_vartime(message.session_id_echo, offer.session_id)) return ErrorCode::wrong_session_id_echo;
  if (message.compression_method != 0) return ErrorCode::compression_selected;
  const Suite* suite = find_suite(message.cipher_suite);
  const auto& enabled = ctx.common.cipher_suites;
  if (!suite || suite->version != ProtocolVersion::tls13 ||
      std::ranges::find(enabled, suite->id) == enabled.end())
    return Error{ErrorCode::wrong_cipher_returned, name_of(message.cipher_suite)};
  BULLA_TRY(check_solicited(message.extensions, offer.extensions, Carrier::hrr));
  if (!message.selected_group && !message.cookie) return ErrorCode::unnecessary_hello_retry;
  // It goes back into a ClientHello that has to have room for a ticket as well.
  if (message.cookie && message.cookie->size() > longest_cookie)
    return Error{ErrorCode::handshake_too_large, "a cookie of " + std::to_string(message.cookie->size())};
  if (!message.selected_group) return {};
  // §4.3.8: the group is one that we listed and sent no share for.
  if (std::ranges::find(ctx.common.groups, *message.selected_group) == ctx.common.groups.end())
    return Error{ErrorCode::wrong_group, name_of(*message.selected_group)};
  if (std::ranges::find(offer.shares, *message.selected_group, &OfferedShare::group) != offer.shares.end())
    return ErrorCode::unnecessary_hello_retry;
  return {};
}

}  // namespace

Result<AfterRetry> WaitSh::on(const HelloRetryRequest& message, ClientContext& ctx) && {
  BULLA_TRY(check_retry(message, offer, ctx));
  BULLA_TRY(ctx.driver.end_of_flight());
  const Suite& suite = *find_suite(message.cipher_suite);
  ctx.transcript.start(ctx.hash_of(suite));
  ctx.transcript.replace_by_message_hash();
  ctx.transcript.add(ctx.received);
  ctx.info.kind = HandshakeKind::retried;
  ctx.decided("hello_retry_request", message.selected_group ? name_of(*message.selected_group) : "cookie");
  // RFC 9846 §4.2.4: a PSK whose hash the chosen suite does not share is no longer offered.
  if (offer.session && (offer.session->version != ProtocolVersion::tls13 ||
                        find_suite(offer.session->suite)->hash != suite.hash))
    offer.session = nullptr;
  if (ctx.common.middlebox_compatibility == MiddleboxCompatibility::on) {
    ctx.driver.send_change_cipher_spec();
    ctx.compatibility_ccs_sent = true;
  }

  Retry retry{suite.id, message.cookie ? to_vector(*message.cookie) : std::vector<uint8_t>()};
  if (!message.selected_group) {
    send_client_hello(ctx, offer, retry.cookie);
    return WaitRetrySh{std::move(offer), std::move(retry)};
  }
  offer.shares.clear();
  offer.shares.push_back({*message.selected_group, {}});
  ctx.request(GenerateShare{*message.selected_group});
  return WaitRetryShare{std::move(offer), std::move(retry)};
}

Result<WaitRetrySh> WaitRetryShare::on(Answered<KeyPair>&& answer, ClientContext& ctx) && {
  offer.shares.front().keys = std::move(answer.value);
  send_client_hello(ctx, offer, retry.cookie);
  return WaitRetrySh{std::move(offer), std::move(retry)};
}

Result<tls13::client::WaitSecret> WaitRetrySh::on(const ServerHello& hello, ClientContext& ctx) && {
  return tls13::client::on_server_hello(hello, std::move(offer), retry.suite, ctx);
}

Result<tls13::client::WaitSecret> WaitRetrySh::on(const ServerHello12&, ClientContext&) && {
  // RFC 9846 §4.2.4: the version of the HelloRetryRequest must be kept.
  return Error{ErrorCode::version_not_offered, "another version after a HelloRetryRequest"};
}

}  // namespace bulla::tls::hello
