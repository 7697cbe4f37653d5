// NIST's ACVP: what BoringSSL's module is asked when it is validated, and the answers.
#pragma once

#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <boost/json.hpp>

namespace bulla::test {

namespace json = boost::json;

inline ByteVector hex(const json::value& object, std::string_view key) {
  return from_hex(text_of(object, key));
}

/// Calls `run(group, test, expected)` for each test of a mode, or of all; it returns false where the seam
/// cannot express the case. Questions and answers stand in two files in the same order, which tgId and tcId
/// confirm.
template <class Run>
void each_case(const std::string& name, std::string_view mode, Run run) {
  const std::string file = "nist/acvp-boringssl/" + name;
  const auto questions = load_json(file + ".vectors.json"), answers = load_json(file + ".expected.json");
  BULLA_NEED_VECTORS(questions && answers ? questions : std::nullopt, file);
  const std::string set = mode.empty() ? file : file + ' ' + std::string(mode);
  size_t cases = 0, out_of_scope = 0;
  const auto& parts = questions->as_array();
  for (size_t p = 1; p < parts.size(); ++p) {  // the first element is a header
    const auto& part = parts[p].as_object();
    if (!mode.empty() && (!part.contains("mode") || part.at("mode").as_string() != mode)) continue;
    const auto& groups = part.at("testGroups").as_array();
    const auto& answered = answers->at(p).at("testGroups").as_array();
    ASSERT_EQ(groups.size(), answered.size());
    for (size_t g = 0; g < groups.size(); ++g) {
      if (groups[g].at("tests").is_null()) continue;  // cut out upstream for its size
      const auto& tests = groups[g].at("tests").as_array();
      for (size_t t = 0; t < tests.size(); ++t) {
        const auto& expected = answered[g].at("tests").at(t);
        ASSERT_EQ(tests[t].at("tcId").as_int64(), expected.at("tcId").as_int64());
        SCOPED_TRACE(set + " tcId " + std::to_string(tests[t].at("tcId").as_int64()));
        ++(run(groups[g], tests[t], expected) ? cases : out_of_scope);
      }
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  if (out_of_scope) report_cases(set + " (a curve, hash, salt or size that is not ours)", out_of_scope);
}

}  // namespace bulla::test
