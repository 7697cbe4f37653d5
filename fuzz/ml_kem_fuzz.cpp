// Any bytes as an encapsulation key, a ciphertext or a private key of ML-KEM, by every kernel. The first byte
// says which, and of which size; where it asks for the right length, the others are repeated until there are
// enough.
#include "crypto/ml_kem/ml_kem.h"
#include "kernels.h"

using namespace bulla;
using namespace bulla::fuzz;

namespace {

/// The same bytes each time.
class Fixed final : public Random {
 public:
  void fill(MutBytes out) noexcept override { std::fill(out.begin(), out.end(), uint8_t{0x42}); }
};

bool below_q(Bytes vector) {
  for (size_t i = 0; i + 3 <= vector.size(); i += 3) {
    const unsigned group = vector[i] | unsigned{vector[i + 1]} << 8 | unsigned{vector[i + 2]} << 16;
    if ((group & 0xfff) >= 3329 || group >> 12 >= 3329) return false;
  }
  return true;
}

ByteVector joined(Bytes a, Bytes b) {
  ByteVector out = to_vector(a);
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

ByteVector try_encapsulation_key(const GroupAlgorithm& kem, Bytes ek) {
  Fixed random;
  EncapsulateJob jobs[2] = {{.peer_share = ek}, {.peer_share = ek}};
  kem.encapsulate(random, std::span(jobs));
  const bool valid = ek.size() == kem.share_size && below_q(ek.first(ek.size() - 32));
  for (const EncapsulateJob& job : jobs) {
    BULLA_ASSERT(job.ok == valid, "the checks of FIPS 203 section 7.2, no more and no less");
    BULLA_ASSERT(job.secret.size() == (valid ? 32u : 0u), "a secret where the key is valid");
    BULLA_ASSERT(job.share.size() == (valid ? kem.reply_size : 0u), "a ciphertext where the key is valid");
  }
  BULLA_ASSERT(jobs[0].share == jobs[1].share, "it is a function of its input");
  return joined(jobs[0].share, jobs[0].secret.reveal());
}

ByteVector try_ciphertext(const GroupAlgorithm& kem, Bytes ciphertext) {
  Fixed random;
  GenerateJob own;
  kem.generate(random, {&own, 1});
  const SecretBytes seed(stretched(std::vector<uint8_t>{0x42}, crypto::ml_kem_seed_size));
  DecapsulateJob jobs[2] = {{.private_key = &own.private_key, .peer_share = ciphertext},
                            {.private_key = &seed, .peer_share = ciphertext}};
  kem.decapsulate(std::span(jobs));
  for (const DecapsulateJob& job : jobs)
    BULLA_ASSERT(job.ok == (ciphertext.size() == kem.reply_size), "only a length is an error");
  BULLA_ASSERT(equal_vartime(jobs[0].secret.reveal(), jobs[1].secret.reveal()), "either form of the key");
  return joined(own.share, jobs[0].secret.reveal());
}

ByteVector try_private_key(const GroupAlgorithm& kem, Bytes private_key) {
  const SecretBytes key(private_key);
  const std::vector<uint8_t> ciphertext(kem.reply_size, 0x17);
  DecapsulateJob job{.private_key = &key, .peer_share = ciphertext};
  kem.decapsulate({&job, 1});
  BULLA_ASSERT(job.secret.size() == (job.ok ? 32u : 0u), "a secret where the key is taken");
  BULLA_ASSERT(job.ok || key.size() != crypto::ml_kem_seed_size, "every seed is a key");
  return to_vector(job.secret.reveal());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const uint8_t how = data[0];
  const Bytes rest(data + 1, size - 1);
  const auto table = how & 1 ? crypto::ml_kem_1024_kernels() : crypto::ml_kem_768_kernels();
  const auto sized = [&](size_t size) { return how & 2 ? stretched(rest, size) : to_vector(rest); };
  same_of_all(table, [&](const GroupAlgorithm& kem) {
    switch (how >> 2 & 3) {
      case 0: return try_encapsulation_key(kem, sized(kem.share_size));
      case 1: return try_ciphertext(kem, sized(kem.reply_size));
      default: return try_private_key(kem, sized(crypto::ml_kem_seed_size));
    }
  });
  return 0;
}
