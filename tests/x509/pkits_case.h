// NIST PKITS: a path, its lists, and what is demanded of its policies. A good status is required of every
// certificate but the anchor.
#pragma once

#include "chain_case.h"
#include "support/vectors.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>
#include <vector>

namespace bulla::test {

struct PkitsCase {
  std::string id = {};
  ChainCase chain = {};                    ///< all files are DER
  std::vector<std::string> lists = {};     ///< the same in files
  std::vector<std::string> policies = {};  ///< those that are accepted, as numbers; empty: any
  bool is_valid = false;                   ///< as its authors say
};

inline PkitsCase pkits_case(const boost::json::object& test, const boost::json::object& policy_numbers) {
  const auto text = [](const boost::json::value& v) { return std::string(v.as_string()); };
  PkitsCase out = {.id = text(test.at("id")), .is_valid = test.at("should_validate").as_bool()};
  ChainCase& chain = out.chain;
  chain.now = parse_rfc3339(text(test.at("time")));
  chain.options.min_rsa_bits = 1024;
  PolicyDemands& demands = chain.options.policies;
  demands = {.required = test.at("initial_explicit_policy").as_bool(),
             .inhibit_mapping = test.at("initial_policy_mapping_inhibit").as_bool(),
             .inhibit_any = test.at("initial_inhibit_any_policy").as_bool()};
  for (const auto& name : test.at("initial_policy_set").as_array()) {
    if (name.as_string() == "anyPolicy") continue;
    out.policies.push_back(text(policy_numbers.at(name.as_string())));
    demands.accepted.push_back(PolicyId::parse(out.policies.back()).value());
  }
  const auto& files = test.at("certs").as_array();
  for (size_t i = 0; i < files.size(); ++i) {
    std::string der = read_text("x509/pkits/certs/" + text(files[i])).value_or("");
    if (i == 0)
      chain.roots.push_back(std::move(der));
    else if (i + 1 < files.size())
      chain.intermediates.push_back(std::move(der));
    else
      chain.leaf = std::move(der);
  }
  chain.options.revocation = RevocationPolicy::required;
  for (const auto& name : test.at("crls").as_array()) {
    out.lists.push_back(read_text("x509/pkits/crls/" + text(name)).value_or(""));
    // The altered octet of this one is the count of unused bits.
    const bool is_malformed = text(name) == "BadCRLSignatureCACRL.crl";
    EXPECT_EQ(chain.options.lists.add(as_bytes(out.lists.back())).ok(), !is_malformed)
        << out.id << ' ' << text(name);
  }
  return out;
}

/// None where the files are missing.
inline std::vector<PkitsCase> pkits_cases() {
  std::vector<PkitsCase> out;
  const auto document = load_json("x509/pkits/pkits.json");
  if (!document) return out;
  for (const auto& value : document->at("testcases").as_array())
    out.push_back(pkits_case(value.as_object(), document->at("policies").as_object()));
  return out;
}

}  // namespace bulla::test
