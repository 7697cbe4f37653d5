#include "crypto/bignum/power.h"

#include "crypto/bignum/modulus.h"

namespace bulla::crypto::bignum {
namespace {

/// Entry `which` of a table; all of them are read.
void look_up(MutLimbs out, Limbs table, Limb which) noexcept {
  assign(out, 0);
  for (size_t entry = 0; entry < window_entries; ++entry) {
    const Limb keep = LimbMask::is_equal(entry, which).bits();
    const Limb* row = table.data() + entry * out.size();
    for (size_t i = 0; i < out.size(); ++i) out[i] |= row[i] & keep;
  }
}

void power(const Power& job) {
  const Modulus& m = *job.modulus;
  const size_t size = m.size();
  SecretLimbs table(window_entries * size), factor(size), result{m.one()};
  const auto row = [&](size_t i) { return MutLimbs(table).subspan(i * size, size); };
  extend(row(0), m.one());
  extend(row(1), job.base);
  for (size_t i = 2; i < window_entries; ++i) m.multiply(row(i), row(i - 1), job.base);

  const size_t windows = window_count(job.exponent.size());
  for (size_t i = windows; i-- > 0;) {
    if (i + 1 < windows)
      for (size_t k = 0; k < window_bits; ++k) m.square(result, result);
    look_up(factor, table, window_at(job.exponent, i));
    m.multiply(result, result, factor);
  }
  extend(job.out, result);
}

}  // namespace

void powers_by_products(std::span<const Power> jobs) {
  for (const Power& job : jobs) power(job);
}

void power_by_products_vartime(const Modulus& m, MutLimbs out, Limbs base, Bytes exponent) {
  SecretLimbs result{m.one()};
  raise_vartime(
      exponent, [&] { m.square(result, result); },
      [&](bool first) {
        if (first)
          extend(result, base);
        else
          m.multiply(result, result, base);
      });
  extend(out, result);
}

}  // namespace bulla::crypto::bignum
