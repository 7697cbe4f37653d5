// The key schedule of TLS 1.3, RFC 9846 §7.1, as types that are consumed in its order:
//
//             0
//             |
//   PSK  -> HKDF-Extract = Early Secret          EarlyStage      .binder() .client_traffic() .exporter()
//             |
//   (EC)DHE -> HKDF-Extract = Handshake Secret   HandshakeStage  .client_traffic() .server_traffic()
//             |
//   0    -> HKDF-Extract = Main Secret           MainStage       .client_traffic() .server_traffic()
//   .exporter() …
//
// Client and server secrets are different types, so that they cannot be mixed up.
#pragma once

#include "tls/connected.h"
#include "tls/record/keys.h"
#include "tls/transcript.h"

#include <string_view>

namespace bulla::tls::tls13 {

template <class Role>
using TrafficSecret = InlineSecret<Role, 48>;
using ClientEarlyTrafficSecret = TrafficSecret<struct ClientEarlyRole>;
using ClientHandshakeTrafficSecret = TrafficSecret<struct ClientHandshakeRole>;
using ServerHandshakeTrafficSecret = TrafficSecret<struct ServerHandshakeRole>;
using ClientApplicationTrafficSecret = TrafficSecret<struct ClientApplicationRole>;
using ServerApplicationTrafficSecret = TrafficSecret<struct ServerApplicationRole>;

/// HKDF-Expand-Label (§7.1): fills `out`. `label` without the "tls13 " prefix.
void expand_label(const HashAlgorithm& hash, Bytes secret, std::string_view label, Bytes context,
                  MutBytes out);

/// HKDF-Expand-Label(secret, label, context, Hash.length) into a secret of the caller's type.
template <class Secret>
Secret derive(const HashAlgorithm& hash, Bytes secret, std::string_view label, Bytes context) {
  Secret out(size_t{hash.digest_size});
  expand_label(hash, secret, label, context, out.writable());
  return out;
}

class HandshakeStage;
class MainStage;

class EarlyStage {
 public:
  /// `psk` is empty where none is used.
  EarlyStage(const HashAlgorithm& hash, Bytes psk);
  /// §4.3.11.2: the PskBinderEntry of a resumption PSK over Transcript-Hash(Truncate(ClientHello)).
  Digest binder(Bytes truncated_transcript) const;
  /// `hello_transcript`: ClientHello. For 0-RTT data, and its exporter (early_exporter_secret).
  ClientEarlyTrafficSecret client_traffic(Bytes hello_transcript) const;
  ExporterSecret exporter(Bytes hello_transcript) const;
  HandshakeStage agree(Bytes shared_secret) &&;

 private:
  const HashAlgorithm* hash_;
  InlineSecret<struct EarlyRole, 48> secret_;
};

class HandshakeStage {
 public:
  /// `hello_transcript`: ClientHello...ServerHello.
  ClientHandshakeTrafficSecret client_traffic(Bytes hello_transcript) const;
  ServerHandshakeTrafficSecret server_traffic(Bytes hello_transcript) const;
  MainStage main() &&;

 private:
  friend class EarlyStage;
  HandshakeStage(const HashAlgorithm& hash, Bytes early_secret, Bytes shared_secret);
  const HashAlgorithm* hash_;
  InlineSecret<struct HandshakeRole, 48> secret_;
};

class MainStage {
 public:
  /// `finished_transcript`: ClientHello...server Finished.
  ClientApplicationTrafficSecret client_traffic(Bytes finished_transcript) const;
  ServerApplicationTrafficSecret server_traffic(Bytes finished_transcript) const;
  ExporterSecret exporter(Bytes finished_transcript) const;
  /// `whole_transcript`: ClientHello...client Finished.
  ResumptionSecret resumption(Bytes whole_transcript) const;

 private:
  friend class HandshakeStage;
  MainStage(const HashAlgorithm& hash, Bytes handshake_secret);
  const HashAlgorithm* hash_;
  InlineSecret<struct MainRole, 48> secret_;
};

/// §4.5.3: verify_data under a traffic secret.
Digest verify_data(const HashAlgorithm& hash, Bytes traffic_secret, Bytes transcript);

/// §7.2: the next generation of an application traffic secret.
template <class Secret>
Secret next_generation(const HashAlgorithm& hash, const Secret& secret) {
  return derive<Secret>(hash, secret.reveal(), "traffic upd", {});
}

/// §7.3: [sender]_write_key and [sender]_write_iv.
struct RecordKeys {
  InlineSecret<struct RecordKeyRole, 32> key;
  std::array<uint8_t, aead_nonce_size> iv;
};
RecordKeys record_keys(const Provider& provider, const Suite& suite, Bytes traffic_secret);

/// §4.7.1: the PSK that belongs to a ticket.
InlineSecret<struct PskRole, 48> resumption_psk(const HashAlgorithm& hash, const ResumptionSecret& secret,
                                                Bytes nonce);

/// §7.5: the exporter of both sides' applications.
void export_keying_material(const HashAlgorithm& hash, const ExporterSecret& secret, std::string_view label,
                            Bytes context, MutBytes out);

/// Keys for the record layer, from a secret of the right side; only the pairs below exist.
ReadKeys client_reads(const Suite& suite, const ServerHandshakeTrafficSecret& secret);
ReadKeys client_reads(const Suite& suite, const ServerApplicationTrafficSecret& secret);
WriteKeys client_writes(const Suite& suite, const ClientEarlyTrafficSecret& secret);
WriteKeys client_writes(const Suite& suite, const ClientHandshakeTrafficSecret& secret);
WriteKeys client_writes(const Suite& suite, const ClientApplicationTrafficSecret& secret);
ReadKeys server_reads(const Suite& suite, const ClientEarlyTrafficSecret& secret);
ReadKeys server_reads(const Suite& suite, const ClientHandshakeTrafficSecret& secret);
ReadKeys server_reads(const Suite& suite, const ClientApplicationTrafficSecret& secret);
WriteKeys server_writes(const Suite& suite, const ServerHandshakeTrafficSecret& secret);
WriteKeys server_writes(const Suite& suite, const ServerApplicationTrafficSecret& secret);

}  // namespace bulla::tls::tls13
