// CONNECTED: what a finished handshake leaves behind. It cannot be made without the proofs.
#pragma once

#include "tls/context.h"
#include "tls/proofs.h"

namespace bulla::tls {

/// TLS 1.3: exporter_master_secret. TLS 1.2: the master secret, from which exporters are computed (RFC 5705
/// §4).
using ExporterSecret = InlineSecret<struct ExporterRole, 48>;
/// TLS 1.3 client: resumption_master_secret, for the tickets to come. Empty elsewhere.
using ResumptionSecret = InlineSecret<struct ResumptionRole, 48>;

/// A TLS 1.3 ticket whose sealing was asked for.
struct PendingTicket {
  OperationId operation = {};
  std::array<uint8_t, 2> nonce = {};
  uint32_t age_add = 0;
};

struct Connected {
  static constexpr std::string_view name = "CONNECTED";
  FinishedVerified finished;
  PeerProof peer;
  const Suite* suite = nullptr;
  ExporterSecret exporter = {};
  ResumptionSecret resumption = {};
  std::vector<PendingTicket> tickets = {};
  /// Sends the NewSessionTicket (RFC 9846 §4.7.1); none where the sealer gave none.
  Result<Connected> on(Answered<Ticket>&&, ServerContext&) &&;
};

}  // namespace bulla::tls
