#include "tls/tls13/key_schedule.h"

#include "base/assert.h"
#include "crypto/hkdf.h"

#include <algorithm>

namespace bulla::tls::tls13 {
namespace {

Digest empty_hash(const HashAlgorithm& hash) {
  Digest digest(hash.digest_size);
  HashContext(hash).digest_with({}, digest.writable());
  return digest;
}

/// HKDF-Expand-Label under a key that may serve for more than one label.
void expand_label(const HmacKey& key, std::string_view label, Bytes context, MutBytes out) {
  // struct { uint16 length; opaque label<7..255> = "tls13 " + Label; opaque context<0..255>; } HkdfLabel;
  constexpr std::string_view prefix = "tls13 ";
  const size_t label_size = prefix.size() + label.size();
  BULLA_ASSERT(label_size <= 255 && context.size() <= 255, "a field is longer than its prefix can say");
  const uint8_t sizes[] = {static_cast<uint8_t>(out.size() >> 8), static_cast<uint8_t>(out.size()),
                           static_cast<uint8_t>(label_size)};
  const uint8_t context_size = static_cast<uint8_t>(context.size());
  hkdf_expand(key, {sizes, as_bytes(prefix), as_bytes(label), Bytes(&context_size, 1), context}, out);
}

/// Derive-Secret(secret, "derived", ""): the salt of the next Extract.
template <class Role>
InlineSecret<Role, 48> next_stage(const HashAlgorithm& hash, Bytes secret, Bytes key_material) {
  const auto salt = derive<InlineSecret<struct SaltRole, 48>>(hash, secret, "derived", empty_hash(hash));
  return hkdf_extract<InlineSecret<Role, 48>>(hash, salt.reveal(), key_material);
}

/// A "0" of the drawing: a string of Hash.length zero bytes.
Bytes zeros(const HashAlgorithm& hash) {
  static constexpr std::array<uint8_t, max_digest_size> bytes{};
  return Bytes(bytes).first(hash.digest_size);
}

template <class Keys>
Keys record_layer_keys(const Suite& suite, Bytes secret) {
  Keys keys;
  keys.version = ProtocolVersion::tls13;
  keys.suite = &suite;
  keys.secret = InlineSecret<DirectionRole, 48>(secret);
  return keys;
}

}  // namespace

void expand_label(const HashAlgorithm& hash, Bytes secret, std::string_view label, Bytes context,
                  MutBytes out) {
  expand_label(HmacKey(hash, secret), label, context, out);
}

EarlyStage::EarlyStage(const HashAlgorithm& hash, Bytes psk)
    : hash_(&hash),
      secret_(hkdf_extract<InlineSecret<EarlyRole, 48>>(hash, zeros(hash), psk.empty() ? zeros(hash) : psk)) {
}

Digest EarlyStage::binder(Bytes truncated_transcript) const {
  const auto key =
      derive<InlineSecret<struct BinderRole, 48>>(*hash_, secret_.reveal(), "res binder", empty_hash(*hash_));
  return verify_data(*hash_, key.reveal(), truncated_transcript);
}

ClientEarlyTrafficSecret EarlyStage::client_traffic(Bytes transcript) const {
  return derive<ClientEarlyTrafficSecret>(*hash_, secret_.reveal(), "c e traffic", transcript);
}
ExporterSecret EarlyStage::exporter(Bytes transcript) const {
  return derive<ExporterSecret>(*hash_, secret_.reveal(), "e exp master", transcript);
}

HandshakeStage EarlyStage::agree(Bytes shared_secret) && {
  return HandshakeStage(*hash_, secret_.reveal(), shared_secret);
}

HandshakeStage::HandshakeStage(const HashAlgorithm& hash, Bytes early_secret, Bytes shared_secret)
    : hash_(&hash), secret_(next_stage<HandshakeRole>(hash, early_secret, shared_secret)) {}

ClientHandshakeTrafficSecret HandshakeStage::client_traffic(Bytes transcript) const {
  return derive<ClientHandshakeTrafficSecret>(*hash_, secret_.reveal(), "c hs traffic", transcript);
}
ServerHandshakeTrafficSecret HandshakeStage::server_traffic(Bytes transcript) const {
  return derive<ServerHandshakeTrafficSecret>(*hash_, secret_.reveal(), "s hs traffic", transcript);
}
MainStage HandshakeStage::main() && {
  return MainStage(*hash_, secret_.reveal());
}

MainStage::MainStage(const HashAlgorithm& hash, Bytes handshake_secret)
    : hash_(&hash), secret_(next_stage<MainRole>(hash, handshake_secret, zeros(hash))) {}

ClientApplicationTrafficSecret MainStage::client_traffic(Bytes transcript) const {
  return derive<ClientApplicationTrafficSecret>(*hash_, secret_.reveal(), "c ap traffic", transcript);
}
ServerApplicationTrafficSecret MainStage::server_traffic(Bytes transcript) const {
  return derive<ServerApplicationTrafficSecret>(*hash_, secret_.reveal(), "s ap traffic", transcript);
}
ExporterSecret MainStage::exporter(Bytes transcript) const {
  return derive<ExporterSecret>(*hash_, secret_.reveal(), "exp master", transcript);
}
ResumptionSecret MainStage::resumption(Bytes transcript) const {
  return derive<ResumptionSecret>(*hash_, secret_.reveal(), "res master", transcript);
}

Digest verify_data(const HashAlgorithm& hash, Bytes traffic_secret, Bytes transcript) {
  const auto key = derive<InlineSecret<struct FinishedKeyRole, 48>>(hash, traffic_secret, "finished", {});
  Digest mac(hash.digest_size);
  hmac(hash, key.reveal(), transcript, mac.writable());
  return mac;
}

RecordKeys record_keys(const Provider& provider, const Suite& suite, Bytes traffic_secret) {
  const HmacKey secret(*provider.hash(suite.hash), traffic_secret);
  RecordKeys keys{InlineSecret<RecordKeyRole, 32>(size_t{provider.aead(suite.aead)->key_size}), {}};
  expand_label(secret, "key", {}, keys.key.writable());
  expand_label(secret, "iv", {}, keys.iv);
  return keys;
}

InlineSecret<PskRole, 48> resumption_psk(const HashAlgorithm& hash, const ResumptionSecret& secret,
                                         Bytes nonce) {
  return derive<InlineSecret<PskRole, 48>>(hash, secret.reveal(), "resumption", nonce);
}

void export_keying_material(const HashAlgorithm& hash, const ExporterSecret& secret, std::string_view label,
                            Bytes context, MutBytes out) {
  const auto derived =
      derive<InlineSecret<struct ExportRole, 48>>(hash, secret.reveal(), label, empty_hash(hash));
  HashContext context_hash(hash);
  context_hash.update(context);
  Digest digest(hash.digest_size);
  context_hash.finish(digest.writable());
  expand_label(hash, derived.reveal(), "exporter", digest, out);
}

ReadKeys client_reads(const Suite& suite, const ServerHandshakeTrafficSecret& secret) {
  return record_layer_keys<ReadKeys>(suite, secret.reveal());
}
ReadKeys client_reads(const Suite& suite, const ServerApplicationTrafficSecret& secret) {
  return record_layer_keys<ReadKeys>(suite, secret.reveal());
}
WriteKeys client_writes(const Suite& suite, const ClientEarlyTrafficSecret& secret) {
  return record_layer_keys<WriteKeys>(suite, secret.reveal());
}
WriteKeys client_writes(const Suite& suite, const ClientHandshakeTrafficSecret& secret) {
  return record_layer_keys<WriteKeys>(suite, secret.reveal());
}
WriteKeys client_writes(const Suite& suite, const ClientApplicationTrafficSecret& secret) {
  return record_layer_keys<WriteKeys>(suite, secret.reveal());
}
ReadKeys server_reads(const Suite& suite, const ClientEarlyTrafficSecret& secret) {
  return record_layer_keys<ReadKeys>(suite, secret.reveal());
}
ReadKeys server_reads(const Suite& suite, const ClientHandshakeTrafficSecret& secret) {
  return record_layer_keys<ReadKeys>(suite, secret.reveal());
}
ReadKeys server_reads(const Suite& suite, const ClientApplicationTrafficSecret& secret) {
  return record_layer_keys<ReadKeys>(suite, secret.reveal());
}
WriteKeys server_writes(const Suite& suite, const ServerHandshakeTrafficSecret& secret) {
  return record_layer_keys<WriteKeys>(suite, secret.reveal());
}
WriteKeys server_writes(const Suite& suite, const ServerApplicationTrafficSecret& secret) {
  return record_layer_keys<WriteKeys>(suite, secret.reveal());
}

}  // namespace bulla::tls::tls13
