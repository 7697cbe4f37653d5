// Which functions make up each kernel.
#include "crypto/ml_kem/impl.h"
#include "crypto/sha3/impl.h"

namespace bulla::crypto::ml_kem {
namespace {

constexpr Parts make_soft() noexcept {
  Parts out = {.keccak = &sha3::keccak_soft,
               .ntt = ntt_soft,
               .inverse_ntt = inverse_ntt_soft,
               .inner_product = inner_product_soft,
               .restore = restore_soft,
               .add = add_soft,
               .subtract = subtract_soft,
               .take_vartime = take_soft_vartime,
               .sample_cbd2 = sample_cbd2,
               .compress_encode = {},
               .decode_decompress = {},
               .encode12 = encode12,
               .decode12 = decode12,
               .below_q_vartime = below_q_vartime};
  out.compress_encode[1] = compress_encode<1>;
  out.compress_encode[4] = compress_encode<4>;
  out.compress_encode[5] = compress_encode<5>;
  out.compress_encode[10] = compress_encode<10>;
  out.compress_encode[11] = compress_encode<11>;
  out.decode_decompress[1] = decode_decompress<1>;
  out.decode_decompress[4] = decode_decompress<4>;
  out.decode_decompress[5] = decode_decompress<5>;
  out.decode_decompress[10] = decode_decompress<10>;
  out.decode_decompress[11] = decode_decompress<11>;
  return out;
}

#if defined(__x86_64__)
/// Decompression from 11 bits, which is for ML-KEM-1024, stays with soft.
constexpr Parts make_avx2(const Keccak& keccak) noexcept {
  Parts out = make_soft();
  out.keccak = &keccak;
  out.ntt = avx2::ntt;
  out.inverse_ntt = avx2::inverse_ntt;
  out.inner_product = avx2::inner_product;
  out.restore = avx2::restore;
  out.add = avx2::add;
  out.subtract = avx2::subtract;
  out.take_vartime = avx2::take_vartime;
  out.sample_cbd2 = avx2::sample_cbd2;
  out.compress_encode[1] = avx2::compress_encode<1>;
  out.compress_encode[4] = avx2::compress_encode<4>;
  out.compress_encode[5] = avx2::compress_encode<5>;
  out.compress_encode[11] = avx2::compress_encode<11>;
  out.compress_encode[10] = avx2::compress_encode<10>;
  out.decode_decompress[1] = avx2::decode_message;
  out.decode_decompress[4] = avx2::decode_decompress<4>;
  out.decode_decompress[5] = avx2::decode_decompress<5>;
  out.decode_decompress[10] = avx2::decode_decompress<10>;
  out.encode12 = avx2::encode12;
  out.decode12 = avx2::decode12;
  out.below_q_vartime = avx2::below_q_vartime;
  return out;
}
#endif

}  // namespace

constexpr Parts soft = make_soft();
#if defined(__x86_64__)
constexpr Parts parts_avx2 = make_avx2(sha3::keccak_avx2), parts_avx512 = make_avx2(sha3::keccak_avx512);
#endif

std::span<const Kernel<Parts>> parts() noexcept {
  static constexpr Kernel<Parts> table[] = {
#if defined(__x86_64__)
      {"avx512", sha3::avx512_needs, &parts_avx512},
      {"avx2", sha3::avx2_needs, &parts_avx2},
#endif
      {"soft", 0, &soft},
  };
  return table;
}

}  // namespace bulla::crypto::ml_kem
