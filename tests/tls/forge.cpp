#include "tls/forge.h"

#include "tls/suites.h"
#include "tls/tls13/key_schedule.h"

namespace bulla::test {

void Forger::on_secret(const SecretSeen& seen) {
  secrets_[std::string(seen.label)] = to_vector(seen.secret);
}

std::vector<uint8_t> Forger::record(const std::string& label, const ForgedRecord& forged) const {
  const Provider& provider = default_provider();
  const tls::Suite& suite = *tls::find_suite(forged.suite);
  const auto keys = tls::tls13::record_keys(provider, suite, secrets_.at(label));
  AeadNonce nonce = keys.iv;
  for (size_t i = 0; i < 8; ++i)
    nonce[11 - i] = static_cast<uint8_t>(nonce[11 - i] ^ (forged.sequence >> (8 * i)));
  const size_t length = forged.content.size() + 1 + aead_tag_size;
  std::vector<uint8_t> record = {23, 3, forged.minor_version, static_cast<uint8_t>(length >> 8),
                                 static_cast<uint8_t>(length)};
  record.resize(5 + length);
  const auto inner = static_cast<uint8_t>(forged.type);
  const Bytes parts[] = {forged.content, Bytes(&inner, 1)};
  provider.aead(suite.aead)
      ->make_key(keys.key.reveal())
      ->seal(MutBytes(record).subspan(5), nonce, Bytes(record).first(5), parts);
  return record;
}

std::vector<std::vector<uint8_t>> split_records(const std::vector<uint8_t>& wire) {
  std::vector<std::vector<uint8_t>> records;
  for (size_t at = 0; at + 5 <= wire.size();) {
    const size_t size = 5 + (static_cast<size_t>(wire[at + 3]) << 8 | wire[at + 4]);
    const auto begin = wire.begin() + static_cast<ptrdiff_t>(at);
    records.emplace_back(begin, begin + static_cast<ptrdiff_t>(size));
    at += size;
  }
  return records;
}

std::vector<uint8_t> join_records(const std::vector<std::vector<uint8_t>>& records) {
  std::vector<uint8_t> wire;
  for (const auto& record : records) wire.insert(wire.end(), record.begin(), record.end());
  return wire;
}

}  // namespace bulla::test
