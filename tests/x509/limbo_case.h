// A test case in the schema of x509-limbo, as a chain and the question about it.
#pragma once

#include "chain_case.h"

#include <gtest/gtest.h>
#include <boost/json.hpp>

#include <string>

namespace bulla::test {

inline std::string text_of(const boost::json::value& v) {
  return std::string(v.as_string());
}

inline ChainCase chain_of(const boost::json::object& test, CertificateProfile profile) {
  ChainCase out{.options = {.profile = profile}};
  for (const auto& pem : test.at("trusted_certs").as_array()) out.roots.push_back(text_of(pem));
  for (const auto& pem : test.at("untrusted_intermediates").as_array())
    out.intermediates.push_back(text_of(pem));
  out.leaf = text_of(test.at("peer_certificate"));
  if (text_of(test.at("validation_kind")) == "CLIENT") out.purpose = CertificatePurpose::client;
  if (const auto& name = test.at("expected_peer_name");
      name.is_object() && out.purpose == CertificatePurpose::server)
    out.name = text_of(name.at("value"));
  // Without a time the set means the moment of the run; its chains are valid from 1970 to 2969.
  const auto& time = test.at("validation_time");
  out.now = parse_rfc3339(time.is_string() ? text_of(time) : "2026-11-21T12:00:00Z");
  if (const auto& depth = test.at("max_chain_depth"); depth.is_int64())
    out.options.max_path_length = static_cast<unsigned>(depth.as_int64()) + 2;
  for (const auto& pem : test.at("crls").as_array()) {
    out.options.revocation = RevocationPolicy::leaf_required;
    EXPECT_TRUE(out.options.lists.add(as_bytes(text_of(pem))).ok()) << text_of(test.at("id"));
  }
  return out;
}

}  // namespace bulla::test
