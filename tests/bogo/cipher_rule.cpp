#include "bogo/cipher_rule.h"

#include <algorithm>
#include <string>

namespace bulla::bogo {
namespace {

struct Known {
  CipherSuite id;
  std::string_view openssl_name;
};

constexpr Known known[] = {
    {CipherSuite::ecdhe_ecdsa_with_aes_128_gcm_sha256, "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {CipherSuite::ecdhe_rsa_with_aes_128_gcm_sha256, "ECDHE-RSA-AES128-GCM-SHA256"},
    {CipherSuite::ecdhe_ecdsa_with_aes_256_gcm_sha384, "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {CipherSuite::ecdhe_rsa_with_aes_256_gcm_sha384, "ECDHE-RSA-AES256-GCM-SHA384"},
    {CipherSuite::ecdhe_ecdsa_with_chacha20_poly1305_sha256, "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {CipherSuite::ecdhe_rsa_with_chacha20_poly1305_sha256, "ECDHE-RSA-CHACHA20-POLY1305"},
};

bool matches(const Known& suite, std::string_view word) {
  if (word == "ALL" || word == "DEFAULT") return true;
  if (word == suite.openssl_name || word == name_of(suite.id)) return true;
  return suite.openssl_name.find('-' + std::string(word)) != std::string_view::npos;  // AES, CHACHA20, RSA
}

}  // namespace

std::vector<CipherSuite> suites_of_rule(std::string_view rule) {
  std::vector<CipherSuite> tls12;
  while (!rule.empty()) {
    const size_t size = std::min(rule.find_first_of(":[]|"), rule.size());
    std::string_view word = rule.substr(0, size);
    rule.remove_prefix(std::min(size + 1, rule.size()));
    const bool remove = word.starts_with('!');
    if (remove) word.remove_prefix(1);
    if (word.empty()) continue;
    for (const Known& suite : known) {
      if (!matches(suite, word)) continue;
      if (remove)
        std::erase(tls12, suite.id);
      else if (std::ranges::find(tls12, suite.id) == tls12.end())
        tls12.push_back(suite.id);
    }
  }
  std::vector<CipherSuite> all = {CipherSuite::aes_128_gcm_sha256, CipherSuite::aes_256_gcm_sha384,
                                  CipherSuite::chacha20_poly1305_sha256};
  all.insert(all.end(), tls12.begin(), tls12.end());
  return all;
}

}  // namespace bulla::bogo
