// CONNECTED: what a finished handshake leaves behind. It cannot be made without the proofs.
#pragma once

#include "tls/context.h"
#include "tls/proofs.h"

namespace bulla::tls {

/// TLS 1.3: exporter_master_secret. TLS 1.2: the master secret, from which exporters are computed (RFC 5705 §4).
using ExporterSecret = InlineSecret<struct ExporterRole, 48>;
/// TLS 1.3: resumption_master_secret. Empty in TLS 1.2.
using ResumptionSecret = InlineSecret<struct ResumptionRole, 48>;

struct Connected {
  static constexpr std::string_view name = "CONNECTED";
  FinishedVerified finished;
  PeerProof peer;
  const Suite* suite = nullptr;
  ExporterSecret exporter = {};
  ResumptionSecret resumption = {};
};

}  // namespace bulla::tls
