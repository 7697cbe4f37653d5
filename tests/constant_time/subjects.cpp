#include "constant_time/run.h"

#include "crypto/aes/aes.h"
#include "crypto/aes_cbc/aes_cbc.h"
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/bignum/montgomery.h"
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/x25519.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/ml_kem/ml_kem.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"
#include "crypto/p521/p521.h"
#include "crypto/sha1/sha1.h"
#include "crypto/sha2/sha2.h"
#include "crypto/sha3/sha3.h"

#include <algorithm>

namespace bulla::constant_time {
namespace {

template <auto table>
std::vector<KernelName> kernels_of() {
  std::vector<KernelName> out;
  for (const auto& kernel : table()) out.push_back({kernel.name, kernel.needs});
  return out;
}
template <auto table>
std::string_view picked_of() {
  return crypto::pick(table(), crypto::cpu_word()).name;
}

template <auto table>
Subject by_table(std::string_view primitive, std::string_view folder, std::span<const Operation> operations) {
  return {primitive, folder, kernels_of<table>, picked_of<table>, operations};
}
/// There is one way to compute it, and no table.
Subject alone(std::string_view primitive, std::span<const Operation> operations) {
  return {primitive, primitive, [] { return std::vector<KernelName>{{"soft", 0}}; },
          [] { return std::string_view("soft"); }, operations};
}

}  // namespace

std::span<const Subject> subjects() noexcept {
  using namespace crypto;
  static const Subject table[] = {
      alone("base", base_operations()),
      by_table<sha1_kernels>("sha1", "sha1", hash_operations(HashId::sha1)),
      by_table<sha256_kernels>("sha256", "sha2", hash_operations(HashId::sha256)),
      by_table<sha384_kernels>("sha384", "sha2", hash_operations(HashId::sha384)),
      by_table<sha512_kernels>("sha512", "sha2", hash_operations(HashId::sha512)),
      by_table<keccak_kernels>("keccak", "sha3", keccak_operations()),
      by_table<aes::kernels>("aes", "aes", aes_operations()),
      by_table<aes_cbc_kernels>("aes_cbc", "aes_cbc", cbc_operations()),
      by_table<aes_128_gcm_kernels>("aes_128_gcm", "aes_gcm", aead_operations(AeadId::aes_128_gcm)),
      by_table<aes_256_gcm_kernels>("aes_256_gcm", "aes_gcm", aead_operations(AeadId::aes_256_gcm)),
      by_table<chacha20_poly1305_kernels>("chacha20_poly1305", "chacha20_poly1305",
                                          aead_operations(AeadId::chacha20_poly1305)),
      by_table<x25519_kernels>("x25519", "curve25519", group_operations(NamedGroup::x25519)),
      by_table<p256_kernels>("p256", "p256", group_operations(NamedGroup::secp256r1)),
      by_table<p384_kernels>("p384", "p384", group_operations(NamedGroup::secp384r1)),
      by_table<p521_kernels>("p521", "p521", group_operations(NamedGroup::secp521r1)),
      by_table<ml_kem_768_kernels>("ml_kem_768", "ml_kem", ml_kem_768_operations()),
      by_table<ml_kem_1024_kernels>("ml_kem_1024", "ml_kem", ml_kem_1024_operations()),
      alone("hybrid", hybrid_operations()),
      alone("hpke", hpke_operations()),
      by_table<p256_ecdsa_kernels>("ecdsa_p256", "p256", ecdsa_operations(KeyType::ec_p256)),
      by_table<p384_ecdsa_kernels>("ecdsa_p384", "p384", ecdsa_operations(KeyType::ec_p384)),
      by_table<p521_ecdsa_kernels>("ecdsa_p521", "p521", ecdsa_operations(KeyType::ec_p521)),
      by_table<ed25519_kernels>("ed25519", "curve25519", ed25519_operations()),
      by_table<bignum::montgomery_kernels>("montgomery", "bignum", rsa_operations()),
      by_table<ml_dsa::kernels>("ml_dsa", "ml_dsa", ml_dsa_operations()),
      alone("key_files", key_file_operations()),
  };
  return table;
}

namespace {

/// "aesni" is the kernel of aesni.cpp, and "avx2" would be that of keccak_avx2.cpp.
bool is_file_of(std::string_view file, std::string_view kernel) {
  return file == kernel || (file.ends_with(kernel) && file[file.size() - kernel.size() - 1] == '_');
}

bool covered(const Subject& subject, std::string_view kernel) {
  return !subject.operations.empty() &&
         std::ranges::any_of(subject.kernels(), [&](const KernelName& k) { return k.name == kernel; });
}

}  // namespace

std::vector<std::string_view> kernels_without_subject() {
  static constexpr std::string_view files[] = {BULLA_KERNEL_FILES};
  std::vector<std::string_view> out;
  for (const std::string_view path : files) {
    const std::string_view folder = path.substr(0, path.find('/')), file = path.substr(path.find('/') + 1);
    const auto fits = [&](const Subject& subject) {
      return subject.folder == folder && std::ranges::any_of(subject.kernels(), [&](const KernelName& k) {
               return is_file_of(file, k.name) && covered(subject, k.name);
             });
    };
    if (std::ranges::none_of(subjects(), fits)) out.push_back(path);
  }
  return out;
}

std::vector<std::string> primitives_without_subject() {
  std::vector<std::string> out;
  crypto::for_each_kernel([&](std::string_view primitive, std::string_view kernel, crypto::CpuBits) {
    const auto fits = [&](const Subject& s) { return s.primitive == primitive && covered(s, kernel); };
    if (std::ranges::none_of(subjects(), fits))
      out.push_back(std::string(primitive) + ':' + std::string(kernel));
  });
  return out;
}

}  // namespace bulla::constant_time
