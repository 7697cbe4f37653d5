// What each instruction of immintrin.h gives for words at edges and others. tools/prove_lanes.py compiles
// this twice, with that header and with the compiler's own, and wants the same: the record speaks of the
// processor's instructions.
#include <immintrin.h>

#include <cstdint>
#include <cstdio>
#include <random>

namespace {

std::mt19937_64 random_words;

uint64_t word() {
  static constexpr uint64_t edges[] = {
      0, 1, (uint64_t{1} << 52) - 1, uint64_t{1} << 52, uint64_t{1} << 63, ~uint64_t{0}, ~uint64_t{0} << 52};
  const uint64_t any = random_words();
  // No word with the recorder's tag.
  return any % 3 == 0 ? edges[any / 3 % 7] : any >> 48 == 0xa51e ? 0 : any >> any % 64;
}
struct alignas(64) Words {
  uint64_t word[8];
  Words() {
    for (uint64_t& w : word) w = ::word();
  }
};
void show(const void* words, size_t count) {
  for (size_t i = 0; i < count; ++i)
    std::printf(" %llx", static_cast<unsigned long long>(static_cast<const uint64_t*>(words)[i]));
  std::printf("\n");
}
void show(__m512i a) {
  Words out;
  _mm512_store_si512(out.word, a);
  show(out.word, 8);
}
void show(__m256i a) {
  Words out;
  _mm256_store_si256(reinterpret_cast<__m256i*>(out.word), a);
  show(out.word, 4);
}
void show(__mmask8 mask) {
  std::printf(" %x\n", mask);
}

void lane_by_lane(__m512i a, __m512i b, __m512i c, __mmask8 k) {
  show(_mm512_add_epi64(a, b)), show(_mm512_sub_epi64(a, b)), show(_mm512_and_si512(a, b));
  show(_mm512_or_si512(a, b)), show(_mm512_xor_si512(a, b)), show(_mm512_and_epi64(a, b));
  show(_mm512_madd52lo_epu64(a, b, c)), show(_mm512_madd52hi_epu64(a, b, c));
  show(_mm512_slli_epi64(a, 20)), show(_mm512_srli_epi64(a, 44)), show(_mm512_maskz_slli_epi64(k, a, 4));
  show(_mm512_maskz_srli_epi64(k, a, 52)), show(_mm512_maskz_srai_epi64(k, a, 48));
  show(_mm512_mask_blend_epi64(k, a, b)), show(_mm512_mask_sub_epi64(c, k, a, b));
  show(_mm512_mask_add_epi64(c, k, a, b)), show(_mm512_maskz_mov_epi64(k, a)),
      show(_mm512_mask_mov_epi64(a, k, b));
  show(_mm512_mask_xor_epi64(c, k, a, b)), show(_mm512_mask_or_epi64(c, k, a, b));
  show(_mm512_test_epi64_mask(a, b)), show(_mm512_cmpeq_epi64_mask(a, b)),
      show(_mm512_cmpeq_epu64_mask(a, b));
  show(_mm512_cmpgt_epu64_mask(a, b)), show(_mm512_movepi64_mask(a));
  show(_mm512_loadu_si512(&a)), show(_mm512_set1_epi64(-3)), show(_mm512_setzero_si512()),
      show(_mm512_setr_epi64(1, 2, 3, 4, 5, 6, 7, 8));
}
void from_lane_to_lane(__m512i a, __m512i b, __m512i order, __mmask8 k) {
  show(_mm512_maskz_permutex_epi64(k, a, 0b01'00'11'10)),
      show(_mm512_maskz_permutex_epi64(k, a, 0b10'11'00'01));
  show(_mm512_maskz_shuffle_i64x2(k, a, b, 0b01'00'11'10)),
      show(_mm512_maskz_shuffle_i64x2(k, a, b, 0b11'01'10'00));
  show(_mm512_maskz_permutexvar_epi64(k, order, a)), show(_mm512_permutex2var_epi64(a, order, b));
  show(_mm512_maskz_alignr_epi64(k, a, b, 1)), show(_mm512_maskz_alignr_epi64(k, a, b, 7));
  show(_mm512_unpacklo_epi64(a, b)), show(_mm512_unpackhi_epi64(a, b));
}
void four_lanes(__m256i a, __m256i b, __m256i c, __mmask8 k) {
  show(_mm256_add_epi64(a, b)), show(_mm256_sub_epi64(a, b)), show(_mm256_and_si256(a, b));
  show(_mm256_madd52lo_epu64(a, b, c)), show(_mm256_madd52hi_epu64(a, b, c));
  show(_mm256_slli_epi64(a, 3)), show(_mm256_srli_epi64(a, 51)), show(_mm256_mask_blend_epi64(k, a, b));
  show(_mm256_mask_sub_epi64(c, k, a, b)), show(_mm256_maskz_mov_epi64(k, a));
  show(_mm256_permute4x64_epi64(a, 0b01'00'11'10)), show(_mm256_set1_epi64x(-3));
  show(_mm256_test_epi64_mask(a, b));
}

}  // namespace

int main() {
#if defined(__AVX512IFMA__)
  if (!__builtin_cpu_supports("avx512ifma") || !__builtin_cpu_supports("avx512vl")) {
    std::printf("this processor has none\n");
    return 0;
  }
#endif
  for (int i = 0; i < 200; ++i) {
    const Words a, b, c;
    const auto k = static_cast<__mmask8>(random_words());
    const auto load = [](const Words& w) { return _mm512_load_si512(w.word); };
    const auto half = [](const Words& w) {
      return _mm256_load_si256(reinterpret_cast<const __m256i*>(w.word));
    };
    lane_by_lane(load(a), load(b), load(c), k);
    from_lane_to_lane(load(a), load(b), load(c), k);
    four_lanes(half(a), half(b), half(c), k);
  }
}
