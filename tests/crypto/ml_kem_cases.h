// What the tests of ML-KEM share: its three operations as single calls, and the kernels.
#pragma once

#include "crypto/ml_kem/ml_kem.h"
#include "crypto/one_shot.h"
#include "crypto/sha3/sha3.h"

#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace bulla::test {

struct KemPair {
  ByteVector ek, dk;
};
struct KemAnswer {
  ByteVector ciphertext, secret;
};

inline KemPair kem_generate(const GroupAlgorithm& kem, const ByteVector& seed) {
  FixedRandom random(seed);
  GenerateJob job;
  kem.generate(random, {&job, 1});
  EXPECT_TRUE(job.ok);
  return {job.share, to_vector(job.private_key.reveal())};
}

/// Nothing where the key is refused.
inline std::optional<KemAnswer> kem_encapsulate(const GroupAlgorithm& kem, Bytes ek, const ByteVector& m) {
  FixedRandom random(m);
  EncapsulateJob job{.peer_share = ek};
  kem.encapsulate(random, {&job, 1});
  if (!job.ok) {
    EXPECT_TRUE(job.share.empty() && job.secret.empty());
    return std::nullopt;
  }
  return KemAnswer{job.share, to_vector(job.secret.reveal())};
}

inline Bytes ek_of(const KemPair& pair) {
  return Bytes(pair.dk).subspan(pair.dk.size() - 64 - pair.ek.size(), pair.ek.size());
}
inline ByteVector joined(const ByteVector& a, const ByteVector& b) {
  ByteVector out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

/// J(z || c), what FIPS 203 §6.3 gives where the ciphertext does not fit.
inline ByteVector rejected_secret(Bytes dk, Bytes ciphertext) {
  crypto::Shake j = crypto::Shake::shake256(*crypto::keccak_kernels().back().algorithm);
  j.absorb(dk.last(32));
  j.absorb(ciphertext);
  ByteVector out(32);
  j.squeeze(out);
  return out;
}

struct KemKernel {
  std::string name;
  crypto::Kernel<GroupAlgorithm> kernel;
};
inline void PrintTo(const KemKernel& instance, std::ostream* out) {
  *out << instance.name;
}
inline std::vector<KemKernel> kem_kernels() {
  std::vector<KemKernel> out;
  for (const auto& kernel : crypto::ml_kem_768_kernels())
    out.push_back({"768_" + std::string(kernel.name), kernel});
  for (const auto& kernel : crypto::ml_kem_1024_kernels())
    out.push_back({"1024_" + std::string(kernel.name), kernel});
  return out;
}

class MlKemTest : public testing::TestWithParam<KemKernel> {
 protected:
  void SetUp() override {
    if (!GetParam().kernel.runs_on(crypto::cpu_word()))
      GTEST_SKIP() << "this machine cannot run " << GetParam().name;
  }
  const GroupAlgorithm& kem() const { return *GetParam().kernel.algorithm; }
  bool is_768() const { return kem().name == "ML-KEM-768"; }
  /// "768" or "1024".
  std::string size() const { return std::string(kem().name.substr(7)); }
};

}  // namespace bulla::test
