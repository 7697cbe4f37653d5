// The parameter sets of ML-DSA in TLS (draft-ietf-tls-mldsa), each with a leaf.
#pragma once

#include <bulla/config.h>
#include <bulla/provider.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace bulla::test {

struct MlDsaSet {
  std::string identity;  ///< a leaf of the P-256 CA
  KeyType type;
  SignatureScheme scheme;
};
inline const MlDsaSet ml_dsa_sets[] = {{"mldsa44", KeyType::ml_dsa_44, SignatureScheme::mldsa44},
                                       {"mldsa65", KeyType::ml_dsa_65, SignatureScheme::mldsa65},
                                       {"mldsa87", KeyType::ml_dsa_87, SignatureScheme::mldsa87}};

/// Not run where the provider under test has no ML-DSA.
template <class Test>
struct WithMlDsa : Test {
  void SetUp() override {
    if (!default_provider().supports(SignatureAlgorithm::ml_dsa_44))
      GTEST_SKIP() << "this provider has no ML-DSA";
  }
};

inline bool contains(const std::vector<SignatureScheme>& list, SignatureScheme scheme) {
  return std::ranges::find(list, scheme) != list.end();
}

}  // namespace bulla::test
