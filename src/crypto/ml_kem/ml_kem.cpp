#include "crypto/ml_kem/ml_kem.h"

#include "crypto/ml_kem/kem.h"
#include "crypto/sha3/impl.h"
#include "crypto/wipe_stack.h"

namespace bulla::crypto {
namespace {

using namespace ml_kem;

constexpr size_t message_size = 32, secret_size = 32;

/// More than the frames below take: the matrix of ML-KEM-1024 has 8 KB, the sponges beside it 3 KB.
constexpr size_t stack_depth = 32768;

/// FIPS 203 §7, in the shape of the seam.
template <class K>
struct Group {
  /// Algorithm 19.
  static void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
    SecretBytes seed(ml_kem_seed_size);
    for (GenerateJob& job : jobs) {
      random.fill(seed.writable());
      job.private_key = SecretBytes(K::dk_size);
      with_wiped_stack<stack_depth>(
          [&] { K::generate(seed.reveal().data(), job.private_key.writable().data()); });
      job.share = to_vector(job.private_key.reveal().subspan(K::ek_at, K::ek_size));
      ct::declassify(job.share.data(), job.share.size(), "an encapsulation key is public");
      job.ok = true;
    }
  }

  /// Algorithm 20, and the checks of §7.2.
  static void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
    SecretBytes m(message_size);
    for (EncapsulateJob& job : jobs) {
      job.share.clear();
      job.secret.reset();
      job.ok =
          job.peer_share.size() == K::ek_size && K::below_q_vartime(job.peer_share.first(K::vector_size));
      if (!job.ok) continue;
      random.fill(m.writable());
      job.share.resize(K::ciphertext_size);
      job.secret = SecretBytes(secret_size);
      with_wiped_stack<stack_depth>([&] {
        K::encapsulate(job.peer_share.data(), m.reveal().data(), job.secret.writable().data(),
                       job.share.data());
      });
    }
  }

  /// Algorithm 21, and the checks of §7.3.
  static void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
    for (DecapsulateJob& job : jobs) {
      job.secret.reset();
      job.ok = false;
      if (!job.private_key || job.peer_share.size() != K::ciphertext_size) continue;
      SecretBytes expanded;
      Bytes dk = job.private_key->reveal();
      if (dk.size() == ml_kem_seed_size) {
        expanded = SecretBytes(K::dk_size);
        with_wiped_stack<stack_depth>([&] { K::generate(dk.data(), expanded.writable().data()); });
        dk = expanded.reveal();
      } else if (dk.size() != K::dk_size || !hash_fits(dk)) {
        continue;
      }
      job.secret = SecretBytes(secret_size);
      with_wiped_stack<stack_depth>(
          [&] { K::decapsulate(dk.data(), job.peer_share.data(), job.secret.writable().data()); });
      job.ok = true;
    }
  }

  static bool hash_fits(Bytes dk) noexcept {
    std::array<uint8_t, 32> hash;
    sha3_256(K::keccak(), {dk.subspan(K::ek_at, K::ek_size)}, hash.data());
    return ct::equal(hash, dk.subspan(K::hash_at, hash.size()));
  }

  static constexpr GroupAlgorithm algorithm(NamedGroup id, std::string_view name) noexcept {
    return {.id = id,
            .name = name,
            .share_size = K::ek_size,
            .reply_size = K::ciphertext_size,
            .generate = generate,
            .encapsulate = encapsulate,
            .decapsulate = decapsulate};
  }
};

// FIPS 203 §8, table 2.
template <const Parts& parts>
constexpr GroupAlgorithm ml_kem_768 = Group<Kem<3, 10, 4, parts>>::algorithm(mlkem768_alone, "ML-KEM-768");
template <const Parts& parts>
constexpr GroupAlgorithm ml_kem_1024 = Group<Kem<4, 11, 5, parts>>::algorithm(mlkem1024_alone, "ML-KEM-1024");

constexpr Kernel<GroupAlgorithm> kernels768[] = {
#if defined(__x86_64__)
    {"avx512", sha3::avx512_needs, &ml_kem_768<parts_avx512>},
    {"avx2", sha3::avx2_needs, &ml_kem_768<parts_avx2>},
#endif
    {"soft", 0, &ml_kem_768<soft>},
};
constexpr Kernel<GroupAlgorithm> kernels1024[] = {
#if defined(__x86_64__)
    {"avx512", sha3::avx512_needs, &ml_kem_1024<parts_avx512>},
    {"avx2", sha3::avx2_needs, &ml_kem_1024<parts_avx2>},
#endif
    {"soft", 0, &ml_kem_1024<soft>},
};

}  // namespace

std::span<const Kernel<GroupAlgorithm>> ml_kem_768_kernels() noexcept {
  return kernels768;
}
std::span<const Kernel<GroupAlgorithm>> ml_kem_1024_kernels() noexcept {
  return kernels1024;
}

}  // namespace bulla::crypto
