// An attacker who holds the keys: records that an honest peer would not send, protected as it would have.
#pragma once

#include <bulla/tap.h>
#include <bulla/tls_types.h>

#include <map>
#include <string>
#include <vector>

namespace bulla::test {

/// What forged records are like, but for their content.
struct ForgedRecord {
  uint64_t sequence = 0;
  ContentType type = ContentType::application_data;
  std::vector<uint8_t> content = {};
  uint8_t minor_version = 3;
  CipherSuite suite = CipherSuite::aes_128_gcm_sha256;
};

/// A tap that remembers the secrets of a connection by their label and seals TLS 1.3 records with them.
class Forger : public Tap {
 public:
  void on_secret(const SecretSeen& seen) override;
  bool knows(const std::string& label) const { return secrets_.contains(label); }
  std::vector<uint8_t> record(const std::string& label, const ForgedRecord& forged) const;

 private:
  std::map<std::string, std::vector<uint8_t>> secrets_;
};

/// The records in `wire`, each with its header.
std::vector<std::vector<uint8_t>> split_records(const std::vector<uint8_t>& wire);
std::vector<uint8_t> join_records(const std::vector<std::vector<uint8_t>>& records);

}  // namespace bulla::test
