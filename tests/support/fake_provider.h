// A provider that computes nothing: every digest, secret, share and signature is a constant, every tag and
// every signature is right. Handshakes over it are real but for their cryptography, so that a fuzzer gets
// past Finished and record protection, and a test can say what the bytes are. Never link it into anything but
// tests.
#pragma once

#include <bulla/certificate.h>
#include <bulla/provider.h>

namespace bulla::test {

/// What fake hashes, groups and signatures put out, and the bytes of a fake tag.
inline constexpr uint8_t fake_digest_byte = 0xd1;
inline constexpr uint8_t fake_secret_byte = 0x5e;
inline constexpr uint8_t fake_share_byte =
    0x04;  ///< so that a share of a NIST curve looks like an uncompressed point
inline constexpr uint8_t fake_tag_byte = 0x7a;
inline constexpr size_t fake_signature_size = 64;

/// All hashes and AEADs of TLS, X25519 and P-256, all signature algorithms. Its random source counts.
const Provider& fake_provider() noexcept;

/// A random source that counts up from `seed`: the same bytes in every run.
class CountingRandom : public Random {
 public:
  explicit CountingRandom(uint32_t seed = 0) noexcept : next_(seed) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(++next_ * 37);
  }

 private:
  uint32_t next_;
};

/// An identity of `chain`, whose key is fake.
IdentityPtr fake_identity(std::vector<CertificatePtr> chain);

}  // namespace bulla::test
