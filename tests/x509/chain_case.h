// Runs one chain of somebody else's test data through WebPkiVerifier, and holds the outcomes of a whole set
// against the list of divergences that are meant, each with its reason.
#pragma once

#include <bulla/certificate.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::test {

struct ChainCase {
  std::vector<std::string> roots = {};          ///< PEM or DER each
  std::vector<std::string> intermediates = {};  ///< as sent, any order
  std::string leaf = {};
  std::optional<std::string> name = {};
  CertificatePurpose purpose = CertificatePurpose::server;
  Time now = {};
  std::vector<uint8_t> ocsp_response = {};  ///< stapled
  WebPkiVerifier::Options options = {};
};

/// Success, or the error of the first thing that failed: parsing, the name, the path.
Result<void> run(const ChainCase& chain);

/// "2024-01-01T00:00:00+00:00" or "...Z".
Time parse_rfc3339(std::string_view text);

/// Cases that differ from what their authors expect, with the reasons.
using Divergences = std::map<std::string, std::string, std::less<>>;
/// Those of a file in tests/x509/data/divergences: lines "case: reason"; lines that start with # are
/// comments.
Divergences read_divergences(std::string_view file);

/// Collects outcomes. Cases in `divergences` must differ from what their authors expect, all others must not;
/// an id there that never came is an error as well.
class Scoreboard {
 public:
  using Divergences = bulla::test::Divergences;
  Scoreboard(std::string set, Divergences divergences)
      : set_(std::move(set)), divergences_(std::move(divergences)) {}

  void expect(const std::string& id, bool accept, const Result<void>& outcome);
  void left_out(const std::string& id, const std::string& reason);
  /// Checks and prints the counts.
  void finish();

 private:
  std::string set_;
  Divergences divergences_;
  std::map<std::string, size_t> left_out_;
  size_t accepted_ = 0, refused_ = 0, diverging_ = 0;
};

}  // namespace bulla::test
