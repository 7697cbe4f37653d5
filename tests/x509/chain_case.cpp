#include "chain_case.h"

#include "support/vectors.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iostream>

namespace bulla::test {

Result<void> run(const ChainCase& chain) {
  RootStore roots;
  for (const std::string& root : chain.roots) BULLA_TRY(roots.add(as_bytes(root)));
  BULLA_TRY(std::vector<CertificatePtr> sent, Certificate::from_pem_or_der(as_bytes(chain.leaf)));
  for (const std::string& text : chain.intermediates) {
    auto more = Certificate::from_pem_or_der(as_bytes(text));
    // One that cannot be parsed is not a candidate; a peer's whole message would be refused for it.
    if (more) sent.insert(sent.end(), more->begin(), more->end());
  }
  std::optional<ServerName> name;
  if (chain.name) {
    BULLA_TRY(name, ServerName::parse(*chain.name));
  }
  const WebPkiVerifier verifier(std::move(roots), chain.options);
  const VerifyRequest request{.chain = sent,
                              .name = name ? &*name : nullptr,
                              .purpose = chain.purpose,
                              .now = chain.now,
                              .ocsp_response = chain.ocsp_response};
  BULLA_TRY(const ChainVerified proof, verifier.verify(request));
  if (!proof.is_for(*sent.front(), request.name)) return ErrorCode::internal;
  return {};
}

Divergences read_divergences(std::string_view file) {
  Divergences out;
  std::ifstream in(std::string(BULLA_SOURCE_DIR "/tests/x509/data/divergences/") + std::string(file));
  EXPECT_TRUE(in.is_open()) << file;
  for (std::string line; std::getline(in, line);) {
    const size_t colon = line.find(": ");
    if (line.empty() || line[0] == '#') continue;
    EXPECT_NE(colon, std::string::npos) << file << ": " << line;
    if (colon != std::string::npos) out[line.substr(0, colon)] = line.substr(colon + 2);
  }
  return out;
}

Time parse_rfc3339(std::string_view text) {
  int y = 0;
  unsigned mo = 0, d = 0, h = 0, mi = 0, s = 0;
  const std::string owned(text);
  EXPECT_EQ(std::sscanf(owned.c_str(), "%d-%u-%uT%u:%u:%u", &y, &mo, &d, &h, &mi, &s), 6) << owned;
  using namespace std::chrono;
  return Time(sys_days(year(y) / month(mo) / day(d))) + hours(h) + minutes(mi) + seconds(s);
}

void Scoreboard::expect(const std::string& id, bool accept, const Result<void>& outcome) {
  const auto divergence = divergences_.find(id);
  const bool differs = outcome.ok() != accept;
  ++(outcome.ok() ? accepted_ : refused_);
  const std::string said = outcome.ok() ? "accepted" : outcome.error().message();
  if (divergence == divergences_.end()) {
    EXPECT_FALSE(differs) << set_ << ' ' << id << ": wanted " << (accept ? "acceptance" : "refusal")
                          << ", got: " << said;
    return;
  }
  EXPECT_TRUE(differs) << set_ << ' ' << id << " no longer differs (" << divergence->second << "): " << said;
  ++diverging_;
  divergences_.erase(divergence);
}

void Scoreboard::left_out(const std::string& id, const std::string& reason) {
  ++left_out_[reason];
  divergences_.erase(id);
}

void Scoreboard::finish() {
  for (const auto& [id, reason] : divergences_)
    ADD_FAILURE() << set_ << ": a divergence is listed for " << id << ", which is not in the set";
  report_cases(set_, accepted_ + refused_);
  std::cout << "             " << accepted_ << " accepted, " << refused_ << " refused, " << diverging_
            << " of them diverge with a reason";
  for (const auto& [reason, count] : left_out_) std::cout << "; " << count << " left out: " << reason;
  std::cout << std::endl;
}

}  // namespace bulla::test
