// Sixteen coefficients of 16 bits in a register: what the AVX2 files share. Included inside their target
// regions, behind <immintrin.h>.
namespace {

using Words = __m256i;
constexpr size_t lanes = 16;

[[gnu::always_inline]] inline Words load(const int16_t* at) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const Words*>(at));
}
[[gnu::always_inline]] inline void store(int16_t* at, Words v) noexcept {
  _mm256_storeu_si256(reinterpret_cast<Words*>(at), v);
}
[[gnu::always_inline]] inline Words all(int v) noexcept {
  return _mm256_set1_epi16(static_cast<int16_t>(v));
}

/// barrett_reduce() of each; the quotient's rounding is in two shifts, which is the same.
[[gnu::always_inline]] inline Words barrett_reduce(Words a) noexcept {
  const Words quotient =
      _mm256_srai_epi16(_mm256_add_epi16(_mm256_mulhi_epi16(a, all(20159)), all(1 << 9)), 10);
  return _mm256_sub_epi16(a, _mm256_mullo_epi16(quotient, all(q)));
}

/// to_unsigned() of each.
[[gnu::always_inline]] inline Words to_unsigned(Words a) noexcept {
  return _mm256_add_epi16(a, _mm256_and_si256(_mm256_srai_epi16(a, 15), all(q)));
}

}  // namespace
