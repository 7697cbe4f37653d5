#include "chain_case.h"

#include "support/vectors.h"

#include <gtest/gtest.h>

#include <cstdio>
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
  const VerifyRequest request{
      .chain = sent, .name = name ? &*name : nullptr, .purpose = chain.purpose, .now = chain.now};
  BULLA_TRY(const ChainVerified proof, verifier.verify(request));
  if (!proof.is_for(*sent.front(), request.name)) return ErrorCode::internal;
  return {};
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
